/// Runs steps, so many at a time; the others wait their turn, in order, as closures and not as sleeping tasks.
final class StepRunner: Sendable {
    private struct State {
        var active = 0
        var queue: [StepHandle] = []
        var head = 0
    }

    private let limit: Int
    private let state = LockedBox(State())

    init(limit: Int) { self.limit = max(1, limit) }

    /// Steps that run now.
    var active: Int { state.withLock(\.active) }

    func submit(_ handle: StepHandle) {
        let starts = state.withLock { state in
            guard state.active < limit else {
                state.queue.append(handle)
                return false
            }
            state.active += 1
            return true
        }
        if starts { start(handle) }
    }

    /// Starts the step, or the next one that is still wanted: tens of thousands that were cancelled while they waited
    /// may stand in a row.
    private func start(_ handle: StepHandle) {
        var next: StepHandle? = handle
        while let handle = next {
            // The place is free as soon as the step is done; recording its result does not need it.
            if handle.start({ if let next = self.takeNext() { self.start(next) } }) { return }
            next = takeNext()
        }
    }

    /// The step whose turn it is, in the place of one that has left; nil when none waits.
    private func takeNext() -> StepHandle? {
        state.withLock { state in
            guard state.head < state.queue.count else {
                state.active -= 1
                return nil
            }
            let handle = state.queue[state.head]
            state.head += 1
            if state.head == state.queue.count || state.head > 1024 {
                state.queue.removeFirst(state.head)
                state.head = 0
            }
            return handle
        }
    }
}

/// One step that waits, runs, or is no longer wanted.
final class StepHandle: Sendable {
    private enum Phase {
        case waiting
        case running(Task<Void, Never>?)
        case cancelled
    }

    private let phase = LockedBox(Phase.waiting)
    /// The step itself; calls its argument when it is done, and then records its result.
    private let work: @Sendable (_ done: @Sendable () -> Void) async -> Void

    init(work: @escaping @Sendable (_ done: @Sendable () -> Void) async -> Void) { self.work = work }

    /// False when it was cancelled before it began.
    func start(_ done: @escaping @Sendable () -> Void) -> Bool {
        phase.withLock { phase in
            guard case .waiting = phase else { return false }
            phase = .running(Task { [work] in await work(done) })
            return true
        }
    }

    /// A step that waits does not begin; one that runs is told to stop.
    func cancel() {
        phase.withLock { phase in
            if case .running(let task) = phase { task?.cancel() }
            phase = .cancelled
        }
    }
}
