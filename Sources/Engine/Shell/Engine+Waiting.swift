import Interpreter
package import WallTime

/// Somebody who waits for the end of an execution, or a deadline.
struct EndWaiter: Sendable {
    let deadline: Instant
    /// Brings the record with which it ended; nothing for another look.
    let end = Signal<ExecutionRecord>()
}

extension Engine {
    /// Returns the execution's record once it has ended, or as it is at the deadline, which passes only while the engine
    /// runs.
    package func waitUntilFinished(_ id: ExecutionID, deadline: Instant) async throws -> ExecutionRecord {
        while true {
            let waiter = EndWaiter(deadline: deadline)
            let isRunning = live.withLock { live in
                live.addWaiter(waiter, for: id)
                return live.running(id) != nil
            }
            defer { live.withLock { $0.removeWaiter(waiter, for: id) } }
            // Looked at after the waiter is in place, so that an end in between is not missed.
            if !isRunning || clock.now() >= deadline {
                let record = try await execution(id)
                if record.status != .running || clock.now() >= deadline { return record }
            }
            waitAlarm.note(deadline)
            if let record = await waiter.end.wait() { return record }
            try Task.checkCancellation()
        }
    }

    /// Ends waits at their deadlines, all of them by one sleep: a timer for each would cost as much as the rest of a wait.
    func runWaitDeadlines() async {
        while !Task.isCancelled, !isDraining {
            let now = clock.now()
            let (overdue, nextEnd) = live.withLock { $0.overdueWaiters(at: now) }
            for waiter in overdue { waiter.end.give() }
            let next = [pollers.wakeOverdue(at: now), nextEnd].compactMap(\.self).min()
                .map { min($0, now + options.longestSleep) }
            await waitAlarm.sleep(until: next ?? .distantFuture, clock: clock)
        }
    }
}
