import Engine
import NIOCore

/// Notices that the client has gone while its request is still being answered.
final class HangupHandler: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = NIOAny

    private struct State {
        var hasGone = false
        var onHangup: (@Sendable () -> Void)?
    }

    private let state = LockedBox(State())

    /// Calls `notice` once when the client goes, or has gone; nil forgets the one before. A connection has one request
    /// at a time.
    func watch(_ notice: (@Sendable () -> Void)?) {
        let hasGone = state.withLock { state in
            state.onHangup = state.hasGone ? nil : notice
            return state.hasGone
        }
        if hasGone { notice?() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { hangUp() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        hangUp()
        context.fireChannelInactive()
    }

    private func hangUp() {
        let notice = state.withLock { state in
            defer { state = State(hasGone: true) }
            return state.onHangup
        }
        notice?()
    }
}

/// Cancels the operation when the client at the other end of the channel has gone: a worker that was killed while it
/// polled must not be handed a task.
/// - Throws: what the operation throws; `ChannelPipelineError` when the channel has no `HangupHandler`.
func whileConnected<Value: Sendable>(
    _ channel: any Channel, _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let handler = try await channel.pipeline.handler(type: HangupHandler.self).get()
    let work = Task(executorPreference: EventLoopExecutor(channel.eventLoop)) { try await operation() }
    handler.watch { work.cancel() }
    defer { handler.watch(nil) }
    return try await withTaskCancellationHandler {
        try await work.value
    } onCancel: {
        work.cancel()
    }
}
