import AWSClient
import Engine
import Interpreter
import JSONModel
import StatesLanguage
import TestKit
import WallTime

@testable import AWSTasks

/// An AWS that answers every call alike, and keeps what was asked.
final class RecordedAWS: Sendable {
    let requests = Guarded<[HTTPRequest]>([])
    private let answer: @Sendable (HTTPRequest) throws -> HTTPResponse

    init(_ answer: @escaping @Sendable (HTTPRequest) throws -> HTTPResponse) { self.answer = answer }

    convenience init(
        _ body: String, status: Int = 200, headers: [(name: String, value: String)] = [("x-amzn-RequestId", "r-1")]
    ) {
        self.init { _ in HTTPResponse(status: status, headers: headers, body: Array(body.utf8)) }
    }

    var transport: HTTPTransport {
        HTTPTransport { [self] request in
            requests.withLock { $0.append(request) }
            return try answer(request)
        }
    }

    /// The last request's body.
    var body: String { requests.withLock { $0.last.map { String(decoding: $0.body, as: UTF8.self) } } ?? "" }

    func client() throws -> AWSClient {
        AWSClient(
            configuration: try AWSConfiguration(region: "us-east-1"),
            credentials: .fixed(AWSCredentials(accessKeyID: "AKID", secretAccessKey: "secret")), transport: transport,
            clock: .system, randomFraction: { 0 })
    }

    /// Performs a resource, named without `arn:aws:states:::` or in full.
    func perform(_ resource: String, _ input: JSONValue) async throws -> JSONValue {
        let text = resource.hasPrefix("arn:") ? resource : "arn:aws:states:::\(resource)"
        let parsed = Resource(parsing: text)
        return try await AWSIntegrations(client: try client()).perform(parsed, .some(parsed), input)
    }

    /// What performing it fails with; nil when it does not.
    func failure(_ resource: String, _ input: JSONValue = [:]) async throws -> TaskFailure? {
        do {
            _ = try await perform(resource, input)
            return nil
        } catch let failure as TaskFailure {
            return failure
        }
    }
}

extension TaskContext {
    static func some(_ resource: Resource) -> TaskContext {
        TaskContext(
            execution: ExecutionID(rawValue: 1),
            executionARN: "arn:aws:states:us-east-1:123456789012:execution:machine:run", executionName: "run",
            stateMachine: "machine", state: "State", resource: resource.text, retryCount: 0, idempotencyKey: "k",
            now: Instant(milliseconds: 0), deadline: nil, heartbeat: {})
    }
}
