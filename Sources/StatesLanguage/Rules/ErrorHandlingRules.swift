import JSONModel

/// `States.ALL` stands alone and last, and the delays of a retrier fit together (ASL, "Retrying after error").
enum ErrorHandlingRules {
    /// The names that the States Language predefines (ASL, appendix A, and AWS's own).
    static let predefinedNames: Set<String> = [
        "States.ALL", "States.HeartbeatTimeout", "States.Timeout", "States.TaskFailed", "States.Permissions",
        "States.ResultPathMatchFailure", "States.ParameterPathFailure", "States.QueryEvaluationError",
        "States.BranchFailed", "States.NoChoiceMatched", "States.IntrinsicFailure",
        "States.ExceedToleratedFailureThreshold", "States.ItemReaderFailed", "States.ResultWriterFailed",
        "States.DataLimitExceeded", "States.Runtime", "States.Http.Socket",
    ]

    /// Whether an error name is predefined; an HTTP Task's names hold the status (AWS, "Call HTTPS APIs").
    private static func isPredefined(_ name: String) -> Bool {
        if predefinedNames.contains(name) { return true }
        guard name.hasPrefix(statusPrefix), let code = Int(name.dropFirst(statusPrefix.count)) else { return false }
        return (100...599).contains(code) && name.count == statusPrefix.count + 3
    }

    private static let statusPrefix = "States.Http.StatusCode."

    static func check(_ state: DefinitionOutline.StateOutline, findings: Findings) {
        for field in ["Retry", "Catch"] {
            let entries = state.object[field]?.arrayValue ?? []
            for (index, entry) in entries.enumerated() {
                let path = pointer(pointer(state.path, field), index)
                checkNames(entry, at: path, isLast: index == entries.count - 1, findings: findings)
                checkDelays(entry, at: path, findings: findings)
            }
        }
    }

    private static func checkNames(_ entry: JSONValue, at path: String, isLast: Bool, findings: Findings) {
        let names = (entry["ErrorEquals"]?.arrayValue ?? []).map(\.stringValue)
        let place = pointer(path, "ErrorEquals")
        for (index, name) in names.enumerated() {
            guard let name, name.hasPrefix("States."), !isPredefined(name) else { continue }
            findings.report(
                .unknownErrorName, at: pointer(place, index), "'\(name)' is not a predefined error name",
                hint: hint(for: name))
        }
        guard names.contains("States.ALL") else { return }
        if names.count > 1 {
            findings.report(
                .allErrorsNotAlone, at: place, "'States.ALL' must stand alone in 'ErrorEquals'",
                hint: "it covers the other names already")
        }
        if !isLast {
            findings.report(
                .allErrorsNotLast, at: place, "'States.ALL' must be in the last entry",
                hint: "the entries after this one would never be used")
        }
    }

    private static func hint(for name: String) -> String {
        if name.lowercased().hasPrefix("states.http.status") { return "such as '\(statusPrefix)429', with one status" }
        return closest(to: name, among: predefinedNames.sorted()).map { "did you mean '\($0)'?" }
            ?? "names of your own do not start with 'States.'"
    }

    private static func checkDelays(_ entry: JSONValue, at path: String, findings: Findings) {
        guard let maximum = entry["MaxDelaySeconds"]?.intValue else { return }
        let interval = entry["IntervalSeconds"]?.intValue ?? 1
        if maximum <= interval {
            findings.report(
                .maximumDelayNotLonger, at: pointer(path, "MaxDelaySeconds"),
                "'MaxDelaySeconds' (\(maximum)) must be more than 'IntervalSeconds' (\(interval))")
        }
    }
}
