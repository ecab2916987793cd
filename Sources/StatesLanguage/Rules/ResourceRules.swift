import JSONModel

/// A Task's resource is an ARN or Steward's short form of one.
enum ResourceRules {
    static func check(_ state: DefinitionOutline.StateOutline, findings: Findings) {
        guard state.type == .task, let text = state.object["Resource"]?.stringValue else { return }
        let resource = Resource(parsing: text)
        guard resource.kind == .unknown else { return }
        let path = pointer(state.path, "Resource")
        guard !isPlaceholder(text), !text.hasPrefix("arn:") else {
            findings.report(
                .unknownResource, at: path, "Steward does not know the resource '\(text)'",
                hint: "it knows activities, Lambda functions and arn:aws:states:::SERVICE:ACTION")
            return
        }
        findings.report(
            .invalidResource, at: path, "The resource provided \(text) is not recognized",
            hint: "write an ARN, or 'activity:NAME' for a step that a worker serves")
    }

    /// `${Name}` is filled in by CloudFormation or the SAM before AWS sees it.
    private static func isPlaceholder(_ text: String) -> Bool {
        guard let open = text.firstIndex(of: "$") else { return false }
        return text[open...].hasPrefix("${") && text[open...].contains("}")
    }
}
