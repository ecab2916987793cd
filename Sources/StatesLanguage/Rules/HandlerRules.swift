import JSONModel

/// Retriers and catchers that never get an error (ASL, "Error representation": the first entry that names it does).
enum HandlerRules {
    static func check(_ state: DefinitionOutline.StateOutline, findings: Findings) {
        for field in ["Retry", "Catch"] {
            var covered: [String: Int] = [:]
            for (index, entry) in (state.object[field]?.arrayValue ?? []).enumerated() {
                let place = pointer(pointer(pointer(state.path, field), index), "ErrorEquals")
                let names = (entry["ErrorEquals"]?.arrayValue ?? []).map(\.stringValue)
                for (position, name) in names.enumerated() {
                    guard let name else { continue }
                    if let (why, hint) = reason(name, covered, state, field) {
                        findings.report(.handlerNeverMatches, at: pointer(place, position), why, hint: hint)
                    }
                }
                for name in names.compactMap(\.self) where covered[name] == nil { covered[name] = index }
            }
        }
    }

    private static let timeouts: Set<String> = ["States.Timeout", "States.HeartbeatTimeout"]

    private static func reason(
        _ name: String, _ covered: [String: Int], _ state: DefinitionOutline.StateOutline, _ field: String
    ) -> (message: String, hint: String)? {
        if name == "States.Runtime" {
            return (
                "Nothing catches 'States.Runtime': an execution with such an error fails",
                "check the data before, with a Choice; this name can be removed"
            )
        }
        if let earlier = covered[name] {
            return ("'\(name)' is handled by entry \(earlier + 1) of '\(field)' already", "remove it here or there")
        }
        if let earlier = covered["States.TaskFailed"], name != "States.ALL", !timeouts.contains(name) {
            return (
                "'States.TaskFailed' in entry \(earlier + 1) of '\(field)' covers '\(name)'",
                "put the entry that names '\(name)' first"
            )
        }
        guard name.hasPrefix("Lambda."), state.type == .task, let text = state.object["Resource"]?.stringValue,
            !canCallLambda(Resource(parsing: text))
        else { return nil }
        return ("'\(name)' comes from Lambda functions only, and this task calls none", "remove the name")
    }

    private static func canCallLambda(_ resource: Resource) -> Bool {
        switch resource.kind {
        case .lambda, .unknown: true
        case .integration(let service, _): service.hasSuffix("lambda")
        case .activity: false
        }
    }
}
