import Interpreter
package import WallTime

extension Engine {
    /// Returns the execution's record once it has ended, or as it is at the deadline.
    package func waitUntilFinished(_ id: ExecutionID, deadline: Instant) async throws -> ExecutionRecord {
        while true {
            let signal = Signal()
            let (number, isRunning) = live.withLock { ($0.addWaiter(signal, for: id), $0.isRunning(id)) }
            defer { live.withLock { $0.removeWaiter(number, for: id) } }
            // Looked at after the waiter is in place, so that an end in between is not missed.
            if !isRunning || clock.now() >= deadline {
                let record = try await execution(id)
                if record.status != .running || clock.now() >= deadline { return record }
            }
            let timer = Task { [clock] in
                do { try await clock.sleepUntil(deadline) } catch { return }
                signal.give()
            }
            await signal.wait()
            timer.cancel()
            try Task.checkCancellation()
        }
    }
}
