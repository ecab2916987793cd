import Glibc
import Hummingbird
package import HummingbirdCore
package import Logging
package import NIOCore
import NIOHTTP1
package import NIOHTTPTypes
import WallTime

/// Serves each connection on the thread of its own event loop: reading a call of the Step Functions API, answering it
/// and writing the answer hand nothing over to another thread, except where the store does its part
/// (`docs/benchmarks.md`). What may take long leaves that thread: it serves other connections, too.
///
/// Slow clients and large headers are cut off (`ConnectionDeadline`, `BodyDeadline`). Calls of the Step Functions API leave
/// the library's way at `WireLane`.
package struct LoopBoundConnections: HTTPChannelHandler {
    package typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    /// The library's, for everything but such calls.
    package let responder: Responder
    private let listener: any WireListener
    private let limits: ListenerLimits
    private let serverName: String
    private let date = DateField()

    package init(
        _ responder: @escaping Responder, listener: any WireListener, limits: ListenerLimits, serverName: String
    ) {
        self.responder = responder
        self.listener = listener
        self.limits = limits
        self.serverName = serverName
    }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try channel.syncOptions?.setOption(Self.mostUnsent, value: 128 << 10)
            let deadline = ConnectionDeadline(limits: limits)
            // First in the pipeline: handlers behind them may keep events to themselves.
            try pipeline.addHandlers(deadline, HangupHandler())
            try pipeline.addHandler(
                WireLane(
                    eventLoop: channel.eventLoop, limits: limits, deadline: deadline, respond: answerer(logger),
                    library: { [limits] in try Self.addLibrary(behind: $0, limits, deadline, to: $1) }))
            return try NIOAsyncChannel(
                wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
        }
    }

    /// How much the kernel takes from the daemon ahead of what it can send: without a limit it is megabytes, and nothing is
    /// to be seen of a client that reads them slowly.
    private static let mostUnsent = ChannelOptions.Types.SocketOption(
        level: .tcp, name: NIOBSDSocket.Option(rawValue: TCP_NOTSENT_LOWAT))

    /// The library's handlers of a connection that is not, or no longer, the lane's.
    private static func addLibrary(
        behind lane: WireLane, _ limits: ListenerLimits, _ deadline: ConnectionDeadline,
        to pipeline: ChannelPipeline.SynchronousOperations
    ) throws {
        var decoder = NIOHTTPDecoderLimitConfiguration()
        decoder.maxHeaderFieldSize = limits.headerBytes
        decoder.maxHeaderListSize = limits.headerBytes
        decoder.maxHeaderFieldCount = limits.headerCount
        // Each goes right behind the lane, so the last come first.
        try pipeline.addHandlers(
            [
                PlainHTTPCodec(), BodyDeadline(seconds: limits.bodySeconds),
                LibraryRequests(deadline: deadline),
            ], position: .after(lane))
        try pipeline.configureHTTPServerPipeline(
            position: .after(lane),
            withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: false,
            withEncoderConfiguration: .init(), withDecoderLimitConfiguration: decoder)
    }

    package func handle(value: Value, logger: Logger) async {
        await withTaskExecutorPreference(EventLoopExecutor(value.channel.eventLoop)) {
            await handleHTTP(asyncChannel: value, logger: logger)
        }
    }

    /// Spells answers with the date and a name, as the library does.
    private func answerer(_ logger: Logger) -> WireLane.Responder {
        { [listener, date, serverName] call, channel, peer, underWay in
            let answer = await listener.answer(call, APIContext(channel, peer, underWay, logger))
            let now = date.text(at: WallClock.system.now())
            return (answer.bytes(date: now, server: serverName, allocator: channel.allocator), answer.closes)
        }
    }
}

/// What calls of the Step Functions API are answered by, beside the library.
package protocol WireListener: Sendable {
    func answer(_ call: WireRequest, _ context: APIContext) async -> WireAnswer
}

/// Runs tasks on an event loop's thread.
final class EventLoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
