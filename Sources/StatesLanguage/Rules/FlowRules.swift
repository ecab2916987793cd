/// Every transition leads to a state of the same scope, every state can be reached, and the scope can end.
enum FlowRules {
    /// How many unknown targets of a scope are compared with its names.
    private static let hints = 100

    static func check(_ scope: DefinitionOutline.Scope, findings: Findings) {
        let names = Set(scope.states.map(\.name))
        guard !names.isEmpty else { return }
        var references = scope.states.flatMap(\.targets)
        if let startAt = scope.startAt { references.append((startAt, pointer(scope.path, "StartAt"))) }
        let unknown = references.filter { !names.contains($0.name) }
        let candidates = unknown.isEmpty ? [] : names.sorted()
        for (number, reference) in unknown.enumerated() {
            let similar = number < hints ? closest(to: reference.name, among: candidates) : nil
            reportUnknown(reference.name, at: reference.path, similar: similar, findings: findings)
        }
        checkReachability(scope, names: names, findings: findings)
        guard !scope.states.contains(where: \.isTerminal) else { return }
        findings.reportKey(
            .noTerminalState, at: pointer(scope.path, "States"),
            "No state ends here: at least one needs 'End: true' or the type Succeed or Fail",
            hint: "an execution of these states could never end")
    }

    private static func reportUnknown(_ name: String, at path: String, similar: String?, findings: Findings) {
        let field = path.split(separator: "/").last ?? ""
        findings.report(
            .unknownTarget, at: path, "'\(field)' names the state '\(name)', which is not there",
            hint: similar.map { "did you mean '\($0)'?" } ?? "a transition leads to a state in the same 'States'")
    }

    private static func checkReachability(
        _ scope: DefinitionOutline.Scope, names: Set<String>, findings: Findings
    ) {
        guard let startAt = scope.startAt, names.contains(startAt) else { return }
        let states = Dictionary(scope.states.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var reached: Set<String> = [startAt]
        var waiting = [startAt]
        while let name = waiting.popLast() {
            for target in states[name]?.targets ?? [] where reached.insert(target.name).inserted {
                waiting.append(target.name)
            }
        }
        for state in scope.states where !reached.contains(state.name) {
            findings.reportKey(
                .unreachableState, at: state.path, "The state '\(state.name)' is not reachable",
                hint: "let a 'Next', 'Default' or 'Catch' lead to it, or remove it")
        }
    }
}
