import Engine
import Enforcement
import Hummingbird
import JSONModel
import Logging
import StatesAPI
import TestKit
import Testing
import WallTime

/// The admin API over a store in memory, on a port of its own on loopback.
final class APIHarness: Sendable {
    let store = MemoryStore()
    let engine: Engine<MemoryStore>
    let clock = VirtualClock()
    /// Who Steward is in AWS; nobody, until a test says so.
    let identity = OwnIdentity()
    private let base: String
    private let server: Task<Void, any Error>

    enum Method: String { case get = "GET", post = "POST", put = "PUT" }

    static let arn = "arn:aws:iam::111122223333:user/BedrockAPIKey-ab12"

    init(
        health: DaemonReport.Health = .ok, notifications: NotificationDesk? = nil, settings desk: SettingsDesk? = nil,
        identities: IdentityDesk? = nil
    ) async throws {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        var inForce = EnforcementSettings(channels: { _ in ["log"] }, digest: { "\($0.count)" })
        inForce.ownIdentity = identity
        let settings = CurrentSettings(inForce)
        engine = Engine(
            store: store, clock: clock.wallClock, steps: DomainSteps.all(settings), seed: 7, logger: logger)
        let api = AdminAPI(
            engine: engine, enforcement: EnforcementService(engine: engine, settings: settings),
            identities: identities, notifications: notifications, settings: desk,
            report: { DaemonReport(health: health, version: "1.2.3", details: ["pid": 42]) })
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            router: api.router(), configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { port.yield($0.localAddress?.port ?? 0) }, logger: logger)
        server = Task { try await application.run() }
        base = "http://127.0.0.1:\(await ports.first { _ in true } ?? 0)"
        try await apply("greet", #"{"StartAt":"P","States":{"P":{"Type":"Pass","Result":"hello","End":true}}}"#)
        try await apply("broken", #"{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"Boom","Cause":"it broke"}}}"#)
        try await apply("sleep", #"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"End":true}}}"#)
    }

    private func apply(_ name: String, _ definition: String) async throws {
        _ = try await engine.applyStateMachine(name: name, source: definition)
    }

    /// One request; its status and its JSON.
    func call(
        _ method: Method, _ path: String, _ body: JSONValue? = nil
    ) async throws -> (status: Int, json: JSONValue) {
        try await call(method, path, bytes: body?.jsonBytes ?? [])
    }

    func call(
        _ method: Method, _ path: String, bytes: [UInt8]
    ) async throws -> (status: Int, json: JSONValue) {
        let (status, answer) = try await send(method.rawValue, base + path, bytes)
        return (status, try JSONValue(parsing: answer))
    }

    /// A GET whose answer is no JSON.
    func text(_ path: String) async throws -> (status: Int, text: String) {
        let (status, answer) = try await send("GET", base + path, [])
        return (status, String(decoding: answer, as: UTF8.self))
    }

    deinit { server.cancel() }

    /// A model invocation log record of Claude Sonnet 4.6 at the global price: $3 for a million tokens in.
    static func record(_ id: String, inputTokens: Int64, at: String = "2026-11-20T10:15:42Z") -> [UInt8] {
        let record: JSONValue = [
            "schemaType": "ModelInvocationLog", "schemaVersion": "1.0", "timestamp": .string(at),
            "accountId": "111122223333", "region": "us-east-1", "requestId": .string(id), "operation": "Converse",
            "modelId": "global.anthropic.claude-sonnet-4-6", "identity": ["arn": .string(arn)],
            "input": ["inputTokenCount": .int(inputTokens)], "output": ["outputTokenCount": 0],
        ]
        return record.jsonBytes + [0x0A]
    }
}
