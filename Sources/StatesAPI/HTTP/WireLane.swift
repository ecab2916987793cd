import NIOCore

/// Answers calls of the Step Functions API as they come off the wire: one that is small and whole is read from its bytes,
/// answered by one task on the connection's own thread, and its answer written as bytes. The way through the library's
/// codec and its streams of parts costs several times as much (`docs/benchmarks.md`).
///
/// With the first request that is anything else the connection becomes the library's, and stays it: other paths, large
/// bodies, requests with `Expect` or `Connection: close`, a call that is cut off or comes slowly. What arrives during an
/// answer waits for it, so that answers go out in the order of their requests; and for a client that does not read its
/// answers, which would pile up in memory. Lives on its channel's event loop.
final class WireLane: ChannelInboundHandler, ChannelOutboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    /// Answers a call for the address at the other end of the channel, and spells the answer; whether the connection ends
    /// with it stands beside.
    typealias Responder =
        @Sendable (WireRequest, any Channel, _ peer: String, AnswerUnderWay) async -> (bytes: ByteBuffer, closes: Bool)

    /// Makes the connection the library's: its handlers come behind this one.
    typealias Library = (WireLane, ChannelPipeline.SynchronousOperations) throws -> Void

    /// With so much read ahead no more is read.
    private static let aheadLimit = 128 << 10
    /// So long the rest of a call may take before the library has to deal with its client.
    private static let patience = TimeAmount.seconds(1)

    private let limits: ListenerLimits
    private let deadline: ConnectionDeadline
    private let respond: Responder
    private let library: Library
    private let executor: EventLoopExecutor
    private var context: ChannelHandlerContext?
    private var peer: String?
    private var unread = ByteBuffer()
    private var underWay: AnswerUnderWay? {
        didSet { deadline.isBusy = isAnswering }
    }
    /// Whether `take` is at work: an answer that needs no wait comes back from within it.
    private var isTaking = false
    private var wantsRead = false
    /// What came while a call was being answered, besides bytes.
    private var held: (inputClosed: Bool, error: (any Error)?) = (false, nil)
    /// The server stops: the connection closes as soon as nothing is under way.
    private var isStopping = false
    /// The connection ends with the last answer.
    private var isClosing = false
    private var slow: Scheduled<Void>?

    init(
        eventLoop: any EventLoop, limits: ListenerLimits, deadline: ConnectionDeadline, respond: @escaping Responder,
        library: @escaping Library
    ) {
        self.limits = limits
        self.deadline = deadline
        self.respond = respond
        self.library = library
        executor = EventLoopExecutor(eventLoop)
    }

    private var isAnswering: Bool { underWay != nil }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        slow?.cancel()
        self.context = nil
    }

    // MARK: What comes in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if unread.readableBytes == 0 { unread = bytes } else { unread.writeBuffer(&bytes) }
        take(context)
    }

    private func take(_ context: ChannelHandlerContext) {
        guard !isTaking else { return }
        isTaking = true
        defer { isTaking = false }
        while !isAnswering, !isClosing, context.channel.isWritable, unread.readableBytes > 0 {
            switch WireRequest.take(from: &unread, limits: limits) {
            case .whole(let call):
                slow?.cancel()
                slow = nil
                answer(call, context)
            case .partial: return waitForRest(context)
            case .other: return passOn(context)
            }
        }
    }

    private func waitForRest(_ context: ChannelHandlerContext) {
        guard slow == nil else { return }
        slow = context.eventLoop.assumeIsolated().scheduleTask(in: Self.patience) { self.passOn(context) }
    }

    /// From here on the connection is the library's, with what has been read and not answered.
    private func passOn(_ context: ChannelHandlerContext) {
        do {
            try library(self, context.pipeline.syncOperations)
        } catch {
            return context.close(promise: nil)
        }
        context.fireChannelRead(wrapInboundOut(unread))
        context.fireChannelReadComplete()
        unread = ByteBuffer()
        if held.inputClosed { context.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
        if let error = held.error { context.fireErrorCaught(error) }
        if isStopping { context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
        if wantsRead {
            wantsRead = false
            context.read()
        }
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent {
            held.inputClosed = true
            underWay?.hangUp()
        } else if event is ChannelShouldQuiesceEvent {
            isStopping = true
        } else {
            return context.fireUserInboundEventTriggered(event)
        }
        if !isAnswering { end(context) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        held.error = error
        if !isAnswering { end(context) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        underWay?.hangUp()
        unread = ByteBuffer()
        context.fireChannelInactive()
    }

    /// Does what had to wait until nothing was under way. What is wrong with a call that is cut off the library says.
    private func end(_ context: ChannelHandlerContext) {
        guard !isClosing, held.inputClosed || isStopping || held.error != nil else { return }
        if unread.readableBytes == 0, held.error == nil { return context.close(promise: nil) }
        // Whole calls may be among them, which wait until the client has read its answers.
        if context.channel.isWritable || held.error != nil { passOn(context) }
    }

    /// Reads no more while a client sends requests faster than they are answered, or than it reads the answers.
    func read(context: ChannelHandlerContext) {
        if context.channel.isWritable, unread.readableBytes < Self.aheadLimit {
            context.read()
        } else {
            wantsRead = true
        }
    }

    /// Does the read that had to wait, or lets it wait on.
    private func readOn(_ context: ChannelHandlerContext) {
        guard wantsRead else { return }
        wantsRead = false
        read(context: context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { goOn(context) }
        context.fireChannelWritabilityChanged()
    }

    /// After an answer, or when there is room for further ones.
    private func goOn(_ context: ChannelHandlerContext) {
        take(context)
        if !isAnswering, !isTaking { end(context) }
        readOn(context)
    }

    // MARK: What goes out

    private func answer(_ call: WireRequest, _ context: ChannelHandlerContext) {
        let underWay = AnswerUnderWay()
        self.underWay = underWay
        let (respond, channel, peer) = (respond, context.channel, peer ?? APIContext.peer(of: context.channel))
        self.peer = peer
        let lane = NIOLoopBound(self, eventLoop: context.eventLoop)
        let task = Task.immediate(executorPreference: executor) {
            let (bytes, closes) = await respond(call, channel, peer, underWay)
            lane.value.finish(bytes, closes)
        }
        underWay.isCancelledBy { task.cancel() }
    }

    private func finish(_ bytes: ByteBuffer, _ closes: Bool) {
        underWay = nil
        guard let context else { return }
        isClosing = closes
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        if closes { return context.close(promise: nil) }
        goOn(context)
    }
}

@available(*, unavailable)
extension WireLane: Sendable {}
