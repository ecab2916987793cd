import NIOCore

/// Ends a connection, whoever answers on it: when it has been silent for too long, which is also when its client takes
/// nothing of its answers; and, when the server stops, after the time of the drain. Stands next to the socket, where all
/// bytes of answers go by. Lives on its channel's event loop.
///
/// Whoever else closes the connection does so behind the answers that were given out: a client may read them slowly, and the
/// channel would drop them.
final class ConnectionDeadline: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    /// An answer is being made, however long that takes.
    var isBusy = false
    /// Something of a request has come since the last look.
    var hasHeard = false

    private let interval: TimeAmount
    private let drain: TimeAmount
    private var silence = Silence()
    private var written = 0
    /// Closes as soon as the client has taken its answers; it is not listened to any more.
    private var isClosing = false
    private var nextLook: Scheduled<Void>?
    private var endOfDrain: Scheduled<Void>?

    init(limits: ListenerLimits) {
        interval = .milliseconds(Int64(limits.idleSeconds) * 1000 / Int64(Silence.looks))
        drain = .seconds(Int64(limits.drainSeconds))
    }

    func handlerAdded(context: ChannelHandlerContext) { wait(context) }

    func handlerRemoved(context: ChannelHandlerContext) {
        nextLook?.cancel()
        endOfDrain?.cancel()
    }

    private func wait(_ context: ChannelHandlerContext) {
        nextLook = context.eventLoop.assumeIsolated().scheduleTask(in: interval) { self.look(context) }
    }

    private func look(_ context: ChannelHandlerContext) {
        let isBusy = isBusy || hasHeard
        hasHeard = false
        if silence.look(written: written, waiting: Self.waitingBytes(context), isBusy: isBusy) {
            context.close(promise: nil)
        } else {
            wait(context)
        }
    }

    /// Nothing waits on a channel that is closed, which has no options either.
    private static func waitingBytes(_ context: ChannelHandlerContext) -> Int {
        (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent, endOfDrain == nil {
            endOfDrain = context.eventLoop.assumeIsolated().scheduleTask(in: drain) { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !isClosing { context.fireChannelRead(data) }
    }

    func read(context: ChannelHandlerContext) {
        if !isClosing { context.read() }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        written += unwrapOutboundIn(data).readableBytes
        context.write(data, promise: promise)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode != .input, isClosing || Self.waitingBytes(context) > 0 else {
            return context.close(mode: mode, promise: promise)
        }
        // Of a client that has closed its own side, the end of the output is the end of the channel.
        if mode == .all {
            context.channel.closeFuture.cascade(to: promise)
            guard !isClosing else { return }
            isClosing = true
        }
        // Nothing, written behind all that waits: it has left when that has.
        let end = context.eventLoop.makePromise(of: Void.self)
        end.futureResult.assumeIsolated().whenComplete { _ in
            context.close(mode: mode, promise: mode == .all ? nil : promise)
        }
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(ByteBuffer())), promise: end)
    }
}

@available(*, unavailable)
extension ConnectionDeadline: Sendable {}
