/// Why a try of a state failed, with what `Retry` and `Catch` need to know about it.
struct StateFailure: Error, Equatable {
    var failure: TaskFailure
    /// Names that match besides `failure.error`.
    var aliases: [String] = []
    /// Nothing can retry or catch it (AWS: `States.Runtime`, and `States.DataLimitExceeded` of a state's own output).
    var isTerminal = false
    /// The field whose evaluation failed, such as `Output/total`, where there is one.
    var location: String?
    /// Whether the history records it as `EvaluationFailed`.
    var isEvaluation = false

    init(_ failure: TaskFailure) { self.failure = failure }

    /// A mistake of the definition or its data that no handler can mend.
    static func runtime(_ cause: String) -> StateFailure {
        var failure = StateFailure(TaskFailure(error: ErrorName.runtime, cause: cause))
        failure.isTerminal = true
        return failure
    }
}

/// The error names that the States Language and AWS reserve (ASL, "Error names").
enum ErrorName {
    static let all = "States.ALL"
    static let taskFailed = "States.TaskFailed"
    static let timeout = "States.Timeout"
    static let heartbeatTimeout = "States.HeartbeatTimeout"
    static let runtime = "States.Runtime"
    static let dataLimitExceeded = "States.DataLimitExceeded"
    static let noChoiceMatched = "States.NoChoiceMatched"
    static let queryEvaluation = "States.QueryEvaluationError"
    static let resultPathMatchFailure = "States.ResultPathMatchFailure"
    static let exceedToleratedFailureThreshold = "States.ExceedToleratedFailureThreshold"
    static let itemReaderFailed = "States.ItemReaderFailed"
}
