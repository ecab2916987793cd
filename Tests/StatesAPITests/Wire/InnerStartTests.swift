import Engine
import JSONModel
import Logging
import TestKit
import Testing
import WallTime

@testable import StatesAPI

@Suite struct InnerStartTests {
    /// What is left of the disk is kept for executions under way; these are some.
    @Test(arguments: ["states:startExecution", "states:startExecution.sync:2", "aws-sdk:sfn:startExecution"])
    func whatAnExecutionStartsIsTakenWhileSpaceIsLow(_ resource: String) async throws {
        let clock = VirtualClock().wallClock
        let integration = StatesIntegration<MemoryStore>()
        let engine = Engine(
            store: MemoryStore(), clock: clock, resources: [integration], seed: 7,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        integration.connect(WireAPI(engine: engine, clock: clock))
        _ = try await engine.applyStateMachine(
            name: "child", source: "StartAt: A\nStates: {A: {Type: Pass, End: true}}")
        _ = try await engine.applyStateMachine(
            name: "parent",
            source: """
                StartAt: A
                States:
                  A:
                    Type: Task
                    Resource: arn:aws:states:::\(resource)
                    Parameters: {StateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:child'}
                    End: true
                """)

        engine.refuseStarts(because: "3 MiB are free")
        let parent = try await engine.transact { work in
            try work.startExecution(stateMachine: "parent", name: "p", input: [:])
        }

        try await eventually("the parent ends") { try await engine.execution(parent.id).status != .running }
        #expect(try await engine.execution(parent.id).status == .succeeded)
        #expect(try await engine.executions(ExecutionQuery(stateMachine: "child")).executions.count == 1)
    }
}
