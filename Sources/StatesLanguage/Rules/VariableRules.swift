import JSONModel
import JSONata

extension Fields {
    /// Names of variables (ASL, "Workflow Variables"): a letter, then letters, digits and `_`, at most 80, not `states`.
    func checkVariableNames(_ assign: Fields) {
        for key in assign.object.keys {
            let name = language == .jsonPath && key.hasSuffix(".$") ? String(key.dropLast(2)) : key
            let message: String
            if name == "states" {
                message = "'states' is reserved"
            } else if name.count > Path.maximumVariableNameLength {
                message = "it has more than \(Path.maximumVariableNameLength) characters"
            } else if name.first.map(isVariableNameStart) != true || !name.allSatisfy(isVariableNameCharacter) {
                message = "it may have letters, digits and '_' only, and starts with a letter"
            } else {
                continue
            }
            findings.reportKey(
                .invalidVariableName, at: assign.place(key), "The variable's name '\(name)' is not allowed: \(message)")
        }
    }

    /// An expression may only use the members of `$states` that exist where it stands (ASL, "$states").
    /// - Parameter start: characters of the field's text before the expression.
    func checkReferences(of expression: JSONataExpression, at path: String, start: Int) {
        guard expression.text.utf8.count >= "$states.result".utf8.count else { return }
        let missing = StatesReferences.found(in: expression.text)
            .compactMap { reference in reference.members.first.map { ($0, reference.offset) } }
            .filter { member, _ in ["result", "errorOutput"].contains(member) && !visible.contains(member) }
        // More of them would tell nothing new.
        for (member, offset) in missing.prefix(20) {
            let inCatcher = visible.contains("errorOutput")
            findings.report(
                inCatcher ? .resultOfFailure : .unavailableVariable, at: path,
                "'$states.\(member)' is not available here",
                hint: inCatcher
                    ? "a state that failed has '$states.errorOutput' and no result"
                    : "it is there in Output and Assign of "
                        + (member == "result" ? "a Task, Parallel or Map" : "a catcher"),
                character: start + offset)
        }
    }
}
