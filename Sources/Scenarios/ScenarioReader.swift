import JSONModel
package import StatesLanguage
import WallTime

/// Reads a scenario file (`docs/testing.md`). What is wrong is told with its place, all at once.
package struct ScenarioReader {
    let names: MachineNames

    private static let exampleFile = "such as scenarios: [{name: …, expect: {…}}]"

    /// The state machine's file that the scenario file names; nil for the one of the same name.
    /// - Returns: no name when there is a diagnostic.
    package static func machineFile(in document: SourceDocument) -> (String?, [Diagnostic]) {
        let findings = ScenarioFindings(document)
        let members = Node.root(findings).members(hint: exampleFile) ?? []
        let name = members.first { $0.name == "stateMachine" }?.text("the name of a file")
        return (name, findings.sorted)
    }

    /// The finding that there is no such state machine.
    /// - Parameter reason: why the file can't be read.
    package static func unreadableMachine(_ reason: String, in document: SourceDocument) -> Diagnostic {
        let pointer = document.value["stateMachine"] == nil ? "" : "/stateMachine"
        return Diagnostic(
            code: "T101", severity: .error, message: "the state machine \(reason)",
            hint: "'stateMachine' names it, relative to the scenario file; without it, it is NAME.asl.yaml for "
                + "NAME.test.yaml", pointer: pointer, file: document.file,
            position: document.position(of: pointer) ?? SourcePosition(line: 1, column: 1))
    }

    /// - Returns: no suite when there is a diagnostic.
    package static func read(
        _ document: SourceDocument, machine: StateMachine, machineName: String
    ) -> (ScenarioSuite?, [Diagnostic]) {
        let findings = ScenarioFindings(document)
        let scenarios = ScenarioReader(names: MachineNames(machine)).scenarios(Node.root(findings))
        guard findings.isEmpty else { return (nil, findings.sorted) }
        let suite = ScenarioSuite(
            file: document.file ?? "", machineName: machineName, machine: machine, scenarios: scenarios)
        return (suite, [])
    }

    // MARK: Scenarios

    /// What holds for every scenario that says nothing else.
    private struct Defaults {
        var input: JSONValue = [:]
        var start = Instant(milliseconds: 1_767_225_600_000)
        var mocks: [String: [MockAnswer]] = [:]
    }

    private func scenarios(_ root: Node) -> [Scenario] {
        let (known, example) = (["stateMachine", "defaults", "scenarios"], Self.exampleFile)
        guard let fields = root.fields("A scenario file", known, hint: example) else { return [] }
        let defaults = fields["defaults"].map(defaults) ?? Defaults()
        guard let list = fields["scenarios"] else {
            root.report("A scenario file has 'scenarios'", hint: example)
            return []
        }
        let scenarios = list.filledList("a list of at least one scenario", hint: example) ?? []
        return scenarios.flatMap { node in variants(of: node).compactMap { scenario($0, defaults) } }
    }

    private func defaults(_ node: Node) -> Defaults {
        var defaults = Defaults()
        guard let fields = node.fields("'defaults'", ["input", "at", "mocks"], hint: "such as {input: {}}")
        else { return defaults }
        node.checkPlaceHolders { _ in "only scenarios are filled in, by their 'foreach'" }
        if let input = fields["input"] { defaults.input = input.value }
        if let start = fields["at"]?.instant() { defaults.start = start }
        if let mocks = fields["mocks"] { defaults.mocks = self.mocks(mocks) }
        return defaults
    }

    /// `foreach`: the scenario once for each of its mappings, with `${name}` filled in everywhere.
    private func variants(of node: Node) -> [Node] {
        guard let members = node.members(hint: "such as {name: …, expect: {status: SUCCEEDED}}") else { return [] }
        guard let foreach = members.first(where: { $0.name == "foreach" }) else { return [node] }
        let sets = foreach.filledList("a list of mappings", hint: "such as foreach: [{error: A}, {error: B}]") ?? []
        return sets.compactMap { set in
            guard set.members(hint: "such as {error: A}, for '${error}'") != nil else { return nil }
            return node.filled(with: Filling(values: set.value.objectValue ?? [:]))
        }
    }

    private static let fields = ["name", "input", "at", "mocks", "redrives", "expect", "foreach"]

    private func scenario(_ node: Node, _ defaults: Defaults) -> Scenario? {
        guard let fields = node.fields("A scenario", Self.fields, hint: "such as {name: …}") else { return nil }
        for member in fields.members where member.name != "foreach" {
            member.checkPlaceHolders { "'foreach' fills it in; for the text itself: foreach: [{\($0): '${\($0)}'}]" }
        }
        if fields["name"] == nil { node.report("A scenario has a 'name'", hint: "the report shows it") }
        let name = fields["name"]?.text()
        var mocks = defaults.mocks
        if let own = fields["mocks"] { mocks.merge(self.mocks(own)) { $1 } }
        let start = fields["at"].map { $0.instant() } ?? defaults.start
        let redrives = fields["redrives"].map { $0.count() } ?? 0
        let expectation = expectation(fields["expect"], of: node)
        guard let name, let start, let redrives, let expectation else { return nil }
        return Scenario(
            name: name, position: node.position, input: fields["input"]?.value ?? defaults.input, start: start,
            mocks: mocks, redrives: redrives, expectation: expectation)
    }
}

extension State {
    var innerScopes: [StateScope] {
        switch kind {
        case .parallel(let branches): branches
        case .map(let map): [map.processor]
        default: []
        }
    }
}
