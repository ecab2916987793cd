import JSONModel
import StatesLanguage

extension ScenarioReader {
    private static let expectations = ["status", "output", "error", "cause", "path", "calls", "notices", "elapsed"]

    /// - Parameter scenario: where it is reported that nothing is expected.
    func expectation(_ node: Node?, of scenario: Node) -> Expectation? {
        let hint = "such as expect: {status: SUCCEEDED}"
        guard let node else {
            scenario.report("A scenario expects something", hint: hint)
            return nil
        }
        guard let fields = node.fields("'expect'", Self.expectations, hint: hint) else { return nil }
        if fields.members.isEmpty { node.report("A scenario expects something", hint: hint) }
        return Expectation(
            status: expected(fields["status"]) { $0.word(among: ["SUCCEEDED", "FAILED", "TIMED_OUT"]) },
            output: expected(fields["output"]) { $0.matcher() },
            error: expected(fields["error"]) { $0.textMatcher() },
            cause: expected(fields["cause"]) { $0.textMatcher() },
            path: expected(fields["path"], path),
            calls: expected(fields["calls"], calls),
            notices: expected(fields["notices"], notices),
            elapsed: expected(fields["elapsed"]) { $0.span() })
    }

    private func expected<Value>(_ node: Node?, _ read: (Node) -> Value?) -> Expectation.Expected<Value>? {
        guard let node, let value = read(node) else { return nil }
        return .init(value: value, position: node.keyPosition)
    }

    /// State names; `...` stands for any number of states.
    private func path(_ node: Node) -> [String?]? {
        node.list("a list of states")?.map { element in
            guard let name = element.text("a state's name, or ..."), name != "..." else { return nil }
            names.checkState(name, element)
            return name
        }
    }

    private func calls(_ node: Node) -> [CallPattern]? {
        node.filledList(
            "a list of calls", hint: "it names calls that have to be made; leave it out, or say it with 'path'"
        )?.compactMap(call)
    }

    private func call(_ node: Node) -> CallPattern? {
        guard let fields = node.fields("A call", ["state", "resource", "input"], hint: "such as {state: Charge}")
        else { return nil }
        if fields.members.isEmpty {
            node.report("A call names its 'state', 'resource' or 'input'", hint: "such as {state: Charge}")
        }
        let state = fields["state"]?.text("a state's name")
        if let state, let node = fields["state"] { names.checkCaller(state, node) }
        let resource = fields["resource"]?.text("a resource such as activity:NAME")
        if let resource, let node = fields["resource"] { names.checkResource(resource, node) }
        return CallPattern(state: state, resource: resource, input: fields["input"]?.matcher(isOpen: true))
    }

    private func notices(_ node: Node) -> [Matcher]? {
        node.list("a list of what each notice has, such as [{kind: spared}]")?
            .compactMap { $0.matcher(isOpen: true) }
    }
}
