import WallTime

/// Somebody who waits for a task of an activity, until woken or handed one. For one wait.
final class ActivityPoller: Sendable {
    private typealias Waiter = CheckedContinuation<HandedTask?, Never>

    private enum State {
        /// It looks by itself at what is on offer.
        case looking
        case waiting(Waiter)
        /// A task is being recorded as started by it. Nothing but the outcome of that wakes it.
        case chosen(Waiter)
        case woken
    }

    /// The worker's name, as it gave it.
    let worker: String?
    let deadline: Instant
    private let state = LockedBox(State.looking)

    init(worker: String?, deadline: Instant) {
        self.worker = worker
        self.deadline = deadline
    }

    /// Returns once it is woken, or its task is cancelled: nil, to look again; or once it is handed a task.
    func wait() async -> HandedTask? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let isWoken = state.withLock { state in
                    if case .woken = state { return true }
                    state = .waiting(waiter)
                    return false
                }
                if isWoken { waiter.resume(returning: nil) }
            }
        } onCancel: {
            wake()
        }
    }

    /// Whether it does nothing but wait.
    var isIdle: Bool { state.withLock { if case .waiting = $0 { true } else { false } } }

    func wake() {
        let waiter: Waiter? = state.withLock { state in
            if case .chosen = state { return nil }
            defer { state = .woken }
            if case .waiting(let waiter) = state { return waiter }
            return nil
        }
        waiter?.resume(returning: nil)
    }

    /// Chooses it for a task, if it does nothing but wait. Whoever has chosen it hands it the task, or lets it go.
    func choose() -> Bool {
        state.withLock { state in
            guard case .waiting(let waiter) = state else { return false }
            state = .chosen(waiter)
            return true
        }
    }

    /// - Parameter task: nil when it could not be recorded; the poller looks again.
    func hand(_ task: HandedTask?) {
        let waiter: Waiter? = state.withLock { state in
            guard case .chosen(let waiter) = state else { return nil }
            state = .woken
            return waiter
        }
        waiter?.resume(returning: task)
    }
}
