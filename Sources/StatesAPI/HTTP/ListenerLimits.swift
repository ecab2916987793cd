/// How much the listener takes on at one time. What goes beyond is told to come back.
package struct ListenerLimits: Sendable {
    /// Requests being answered.
    package var requests = 256
    /// `GetActivityTask` and `StartSyncExecution`: they wait, and cost a connection and little else.
    package var longPolls = 500
    /// Ingestions being answered; their bodies are large.
    package var ingestions = 4
    /// Bytes of all bodies that are held.
    package var bodyBytes = 256 << 20
    /// Changes that wait for the store's writer.
    package var queuedWrites = 10_000
    /// Open connections; more wait in the kernel's queue.
    package var connections = 900
    /// How long a client may take to send a body.
    package var bodySeconds = 30
    /// How long a connection may be silent between requests, how long a request's headers may take, and how long a client
    /// may take nothing of its answers.
    package var idleSeconds = 75
    /// How long a server that stops waits for its connections.
    package var drainSeconds = 20
    /// Bytes of all headers of a request, and of one of them.
    package var headerBytes = 32 << 10
    package var headerCount = 100

    package init() {}
}
