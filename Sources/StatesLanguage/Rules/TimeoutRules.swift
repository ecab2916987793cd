import JSONModel

/// A heartbeat is shorter than the timeout, and a task that waits for its token has one of the two.
enum TimeoutRules {
    static func check(_ state: DefinitionOutline.StateOutline, findings: Findings) {
        guard state.type == .task else { return }
        let timeout = state.object["TimeoutSeconds"]?.intValue
        if let heartbeat = state.object["HeartbeatSeconds"]?.intValue, let timeout, heartbeat >= timeout {
            findings.report(
                .heartbeatNotShorter, at: pointer(state.path, "HeartbeatSeconds"),
                "'HeartbeatSeconds' (\(heartbeat)) must be less than 'TimeoutSeconds' (\(timeout))")
        }
        let limits = ["TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath"]
        guard let text = state.object["Resource"]?.stringValue,
            Resource(parsing: text).pattern == .waitForTaskToken, !limits.contains(where: state.object.contains)
        else { return }
        findings.report(
            .callbackWithoutTimeout, at: pointer(state.path, "Resource"),
            "The task waits for its token without a limit: a token that is lost stops the execution for a year",
            hint: "add 'TimeoutSeconds' or 'HeartbeatSeconds'")
    }
}
