package import Engine
import HTTPTypes

extension AccessKey.Role {
    /// Whether the role includes what `needed` may do.
    package func includes(_ needed: AccessKey.Role) -> Bool {
        switch (self, needed) {
        case (.admin, _): true
        case (.operator, .viewer), (.operator, .operator), (.viewer, .viewer), (.ingest, .ingest): true
        default: false
        }
    }
}

/// Which role an operation or a route needs. What is not named here needs `admin`.
enum Permissions {
    private static let starting: Set<String> = [
        "StartExecution", "StartSyncExecution", "StopExecution", "RedriveExecution", "UpdateMapRun", "GetActivityTask",
        "SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat",
    ]

    /// For an operation of the Step Functions API. `TestState` runs any task with the daemon's own credentials.
    static func role(forOperation name: String) -> AccessKey.Role {
        if starting.contains(name) { return .operator }
        let reads = name.hasPrefix("Describe") || name.hasPrefix("List")
        return reads || name == "GetExecutionHistory" || name == "ValidateStateMachineDefinition" ? .viewer : .admin
    }

    /// For a route of the admin API.
    static func role(for method: HTTPRequest.Method, path: String) -> AccessKey.Role {
        let parts = path.split(separator: "/").map(String.init)
        if parts.first == "ingest" { return .ingest }
        if parts == ["metrics"] { return .viewer }
        guard parts.starts(with: ["api", "v1"]) else { return .admin }
        switch (method, parts.dropFirst(2).first) {
        case (_, "keys"): return .admin
        case (.get, _), (.head, _): return .viewer
        // A simulation only reads.
        case (.post, "reports"): return .viewer
        case (.post, "executions"), (.post, "dead-letters"), (.post, "schedules"): return .operator
        // A protection is an administrator's word; a block is what whoever is on call may need.
        case (.put, "blocks"), (.delete, "blocks"): return .operator
        // The audit log tells who muted what.
        case (.post, "notifications"): return .operator
        default: return .admin
        }
    }
}
