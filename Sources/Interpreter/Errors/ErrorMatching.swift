/// Which failures an `ErrorEquals` names (ASL, "Error representation").
extension StateFailure {
    /// `States.ALL` stands for every error, `States.TaskFailed` for every error but a timeout. A terminal failure is
    /// matched by nothing, not even by its own name.
    func matches(_ errorEquals: [String]) -> Bool {
        guard !isTerminal else { return false }
        return errorEquals.contains { name in
            switch name {
            case ErrorName.all: true
            case ErrorName.taskFailed: !isTimeout
            default: name == failure.error || aliases.contains(name)
            }
        }
    }

    private var isTimeout: Bool {
        failure.error == ErrorName.timeout || failure.error == ErrorName.heartbeatTimeout
    }

    /// A task that ran too long.
    static let taskTimedOut = StateFailure(TaskFailure(error: ErrorName.timeout, cause: ""))

    /// A task that sent no heartbeat in time: AWS records `States.Timeout`, and matches both names.
    static let heartbeatMissed: StateFailure = {
        var failure = taskTimedOut
        failure.aliases = [ErrorName.heartbeatTimeout]
        return failure
    }()
}
