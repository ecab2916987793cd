import Engine
import Interpreter
import JSONModel
import StatesLanguage
import WallTime

/// `TestState`: one state tried out, with a mock in place of what it calls, or for real.
extension WireAPI {
    func testOperation(_ name: String) -> Operation? { name == "TestState" ? testState : nil }

    private func testState(_ parameters: WireParameters) async throws -> JSONObject {
        let request = try StateTestRequest(parameters)
        let (machine, name) = (engine.core.randomName(), engine.core.randomName())
        let now = clock.now()
        let identity = ExecutionIdentity(
            executionARN: arn("express", "\(machine):\(name)"), executionName: name,
            stateMachineARN: machineARN(machine), stateMachineName: machine,
            roleARN: request.role ?? options.roleARN, startedAt: now, taskToken: { _ in "" })
        let test = StateTest(
            request.state, setting: request.setting, identity: identity, now: now,
            seed: UInt64.random(in: .min ... .max))
        let report = try await run(test, request, now)
        return request.answer(report)
    }

    private func run(_ test: StateTest, _ request: StateTestRequest, _ now: Instant) async throws -> StateTest.Report {
        if let result = request.mocked { return test.run(result: result) }
        guard case .task(let task) = request.state.kind else { return test.run(result: nil) }
        let input: JSONValue
        switch test.arguments() {
        case .success(let arguments): input = arguments
        case .failure(let failed): return failed.report
        }
        guard task.resource.pattern == .requestResponse,
            let handler = engine.core.resources.first(where: { $0.handles(task.resource) })
        else {
            throw WireError.validation(
                "TestState cannot call the resource '\(task.resource.text)'; specify a mock for it")
        }
        let context = TaskContext(
            execution: ExecutionID(rawValue: 0), executionARN: "", executionName: "TestState", stateMachine: "",
            state: request.state.name, resource: task.resource.text, retryCount: 0,
            idempotencyKey: "test-\(engine.core.randomName())", now: now, deadline: nil, heartbeat: {})
        do throws(TaskFailure) {
            return test.run(result: .success(try await handler.perform(task.resource, context, input)))
        } catch {
            return test.run(result: .failure(error))
        }
    }
}
