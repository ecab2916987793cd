import JSONModel
import StatesLanguage
import WallTime

/// One decision in the making: the events so far, the state after them, and the branches that can still go on.
struct Advance {
    let machine: StateMachine
    let now: Instant
    let identity: ExecutionIdentity
    let limits: DecisionLimits
    let effort: EvaluationEffort
    private(set) var state: ExecutionState
    private(set) var events: [HistoryEvent] = []
    private var ready: [FrameID] = []
    private var made = 0
    private var scheduled: [TaskID] = []
    private var cancelled: [TaskID] = []
    /// Branches that have failed for good: nothing in them is left to abort.
    private var failed: Set<FrameID> = []
    /// Child executions whose own history is full, of which nothing more is recorded.
    private var full: [FrameID] = []
    private var halt: Halt?

    /// Why nothing more can be recorded.
    private enum Halt {
        /// Only the last event that a history may have is left.
        case historyFull
        /// The interpreter contradicted itself.
        case fault(InterpreterError)
    }

    init(
        machine: StateMachine, state: consuming ExecutionState, now: Instant, identity: ExecutionIdentity,
        limits: DecisionLimits = .standard
    ) {
        self.machine = machine
        self.state = state
        self.now = now
        self.identity = identity
        self.limits = limits
        effort = EvaluationEffort(most: limits.stepsOfOneState, isForAllStates: limits.isTrial)
    }

    /// Gives the state back; nothing is left here.
    mutating func takeState() -> ExecutionState { exchange(&state, with: .empty) }

    // MARK: Recording

    /// Records an event and applies it to the state; so the state is the fold of the events by construction.
    /// - Parameter previous: the event before it in its branch, where that is not the branch's last.
    /// - Returns: the event's id.
    @discardableResult
    mutating func record(_ kind: consuming HistoryEvent.Kind, in frame: FrameID, after previous: Int? = nil) -> Int {
        guard halt == nil, hasRoom(kind, in: frame) else { return 0 }
        let id = nextID(kind, frame)
        if id == HistoryLimits.events, !kind.isEnd {
            halt = .historyFull
            return 0
        }
        let event = HistoryEvent(
            id: id, previousID: previous ?? state.frames[frame]?.previousID ?? 0, at: now, frame: frame, kind: kind)
        do {
            try state.apply(event)
            // As many as a step has, at once.
            if events.isEmpty { events.reserveCapacity(6) }
            events.append(event)
        } catch {
            halt = .fault(error)
        }
        return id
    }

    /// Records nothing more: the state and the definition contradict each other. The decision throws `error`.
    mutating func contradict(_ error: InterpreterError) {
        if halt == nil { halt = .fault(error) }
    }

    /// The history of a child execution is limited like any other. What it does after that counts for nothing, and the
    /// child fails as soon as the present step is over.
    private mutating func hasRoom(_ kind: HistoryEvent.Kind, in frame: FrameID) -> Bool {
        guard let child = state.frames[frame]?.child, let run = state.frames[child]?.run, run.isFull else {
            return true
        }
        // A note that follows from what was refused would contradict what is there.
        if kind.isNote { return !full.contains(child) }
        // It is being ended already, and what ends it stops all that is in it.
        if case .stateAborted = kind { return false }
        if !full.contains(child) { full.append(child) }
        return false
    }

    /// The id that the next event gets.
    func nextID(_ kind: HistoryEvent.Kind, _ frame: FrameID) -> Int {
        if kind.isNote { return 0 }
        let isHidden =
            state.frames[frame]?.isHidden == true || (kind.isIteration && state.isDistributed(frame))
            || (kind.isTask && state.frames[frame]?.visit?.type == .map)
        return isHidden ? state.lastHiddenID - 1 : state.lastEventID + 1
    }

    // MARK: Running ahead

    /// The branch goes on as soon as the present step is done.
    mutating func resume(_ frame: FrameID) { ready.append(frame) }

    /// A state has made so many bytes of data.
    mutating func count(made bytes: Int) { made += bytes }

    /// The task is to be carried out.
    mutating func dispatch(_ task: TaskID) { scheduled.append(task) }

    /// The task's result is no longer wanted.
    mutating func cancel(_ task: TaskID) { cancelled.append(task) }

    /// The branch has failed for good; a sibling's or its parent's end does not abort it.
    mutating func give(up frame: FrameID) { failed.insert(frame) }

    func hasFailed(_ frame: FrameID) -> Bool { failed.contains(frame) }

    /// Keeps the definition of the state that the branch has entered.
    mutating func remember(_ definition: State, of frame: FrameID) {
        state.frames.edit(frame)?.visit?.definition = definition
    }

    /// Keeps how many iterations of a Map may run at once.
    mutating func remember(concurrency: Int, of frame: FrameID) {
        state.frames.edit(frame)?.join?.concurrency.value = concurrency
    }

    /// Keeps the items of a Map, which are computed from its input, for its next iteration.
    mutating func remember(_ items: MapItems, of frame: FrameID) {
        state.frames.edit(frame)?.join?.items.value = items
    }

    /// Runs every branch that can go on until it waits, and returns what came of it.
    mutating func decision() throws(InterpreterError) -> Decision {
        failFullChildren()
        var next = 0
        var transitions = 0
        while next < ready.count, hasTime(after: transitions), halt == nil, state.outcome == nil {
            let frame = ready[next]
            next += 1
            while hasTime(after: transitions), isReady(frame) {
                transitions += 1
                try step(frame)
                if limits.isTrial, effort.isExhausted { throw .tooMuchForTrial }
                failFullChildren()
            }
        }
        failFullChildren()
        try settle()
        return Decision(events: events, orders: scheduled.compactMap { state.order($0) }, cancelled: unwanted)
    }

    /// Whether the decision may go on, after so many states.
    func hasTime(after transitions: Int = 0) -> Bool {
        transitions < limits.transitions && made < limits.bytes && effort.spent < limits.steps
    }

    /// The cancelled tasks that somebody may be carrying out already.
    private var unwanted: [TaskID] {
        if cancelled.isEmpty || scheduled.isEmpty { return cancelled }
        let dispatched = Set(scheduled)
        return cancelled.filter { !dispatched.contains($0) }
    }

    private mutating func failFullChildren() {
        while let child = full.popLast() {
            // What is around it may have ended it meanwhile.
            guard state.outcome == nil, state.runs(child) else { continue }
            cancelTasks(of: child)
            give(up: child)
            failBranch(child, .runtime(TaskFailure.fullHistory.cause))
        }
    }

    /// Of a branch and those below it.
    private mutating func cancelTasks(of frame: FrameID) {
        if case .task(let open) = state.frames[frame]?.visit?.activity { cancel(open.id) }
        for child in (state.frames[frame]?.children ?? [:]).sorted(by: { $0.key < $1.key }) {
            cancelTasks(of: child.value)
        }
    }

    private func isReady(_ frame: FrameID) -> Bool {
        guard halt == nil, state.outcome == nil, let frame = state.frames[frame] else { return false }
        return state.frames.isReady(frame)
    }

    /// A history that is full ends the execution with its last event.
    private mutating func settle() throws(InterpreterError) {
        switch halt {
        case nil: return
        case .fault(let error): throw error
        case .historyFull:
            halt = nil
            end(.executionFailed(.fullHistory))
        }
        if case .fault(let error) = halt { throw error }
    }

    /// Records the end of the execution; what still runs is cancelled.
    mutating func end(_ kind: HistoryEvent.Kind) {
        cancelled += state.tasks.ids
        record(kind, in: 0)
    }
}

extension ExecutionState {
    fileprivate func isDistributed(_ frame: FrameID) -> Bool {
        frames[frame]?.join?.isDistributed == true
    }

    /// Whether the child execution runs.
    fileprivate func runs(_ child: FrameID) -> Bool {
        guard let frame = frames[child], let parent = frame.parent.flatMap({ frames[$0] }), let join = parent.join
        else { return false }
        return parent.visit?.activity == .joining && !join.failed.contains(frame.index)
            && !join.aborted.contains(frame.index)
    }
}

extension HistoryEvent.Kind {
    var isIteration: Bool {
        switch self {
        case .iterationStarted, .iterationSucceeded, .iterationFailed, .iterationAborted: true
        default: false
        }
    }

    /// Those that a Map's own tasks have.
    var isTask: Bool {
        switch self {
        case .taskScheduled, .taskSucceeded, .taskFailed: true
        default: false
        }
    }

    fileprivate var isEnd: Bool {
        switch self {
        case .executionSucceeded, .executionFailed, .executionAborted, .executionTimedOut: true
        default: false
        }
    }
}
