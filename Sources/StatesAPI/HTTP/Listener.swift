import AWSClient
package import Engine
import Foundation
package import HTTPTypes
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
    private let wire: WireAPI<Store>
    private let inner: Inner
    private let authenticator: Authenticator?
    private let pushKeys: PushKeys
    private let admission: Admission
    private let account: String
    /// Whether `X-Forwarded-For` is a proxy's word.
    private let isBehindProxy: Bool
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
        let call = Call(request, peer: peer(of: request, context))
        // Whoever watches the daemon must hear from it when it is busy, too.
        if openPaths.contains(call.path) { return try await inner.respond(to: request, context: context) }
        let answer: Result<Response, any Error>
        do throws(Refusal) {
            guard admission.enter(call.kind) else { throw .throttled(retryAfter: 1) }
            defer { admission.leave(call.kind) }
            answer = try await admitted(call, context)
        } catch {
            return call.response(to: error, request, context, at: wire.clock.now())
        }
        return try answer.get()
    }

    /// - Returns: the route's answer, or what it threw.
    private func admitted(_ call: Call, _ context: APIContext) async throws(Refusal) -> Result<Response, any Error> {
        if authenticator == nil, !isBehindProxy, let refusal = call.pageRefusal { throw refusal }
        let signer = try call.isWire ? authenticator?.signer(call.signed(body: []), peer: call.peer) : nil
        var caller: Caller?
        if let endpoint = call.pushEndpoint {
            guard try pushKeys.admits(call.request, at: endpoint) else {
                throw authenticator?.wrongPushKey(peer: call.peer) ?? .wrongPushKey
            }
        } else if !call.isWire, let authenticator {
            caller = try authenticator.bearer(call.request.headers[.authorization], peer: call.peer)
            try call.authorize(caller, account: account, body: [])
        }
        try call.checkContentType()
        let body = try await call.body(admission)
        defer { admission.release(body.readableBytes) }
        if let signer, let authenticator {
            let bytes = Array(body.readableBytesView)
            caller = try authenticator.verify(call.signed(body: bytes), signer, peer: call.peer)
            try call.authorize(caller, account: account, body: bytes)
        }
        // Nothing is bound where authentication is off.
        guard let caller else { return await result(call, body, context) }
        return await Caller.$current.withValue(caller) { await result(call, body, context) }
    }

    private func result(_ call: Call, _ body: ByteBuffer, _ context: APIContext) async -> Result<Response, any Error> {
        do {
            return .success(try await answer(call, body, context))
        } catch {
            return .failure(error)
        }
    }

    private func answer(_ call: Call, _ body: ByteBuffer, _ context: APIContext) async throws -> Response {
        guard call.isWire else {
            var request = call.request
            request.body = RequestBody(buffer: body)
            // A report or a batch of usage records may take seconds, which other connections must not wait for.
            return try await withTaskExecutorPreference(globalConcurrentExecutor) { [request] in
                try await inner.respond(to: request, context: context)
            }
        }
        guard call.kind == .longPoll else { return await wire.answer(call.target, body, context) }
        if let underWay = context.underWay {
            underWay.endWithClient()
            return await wire.answer(call.target, body, context)
        }
        return try await whileConnected(context.channel) { await wire.answer(call.target, body, context) }
    }

    package func place(for head: HTTPRequest, peer: String) -> (@Sendable () -> Void)? {
        let call = Call(Request(head: head, body: RequestBody(buffer: ByteBuffer())), peer: peer)
        if let authenticator, !authenticator.knows(call.signed(body: [])) { return nil }
        guard admission.enter(call.kind) else { return nil }
        return { [admission] in admission.leave(call.kind) }
    }

    /// The nearest proxy's word of who called it stands last.
    private func peer(of request: Request, _ context: APIContext) -> String {
        guard isBehindProxy, let name = HTTPField.Name("X-Forwarded-For"), let chain = request.headers[name],
            let last = chain.split(separator: ",").last
        else { return context.peer }
        return String(last.filter { $0 != " " }.prefix(64))
    }
}

/// A request, with what the listener has to know of it.
private struct Call {
    let request: Request
    let peer: String
    let path: String
    /// Whether it is a call of the Step Functions API.
    let isWire: Bool
    /// `X-Amz-Target`, which names the operation of the Step Functions API: `AWSStepFunctions.StartExecution`.
    let target: String
    let kind: Admission.Kind

    private static let targetField = HTTPField.Name("X-Amz-Target")

    init(_ request: Request, peer: String) {
        self.request = request
        self.peer = peer
        // Nothing has to be taken apart where the Step Functions API is.
        path = request.head.path == "/" ? "/" : request.uri.path
        isWire = request.method == .post && path == "/"
        target = isWire ? Self.targetField.flatMap { request.headers[$0] } ?? "" : ""
        if path.hasPrefix("/ingest") {
            kind = .ingestion
        } else {
            kind =
                target.hasSuffix(".GetActivityTask") || target.hasSuffix(".StartSyncExecution") ? .longPoll : .request
        }
    }

    /// Where usage is pushed in, if the request goes there.
    var pushEndpoint: PushEndpoint? { isWire ? nil : PushEndpoint(path: path) }

    /// Why the call is a web page's; nil when it is none. Where usage is pushed in, a key is asked for in any case.
    var pageRefusal: Refusal? {
        guard pushEndpoint == nil else { return nil }
        return BrowserGuard.refusal(origin: request.headers[.origin], authority: request.head.authority)
    }

    private var isIngestion: Bool { kind == .ingestion }

    /// The operation of the Step Functions API, such as `StartExecution`.
    private var operation: String {
        target.utf8.lastIndex(of: UInt8(ascii: ".")).map { String(target[target.index(after: $0)...]) } ?? target
    }

    /// A definition of 1 MiB, escaped, has room to spare.
    private var bodyLimit: Int { isIngestion ? 64 << 20 : 8 << 20 }

    func signed(body: [UInt8]) -> SignedRequest {
        var headers = request.headers.map { (name: $0.name.rawName, value: $0.value) }
        if let host = request.head.authority { headers.append((name: "host", value: host)) }
        let target = request.head.path ?? "/"
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        return SignedRequest(
            method: request.method.rawValue, path: String(parts[0]), query: parts.count > 1 ? String(parts[1]) : "",
            headers: headers, bodyDigest: hexadecimal(sha256(body)))
    }

    /// A form or a text is not AWS JSON; a client that says nothing is believed.
    func checkContentType() throws(Refusal) {
        guard isWire, let type = request.headers[.contentType] else { return }
        if type == "application/x-amz-json-1.0" { return }
        let name = type.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
        guard ["application/x-amz-json-1.0", "application/x-amz-json-1.1", "application/json"].contains(name) else {
            throw Refusal(
                "UnsupportedMediaTypeException",
                "The content type must be application/x-amz-json-1.0, not \(name.prefix(128))",
                status: 415)
        }
    }

    /// The whole body, with its size reserved at `admission`: the caller gives it back.
    func body(_ admission: Admission) async throws(Refusal) -> ByteBuffer {
        if let length = request.headers[.contentLength].flatMap(Int.init), length > bodyLimit { throw tooLarge }
        var whole = ByteBuffer()
        do {
            for try await part in request.body {
                guard whole.readableBytes + part.readableBytes <= bodyLimit else { throw tooLarge }
                guard admission.reserve(part.readableBytes) else { throw Refusal.throttled(retryAfter: 1) }
                if whole.readableBytes == 0 { whole = part } else { whole.writeImmutableBuffer(part) }
            }
            return whole
        } catch {
            admission.release(whole.readableBytes)
            throw refusal(ofBody: error)
        }
    }

    private var tooLarge: Refusal {
        Refusal("RequestEntityTooLarge", "Request body is larger than \(bodyLimit) bytes", status: 413)
    }

    private func refusal(ofBody error: any Error) -> Refusal {
        switch error {
        case let error as Refusal: error
        case is BodyTimedOut:
            Refusal("RequestTimeoutException", "The request's body did not come in time", status: 408)
        default: Refusal("SerializationException", "The request's body was cut off or badly framed", status: 400)
        }
    }

    /// - Throws: AWS's `AccessDeniedException` when the caller's role does not include what the call needs.
    func authorize(_ caller: Caller?, account: String, body: [UInt8]) throws(Refusal) {
        guard let caller else { return }
        let needed =
            isWire
            ? Permissions.role(forOperation: operation) : Permissions.role(for: request.method, path: path)
        guard !caller.role.includes(needed) else { return }
        guard isWire else {
            throw Refusal(
                "AccessDeniedException",
                "the key \(caller.name) has the role \(caller.role.rawValue); this needs \(needed.rawValue)",
                status: 403)
        }
        let resource = Self.resource(in: body).map { " on resource: \($0)" } ?? ""
        let action = "states:\(operation.prefix(64))"
        throw Refusal(
            "AccessDeniedException",
            "User: arn:aws:iam::\(account):user/\(caller.name) is not authorized to perform: \(action)\(resource) "
                + "because no identity-based policy allows the \(action) action", status: 400)
    }

    /// The ARN that the call is about, as far as the body says.
    private static func resource(in body: [UInt8]) -> String? {
        // A body that is no JSON is about nothing: the refusal stands without it.
        guard let members = (try? JSONValue(parsing: body))?.objectValue else { return nil }
        return members.lazy.compactMap { name, value in
            name.hasSuffix("Arn") && name != "roleArn" ? value.stringValue.map { String($0.prefix(256)) } : nil
        }.first
    }

    func response(to refusal: Refusal, _ request: Request, _ context: APIContext, at now: Instant) -> Response {
        if let endpoint = pushEndpoint {
            return endpoint.response(to: refusal, request, context, at: now)
        }
        var response: Response
        if isWire {
            let json: JSONValue = ["__type": .string(refusal.code), "message": .string(refusal.message)]
            var headers: HTTPFields = [.contentType: "application/x-amz-json-1.0", .cacheControl: "no-store"]
            RequestID.name(in: &headers)
            response = Response(
                status: HTTPResponse.Status(code: refusal.status), headers: headers,
                body: .init(byteBuffer: ByteBuffer(bytes: json.jsonBytes)))
        } else {
            let error = APIError(refusal)
            response = JSONAnswer(error.json, status: error.status).response(from: request, context: context)
            if error.status == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer realm=\"Steward\"" }
        }
        if let seconds = refusal.retryAfter { response.headers[.retryAfter] = "\(seconds)" }
        if refusal.status == 408 { response.headers[.connection] = "close" }
        return response
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
