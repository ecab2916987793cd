import Engine
import StatesLanguage
import Testing

@Suite struct DefinitionKindTests {
    struct Case: Sendable, CustomStringConvertible {
        let path: String
        let text: String
        let kind: DefinitionKind
        var description: String { "\(path): \(text)" }

        init(_ path: String, _ text: String, _ kind: DefinitionKind) {
            self.path = path
            self.text = text
            self.kind = kind
        }
    }

    static let told: [Case] = [
        Case("a.yaml", "StartAt: A\nStates: {A: {Type: Succeed}}", .stateMachine),
        Case("a.yaml", "name: w\nstateMachine: m", .workflow),
        Case("a.json", #"{"stateMachine": "m", "name": "w"}"#, .workflow),
        Case("a.asl.yaml", "name: w\nstateMachine: m", .workflow),
        Case("workflows/a.yaml", "StartAt: A\nStates: {A: {Type: Succeed}}", .stateMachine),
        Case("workflows/a.test.yaml", "scenarios: []", .scenarios),
        // The text doesn't tell, the path does.
        Case("a.asl.yaml", "Comment: nothing yet", .stateMachine),
        Case("etc/workflows/a.yaml", "name: w", .workflow),
        Case("state-machines/a.yaml", "name: w", .stateMachine),
        Case("workflows/a.asl.json", "{}", .stateMachine),
        Case("workflows/a.yaml", "", .workflow),
        // Neither does: by likeness, and a state machine where there is none.
        Case("a.yaml", "name: w\non: {schedule: {expression: '@daily'}}", .workflow),
        Case("a.yaml", "name: w\nstatemachine: m", .workflow),
        Case("a.yaml", "StratAt: A\nState: {}\nname: w", .stateMachine),
        Case("a.yaml", "services: {}\nvolumes: {}", .stateMachine),
        Case("a.yaml", "- a\n- b", .stateMachine),
        Case("a.yaml", "", .stateMachine),
    ]

    static let faulty: [Case] = [
        Case("a.yaml", "name: w\nstateMachine: m\noverlap: skip\noverlap: allow_all", .workflow),
        Case("a.yaml", "name: w\r\nstateMachine: m\r\nname: x\r\n", .workflow),
        Case("a.yaml", "name: w\nstateMachine: m\non: {schedule: {expression: x", .workflow),
        Case("a.yaml", "\u{FEFF}\"stateMachine\": m\nname: [", .workflow),
        Case("a.yaml", "StartAt: A\nStartAt: B\nStates: {}\n", .stateMachine),
        Case("a.yaml", "input:\n  stateMachine: m\nStartAt: [", .stateMachine),
        Case("a.json", #"{"name": "a \"b: {", "stateMachine": "m",, "on": {"States": {}}}"#, .workflow),
        Case("a.json", #"{"Comment": "stateMachine:", "StartAt": "A", "StartAt": "A"}"#, .stateMachine),
        Case("a.yaml", "{name: w, stateMachine: m, on: {", .workflow),
        Case("a.yaml", "a: [", .stateMachine),
    ]

    @Test(arguments: told + faulty)
    func aFileIsJudgedByItsNames(_ one: Case) {
        let document = SourceDocument.read(one.text, file: one.path).0?.value

        #expect(DefinitionKind(path: one.path, text: one.text, document: document) == one.kind)
    }

    @Test func whatHasFaultsCanNotBeRead() {
        for one in Self.faulty { #expect(SourceDocument.read(one.text, file: one.path).0 == nil, "\(one)") }
    }
}
