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

    func submit(_ handle: StepHandle) { if admit(handle) { start(handle) } }

    /// Takes a place for the step, which the caller begins with `start` or `goOn`; or lets it wait its turn.
    func admit(_ handle: StepHandle) -> Bool {
        state.withLock { state in
            guard state.active < limit else {
                state.queue.append(handle)
                return false
            }
            state.active += 1
            return true
        }
    }

    /// Starts a step that has a place, or the next one that is still wanted: tens of thousands that were cancelled while
    /// they waited may stand in a row.
    func start(_ handle: StepHandle) {
        var next: StepHandle? = handle
        while let handle = next {
            if handle.start(on: self) { return }
            next = takeNext()
        }
    }

    /// The place is free as soon as the step is done; recording its result does not need it.
    fileprivate func leave() { if let next = takeNext() { start(next) } }

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

/// A step that has a place and hasn't begun.
struct AdmittedStep: Sendable {
    var handle: StepHandle
    var runner: StepRunner

    func start() { runner.start(handle) }
}

/// One step that waits, runs, or is no longer wanted.
final class StepHandle: Sendable {
    /// Calls its argument when it is done, and then records its result. Returns the step that comes next, where that is
    /// known and nothing else is to be done first.
    typealias Work = @Sendable (_ done: @Sendable () -> Void) async -> AdmittedStep?

    private enum Phase {
        case waiting
        case running(Task<Void, Never>)
        /// Its task may be another step's by now.
        case over
        case cancelled
    }

    private let phase = LockedBox(Phase.waiting)
    private let work: Work

    init(work: @escaping Work) { self.work = work }

    /// False when it was cancelled before it began.
    fileprivate func start(on runner: StepRunner) -> Bool {
        phase.withLock { phase in
            guard case .waiting = phase else { return false }
            phase = .running(Task { await self.run(on: runner) })
            return true
        }
    }

    /// Does the step, and those after it: a new task for each would cost as much as a small step.
    private func run(on runner: StepRunner) async {
        var current = AdmittedStep(handle: self, runner: runner)
        while let next = await current.handle.work({ [current] in current.runner.leave() }) {
            guard next.handle.goOn(in: current.handle) else { return next.start() }
            current = next
        }
    }

    /// Goes on in the task of a step that has ended; false when either was cancelled.
    private func goOn(in ended: StepHandle) -> Bool {
        let task: Task<Void, Never>? = ended.phase.withLock { phase in
            guard case .running(let task) = phase, !task.isCancelled else { return nil }
            phase = .over
            return task
        }
        guard let task else { return false }
        return phase.withLock { phase in
            guard case .waiting = phase else { return false }
            phase = .running(task)
            return true
        }
    }

    /// A step that waits does not begin; one that runs is told to stop.
    func cancel() {
        phase.withLock { phase in
            switch phase {
            case .waiting, .cancelled: phase = .cancelled
            case .over: break
            case .running(let task):
                task.cancel()
                phase = .cancelled
            }
        }
    }
}
