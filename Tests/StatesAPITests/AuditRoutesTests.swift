import JSONModel
import Testing

@Suite struct AuditRoutesTests {
    @Test func whatPeopleDoToExecutionsAndDefinitionsIsInTheLog() async throws {
        let api = try await APIHarness()
        let source: JSONValue = ["source": #"{"StartAt":"S","States":{"S":{"Type":"Succeed"}}}"#]
        _ = try await api.call(.put, "/api/v1/state-machines/greet", source)
        _ = try await api.call(.put, "/api/v1/state-machines/greet", source)
        _ = try await api.call(.post, "/api/v1/executions", ["stateMachine": "sleep", "name": "s"])
        _ = try await api.call(.post, "/api/v1/executions/s/stop", ["error": "Mistake"])
        _ = try await api.call(.post, "/api/v1/executions/s/stop", ["error": "Mistake"])

        let prefix = "arn:aws:states:us-east-1:000000000000:"
        for (subject, action) in [
            ("stateMachine:greet", "stateMachine.updated"), ("execution:sleep:s", "execution.stopped"),
        ] {
            let audit = try await api.call(.get, "/api/v1/audit?subject=\(prefix)\(subject)")
            let entries = (audit.json["entries"]?.arrayValue ?? []).filter { $0["action"] == .string(action) }
            #expect(entries.count == 1)
            #expect(entries.first?["actor"] == "operator:api")
        }
    }
}
