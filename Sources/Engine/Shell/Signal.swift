/// Something that happens once, for one to wait for, and what it brings.
final class Signal<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Value?, Never>)
        case given(Value?)
    }

    private let state = LockedBox(State.open)

    /// The first counts.
    func give(_ value: Value? = nil) {
        let waiting: CheckedContinuation<Value?, Never>? = state.withLock { state in
            if case .given = state { return nil }
            defer { state = .given(value) }
            if case .awaited(let continuation) = state { return continuation }
            return nil
        }
        waiting?.resume(returning: value)
    }

    /// Returns once the signal is given, with what it brings, or the task is cancelled.
    @discardableResult
    func wait() async -> Value? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let given: Value?? = state.withLock { state in
                    if case .given(let value) = state { return .some(value) }
                    state = .awaited(continuation)
                    return nil
                }
                if let given { continuation.resume(returning: given) }
            }
        } onCancel: {
            give()
        }
    }
}
