import JSONModel
import StatesLanguage

/// The state that a test is about: given by itself, or by its name in a whole state machine.
enum TestedDefinition {
    /// What AWS calls a state that was given by itself.
    private static let standardName = "StateName"

    /// - Throws: `InvalidDefinition`, or `ValidationException` when there is no state of that name.
    static func state(_ text: String, named name: String?) throws(WireError) -> State {
        let (document, diagnostics) = SourceDocument.read(text, file: nil)
        guard let document else { throw .invalidDefinition(diagnostics) }
        guard let object = document.value.objectValue else {
            throw .invalidDefinition(StateMachineReader.read(document: document).diagnostics)
        }
        if object.contains("States") {
            guard let name else {
                throw .validation("StateName must be specified when the definition is a state machine")
            }
            let machine = try read(document.value)
            guard let state = machine.scope.state(named: name) else {
                throw .validation("State '\(name)' not found in definition")
            }
            return state
        }
        let own = name ?? standardName
        let machine = try read(wrapped(object, as: own))
        guard let state = machine.scope.states[own] else { throw .validation("State not found in definition") }
        return state
    }

    private static func read(_ document: JSONValue) throws(WireError) -> StateMachine {
        let reading = StateMachineReader.read(json: document)
        guard let machine = reading.machine else { throw .invalidDefinition(reading.diagnostics) }
        return machine
    }

    /// A machine of the state, with something behind every way out of it.
    private static func wrapped(_ state: JSONObject, as name: String) -> JSONValue {
        var states: JSONObject = [name: .object(state)]
        var targets = [state["Next"], state["Default"]]
        targets += (state["Choices"]?.arrayValue ?? []).map { $0["Next"] }
        targets += (state["Catch"]?.arrayValue ?? []).map { $0["Next"] }
        for target in targets.compactMap({ $0?.stringValue }) where !states.contains(target) {
            states[target] = ["Type": "Succeed"]
        }
        return ["StartAt": .string(name), "States": .object(states)]
    }
}

extension StateScope {
    /// A state by its name, here or further in.
    func state(named name: String) -> State? {
        if let state = states[name] { return state }
        for outer in order.compactMap({ states[$0] }) {
            let inner: [StateScope] =
                switch outer.kind {
                case .map(let map): [map.processor]
                case .parallel(let branches): branches
                case .pass, .task, .choice, .wait, .succeed, .fail: []
                }
            for scope in inner { if let state = scope.state(named: name) { return state } }
        }
        return nil
    }
}
