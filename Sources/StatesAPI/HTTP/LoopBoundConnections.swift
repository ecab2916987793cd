import Hummingbird
package import HummingbirdCore
package import Logging
package import NIOCore

/// Serves each connection on the thread of its own event loop: reading a call of the Step Functions API, answering it
/// and writing the answer hand nothing over to another thread, except where the store does its part
/// (`docs/benchmarks.md`). What may take long leaves that thread: it serves other connections, too.
package struct LoopBoundConnections<Inner: ServerChildChannel>: ServerChildChannel {
    private let inner: Inner

    package init(_ inner: Inner) { self.inner = inner }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Inner.Value> {
        inner.setup(channel: channel, logger: logger).flatMapThrowing { value in
            // First in the pipeline: handlers behind it may keep the event to themselves.
            try channel.pipeline.syncOperations.addHandler(HangupHandler(), position: .first)
            return value
        }
    }

    package func handle(value: Inner.Value, logger: Logger) async {
        await withTaskExecutorPreference(EventLoopExecutor(value.channel.eventLoop)) {
            await inner.handle(value: value, logger: logger)
        }
    }
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
