/// Where steps of a test wait until it lets them on.
package final class Gate: Sendable {
    private let opening = AsyncStream<Void>.makeStream()

    package init() {}

    /// Lets everyone on who waits, and who comes later.
    package func open() { opening.continuation.finish() }

    /// Returns once the gate is open. A task that is cancelled waits no longer, and opens it for all: a stream that one
    /// reader leaves ends for the others.
    package func wait() async { for await _ in opening.stream {} }
}
