import JSONModel

/// A Task's resource is an ARN or Steward's short form of one; an EXPRESS machine does without some of them (AWS,
/// "Standard and Express workflows").
enum ResourceRules {
    static func check(
        _ state: DefinitionOutline.StateOutline, machineType: StateMachineType, findings: Findings
    ) {
        if machineType == .express { checkMode(state, findings: findings) }
        checkObjects(state, findings: findings)
        guard state.type == .task, let text = state.object["Resource"]?.stringValue, !isPlaceholder(text) else {
            return
        }
        let path = pointer(state.path, "Resource")
        let resource = Resource(parsing: text)
        if machineType == .express, case .activity = resource.kind {
            findings.report(
                .unavailableInExpress, at: path, "Express state machine does not support activities",
                hint: "use a STANDARD state machine")
        }
        if machineType == .express, resource.pattern != .requestResponse {
            // The second blank before AWS's " at" is AWS's own.
            let blank = resource.pattern == .waitForTaskToken ? " " : ""
            findings.report(
                .unavailableInExpress, at: path,
                "Express state machine does not support '\(resource.pattern.rawValue)' service integration\(blank)",
                hint: "use a STANDARD state machine")
        }
        switch resource.kind {
        case .activity, .lambda: break
        case .integration(let service, let action):
            let fault = OptimizedIntegrations.fault(service: service, action: action, pattern: resource.pattern)
            if let fault {
                reportInvalid(text, at: path, hint: fault, findings: findings)
            } else if !ServedIntegrations.serve(service: service, action: action) {
                findings.report(
                    .unknownResource, at: path, "Steward does not serve the resource '\(text)', so the task would fail",
                    hint: ServedIntegrations.hint(service: service, action: action, pattern: resource.pattern))
            }
        case .unknown where isForeignARN(text):
            findings.report(
                .unknownResource, at: path, "Steward does not know the resource '\(text)'",
                hint: "it knows activities, Lambda functions and arn:aws:states:::SERVICE:ACTION")
        case .unknown:
            reportInvalid(
                text, at: path, hint: "write an ARN, or 'activity:NAME' for a step that a worker serves",
                findings: findings)
        }
    }

    /// What a distributed Map reads from and writes to (AWS, "ItemReader (Map)" and "ResultWriter (Map)").
    private static func checkObjects(_ state: DefinitionOutline.StateOutline, findings: Findings) {
        guard state.type == .map else { return }
        let actions = ["ItemReader": ["getObject", "listObjectsV2"], "ResultWriter": ["putObject"]]
        for (field, actions) in actions {
            guard let text = state.object[field]?["Resource"]?.stringValue, !isPlaceholder(text) else { continue }
            let resource = Resource(parsing: text)
            if case .integration("s3", let action) = resource.kind, actions.contains(action),
                resource.pattern == .requestResponse
            {
                continue
            }
            reportInvalid(
                text, at: pointer(state.path, field) + "/Resource",
                hint: "'\(field)' takes " + actions.map { "arn:aws:states:::s3:\($0)" }.joined(separator: " or "),
                findings: findings)
        }
    }

    private static func checkMode(_ state: DefinitionOutline.StateOutline, findings: Findings) {
        guard state.type == .map else { return }
        for field in ["ItemProcessor", "Iterator"] {
            guard state.object[field]?["ProcessorConfig"]?["Mode"] == "DISTRIBUTED" else { continue }
            findings.report(
                .unavailableInExpress, at: pointer(pointer(state.path, field), "ProcessorConfig") + "/Mode",
                "Express state machine does not support distributed Map states", hint: "use a STANDARD state machine")
        }
    }

    private static func reportInvalid(_ text: String, at path: String, hint: String, findings: Findings) {
        findings.report(
            .invalidResource, at: path,
            "The resource provided \(text) is not recognized. The value is not a valid resource ARN, or the "
                + "resource is not available in this region.", hint: hint)
    }

    /// An ARN of another form than those that Steward reads; a malformed ARN of one of these is an error.
    private static func isForeignARN(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 6, parts[0] == "arn" else { return false }
        return !(parts[2] == "lambda" && parts[5] == "function")
            && !(parts[2] == "states" && parts.count == 7 && parts[5] == "activity")
    }

    /// `${Name}` is filled in by CloudFormation or the SAM before AWS sees it.
    private static func isPlaceholder(_ text: String) -> Bool {
        guard let open = text.firstIndex(of: "$") else { return false }
        return text[open...].hasPrefix("${") && text[open...].contains("}")
    }
}
