import JSONModel
import StatesLanguage
import WallTime

/// Task: work for the world (ASL, "Task State").
extension Advance {
    /// Schedules the task.
    mutating func schedule(
        _ frame: FrameID, _ definition: State, _ visit: StateVisit, _ task: TaskDefinition
    ) throws(StateFailure) {
        var evaluation = evaluation(frame, definition, visit)
        let hidden = state.frames[frame]?.isHidden == true
        if task.resource.pattern == .waitForTaskToken {
            evaluation.token = identity.taskToken(hidden ? state.lastHiddenID - 1 : state.lastEventID + 1)
        }
        let scheduled = try evaluation.scheduledTask(task)
        let id = record(.taskScheduled(scheduled), in: frame)
        if !task.resource.isActivity { record(.taskStarted(id, worker: nil), in: frame) }
        dispatch(id)
    }

    mutating func taskStarted(_ task: TaskID, worker: String?) throws(InterpreterError) {
        let (frame, open) = try open(task)
        // Nobody looks for the start of a Map's own tasks.
        guard state.frames[frame]?.visit?.type != .map else { return }
        if open.startedAt == nil { record(.taskStarted(task, worker: worker), in: frame) }
    }

    mutating func taskSubmitted(_ task: TaskID, output: JSONValue) throws(InterpreterError) {
        let (frame, open) = try open(task)
        begin(open, in: frame)
        if !open.isSubmitted { record(.taskSubmitted(task, output: output), in: frame) }
    }

    mutating func taskHeartbeat(_ task: TaskID) throws(InterpreterError) {
        let (frame, _) = try open(task)
        record(.taskHeartbeat(task), in: frame)
    }

    mutating func taskSucceeded(_ task: TaskID, output: JSONValue) throws(InterpreterError) {
        let (frame, open) = try open(task)
        guard let visit = state.frames[frame]?.visit else { throw .taskNotOpen(task) }
        let definition = try definition(of: visit.name, in: frame)
        if case .map(let map) = definition.kind {
            return mapTaskSucceeded(open, output, in: frame, definition, map)
        }
        guard PayloadLimit.allows(output) else {
            let failure = StateFailure.oversizedResult(of: open.resource.labelInMessages, isTerminal: false)
            return try taskFailed(task, failure.failure)
        }
        begin(open, in: frame)
        record(.taskSucceeded(task, output: output), in: frame)
        do {
            let exit = try evaluation(frame, definition, visit).exit(result: output)
            leave(frame, visit, exit, to: definition.next)
            resume(frame)
        } catch {
            handle(error, in: frame, definition)
        }
    }

    mutating func taskFailed(_ task: TaskID, _ failure: TaskFailure) throws(InterpreterError) {
        let (frame, open) = try open(task)
        if state.frames[frame]?.visit?.type == .map { return mapTaskFailed(open, failure, in: frame) }
        begin(open, in: frame)
        record(.taskFailed(task, failure), in: frame)
        fail(frame, StateFailure(failure))
    }

    /// A deadline of the task has passed.
    mutating func taskTimedOut(_ open: OpenTask, in frame: FrameID) {
        let isLate = open.deadline.map { $0 <= now } ?? false
        let failure = isLate ? StateFailure.taskTimedOut : StateFailure.heartbeatMissed
        // Who takes a task off an offer says so at once; so one without a start was never taken.
        if identity.isDoneHere(open.resource) { begin(open, in: frame) }
        record(.taskTimedOut(open.id, failure.failure), in: frame)
        cancel(open.id)
        fail(frame, failure)
    }

    /// A result can come without a word of the start, when whoever carries the task out does not report it: the history
    /// shows it all the same.
    private mutating func begin(_ open: OpenTask, in frame: FrameID) {
        if open.startedAt == nil { record(.taskStarted(open.id, worker: nil), in: frame) }
    }

    private func open(_ task: TaskID) throws(InterpreterError) -> (frame: FrameID, task: OpenTask) {
        guard state.isStarted else { throw .notStarted }
        guard let frame = state.tasks[task], case .task(let open) = state.frames[frame]?.visit?.activity else {
            throw .taskNotOpen(task)
        }
        return (frame, open)
    }
}

extension StateEvaluation {
    fileprivate func scheduledTask(_ task: TaskDefinition) throws(StateFailure) -> ScheduledTask {
        let parameters = try arguments()
        guard PayloadLimit.allows(parameters) else { throw .oversizedResult(of: visit.name, isTerminal: true) }
        let input = try selectedInput()
        return ScheduledTask(
            resource: task.resource.text, parameters: parameters,
            timeoutSeconds: try limit(task.timeout, "TimeoutSeconds", input: input),
            heartbeatSeconds: try limit(task.heartbeat, "HeartbeatSeconds", input: input),
            roleARN: try role(task.credentials, input: input))
    }

    /// The role in `Credentials` (AWS, "Accessing resources in other AWS accounts").
    private func role(_ template: Template?, input: JSONValue) throws(StateFailure) -> String? {
        guard let template else { return nil }
        let credentials = try value(template, input: input, field: "Credentials")
        if let role = credentials["RoleArn"]?.stringValue { return role }
        throw dataFailure(
            "The RoleArn of the Credentials field must be a string but was: \((credentials["RoleArn"] ?? .null).jsonString)",
            field: "Credentials")
    }

    private func limit(_ template: Template?, _ field: String, input: JSONValue) throws(StateFailure) -> Int? {
        guard let template else { return nil }
        return try seconds(template, field, input: input, range: 1...Self.longestSeconds)
    }
}

extension Resource {
    var isActivity: Bool { if case .activity = kind { true } else { false } }

    /// What AWS calls the task in the cause of `States.DataLimitExceeded`.
    fileprivate var labelInMessages: String {
        if case .integration(let service, _) = kind { service } else { text }
    }
}
