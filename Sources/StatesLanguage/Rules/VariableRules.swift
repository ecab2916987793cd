import JSONModel
import JSONata

extension Fields {
    /// Names of variables (ASL, "Workflow Variables"): letters, digits and `_`, at most 80, not `states`.
    func checkVariableNames(_ assign: Fields) {
        for key in assign.object.keys {
            let name = language == .jsonPath && key.hasSuffix(".$") ? String(key.dropLast(2)) : key
            let message: String
            if name == "states" {
                message = "'states' is reserved"
            } else if name.count > Path.maximumVariableNameLength {
                message = "has more than \(Path.maximumVariableNameLength) characters"
            } else if name.first.map(isVariableNameStart) != true || !name.allSatisfy(isVariableNameCharacter) {
                message = "may have letters, digits and '_' only, and starts with a letter or '_'"
            } else {
                continue
            }
            findings.reportKey(
                .invalidVariableName, at: assign.place(key), "The variable's name '\(name)' is not allowed: \(message)")
        }
    }

    /// What an expression may use: variables and `$states`, no input document (`$` and `$$` at top level).
    func checkReferences(of expression: JSONataExpression, at path: String, field: String) {}
}
