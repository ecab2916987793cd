import Engine
import Enforcement
import HTTPTypes
import Hummingbird
import JSONModel

extension AdminAPI {
    func addStateMachineRoutes(to group: Routes) {
        group.get { _, _ in
            let machines = try await engine.read { try $0.stateMachines() }
            return JSONAnswer(["stateMachines": .array(machines.map { .object(rendering.stateMachine($0)) })])
        }
        group.get(":name") { _, context in try await describeStateMachine(context.parameter("name")) }
        group.put(":name") { request, context in try await applyStateMachine(context.parameter("name"), request) }
    }

    private func describeStateMachine(_ name: String) async throws -> JSONAnswer {
        guard let record = try await engine.read({ try $0.stateMachine(named: name) }) else {
            throw EngineError.noSuchStateMachine(name)
        }
        var object = rendering.stateMachine(record)
        object["source"] = .string(record.current.definition.source)
        object["definition"] = record.current.definition.json
        return JSONAnswer(.object(object))
    }

    private func applyStateMachine(_ name: String, _ request: Request) async throws -> JSONAnswer {
        let body = try await request.jsonObject(upTo: Self.bodyLimit, known: ["source", "file"])
        guard let source = try body.text("source") else {
            throw APIError.invalidRequest("source is missing", hint: "Give the definition's YAML or JSON as a text.")
        }
        _ = try await engine.applyStateMachine(
            name: name, source: source, file: try body.text("file"), by: "operator:\(request.actor)")
        return try await describeStateMachine(name)
    }
}
