extension Diagnostic {
    /// The code that the Step Functions API reports for this finding (ValidateStateMachineDefinition, "code").
    package var awsCode: String {
        switch DiagnosticCode(rawValue: code) {
        case .unknownTarget, .unreachableState: "MISSING_TRANSITION_TARGET"
        case .duplicateStateName: "DUPLICATE_STATE_NAME"
        case .notYAML, .notJSON, .duplicateKey: "INVALID_JSON_DESCRIPTION"
        default: "SCHEMA_VALIDATION_FAILED"
        }
    }

    /// The place as the Step Functions API names it: `/` for the definition itself, the template's object for
    /// one of its computed keys.
    package var awsLocation: String {
        guard !pointer.isEmpty else { return "/" }
        guard pointer.hasSuffix(".$"), let slash = pointer.lastIndex(of: "/") else { return pointer }
        return String(pointer[..<slash])
    }
}
