import JSONModel

/// Reads `StartAt` and `States`: of the machine, of a Parallel's branch, of a Map's processor.
struct ScopeReader {
    let fields: Fields
    let machineLanguage: QueryLanguage

    func scope() -> StateScope {
        requireBoth()
        let startAt = fields.string("StartAt") ?? ""
        guard let states = fields.nested("States") else { return StateScope(startAt: startAt, states: []) }
        if states.object.isEmpty {
            fields.report(.emptyScope, "States", "'States' must hold at least one state")
        }
        return StateScope(startAt: startAt, states: states.object.compactMap { state($0, $1, in: states) })
    }

    /// AWS names all missing fields in one message.
    private func requireBoth() {
        let missing = ["States", "StartAt"].filter { !fields.has($0) }
        guard !missing.isEmpty else { return }
        fields.findings.report(
            .missingField, at: fields.path, "These fields are required: [\(missing.joined(separator: ", "))]")
    }

    private func state(_ name: String, _ value: JSONValue, in states: Fields) -> State? {
        guard let object = value.objectValue else {
            states.wrongType(name, expected: "an object")
            return nil
        }
        let plain = Fields(object, at: states.place(name), language: machineLanguage, findings: fields.findings)
        let language = stateLanguage(plain)
        let fields = Fields(object, at: plain.path, language: language, findings: fields.findings)
        guard fields.has("Type") else {
            fields.missing("Type", hint: "one of: \(StateType.allCases.map(\.rawValue).joined(separator: ", "))")
            return nil
        }
        guard let type = fields.word("Type", among: StateType.allCases) else { return nil }
        return StateReader(name: name, type: type, fields: fields, machineLanguage: machineLanguage).state()
    }

    /// A state may switch from JSONPath to JSONata, not back (ASL, "QueryLanguage").
    private func stateLanguage(_ fields: Fields) -> QueryLanguage {
        guard let own = fields.word("QueryLanguage", among: [QueryLanguage.jsonPath, .jsonata]) else {
            return machineLanguage
        }
        if own == .jsonPath, machineLanguage == .jsonata {
            fields.report(
                .languageDowngrade, "QueryLanguage",
                "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
                hint: "set JSONata in the states that use it, not in the state machine")
        }
        return own
    }
}
