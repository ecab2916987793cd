/// Why a stimulus or an event does not fit the execution. Nothing was recorded.
package enum InterpreterError: Error, Equatable, Sendable {
    /// The event cannot follow what the history says so far; both sides are named.
    case illegal(event: String, state: String)
    /// The task has a result already, was cancelled, or never existed: a late or second result.
    case taskNotOpen(TaskID)
    case alreadyEnded
    case notStarted
    case alreadyStarted
    /// The Map Run has ended, or was never started by this execution.
    case mapRunNotOpen(String)
    /// Why the execution cannot be redriven.
    case notRedrivable(String)
    /// The definition has no such state; the history belongs to another definition.
    case unknownState(String)
    /// A state takes more than `DecisionLimits.trial` allows.
    case tooMuchForTrial
}

extension InterpreterError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .illegal(let event, let state): "the event \(event) cannot follow: \(state)"
        case .taskNotOpen(let task): "task \(task) is not open: it has ended, was cancelled, or never existed"
        case .mapRunNotOpen(let arn): "the Map Run \(arn) is not under way"
        case .alreadyEnded: "the execution has ended; redrive it to go on"
        case .notStarted: "the execution has not started"
        case .alreadyStarted: "the execution has started already"
        case .notRedrivable(let reason): "the execution cannot be redriven: \(reason)"
        case .tooMuchForTrial: "a state takes more steps of evaluation than are tried at once"
        case .unknownState(let name): "the definition has no state '\(name)': the history belongs to another definition"
        }
    }
}
