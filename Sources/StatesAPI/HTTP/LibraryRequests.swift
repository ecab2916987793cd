import NIOCore
import NIOHTTPTypes

/// Counts the requests that are the library's to answer: `ConnectionDeadline` has to know of them, and a server that stops
/// closes the connection behind the last answer. Lives on its channel's event loop.
final class LibraryRequests: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let deadline: ConnectionDeadline
    /// Requests that have begun and are not answered.
    private var unanswered = 0
    /// The last of them has not come whole.
    private var isReading = false
    private var isStopping = false

    init(deadline: ConnectionDeadline) { self.deadline = deadline }

    /// The header of the first request may still be on its way.
    func handlerAdded(context: ChannelHandlerContext) { deadline.hasHeard = true }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            unanswered += 1
            isReading = true
        case .body: break
        case .end: isReading = false
        }
        deadline.hasHeard = true
        tellDeadline()
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .end = unwrapOutboundIn(data) else { return context.write(data, promise: promise) }
        unanswered -= 1
        tellDeadline()
        guard isStopping else { return context.write(data, promise: promise) }
        context.writeAndFlush(data, promise: promise)
        closeIfAtRest(context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ChannelShouldQuiesceEvent else { return context.fireUserInboundEventTriggered(event) }
        isStopping = true
        closeIfAtRest(context)
    }

    private func closeIfAtRest(_ context: ChannelHandlerContext) {
        // What was no request at all is answered, too: then there is one less than none.
        if unanswered <= 0 { context.close(promise: nil) }
    }

    private func tellDeadline() { deadline.isBusy = unanswered > 0 && !isReading }
}

@available(*, unavailable)
extension LibraryRequests: Sendable {}
