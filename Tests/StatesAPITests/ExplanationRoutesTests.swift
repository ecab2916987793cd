import Engine
import Interpreter
import JSONModel
import TestKit
import Testing
import WallTime

@testable import StatesAPI

/// Which command is named, and references to iterations of a distributed Map.
@Suite struct ExplanationRoutesTests {
    private static let map = """
        StartAt: M
        States:
          M:
            Type: Map
            ItemsPath: $.items
            ToleratedFailurePercentage: 100
            ItemProcessor:
              ProcessorConfig: {Mode: DISTRIBUTED, ExecutionType: STANDARD}
              StartAt: C
              States:
                C: {Type: Choice, Choices: [{Variable: $, NumericEquals: 2, Next: X}], Default: Y}
                X: {Type: Fail, Error: Bad, Cause: no}
                Y: {Type: Pass, End: true}
            End: true
        """

    /// A state machine of one state, started with `{"n": 2}` until it has ended.
    private static func suggestion(_ state: String, input: JSONValue = ["n": 2]) async throws -> JSONValue? {
        let api = try await APIHarness()
        _ = try await api.engine.applyStateMachine(name: "m", source: "StartAt: S\nStates: {S: \(state)}")
        let started = try await api.engine.startExecution(stateMachine: "m", name: "x", input: input)
        if started.status == .running { _ = try await api.engine.stopExecution(started.id) }
        return try await api.call(.get, "/api/v1/executions/m:x/explanation").json["suggestion"]
    }

    @Test(arguments: [
        ("{Type: Fail, Error: E}", #"workflowctl run start m --input '{"n":2}'"#),
        ("{Type: Wait, Seconds: 60, End: true}", "workflowctl run redrive m:x"),
    ])
    func aRedriveIsNamedOnlyWhereItHelps(_ state: String, _ command: String) async throws {
        #expect(try await Self.suggestion(state) == .string(command))
    }

    @Test func anInputIsQuotedForTheShellAndLeftOutWhenLong() async throws {
        let fail = "{Type: Fail, Error: E}"
        #expect(
            try await Self.suggestion(fail, input: "it's")
                == .string(#"workflowctl run start m --input '"it'\''s"'"#))
        #expect(
            try await Self.suggestion(fail, input: .string(String(repeating: "x", count: 300)))
                == "workflowctl run start m --input FILE")
    }

    @Test func whatADeadLetterRedrivesNeedsNoCommand() async throws {
        let api = try await APIHarness()
        _ = try await api.engine.applyStateMachine(
            name: "m",
            source: "StartAt: T\nStates: {T: {Type: Task, Resource: 'activity:nobody', TimeoutSeconds: 1, End: true}}")
        try await api.engine.applyWorkflows([
            Workflow(name: "w", stateMachine: "m", deadLetter: DeadLetterPolicy(policy: .redrive, attempts: 3))
        ])
        let started = try await api.engine.startWorkflow("w", name: "x", input: [:])
        api.clock.advance(by: .seconds(1))
        _ = try await api.engine.tick(at: api.clock.now)
        try await eventually { try await api.engine.execution(started.id).status == .failed }

        let why = try await api.call(.get, "/api/v1/executions/m:x/explanation").json
        #expect(why["suggestion"] == .null)
        #expect(why["nextDue"]?.stringValue != nil)
        #expect(why["details"]?.arrayValue?.last?.stringValue?.contains("redrives it by itself") == true)
    }

    @Test func theExecutionThatIsWaitedForIsNamedAndWhyItWasStopped() async throws {
        let (engine, _) = try await InnerStartTests.engine()
        _ = try await engine.applyStateMachine(
            name: "child", source: "StartAt: W\nStates: {W: {Type: Wait, Seconds: 86400, End: true}}")
        _ = try await engine.applyStateMachine(
            name: "parent",
            source: """
                StartAt: A
                States:
                  A:
                    Type: Task
                    Resource: arn:aws:states:::states:startExecution.sync:2
                    Parameters: {StateMachineArn: '\(InnerStartTests.child)', Name: c}
                    End: true
                """)
        let parent = try await engine.startExecution(stateMachine: "parent", name: "p", input: [:])
        try await eventually("the parent waits for its child") { try await engine.execution(parent.id).isParked }
        let explanation = try await engine.explain(parent.id)
        #expect(explanation.lines.first?.contains("for the end of the execution child:c") == true)
        let record = try await engine.execution(parent.id)
        let rendered = Rendering(options: engine.options).explanation(explanation, of: record)
        #expect(rendered["suggestion"] == "workflowctl run why child:c")

        _ = try await engine.stopExecution(parent.id)
        let child = try await engine.execution(named: "c", of: "child")
        try await eventually("the child is stopped") { try await engine.execution(child.id).status == .aborted }
        let line = try #require(try await engine.explain(child.id).lines.first)
        #expect(line.hasSuffix("Z: The execution parent:p that waited for it was stopped."), "\(line)")
    }

    @Test func anIterationIsFoundByItsARN() async throws {
        let api = try await APIHarness()
        _ = try await api.engine.applyStateMachine(name: "m", source: Self.map)
        let started = try await api.engine.startExecution(stateMachine: "m", name: "x", input: ["items": [1, 2]])
        let run = try #require(try await api.engine.read { try $0.mapRuns(of: started.id).first?.arn })
        func path(_ index: Int) -> String {
            "/api/v1/executions/" + MapRun(arn: run).childARN(index).replacing("/", with: "%2F")
        }

        let shown = try await api.call(.get, path(1)).json
        #expect(shown["status"] == "FAILED")
        #expect(shown["error"] == "Bad")
        #expect(shown["input"] == 2)
        #expect(shown["parent"] == "m:x")
        let history = try await api.call(.get, path(0) + "/history").json
        #expect(
            history["events"]?.arrayValue?.compactMap { $0["type"]?.stringValue } == [
                "ExecutionStarted", "ChoiceStateEntered", "ChoiceStateExited", "PassStateEntered", "PassStateExited",
                "ExecutionSucceeded",
            ])
        let why = try await api.call(.get, path(1) + "/explanation").json
        #expect(why["summary"]?.stringValue?.hasPrefix("The iteration failed in the state 'X' at ") == true)
        #expect(why["summary"]?.stringValue?.hasSuffix(": Bad: no.") == true)
        #expect(why["suggestion"] == "workflowctl run why m:x")
        for action in ["stop", "redrive"] {
            let refused = try await api.call(.post, path(1) + "/" + action)
            #expect(refused.status == 400)
            #expect(refused.json["error"]?["hint"]?.stringValue?.contains("m:x") == true)
        }
        #expect(try await api.call(.get, path(2)).status == 404)
    }
}
