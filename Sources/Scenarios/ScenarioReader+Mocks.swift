import JSONModel
import StatesLanguage

extension ScenarioReader {
    /// Answers by the name of a state, or the text of a resource.
    func mocks(_ node: Node) -> [String: [MockAnswer]] {
        let members = node.members("a mapping of answers by state or resource", hint: "such as {Charge: {return: {}}}")
        return (members ?? []).reduce(into: [:]) { mocks, mock in
            names.checkMock(mock)
            mocks[mock.name] = answers(mock)
        }
    }

    private func answers(_ mock: Node) -> [MockAnswer] {
        guard case .list(let nodes) = mock.content else { return [answer(mock)].compactMap { $0 } }
        if nodes.isEmpty { mock.report("\(mock.label) has no answer", hint: "such as [{return: {}}]") }
        return nodes.compactMap(answer)
    }

    private func answer(_ node: Node) -> MockAnswer? {
        let example = "such as {return: …}, {fail: {error: …}} or {timeout: true}"
        let known = ["return", "fail", "timeout", "when", "times", "after"]
        guard let fields = node.fields("An answer", known, hint: example) else { return nil }
        let outcome = outcome(fields, node, hint: example)
        let times = fields["times"].map { $0.count() } ?? 1
        let after = fields["after"].map { $0.span() } ?? .zero
        let condition = fields["when"].map { $0.matcher(isOpen: true) }
        if let node = fields["after"], case .silence = outcome {
            node.reportKey("'after' says when an answer comes, and 'timeout' that none does", hint: "keep one of them")
        }
        guard let outcome, let times, let after else { return nil }
        return MockAnswer(condition: condition ?? nil, times: times, after: after, outcome: outcome)
    }

    private func outcome(_ fields: Fields, _ node: Node, hint: String) -> MockAnswer.Outcome? {
        let given = ["return", "fail", "timeout"].compactMap { fields[$0] }
        guard given.count == 1, let node = given.first else {
            node.report("An answer has exactly one of 'return', 'fail' and 'timeout'", hint: hint)
            return nil
        }
        switch node.name {
        case "return": return result(node)
        case "fail": return failure(node)
        default:
            let hint = "leave it out, and say with 'return' or 'fail' what the answer is"
            return node.isTrue(hint: hint) ? .silence : nil
        }
    }

    private func result(_ node: Node) -> MockAnswer.Outcome? {
        let hint = "texts in {% … %} are JSONata"
        do throws(MockTemplate.Fault) { return .returns(try MockTemplate(node.value)) } catch {
            for fault in error.diagnostics {
                node.descendant(fault.pointer).report(fault.message, hint: fault.hint ?? hint)
            }
            return nil
        }
    }

    /// `{error, cause}`, or the error alone.
    private func failure(_ node: Node) -> MockAnswer.Outcome? {
        guard case .mapping = node.content else {
            return node.text("an error's name, or {error: …, cause: …}").map { .fails(error: $0, cause: "") }
        }
        guard let fields = node.fields("'fail'", ["error", "cause"], hint: "such as {error: Declined}")
        else { return nil }
        if fields["error"] == nil { node.report("'fail' has an 'error'", hint: "such as {error: Declined}") }
        let cause = fields["cause"].map { $0.text() } ?? ""
        guard let error = fields["error"]?.text(), let cause else { return nil }
        return .fails(error: error, cause: cause)
    }
}
