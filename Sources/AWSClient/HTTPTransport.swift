/// A request over HTTP or HTTPS.
package struct HTTPRequest: Sendable {
    package var method: String
    /// The whole URL, percent-encoded as it goes on the wire.
    package var url: String
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// For the whole call, from resolving the name to the last byte of the answer.
    package var timeout: Duration
    /// Refuses to talk to a loopback, link-local or unspecified address, whatever the host's name resolves to. For
    /// URLs that come from a definition or a person rather than from the configuration.
    package var refusesLocalAddresses: Bool

    package init(
        method: String = "GET", url: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        timeout: Duration = .seconds(30), refusesLocalAddresses: Bool = false
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.refusesLocalAddresses = refusesLocalAddresses
    }
}

/// An answer over HTTP, whatever its status. Redirects are not followed: a signature holds for one host only.
package struct HTTPResponse: Sendable {
    package var status: Int
    /// In the order received, names as sent.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first header of that name, in any case; nil when there is none.
    package func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }
}

/// Why there is no answer. Each message names the host, and never the path or the query, which may hold secrets.
package enum HTTPTransportError: Error, Equatable, CustomStringConvertible {
    /// The name did not resolve or nothing accepted the connection: nothing was sent.
    case couldNotConnect(String)
    /// The time of the request was up. The server may have done what it was asked.
    case timedOut(String)
    /// The server's certificate or the TLS handshake was refused: nothing was sent.
    case tls(String)
    /// The connection was cut, the answer is not HTTP or too large, or the request is no valid one.
    case other(String)

    package var description: String {
        switch self {
        case .couldNotConnect(let message), .timedOut(let message), .tls(let message), .other(let message): message
        }
    }
}

/// How HTTP requests leave the process, as a dependency: programs use `curl()`, tests a closure.
package struct HTTPTransport: Sendable {
    /// Sends one request. Throws `HTTPTransportError`, or `CancellationError` when the task is cancelled.
    package let send: @Sendable (HTTPRequest) async throws -> HTTPResponse

    package init(send: @escaping @Sendable (HTTPRequest) async throws -> HTTPResponse) { self.send = send }
}
