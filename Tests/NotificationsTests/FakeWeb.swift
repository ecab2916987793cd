import AWSClient
import JSONModel
import TestKit
import Testing
import WallTime

@testable import Notifications

/// The web as a channel sees it: keeps the requests, and answers in turn; the last answer is for all that follow.
final class FakeWeb: Sendable {
    private let state: Guarded<(requests: [HTTPRequest], answers: [Result<HTTPResponse, HTTPTransportError>])>

    init(_ answers: Result<HTTPResponse, HTTPTransportError>...) {
        state = Guarded(([], answers.isEmpty ? [.success(HTTPResponse(status: 200))] : answers))
    }

    var requests: [HTTPRequest] { state.withLock(\.requests) }

    func bodies() throws -> [JSONValue] { try requests.map { try JSONValue(parsing: $0.body) } }

    var transport: HTTPTransport {
        HTTPTransport { request in
            try self.state.withLock { state in
                state.requests.append(request)
                return state.answers.count > 1 ? state.answers.removeFirst() : state.answers[0]
            }.get()
        }
    }

    func post(_ service: String = "Web") -> WebPost {
        let clock = WallClock(now: { now }, monotonicNanoseconds: { 0 }, sleepUntil: { _ in })
        return WebPost(service: service, transport: transport, clock: clock, timeout: .seconds(7))
    }

    static func answer(
        _ status: Int, _ body: String = "", headers: [(name: String, value: String)] = []
    ) -> Result<HTTPResponse, HTTPTransportError> {
        .success(HTTPResponse(status: status, headers: headers, body: Array(body.utf8)))
    }
}
