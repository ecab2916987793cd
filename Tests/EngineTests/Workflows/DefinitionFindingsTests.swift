import Engine
import StatesLanguage
import Testing

@Suite struct DefinitionFindingsTests {
    private typealias Entry = DefinitionFindings.Entry

    @Test(
        arguments: [
            ("suspension.asl.yaml", "suspension", true), ("/x/y/a.b.asl.json", "a.b", true), ("a.yml", "a", true),
            ("a.test.yaml", "a.test", false), ("m/.hidden.yaml", ".hidden", false), ("notes.txt", "notes", false),
            ("plain", "plain", false),
        ])
    func aFileIsNamedLikeItsStateMachine(_ path: String, _ name: String, _ isLoaded: Bool) {
        #expect(DefinitionPath(path).stateMachineName == name)
        #expect(DefinitionPath(path).isLoaded == isLoaded)
    }

    @Test func aNameThatIsNoneIsAFinding() throws {
        let found = try #require(DefinitionFindings.misnamed(Entry(name: "my machine", file: "my machine.asl.yaml")))

        #expect(found.code == "F113")
        #expect(found.position == SourcePosition(line: 1, column: 1))
        #expect(found.message.contains("'my machine'") && found.hint == "Rename the file.")
        #expect(DefinitionFindings.misnamed(Entry(name: "my-machine.2", file: "my-machine.2.yaml")) == nil)
    }

    @Test func ofStateMachinesTheFirstFileIsInForce() {
        let found = DefinitionFindings.doubled(stateMachines: [
            Entry(name: "a", file: "a.asl.yaml"), Entry(name: "b", file: "b.asl.yaml"), Entry(name: "a", file: "a.yml"),
        ])

        #expect(found.map(\.code) == ["F114"])
        #expect(found.map(\.file) == ["a.yml"])
        #expect(found[0].message.contains("a.asl.yaml"))
    }

    @Test func ofWorkflowsTheFileThatIsCalledLikeItIsInForce() {
        let place = SourcePosition(line: 2, column: 7)
        let found = DefinitionFindings.doubled(workflows: [
            Entry(name: "w", file: "f/copy.yaml", position: place), Entry(name: "w", file: "f/w.yaml"),
            Entry(name: "x", file: "f/x1.yaml"), Entry(name: "x", file: "f/x2.yaml"),
            Entry(name: "y", file: "f/y.yaml"),
        ])

        #expect(found.map(\.file) == ["f/copy.yaml", "f/x2.yaml"])
        #expect(found.first?.position == place)
    }

    @Test func anUnknownStateMachineIsFoundWithItsLikeness() {
        let workflow = Workflow(name: "w", stateMachine: "suspensoin")
        let near = DefinitionFindings.unbound(workflow, file: "w.yaml", known: ["restoration", "suspension"])
        let none = DefinitionFindings.unbound(workflow, file: "w.yaml", known: ["other"])

        #expect(near.code == "F111" && near.pointer == "/stateMachine")
        #expect(near.hint == "Did you mean 'suspension'?")
        #expect(none.hint?.contains("Add suspensoin.asl.yaml") == true)
    }
}
