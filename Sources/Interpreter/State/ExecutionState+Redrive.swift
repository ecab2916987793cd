extension ExecutionState {
    /// Why an execution that has started can't be redriven; nil when it can. AWS's conditions: a standard execution that
    /// did not succeed and whose history has room.
    package var redriveRefusal: String? {
        switch outcome {
        case nil: return "it is running"
        case .succeeded: return "it succeeded"
        case .failed, .aborted, .timedOut: break
        }
        if redriveCount >= HistoryLimits.redrives { return "it was redriven \(HistoryLimits.redrives) times already" }
        if lastEventID >= HistoryLimits.events - 1 { return "its history is full (\(HistoryLimits.events) events)" }
        return nil
    }
}
