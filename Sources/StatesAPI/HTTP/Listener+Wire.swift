import Engine
import Hummingbird
import JSONModel
import Logging
import NIOCore

/// Calls of the Step Functions API, as they come off the wire or by way of the HTTP library.
extension Listener {
    package func answer(_ call: WireRequest, _ context: APIContext) async -> WireAnswer {
        let body = call.body
        return await answer(call.head, peer: peer(of: call.head.fields, context), context) {
            admission throws(Refusal) in
            guard admission.reserve(body.readableBytes) else { throw .throttled(retryAfter: 1) }
            return body
        }
    }

    /// - Parameter body: reads the body and reserves room for it, which is released here.
    func answer(
        _ call: WireHead, peer: String, _ context: APIContext,
        body: (Admission) async throws(Refusal) -> ByteBuffer
    ) async -> WireAnswer {
        do throws(Refusal) {
            guard admission.enter(call.kind) else { throw Refusal.throttled(retryAfter: 1) }
            defer { admission.leave(call.kind) }
            return try await admitted(call, peer, context, body)
        } catch {
            return WireAnswer(to: error)
        }
    }

    private func admitted(
        _ call: WireHead, _ peer: String, _ context: APIContext,
        _ body: (Admission) async throws(Refusal) -> ByteBuffer
    ) async throws(Refusal) -> WireAnswer {
        if authenticator == nil, !isBehindProxy, let refusal = call.pageRefusal { throw refusal }
        let signer = try authenticator?.signer(call.signed(body: []), peer: peer)
        try call.checkContentType()
        let body = try await body(admission)
        defer { admission.release(body.readableBytes) }
        // Nothing is bound where authentication is off.
        guard let signer, let authenticator else { return await performed(call, body, context) }
        let bytes = Array(body.readableBytesView)
        let caller = try authenticator.verify(call.signed(body: bytes), signer, peer: peer)
        try call.authorize(caller, account: account, body: bytes)
        return await Caller.$current.withValue(caller) { await performed(call, body, context) }
    }

    private func performed(_ call: WireHead, _ body: ByteBuffer, _ context: APIContext) async -> WireAnswer {
        guard call.kind == .longPoll else { return await wire.answer(call.target, body, context) }
        if let underWay = context.underWay {
            underWay.endWithClient()
            return await wire.answer(call.target, body, context)
        }
        do {
            return try await whileConnected(context.channel) { await wire.answer(call.target, body, context) }
        } catch {
            context.logger.error("a connection can't be watched", metadata: ["error": "\(error)"])
            return await wire.answer(call.target, body, context)
        }
    }
}

extension WireAnswer {
    init(to refusal: Refusal) {
        let json: JSONValue = ["__type": .string(refusal.code), "message": .string(refusal.message)]
        self.init(
            status: refusal.status, requestID: RequestID.make(), body: json.jsonBytes,
            retryAfter: refusal.retryAfter, closes: refusal.status == 408)
    }
}
