import Engine
import JSONModel
import Logging
import TestKit
import Testing
import WallTime

@testable import StatesAPI

@Suite struct WireAuditTests {
    /// A call of the API, and what the audit log says of it.
    private struct Change: Sendable {
        let operation: String
        let parameters: JSONObject
        let action: String
        let subject: String

        init(_ operation: String, _ parameters: JSONObject, _ action: String, _ subject: String) {
            self.operation = operation
            self.parameters = parameters
            self.action = action
            self.subject = subject
        }
    }

    private static let machine = "arn:aws:states:us-east-1:000000000000:stateMachine:m"
    private static let version = "\(machine):1"
    private static let alias = "\(machine):live"
    private static let activity = "arn:aws:states:us-east-1:000000000000:activity:a"

    private static func definition(_ result: String) -> JSONValue {
        .string(#"{"StartAt":"P","States":{"P":{"Type":"Pass","Result":"\#(result)","End":true}}}"#)
    }

    /// To be made in this order.
    private static let changes: [Change] = {
        let made: JSONObject = [
            "name": "m", "definition": definition("one"), "roleArn": "arn:aws:iam::000000000000:role/r",
        ]
        let ofMachine: JSONObject = ["stateMachineArn": .string(machine)]
        let updated: JSONObject = ["stateMachineArn": .string(machine), "definition": definition("two")]
        let routes: JSONValue = [["stateMachineVersionArn": .string(version), "weight": 100]]
        let ofAlias: JSONObject = ["stateMachineAliasArn": .string(alias)]
        let described: JSONObject = ["stateMachineAliasArn": .string(alias), "description": "in use"]
        let tagged: JSONObject = ["resourceArn": .string(machine), "tags": [["key": "k", "value": "v"]]]
        let untagged: JSONObject = ["resourceArn": .string(machine), "tagKeys": ["k"]]
        return [
            Change("CreateStateMachine", made, "stateMachine.created", machine),
            Change("UpdateStateMachine", updated, "stateMachine.updated", machine),
            Change("PublishStateMachineVersion", ofMachine, "version.published", version),
            Change(
                "CreateStateMachineAlias", ["name": "live", "routingConfiguration": routes], "alias.created", alias),
            Change("UpdateStateMachineAlias", described, "alias.updated", alias),
            Change("TagResource", tagged, "resource.tagged", machine),
            Change("UntagResource", untagged, "resource.untagged", machine),
            Change("DeleteStateMachineAlias", ofAlias, "alias.deleted", alias),
            Change(
                "DeleteStateMachineVersion", ["stateMachineVersionArn": .string(version)], "version.deleted", version),
            Change("DeleteStateMachine", ofMachine, "stateMachine.deleted", machine),
            Change("CreateActivity", ["name": "a"], "activity.created", activity),
            Change("DeleteActivity", ["activityArn": .string(activity)], "activity.deleted", activity),
        ]
    }()

    private static func api() -> WireAPI<MemoryStore> {
        let clock = VirtualClock().wallClock
        let engine = Engine(
            store: MemoryStore(), clock: clock, seed: 7,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        return WireAPI(engine: engine, clock: clock)
    }

    @Test func whatIsChangedIsWrittenDownOnceWithItsActor() async throws {
        let (api, actor) = (Self.api(), "workflow:caller/one")
        for change in Self.changes {
            let before = try await api.engine.read { try $0.auditEntries(subject: nil, limit: 100).count }
            // Asked again, nothing changes.
            for _ in 0..<2 { _ = try await api.call(change.operation, change.parameters, by: actor) }
            let after = try await api.engine.read { try $0.auditEntries(subject: nil, limit: 100) }
            #expect(after.count == before + 1, "\(change.operation)")
            #expect(after.first?.action == change.action)
            #expect(after.first?.subject == change.subject)
            #expect(after.first?.actor == actor)
        }
    }

    @Test func theCallerIsTheActor() {
        let api = Self.api()
        #expect(api.asker(WireParameters([:])) == "operator:api")
        Caller.$current.withValue(Caller(name: "eve", role: .operator)) {
            #expect(api.asker(WireParameters([:])) == "operator:eve")
            #expect(api.asker(WireParameters([:], by: "workflow:m/x")) == "workflow:m/x")
        }
    }
}
