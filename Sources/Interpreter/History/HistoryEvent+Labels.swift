import StatesLanguage

extension HistoryEvent.Kind {
    /// Whether it is recorded for the fold only, with id 0.
    package var isNote: Bool {
        switch self {
        case .waiting, .retryPlanned, .taskHeartbeat, .mapPlanned, .mapRunUpdated, .executionDeadline: true
        default: false
        }
    }

    /// The kind's name, for messages: AWS's where there is one.
    package var label: String {
        switch self {
        case .executionStarted: "ExecutionStarted"
        case .executionSucceeded: "ExecutionSucceeded"
        case .executionFailed: "ExecutionFailed"
        case .executionAborted: "ExecutionAborted"
        case .executionTimedOut: "ExecutionTimedOut"
        case .executionRedriven: "ExecutionRedriven"
        case .stateEntered(let type, _, _): "\(type.rawValue)StateEntered"
        case .stateExited(let type, _, _, _): "\(type.rawValue)StateExited"
        case .stateAborted(let type, _): "\(type.rawValue)StateAborted"
        case .evaluationFailed: "EvaluationFailed"
        case .taskScheduled: "TaskScheduled"
        case .taskStarted: "TaskStarted"
        case .taskStartFailed: "TaskStartFailed"
        case .taskSubmitted: "TaskSubmitted"
        case .taskSucceeded: "TaskSucceeded"
        case .taskFailed: "TaskFailed"
        case .taskTimedOut: "TaskTimedOut"
        default: joinOrNoteLabel
        }
    }

    private var joinOrNoteLabel: String {
        switch self {
        case .parallelStarted: "ParallelStateStarted"
        case .parallelSucceeded: "ParallelStateSucceeded"
        case .parallelFailed: "ParallelStateFailed"
        case .mapStarted: "MapStateStarted"
        case .mapRunStarted: "MapRunStarted"
        case .mapRunSucceeded: "MapRunSucceeded"
        case .mapRunFailed: "MapRunFailed"
        case .mapSucceeded: "MapStateSucceeded"
        case .mapFailed: "MapStateFailed"
        case .iterationStarted: "MapIterationStarted"
        case .iterationSucceeded: "MapIterationSucceeded"
        case .iterationFailed: "MapIterationFailed"
        case .iterationAborted: "MapIterationAborted"
        case .waiting: "Waiting"
        case .retryPlanned: "RetryPlanned"
        case .taskHeartbeat: "TaskHeartbeat"
        case .mapPlanned: "MapPlanned"
        case .mapRunUpdated: "MapRunUpdated"
        default: "ExecutionDeadline"
        }
    }
}
