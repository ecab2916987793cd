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

    init(_ failure: TaskFailure) { self.failure = failure.shortened }

    /// A mistake of the definition or its data that no handler can mend.
    static func runtime(_ cause: String) -> StateFailure {
        var failure = StateFailure(TaskFailure(error: ErrorName.runtime, cause: cause))
        failure.isTerminal = true
        return failure
    }
}

extension TaskFailure {
    /// What ends an execution, or a child execution, whose history has room for its end only.
    static let fullHistory = TaskFailure(
        error: ErrorName.runtime,
        cause: "The execution reached the maximum number of history events (\(HistoryLimits.events)).")

    /// Characters that AWS gives a cause. It has 256 for an error, which definitions never had to keep to here.
    private static let longest = 32_768

    /// The same, with texts that are too long cut.
    var shortened: TaskFailure {
        guard max(error.utf8.count, cause.utf8.count) > Self.longest else { return self }
        return TaskFailure(error: Self.beginning(of: error), cause: Self.beginning(of: cause))
    }

    private static func beginning(of text: String) -> String {
        let characters = text.unicodeScalars
        guard let end = characters.index(characters.startIndex, offsetBy: longest, limitedBy: characters.endIndex),
            end < characters.endIndex
        else { return text }
        return String(characters[..<end])
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
