package import HTTPTypes
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
/// Slow clients and large headers are cut off. Calls of the Step Functions API leave the library's way at `WireLane`.
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
            // First in the pipeline: handlers behind it may keep the event to themselves.
            try pipeline.addHandler(HangupHandler())
            var decoder = NIOHTTPDecoderLimitConfiguration()
            decoder.maxHeaderFieldSize = limits.headerBytes
            decoder.maxHeaderListSize = limits.headerBytes
            decoder.maxHeaderFieldCount = limits.headerCount
            try pipeline.configureHTTPServerPipeline(
                withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: false,
                withEncoderConfiguration: .init(), withDecoderLimitConfiguration: decoder)
            try pipeline.addHandlers([
                PlainHTTPCodec(), BodyDeadline(seconds: limits.bodySeconds),
                HTTPConnectionStateHandler(idleTimeout: .seconds(limits.idleSeconds), logger: logger),
                WireLane(
                    eventLoop: channel.eventLoop, admit: { [listener] in listener.place(for: $0, peer: $1) },
                    respond: answerer(logger)),
            ])
            return try NIOAsyncChannel(
                wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
        }
    }

    package func handle(value: Value, logger: Logger) async {
        await withTaskExecutorPreference(EventLoopExecutor(value.channel.eventLoop)) {
            await handleHTTP(asyncChannel: value, logger: logger)
        }
    }

    /// Answers as the library does around a responder: with the date and a name, and with status 500 for any error.
    private func answerer(_ logger: Logger) -> WireLane.Responder {
        { [listener, date, serverName] request, channel, peer, underWay in
            var response: Response
            do {
                response = try await listener.respond(to: request, context: APIContext(channel, peer, underWay, logger))
            } catch {
                logger.error("a call could not be answered", metadata: ["error": "\(error)"])
                response = Response(status: .internalServerError)
            }
            response.headers[.date] = date.text(at: WallClock.system.now())
            response.headers[.server] = serverName
            return response
        }
    }
}

/// What calls of the Step Functions API are answered by, beside the library.
package protocol WireListener: Sendable {
    func respond(to request: Request, context: APIContext) async throws -> Response

    /// A place for a call whose body is still to come: what leaves it again. Nil when there is none, or the caller is not
    /// let in by the head alone, which `respond` says.
    func place(for head: HTTPRequest, peer: String) -> (@Sendable () -> Void)?
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
