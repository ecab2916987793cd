import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTPTypes

/// Answers calls of the Step Functions API as they come off the wire: one that is small and whole is answered by one task
/// on the connection's own thread, and its parts go no further. The way through the library's streams of parts costs
/// twice as much (`docs/benchmarks.md`).
///
/// Everything else goes on to the library as it came: other paths, large bodies, requests with `Expect` or
/// `Connection: close`, whatever follows one that the library has not answered yet, and a call that is cut off while its
/// body is read. What arrives during an answer waits for it, so that answers go out in the order of their requests. Lives
/// on its channel's event loop.
final class WireLane: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Answers a call that has its whole body, for the address at the other end of the channel.
    typealias Responder = @Sendable (Request, any Channel, _ peer: String, AnswerUnderWay) async -> Response

    /// Finds a place for a call whose body is still to come, and gives what leaves it again; nil sends the call to the
    /// library.
    typealias Admission = @Sendable (HTTPRequest, _ peer: String) -> (@Sendable () -> Void)?

    /// What came while a call was being answered.
    private enum Held {
        case part(HTTPRequestPart)
        case readComplete
        case inputClosed
        case error(any Error)
    }

    private struct Call {
        let head: HTTPRequest
        var body = ByteBuffer()

        mutating func add(_ bytes: ByteBuffer) {
            if body.readableBytes == 0 { body = bytes } else { body.writeImmutableBuffer(bytes) }
        }
    }

    /// Bodies up to here are read before anybody is asked whether there is room for their bytes.
    private static let bodyLimit = 64 << 10
    /// With so much held no more is read.
    private static let heldLimit = 32

    private let admit: Admission
    private let respond: Responder
    private let executor: EventLoopExecutor
    private var context: ChannelHandlerContext?
    private var peer: String?
    /// A call whose body is being read.
    private var reading: Call?
    /// Leaves the place that a call has while it is read, where it did not come in one piece.
    private var leave: (@Sendable () -> Void)?
    private var isAnswering = false
    private var underWay: AnswerUnderWay?
    private var held: [Held] = []
    private var wantsRead = false
    /// Requests that went on to the library and are not answered yet, and whether the body of the last still comes.
    private var passed = 0
    private var isPassing = false

    init(eventLoop: any EventLoop, admit: @escaping Admission, respond: @escaping Responder) {
        self.admit = admit
        self.respond = respond
        executor = EventLoopExecutor(eventLoop)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // MARK: What comes in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if isAnswering { held.append(.part(part)) } else { take(part, context) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if isAnswering, !held.isEmpty { held.append(.readComplete) }
        waitForBody(context)
        context.fireChannelReadComplete()
    }

    /// Whoever sends slowly counts as one who is being answered.
    private func waitForBody(_ context: ChannelHandlerContext) {
        guard let call = reading, leave == nil else { return }
        leave = admit(call.head, peer(context))
        if leave == nil { passOnReading(context) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .inputClosed? = event as? ChannelEvent else { return context.fireUserInboundEventTriggered(event) }
        // The library closes the connection when it hears of it: not before the answer is out.
        underWay?.hangUp()
        if isAnswering { held.append(.inputClosed) } else { closeInput(context) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if isAnswering { held.append(.error(error)) } else { fail(error, context) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        underWay?.hangUp()
        held = []
        passOnReading(context)
        context.fireChannelInactive()
    }

    /// Reads no more while a client sends requests faster than they are answered.
    func read(context: ChannelHandlerContext) {
        if held.count < Self.heldLimit { context.read() } else { wantsRead = true }
    }

    private func take(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
        switch part {
        case .head(let head):
            if passed == 0, !isPassing, Self.isTakenHere(head) {
                reading = Call(head: head)
            } else {
                passed += 1
                isPassing = true
                context.fireChannelRead(wrapInboundOut(part))
            }
        case .body(let bytes):
            guard reading != nil else { return context.fireChannelRead(wrapInboundOut(part)) }
            reading?.add(bytes)
        case .end:
            guard let call = reading else {
                isPassing = false
                return context.fireChannelRead(wrapInboundOut(part))
            }
            endReading()
            answer(call, context)
        }
    }

    private static func isTakenHere(_ head: HTTPRequest) -> Bool {
        guard head.method == .post, head.path == "/" else { return false }
        var isSmall = false
        for field in head.headerFields {
            switch field.name {
            case .contentLength: isSmall = Int(field.value).map { (0...bodyLimit).contains($0) } ?? false
            case .connection: if field.value.lowercased() != "keep-alive" { return false }
            case .expect, .transferEncoding: return false
            default: break
            }
        }
        return isSmall
    }

    private func closeInput(_ context: ChannelHandlerContext) {
        passOnReading(context)
        context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }

    private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
        passOnReading(context)
        context.fireErrorCaught(error)
    }

    /// What is wrong with a request that is cut off, the library and the listener say.
    private func passOnReading(_ context: ChannelHandlerContext) {
        guard let call = reading else { return }
        endReading()
        passed += 1
        isPassing = true
        context.fireChannelRead(wrapInboundOut(.head(call.head)))
        if call.body.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(.body(call.body))) }
        context.fireChannelReadComplete()
    }

    private func endReading() {
        reading = nil
        leave?()
        leave = nil
    }

    private func peer(_ context: ChannelHandlerContext) -> String {
        let peer = peer ?? APIContext.peer(of: context.channel)
        self.peer = peer
        return peer
    }

    // MARK: What goes out

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // The library also answers what could not be read as a request.
        if case .end = unwrapOutboundIn(data) { passed = max(0, passed - 1) }
        context.write(data, promise: promise)
    }

    private func answer(_ call: Call, _ context: ChannelHandlerContext) {
        isAnswering = true
        let (respond, channel, peer) = (respond, context.channel, peer(context))
        let lane = NIOLoopBound(self, eventLoop: context.eventLoop)
        let underWay = AnswerUnderWay()
        self.underWay = underWay
        let task = Task(executorPreference: executor) {
            let request = Request(head: call.head, body: RequestBody(buffer: call.body))
            let parts = await respond(request, channel, peer, underWay).parts
            lane.value.finish(parts)
        }
        underWay.isCancelledBy { task.cancel() }
    }

    /// - Parameter parts: nil when the answer cannot be told.
    private func finish(_ parts: [HTTPResponsePart]?) {
        isAnswering = false
        underWay = nil
        guard let context else { return }
        guard let parts else { return context.close(promise: nil) }
        for part in parts { context.write(wrapOutboundOut(part), promise: nil) }
        context.flush()
        takeHeld(context)
    }

    private func takeHeld(_ context: ChannelHandlerContext) {
        guard !held.isEmpty else { return }
        var waiting = held[...]
        held = []
        while !isAnswering, let next = waiting.popFirst() {
            switch next {
            case .part(let part): take(part, context)
            case .readComplete:
                waitForBody(context)
                context.fireChannelReadComplete()
            case .inputClosed: closeInput(context)
            case .error(let error): fail(error, context)
            }
        }
        held.insert(contentsOf: waiting, at: 0)
        if wantsRead, held.count < Self.heldLimit {
            wantsRead = false
            context.read()
        }
    }
}

@available(*, unavailable)
extension WireLane: Sendable {}

extension Response {
    /// Nil for a body that fails, as only one can that is made while it is sent.
    fileprivate var parts: [HTTPResponsePart]? {
        get async {
            let collector = PartCollector()
            do {
                try await body.write(collector)
            } catch {
                return nil
            }
            return [.head(head)] + collector.parts
        }
    }
}

/// Takes the parts of a body.
private final class PartCollector: ResponseBodyWriter {
    private(set) var parts: [HTTPResponsePart] = []

    func write(_ buffer: ByteBuffer) { parts.append(.body(buffer)) }

    func finish(_ trailingHeaders: HTTPFields?) { parts.append(.end(trailingHeaders)) }
}
