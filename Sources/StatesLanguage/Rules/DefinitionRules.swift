import JSONModel

/// The rules that look at more than one field: flow, names, errors, time, resources, secrets.
///
/// They work on the document rather than on the model, so that other errors do not
/// keep them from finding theirs.
enum DefinitionRules {
    static func check(_ document: JSONValue, type: StateMachineType, findings: Findings) {
        let scopes = DefinitionOutline.scopes(of: document, type: type)
        let language: QueryLanguage = document["QueryLanguage"] == "JSONata" ? .jsonata : .jsonPath
        for scope in scopes {
            FlowRules.check(scope, findings: findings)
            for state in scope.states {
                ErrorHandlingRules.check(state, findings: findings)
                TimeoutRules.check(state, findings: findings)
                ResourceRules.check(state, machineType: scope.type, findings: findings)
                ArgumentRules.check(state, findings: findings)
                ContextRules.check(state, machineLanguage: language, findings: findings)
                HandlerRules.check(state, findings: findings)
                ChoiceRules.check(state, findings: findings)
                LiteralRules.check(state, machineLanguage: language, findings: findings)
            }
        }
        NameRules.check(scopes, findings: findings)
        VariableFlowRules.check(document, scopes, findings: findings)
        SecretRules.check(document, at: "", findings: findings)
    }
}

/// The scopes and states of a document, whatever else is wrong with it.
enum DefinitionOutline {
    struct Scope {
        /// JSON pointer of the object that holds `StartAt` and `States`.
        let path: String
        let startAt: String?
        /// How its executions run: those of a distributed Map may be EXPRESS in a STANDARD machine.
        let type: StateMachineType
        let states: [StateOutline]
    }

    struct StateOutline {
        let name: String
        let path: String
        let object: JSONObject

        var type: StateType? { object["Type"]?.stringValue.flatMap(StateType.init(rawValue:)) }

        /// The states that this one may lead to, with the pointer of the field that says so.
        var targets: [(name: String, path: String)] {
            var targets: [(String, String)] = []
            for field in ["Next", "Default"] {
                if let name = object[field]?.stringValue { targets.append((name, pointer(path, field))) }
            }
            for field in ["Choices", "Catch"] {
                for (index, entry) in (object[field]?.arrayValue ?? []).enumerated() {
                    guard let name = entry["Next"]?.stringValue else { continue }
                    targets.append((name, pointer(pointer(path, field), index) + "/Next"))
                }
            }
            return targets
        }

        var isTerminal: Bool { object["End"]?.boolValue == true || type == .succeed || type == .fail }
    }

    /// Outer scopes come before the scopes inside them.
    static func scopes(of document: JSONValue, type: StateMachineType = .standard) -> [Scope] {
        var scopes: [Scope] = []
        var waiting = [(document, "", type)]
        var next = 0
        while next < waiting.count {
            let (value, path, type) = waiting[next]
            next += 1
            guard let states = value["States"]?.objectValue else { continue }
            let outlines = states.compactMap { name, value in
                value.objectValue.map {
                    StateOutline(name: name, path: pointer(pointer(path, "States"), name), object: $0)
                }
            }
            scopes.append(Scope(path: path, startAt: value["StartAt"]?.stringValue, type: type, states: outlines))
            for state in outlines { waiting += inner(state, type: type) }
        }
        return scopes
    }

    private static func inner(
        _ state: StateOutline, type: StateMachineType
    ) -> [(JSONValue, String, StateMachineType)] {
        let branches = state.type == .parallel ? state.object["Branches"]?.arrayValue ?? [] : []
        var inner = branches.enumerated().map {
            ($1, pointer(pointer(state.path, "Branches"), $0), type)
        }
        for field in ["ItemProcessor", "Iterator"] where state.type == .map {
            guard let processor = state.object[field] else { continue }
            let config = processor["ProcessorConfig"]
            let own = config?["ExecutionType"]?.stringValue.flatMap(StateMachineType.init(rawValue:))
            let type = config?["Mode"] == "DISTRIBUTED" ? own ?? type : type
            inner.append((processor, pointer(state.path, field), type))
        }
        return inner
    }
}
