import StatesLanguage

/// What a scenario can name of its state machine. Names that are not there are reported.
struct MachineNames {
    private let states: [String: State]
    /// The resources that a state calls.
    private let resources: [String: [String]]

    init(_ machine: StateMachine) {
        states = machine.scope.allStates
        resources = states.mapValues(\.calledResources).filter { !$0.value.isEmpty }
    }

    func checkState(_ name: String, _ node: Node) {
        guard states[name] == nil else { return }
        node.report("There is no state '\(name)'", hint: hint(name, Array(states.keys)))
    }

    func checkCaller(_ name: String, _ node: Node) {
        if let fault = callerFault(name) { node.report(fault.message, hint: fault.hint) }
    }

    func checkResource(_ text: String, _ node: Node) {
        guard !isResource(text) else { return }
        node.report("No state has the resource '\(text)'", hint: hint(text, allResources))
    }

    /// A mock has the name of a state that calls something, or of a resource that one calls.
    func checkMock(_ mock: Node) {
        let name = mock.name
        if isResource(name) { return }
        if states[name] != nil {
            if let fault = callerFault(name) { mock.reportKey(fault.message, hint: fault.hint) }
        } else if name.contains(":") {
            mock.reportKey("No state has the resource '\(name)' to mock", hint: hint(name, allResources))
        } else {
            mock.reportKey("There is no state '\(name)' to mock", hint: hint(name, resources.keys + allResources))
        }
    }

    private func callerFault(_ name: String) -> (message: String, hint: String)? {
        guard resources[name] == nil else { return nil }
        let callers = Array(resources.keys)
        guard let state = states[name] else { return ("There is no state '\(name)'", hint(name, callers)) }
        return ("'\(name)' is a \(state.kind.type.rawValue) state that calls nothing", Self.list(callers))
    }

    private var allResources: [String] { Array(Set(resources.values.joined())) }
    private func isResource(_ text: String) -> Bool { resources.values.contains { $0.contains(text) } }

    private func hint(_ name: String, _ known: [String]) -> String {
        closest(to: name, among: known.sorted()).map { "did you mean '\($0)'?" } ?? Self.list(known)
    }

    private static func list(_ known: [String]) -> String {
        guard !known.isEmpty else { return "nothing in the state machine calls anything" }
        return "there are: \(known.sorted().prefix(10).joined(separator: ", "))\(known.count > 10 ? ", …" : "")"
    }
}

extension State {
    /// The resources of the calls that it makes itself.
    fileprivate var calledResources: [String] {
        switch kind {
        case .task(let task): [task.resource.text]
        case .map(let map): [map.itemReader?.resource, map.resultWriter?.resource].compactMap { $0 }
        default: []
        }
    }
}
