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

    /// The channel's, found at once where the caller is on the channel's thread.
    static func of(_ channel: any Channel) async throws -> HangupHandler {
        guard channel.eventLoop.inEventLoop else {
            return try await channel.pipeline.handler(type: HangupHandler.self).get()
        }
        return try channel.pipeline.syncOperations.handler(type: HangupHandler.self)
    }

    private func hangUp() {
        let notice = state.withLock { state in
            defer { state = State(hasGone: true) }
            return state.onHangup
        }
        notice?()
    }
}

/// An answer that is being made by a task of its own.
final class AnswerUnderWay: Sendable {
    private struct State {
        var hasGone = false
        var endsWithClient = false
        var cancel: (@Sendable () -> Void)?

        var due: (@Sendable () -> Void)? { hasGone && endsWithClient ? cancel : nil }
    }

    private let state = LockedBox(State())

    func isCancelledBy(_ cancel: @escaping @Sendable () -> Void) { change { $0.cancel = cancel } }

    /// The client has gone.
    func hangUp() { change { $0.hasGone = true } }

    /// Has it cancelled when the client goes, or has gone.
    func endWithClient() { change { $0.endsWithClient = true } }

    private func change(_ body: (inout State) -> Void) {
        let cancel = state.withLock { state in
            body(&state)
            return state.due
        }
        cancel?()
    }
}

/// Cancels the operation when the client at the other end of the channel has gone: a worker that was killed while it
/// polled must not be handed a task.
/// - Throws: what the operation throws; `ChannelPipelineError` when the channel has no `HangupHandler`.
func whileConnected<Value: Sendable>(
    _ channel: any Channel, _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let handler = try await HangupHandler.of(channel)
    let work = Task(executorPreference: EventLoopExecutor(channel.eventLoop)) { try await operation() }
    handler.watch { work.cancel() }
    defer { handler.watch(nil) }
    return try await withTaskCancellationHandler {
        try await work.value
    } onCancel: {
        work.cancel()
    }
}
