import AWSClient
import Foundation
import HTTPTypes
import Hummingbird
import JSONModel
import WallTime

/// The secrets of those who push usage in: AWS's services have none of Steward's keys, but each sends one of its own
/// with every request. Secrets are read anew for each request: what is replaced holds from the next one on.
package struct PushKeys: Sendable {
    /// Reads the secrets that are good now: more than one while they are being replaced.
    package typealias Secrets = @Sendable () throws -> [String]

    package enum EventBridgeAuthorization: Sendable {
        /// An *API key* of an EventBridge connection: a header and its value.
        case apiKey(header: String, Secrets)
        case basic(userName: String, Secrets)
    }

    package var firehose: Secrets?
    package var eventBridge: EventBridgeAuthorization?

    package init(firehose: Secrets? = nil, eventBridge: EventBridgeAuthorization? = nil) {
        self.firehose = firehose
        self.eventBridge = eventBridge
    }

    /// Longer keys than Firehose's own limit are no keys.
    private static let longestKey = 4096

    /// - Returns: whether the request shows the secret of the endpoint that it calls.
    /// - Throws: `Refusal` when the endpoint is not configured, or its secret can't be read now.
    func admits(_ request: Request, at endpoint: PushEndpoint) throws(Refusal) -> Bool {
        switch endpoint {
        case .firehose:
            guard let firehose else { throw Self.unconfigured("ingest.firehose") }
            return Self.matches(request.headers[.firehoseAccessKey], try Self.read(firehose))
        case .eventBridge:
            switch eventBridge {
            case nil: throw Self.unconfigured("ingest.eventBridge")
            case .apiKey(let header, let secrets):
                return Self.matches(HTTPField.Name(header).flatMap { request.headers[$0] }, try Self.read(secrets))
            case .basic(let userName, let secrets):
                let words = (request.headers[.authorization] ?? "").split(separator: " ")
                guard words.count == 2, words[0].lowercased() == "basic" else { return false }
                let accepted = try Self.read(secrets).map { Data("\(userName):\($0)".utf8).base64EncodedString() }
                return Self.matches(String(words[1]), accepted)
            }
        }
    }

    /// Digests are compared, so that neither length nor content shows in the time it takes.
    private static func matches(_ shown: String?, _ accepted: [String]) -> Bool {
        guard let shown, shown.utf8.count <= longestKey else { return false }
        let digest = sha256(shown.utf8)
        return accepted.reduce(false) { found, key in
            let isSame = constantTimeEqual(digest, sha256(key.utf8))
            return isSame || found
        }
    }

    private static func read(_ secrets: Secrets) throws(Refusal) -> [String] {
        do {
            return try secrets().filter { !$0.isEmpty }
        } catch {
            throw Refusal(
                "ServiceUnavailable", "the endpoint's key can't be read: \(error)", status: 503, retryAfter: 60)
        }
    }

    private static func unconfigured(_ setting: String) -> Refusal {
        Refusal("NotConfigured", "nothing is taken here: the daemon's setting \(setting) names no key", status: 404)
    }
}

/// Where AWS's services push usage to. What they are told when something fails decides whether they send it again.
enum PushEndpoint {
    case firehose
    case eventBridge

    /// Nil for any other path.
    init?(path: String) {
        let parts = path.split(separator: "/")
        guard parts.first == "ingest", (2...3).contains(parts.count) else { return nil }
        switch parts[1] {
        case "firehose": self = .firehose
        case "eventbridge": self = .eventBridge
        default: return nil
        }
    }

    /// The answer to a request that is not let in, in the words of whoever sent it.
    func response(to refusal: Refusal, _ request: Request, _ context: APIContext, at now: Instant) -> Response {
        // Firehose holds back all that follows what it may not send again, so it is told to come back.
        let isPassing = refusal.status == 429 || refusal.status == 408
        let status = isPassing && self == .firehose ? 503 : refusal.status
        var response: Response
        switch self {
        case .firehose:
            response =
                FirehoseAnswer(requestID: request.firehoseRequestID, status: status, error: refusal.message)
                .response(at: now)
        case .eventBridge:
            response = JSONAnswer(
                ["error": ["code": .string(refusal.code), "message": .string(refusal.message)]],
                status: HTTPResponse.Status(code: status)
            ).response(from: request, context: context)
        }
        if let seconds = refusal.retryAfter { response.headers[.retryAfter] = "\(seconds)" }
        return response
    }
}

extension HTTPField.Name {
    static let firehoseAccessKey = known("X-Amz-Firehose-Access-Key")
    static let firehoseRequestID = known("X-Amz-Firehose-Request-Id")
    static let firehoseProtocol = known("X-Amz-Firehose-Protocol-Version")
    static let firehoseSource = known("X-Amz-Firehose-Source-Arn")
    static let firehoseAttributes = known("X-Amz-Firehose-Common-Attributes")

    /// Of a literal that is a token of HTTP.
    private static func known(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is no name of a header") }
        return name
    }
}
