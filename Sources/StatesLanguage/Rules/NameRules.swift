/// State names are unique in the whole machine, and short (ASL, "States").
enum NameRules {
    static let maximumLength = 80

    static func check(_ scopes: [DefinitionOutline.Scope], findings: Findings) {
        var first: [String: String] = [:]
        for state in scopes.flatMap(\.states) {
            checkForm(state, findings: findings)
            guard let path = first[state.name] else {
                first[state.name] = state.path
                continue
            }
            let place = findings.document.keyPosition(of: path).map { " on line \($0.line)" } ?? ""
            findings.reportKey(
                .duplicateStateName, at: state.path,
                "The name '\(state.name)' is taken by another state\(place): names are unique in the whole machine",
                hint: "rename one of the two")
        }
    }

    private static func checkForm(_ state: DefinitionOutline.StateOutline, findings: Findings) {
        if state.name.isEmpty {
            findings.reportKey(.invalidStateName, at: state.path, "A state's name must not be empty")
        } else if state.name.utf16.count > maximumLength {
            findings.reportKey(
                .invalidStateName, at: state.path,
                "A state's name has at most \(maximumLength) characters; this one has \(state.name.utf16.count)")
        }
    }
}
