package import NIOCore
package import NIOHTTPTypes

/// The client took too long to send its body.
struct BodyTimedOut: Error {}

/// Cuts off a client that sends its body slowly: whoever reads the body gets `BodyTimedOut`, and a moment later, in
/// which the answer goes out, the connection is closed. Lives on its channel's event loop.
package final class BodyDeadline: ChannelInboundHandler, RemovableChannelHandler {
    package typealias InboundIn = HTTPRequestPart
    package typealias InboundOut = HTTPRequestPart

    private let limit: TimeAmount
    private var isOpen = false
    private var pending: Scheduled<Void>?

    package init(seconds: Int) { limit = .seconds(Int64(seconds)) }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            cancel()
            isOpen = true
        case .body: break
        case .end: cancel()
        }
        context.fireChannelRead(data)
    }

    /// Most requests come whole, in one read, and need no timer.
    package func channelReadComplete(context: ChannelHandlerContext) {
        if isOpen, pending == nil { schedule(context) }
        context.fireChannelReadComplete()
    }

    package func handlerRemoved(context: ChannelHandlerContext) { cancel() }

    package func channelInactive(context: ChannelHandlerContext) {
        cancel()
        context.fireChannelInactive()
    }

    private func schedule(_ context: ChannelHandlerContext) {
        pending = context.eventLoop.assumeIsolated().scheduleTask(in: limit) {
            context.fireErrorCaught(BodyTimedOut())
            self.pending = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) {
                context.close(promise: nil)
            }
        }
    }

    private func cancel() {
        isOpen = false
        pending?.cancel()
        pending = nil
    }
}

@available(*, unavailable)
extension BodyDeadline: Sendable {}
