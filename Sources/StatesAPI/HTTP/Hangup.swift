import NIOCore

/// Notices that the client has gone while its request is still being answered.
private final class HangupHandler: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = NIOAny

    private let notice: @Sendable () -> Void

    init(_ notice: @escaping @Sendable () -> Void) { self.notice = notice }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { notice() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        notice()
        context.fireChannelInactive()
    }
}

/// Cancels the operation when the client at the other end of the channel has gone: a worker that was killed while it
/// polled must not be handed a task.
/// - Throws: what the operation throws; `ChannelError` when the channel is closed already.
func whileConnected<Value: Sendable>(
    _ channel: any Channel, _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let work = Task { try await operation() }
    let handler = HangupHandler { work.cancel() }
    do {
        // First in the pipeline: handlers behind it may keep the event to themselves.
        try await channel.pipeline.addHandler(handler, position: .first).get()
    } catch {
        work.cancel()
        throw error
    }
    defer { channel.pipeline.removeHandler(handler, promise: nil) }
    return try await withTaskCancellationHandler {
        try await work.value
    } onCancel: {
        work.cancel()
    }
}
