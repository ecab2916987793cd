import AWSClient
import Budgets
import Engine
import Enforcement
import Foundation
import JSONModel
import Logging
import TestKit
import WallTime

@testable import Ingestion

/// An engine over a store in memory, with an AWS that answers from a closure.
final class Bench: Sendable {
    let clock = VirtualClock()
    let engine: Engine<MemoryStore>
    let service: EnforcementService<MemoryStore>
    let calls = Guarded<[Call]>([])
    private let failing = Guarded(false)
    private let answers: Guarded<@Sendable (Call) async throws -> HTTPResponse>

    /// A request to AWS: its action or its path, with what it says.
    struct Call: Sendable {
        var action: String
        var body: JSONValue
        var range: String?
        var query: String
    }

    struct Down: Error {}

    init(_ answer: @escaping @Sendable (Call) async throws -> HTTPResponse = { _ in HTTPResponse(status: 200) }) {
        answers = Guarded(answer)
        let settings = CurrentSettings(EnforcementSettings(channels: { _ in [] }, digest: { "\($0.count)" }))
        engine = Engine(
            store: MemoryStore(), clock: clock.wallClock, steps: DomainSteps.all(settings), seed: 7, logger: Self.quiet)
        service = EnforcementService(engine: engine, settings: settings)
    }

    static let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    func answer(_ answer: @escaping @Sendable (Call) async throws -> HTTPResponse) { answers.withLock { $0 = answer } }
    func refuse(_ refuses: Bool) { failing.withLock { $0 = refuses } }

    var client: AWSClient {
        get throws {
            AWSClient(
                configuration: try AWSConfiguration(region: "us-east-1", endpointURL: "http://127.0.0.1:1"),
                credentials: CredentialProvider { AWSCredentials(accessKeyID: "a", secretAccessKey: "s") },
                transport: HTTPTransport { request in try await self.serve(request) }, clock: clock.wallClock,
                randomFraction: { 0 })
        }
    }

    private func serve(_ request: HTTPRequest) async throws -> HTTPResponse {
        let url = request.url.split(separator: "?", maxSplits: 1)
        let headers = Dictionary(request.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { $1 })
        let target = headers["x-amz-target"]?.split(separator: ".").last.map(String.init)
        let body = request.body.isEmpty ? JSONValue.null : try JSONValue(parsing: request.body)
        let call = Call(
            action: target ?? String(url[0].dropFirst("http://127.0.0.1:1".count)), body: body, range: headers["range"],
            query: url.count > 1 ? String(url[1]) : "")
        calls.withLock { $0.append(call) }
        let answer = answers.withLock { $0 }
        return try await answer(call)
    }

    /// The service's desk; a store that refuses when told to.
    var desk: IngestDesk {
        var desk = IngestDesk(service, wake: {})
        let meter = desk.meter
        desk.meter = { [failing] records, origin, cursor in
            if failing.withLock({ $0 }) { throw StoreError.full("no space left") }
            try await meter(records, origin, cursor)
        }
        return desk
    }

    func queue(_ change: (inout QueueSettings) -> Void = { _ in }, stopping: Stopping = Stopping()) throws
        -> QueueSource
    {
        var settings = QueueSettings(url: "http://127.0.0.1:1/q")
        change(&settings)
        return QueueSource(
            settings: settings, origin: IngestOrigin(name: "q", kind: .sqs), client: try client, desk: desk,
            clock: clock.wallClock, logger: Self.quiet, stopping: stopping)
    }

    func bucket(_ prefix: String, from: CivilDate? = nil) throws -> BucketSource {
        var settings = BucketSettings(bucket: "logs", prefix: prefix)
        settings.from = from
        return BucketSource(
            settings: settings, origin: IngestOrigin(name: "b", kind: .s3), client: try client, desk: desk,
            clock: clock.wallClock, stopping: Stopping())
    }

    func requests(_ action: String) -> [Call] { calls.withLock { $0 }.filter { $0.action == action } }

    var charged: Int64 {
        get async throws {
            try await engine.read { transaction in
                try transaction.accounts(AccountQuery()).map(\.standing.spending.requests).reduce(0, +)
            }
        }
    }

    var deadLetters: [NewDeadLetter] {
        get async throws {
            try await engine.read { try $0.deadLetters(DeadLetterQuery(status: nil)).map(\.letter) }
        }
    }
}

/// A model invocation log record.
func logRecord(_ id: String) -> String {
    #"{"schemaType":"ModelInvocationLog","timestamp":"2026-11-20T09:59:00Z","accountId":"111122223333","#
        + #""region":"us-east-1","requestId":"\#(id)","operation":"Converse","modelId":"amazon.nova-lite-v1:0","#
        + #""identity":{"arn":"arn:aws:iam::111122223333:user/ana"},"input":{"inputTokenCount":10},"#
        + #""output":{"outputTokenCount":1}}"#
}

extension HTTPResponse {
    static func json(_ value: JSONValue, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, body: value.jsonBytes)
    }

    static func s3Error(_ code: String, status: Int) -> HTTPResponse {
        HTTPResponse(status: status, body: Array("<Error><Code>\(code)</Code><Message>m</Message></Error>".utf8))
    }

    /// A piece of an object, as a request for a range gets it.
    static func object(_ bytes: [UInt8], _ range: String?, eTag: String = "\"v1\"") -> HTTPResponse {
        let bounds = (range ?? "bytes=0-").dropFirst(6).split(separator: "-").compactMap { Int($0) }
        guard bounds[0] < bytes.count else { return .s3Error("InvalidRange", status: 416) }
        let end = min(bounds.count > 1 ? bounds[1] + 1 : bytes.count, bytes.count)
        return HTTPResponse(
            status: 206,
            headers: [
                ("ETag", eTag), ("Content-Range", "bytes \(bounds[0])-\(end - 1)/\(bytes.count)"),
            ], body: Array(bytes[bounds[0]..<end]))
    }
}
