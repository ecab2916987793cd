import StatesLanguage

/// The number of each kind of event in a record. Numbers are never used again for another kind.
enum KindNumber: UInt8 {
    case executionStarted = 1
    case executionSucceeded, executionFailed, executionAborted, executionTimedOut, executionRedriven
    case stateEntered = 10
    case stateExited, stateAborted, evaluationFailed
    case taskScheduled = 20
    case taskStarted, taskStartFailed, taskSubmitted, taskSucceeded, taskFailed, taskTimedOut, taskScheduledWithRole
    case parallelStarted = 30
    case parallelSucceeded, parallelFailed, mapStarted, mapSucceeded, mapFailed
    case iterationStarted, iterationSucceeded, iterationFailed, iterationAborted
    case mapRunStarted, mapRunSucceeded, mapRunFailed, childFailed
    case waiting = 50
    case retryPlanned, taskHeartbeat, executionDeadline, mapPlanned, mapRunUpdated
}

/// The number of an event's kind in a record.
extension HistoryEvent.Kind {
    var number: KindNumber {
        switch self {
        case .executionStarted: .executionStarted
        case .executionSucceeded: .executionSucceeded
        case .executionFailed: .executionFailed
        case .executionAborted: .executionAborted
        case .executionTimedOut: .executionTimedOut
        case .executionRedriven: .executionRedriven
        case .stateEntered: .stateEntered
        case .stateExited: .stateExited
        case .stateAborted: .stateAborted
        case .evaluationFailed: .evaluationFailed
        case .taskScheduled(let task): task.roleARN == nil ? .taskScheduled : .taskScheduledWithRole
        case .taskStarted: .taskStarted
        case .taskStartFailed: .taskStartFailed
        case .taskSubmitted: .taskSubmitted
        case .taskSucceeded: .taskSucceeded
        case .taskFailed: .taskFailed
        case .taskTimedOut: .taskTimedOut
        case .parallelStarted: .parallelStarted
        case .parallelSucceeded: .parallelSucceeded
        case .parallelFailed: .parallelFailed
        case .mapStarted: .mapStarted
        case .mapSucceeded: .mapSucceeded
        case .mapFailed: .mapFailed
        case .iterationStarted: .iterationStarted
        case .iterationSucceeded: .iterationSucceeded
        case .iterationFailed(_, _, nil): .iterationFailed
        case .iterationFailed: .childFailed
        case .iterationAborted: .iterationAborted
        case .mapRunStarted: .mapRunStarted
        case .mapRunSucceeded: .mapRunSucceeded
        case .mapRunFailed: .mapRunFailed
        case .waiting: .waiting
        case .retryPlanned: .retryPlanned
        case .taskHeartbeat: .taskHeartbeat
        case .executionDeadline: .executionDeadline
        case .mapPlanned: .mapPlanned
        case .mapRunUpdated: .mapRunUpdated
        }
    }
}

extension StateType {
    static let numbered: [StateType] = [.pass, .task, .choice, .wait, .succeed, .fail, .parallel, .map]

    /// The number of the type in a record.
    var number: UInt8 {
        switch self {
        case .pass: 0
        case .task: 1
        case .choice: 2
        case .wait: 3
        case .succeed: 4
        case .fail: 5
        case .parallel: 6
        case .map: 7
        }
    }
}
