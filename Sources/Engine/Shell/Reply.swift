/// What became of one delivery, for the one who sent it to wait for.
final class Reply: Sendable {
    typealias Answer = Result<DeliveryAnswer, any Error>

    private enum State {
        case open
        case awaited(CheckedContinuation<DeliveryAnswer, any Error>)
        case given(Answer)
    }

    private let state = LockedBox(State.open)

    var isGiven: Bool { state.withLock { if case .given = $0 { true } else { false } } }

    /// The first answer counts.
    func give(_ answer: Answer) {
        let waiting: CheckedContinuation<DeliveryAnswer, any Error>? = state.withLock { state in
            switch state {
            case .given: return nil
            case .open:
                state = .given(answer)
                return nil
            case .awaited(let continuation):
                state = .given(answer)
                return continuation
            }
        }
        waiting?.resume(with: answer)
    }

    /// The answer, once it is given. Asked for once.
    func value() async throws -> DeliveryAnswer {
        try await withCheckedThrowingContinuation { continuation in
            let answer: Answer? = state.withLock { state in
                if case .given(let answer) = state { return answer }
                state = .awaited(continuation)
                return nil
            }
            if let answer { continuation.resume(with: answer) }
        }
    }
}
