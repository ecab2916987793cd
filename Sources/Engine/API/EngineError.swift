package import StatesLanguage

/// What an engine refuses, and why. Failures of workflows are not among these: they are data in the history.
package enum EngineError: Error, Equatable, Sendable {
    case noSuchStateMachine(String)
    case noSuchExecution(String)
    /// An execution of that name exists, with another input or already ended.
    case executionExists(name: String)
    case executionNotRunning(name: String, status: ExecutionStatus)
    case notRedrivable(name: String, reason: String)
    case invalidDefinition([Diagnostic])
    case invalidInput(String)
    case invalidName(String)
    case payloadTooLarge(bytes: Int, limit: Int)
    case noSuchWorkflow(String)
    case noSchedule(String)
    case noSuchDeadLetter(Int64)
    case deadLetterNotOpen(Int64, status: DeadLetterStatus)
    /// The letter's kind has nobody registered who could try it again.
    case deadLetterNotRedrivable(Int64, kind: DeadLetterKind)
    /// The token was not made by this engine, or was damaged.
    case invalidToken
    /// The token's task has ended, timed out or was cancelled.
    case taskGone
    case noSuchActivity(String)
    case draining
    /// The disk is nearly full, and what is left is kept for executions under way.
    case lowOnSpace(String)
    /// The stored history cannot be folded; the execution is left as it is.
    case unreadableHistory(execution: String, reason: String)
}

extension EngineError {
    /// Whether it says of an execution that it can't be read as it is stored, whatever is asked of it.
    var meansUnreadable: Bool {
        switch self {
        case .unreadableHistory, .invalidDefinition, .noSuchStateMachine: true
        default: false
        }
    }
}

extension EngineError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noSuchStateMachine(let name):
            "there is no state machine named '\(name)'; list them with `workflowctl machine list`"
        case .noSuchExecution(let name): "there is no execution '\(name)'"
        case .executionExists(let name):
            "an execution named '\(name)' exists already; choose another name, or give the same input while it runs"
        case .executionNotRunning(let name, let status):
            "execution '\(name)' is not running, it has ended as \(status.rawValue)"
        case .notRedrivable(let name, let reason): "execution '\(name)' cannot be redriven: \(reason)"
        case .invalidDefinition(let diagnostics):
            "the definition is not valid: " + diagnostics.map(\.message).joined(separator: "; ")
        case .invalidInput(let reason): "the input is not valid: \(reason)"
        case .invalidName(let reason): "the name is not valid: \(reason)"
        case .payloadTooLarge(let bytes, let limit):
            "the payload has \(bytes) bytes, more than the limit of \(limit); store it elsewhere and pass a reference"
        case .noSuchWorkflow(let name): "there is no workflow named '\(name)'"
        case .noSchedule(let name): "workflow '\(name)' has no schedule"
        case .noSuchDeadLetter(let id): "there is no dead letter \(id)"
        case .deadLetterNotOpen(let id, let status): "dead letter \(id) is not open, it was \(status.rawValue)"
        case .deadLetterNotRedrivable(let id, let kind):
            "dead letter \(id) cannot be redriven: nothing here handles letters of kind '\(kind.rawValue)'"
        case .invalidToken: "the task token is not valid; use the token exactly as it was handed out"
        case .taskGone: "the task of this token has ended, timed out or was cancelled"
        case .noSuchActivity(let name): "there is no activity named '\(name)'; make it with CreateActivity"
        case .draining: "the engine is shutting down and takes no new work; try again after the restart"
        case .lowOnSpace(let reason): "\(reason)"
        case .unreadableHistory(let execution, let reason):
            "the history of execution '\(execution)' cannot be read: \(reason)"
        }
    }
}
