import AWSClient
package import Engine
import Foundation
import HTTPTypes
package import Hummingbird
import HummingbirdCore
import JSONModel
import Logging
import NIOCore
import WallTime

/// Stands before all routes: takes on no more than the limits allow, reads the body, finds out who calls and whether
/// they may, and answers what is refused in the words of the API that was called.
package struct Listener<Store: ExecutionStore, Inner: HTTPResponder>: HTTPResponder, WireListener
where Inner.Context == APIContext {
    let wire: WireAPI<Store>
    private let inner: Inner
    let authenticator: Authenticator?
    private let pushKeys: PushKeys
    let admission: Admission
    let account: String
    /// Whether `X-Forwarded-For` is a proxy's word.
    let isBehindProxy: Bool
    /// Paths beside `/health` that are answered without a key and however busy the daemon is.
    private let openPaths: Set<String>

    /// - Parameters:
    ///   - wire: answers `POST /`, the Step Functions API, without a router between.
    ///   - inner: answers everything else.
    ///   - authenticator: nil where authentication is off.
    ///   - pushKeys: always asked for, where usage is pushed in.
    package init(
        _ wire: WireAPI<Store>, _ inner: Inner, authenticator: Authenticator?, pushKeys: PushKeys = PushKeys(),
        limits: ListenerLimits,
        account: String, isBehindProxy: Bool,
        queuedWrites: @escaping @Sendable () -> Int, openPaths: Set<String> = []
    ) {
        self.wire = wire
        self.inner = inner
        self.authenticator = authenticator
        self.pushKeys = pushKeys
        admission = Admission(limits: limits, queuedWrites: queuedWrites)
        self.account = account
        self.isBehindProxy = isBehindProxy
        self.openPaths = openPaths.union(["/health"])
    }

    package func respond(to request: Request, context: APIContext) async throws -> Response {
        // Nothing has to be taken apart where the Step Functions API is.
        let path = request.head.path == "/" ? "/" : request.uri.path
        let peer = peer(of: request.headers, context)
        if request.method == .post, path == "/" {
            let limit = WireHead.bodyLimit
            let answer = await answer(WireHead(request: request), peer: peer, context) { admission throws(Refusal) in
                try await request.wholeBody(upTo: limit, admission)
            }
            return answer.response
        }
        // Whoever watches the daemon must hear from it when it is busy, too.
        if openPaths.contains(path) { return try await inner.respond(to: request, context: context) }
        let call = Call(request: request, path: path, peer: peer)
        let answer: Result<Response, any Error>
        do throws(Refusal) {
            guard admission.enter(call.kind) else { throw .throttled(retryAfter: 1) }
            defer { admission.leave(call.kind) }
            answer = try await admitted(call, context)
        } catch {
            return call.response(to: error, context, at: wire.clock.now())
        }
        return try answer.get()
    }

    /// - Returns: the route's answer, or what it threw.
    private func admitted(_ call: Call, _ context: APIContext) async throws(Refusal) -> Result<Response, any Error> {
        if authenticator == nil, !isBehindProxy, let refusal = call.pageRefusal { throw refusal }
        var caller: Caller?
        if let endpoint = call.pushEndpoint {
            guard try pushKeys.admits(call.request, at: endpoint) else {
                throw authenticator?.wrongPushKey(peer: call.peer) ?? .wrongPushKey
            }
        } else if let authenticator {
            caller = try authenticator.bearer(call.request.headers[.authorization], peer: call.peer)
            try call.authorize(caller)
        }
        let body = try await call.request.wholeBody(upTo: call.bodyLimit, admission)
        defer { admission.release(body.readableBytes) }
        // Nothing is bound where authentication is off.
        guard let caller else { return await answer(call, body, context) }
        return await Caller.$current.withValue(caller) { await answer(call, body, context) }
    }

    private func answer(_ call: Call, _ body: ByteBuffer, _ context: APIContext) async -> Result<Response, any Error> {
        var request = call.request
        request.body = RequestBody(buffer: body)
        do {
            // A report or a batch of usage records may take seconds, which other connections must not wait for.
            let response = try await withTaskExecutorPreference(globalConcurrentExecutor) { [request] in
                try await inner.respond(to: request, context: context)
            }
            return .success(response)
        } catch {
            return .failure(error)
        }
    }

    /// The nearest proxy's word of who called it stands last.
    func peer(of headers: HTTPFields, _ context: APIContext) -> String {
        guard isBehindProxy, let name = HTTPField.Name("X-Forwarded-For"), let chain = headers[name],
            let last = chain.split(separator: ",").last
        else { return context.peer }
        return String(last.filter { $0 != " " }.prefix(64))
    }
}

/// A request of the admin API or of those who push usage in, with what the listener has to know of it.
private struct Call {
    let request: Request
    let path: String
    let peer: String

    var kind: Admission.Kind { path.hasPrefix("/ingest") ? .ingestion : .request }

    /// Where usage is pushed in, if the request goes there.
    var pushEndpoint: PushEndpoint? { PushEndpoint(path: path) }

    /// Why the call is a web page's; nil when it is none. Where usage is pushed in, a key is asked for in any case.
    var pageRefusal: Refusal? {
        guard pushEndpoint == nil else { return nil }
        return BrowserGuard.refusal(origin: request.headers[.origin], authority: request.head.authority)
    }

    /// A definition of 1 MiB, escaped, has room to spare.
    var bodyLimit: Int { kind == .ingestion ? 64 << 20 : 8 << 20 }

    /// - Throws: when the caller's role does not include what the call needs.
    func authorize(_ caller: Caller?) throws(Refusal) {
        guard let caller else { return }
        let needed = Permissions.role(for: request.method, path: path)
        guard !caller.role.includes(needed) else { return }
        throw Refusal(
            "AccessDeniedException",
            "the key \(caller.name) has the role \(caller.role.rawValue); this needs \(needed.rawValue)", status: 403)
    }

    func response(to refusal: Refusal, _ context: APIContext, at now: Instant) -> Response {
        if let endpoint = pushEndpoint { return endpoint.response(to: refusal, request, context, at: now) }
        let error = APIError(refusal)
        var response = JSONAnswer(error.json, status: error.status).response(from: request, context: context)
        if error.status == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer realm=\"Steward\"" }
        if let seconds = refusal.retryAfter { response.headers[.retryAfter] = "\(seconds)" }
        if refusal.status == 408 { response.headers[.connection] = "close" }
        return response
    }
}

extension Request {
    /// The whole body, with its size reserved at `admission`: the caller gives it back.
    fileprivate func wholeBody(upTo limit: Int, _ admission: Admission) async throws(Refusal) -> ByteBuffer {
        if let length = headers[.contentLength].flatMap(Int.init), length > limit { throw Refusal.bodyTooLarge(limit) }
        var whole = ByteBuffer()
        do {
            for try await part in body {
                guard whole.readableBytes + part.readableBytes <= limit else { throw Refusal.bodyTooLarge(limit) }
                guard admission.reserve(part.readableBytes) else { throw Refusal.throttled(retryAfter: 1) }
                if whole.readableBytes == 0 { whole = part } else { whole.writeImmutableBuffer(part) }
            }
            return whole
        } catch {
            admission.release(whole.readableBytes)
            switch error {
            case let error as Refusal: throw error
            case is BodyTimedOut:
                throw Refusal("RequestTimeoutException", "The request's body did not come in time", status: 408)
            default:
                throw Refusal(
                    "SerializationException", "The request's body was cut off or badly framed", status: 400)
            }
        }
    }
}

extension Refusal {
    fileprivate static func bodyTooLarge(_ limit: Int) -> Refusal {
        Refusal("RequestEntityTooLarge", "Request body is larger than \(limit) bytes", status: 413)
    }
}

extension APIError {
    /// The refusal in the words of the admin API.
    fileprivate init(_ refusal: Refusal) {
        switch refusal.status {
        case 408: self.init(.requestTimeout, "TooSlow", refusal.message)
        case 413:
            self.init(
                .contentTooLarge, "TooLarge", "the request's body is too large", hint: "Send it in smaller parts.")
        case 429:
            self.init(
                .tooManyRequests, "Busy", "there is too much to do at the moment, or too many calls were refused",
                hint: "Try again after the seconds that Retry-After says.")
        default:
            switch refusal.code {
            case "MissingAuthenticationTokenException":
                self.init(
                    .unauthorized, "NotAuthenticated", "this needs a bearer token",
                    hint: "Set STEWARD_TOKEN, or name a file with --token-file.")
            case "UnrecognizedClientException":
                self.init(
                    .unauthorized, "NotAuthenticated", "the bearer token is not valid",
                    hint: "It may have been revoked; `workflowctl key create` makes another.")
            case "AccessDeniedException": self.init(.forbidden, "NotAllowed", refusal.message)
            default: self.init(.badRequest, "InvalidRequest", refusal.message)
            }
        }
    }
}
