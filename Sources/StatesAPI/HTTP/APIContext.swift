package import Hummingbird
import Logging
import NIOCore

/// What routes know of a request besides itself.
package struct APIContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The address at the other end of the connection, without the port.
    let peer: String
    let channel: any Channel
    /// The answer, where the listener may say that it ends with its client's going; nil where the library answers.
    var underWay: AnswerUnderWay?

    package init(source: Source) {
        coreContext = .init(source: source)
        channel = source.channel
        peer = Self.peer(of: source.channel)
    }

    init(_ channel: any Channel, _ peer: String, _ underWay: AnswerUnderWay, _ logger: Logger) {
        coreContext = .init(source: Source(channel: channel, logger: logger))
        self.channel = channel
        self.peer = peer
        self.underWay = underWay
    }

    static func peer(of channel: any Channel) -> String { channel.remoteAddress?.ipAddress ?? "unknown" }
}
