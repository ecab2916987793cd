import Engine
import JSONModel
import Logging
import TestKit
import Testing

@testable import StatesAPI

/// State machines that come from files: the API changes them once their file is gone.
@Suite struct FileMachineTests {
    private static let arn: JSONValue = "arn:aws:states:us-east-1:000000000000:stateMachine:m"

    private static func definition(_ result: String) -> String {
        #"{"StartAt":"P","States":{"P":{"Type":"Pass","Result":"\#(result)","End":true}}}"#
    }

    /// - Parameter file: the file in the daemon's folder.
    private static func api(file: LockedBox<String?>) async throws -> WireAPI<MemoryStore> {
        let clock = VirtualClock().wallClock
        let engine = Engine(
            store: MemoryStore(), clock: clock, seed: 7,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        _ = try await engine.applyStateMachine(
            name: "m", source: definition("one"), file: "/somewhere/m.asl.yaml")
        return WireAPI(engine: engine, clock: clock, fileOfMachine: { _ in file.withLock { $0 } })
    }

    @Test func onlyAFileThatIsThereHoldsItsMachine() async throws {
        let file = LockedBox<String?>("state-machines/m.asl.yaml")
        let api = try await Self.api(file: file)
        let update: JSONObject = ["stateMachineArn": Self.arn, "definition": .string(Self.definition("two"))]
        let conflict = WireError.conflict(
            "State machine 'm' belongs to the file state-machines/m.asl.yaml; change the file instead")
        await #expect(throws: conflict) { try await api.call("UpdateStateMachine", update, by: "eve") }
        await #expect(throws: conflict) {
            try await api.call("DeleteStateMachine", ["stateMachineArn": Self.arn], by: "eve")
        }

        file.withLock { $0 = nil }
        _ = try await api.call("DeleteStateMachine", ["stateMachineArn": Self.arn], by: "eve")
        #expect(try await api.engine.read { try $0.stateMachines() }.isEmpty)
    }

    @Test func whatWasAppliedFromElsewhereIsChanged() async throws {
        let api = try await Self.api(file: LockedBox(nil))
        let update: JSONObject = ["stateMachineArn": Self.arn, "definition": .string(Self.definition("two"))]
        _ = try await api.call("UpdateStateMachine", update, by: "eve")
        #expect(try await api.engine.read { try $0.stateMachine(named: "m")?.current.number } == 2)
    }
}
