/// Something that happens once, for one to wait for.
final class Signal: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Void, Never>)
        case given
    }

    private let state = LockedBox(State.open)

    func give() {
        let waiting: CheckedContinuation<Void, Never>? = state.withLock { state in
            defer { state = .given }
            if case .awaited(let continuation) = state { return continuation }
            return nil
        }
        waiting?.resume()
    }

    /// Returns once the signal is given, or the task is cancelled.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isGiven = state.withLock { state in
                    if case .given = state { return true }
                    state = .awaited(continuation)
                    return false
                }
                if isGiven { continuation.resume() }
            }
        } onCancel: {
            give()
        }
    }
}
