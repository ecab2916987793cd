import Engine
import Foundation

/// Jobs on their way to the threads that do them, in order of arrival.
final class JobQueue: @unchecked Sendable {
    // `arrived`, `wanted`, `next`, `isClosed` and `closedBecause` are read and changed only while `condition` is held.
    private let condition = NSCondition()
    private var arrived: [StoreJob] = []
    /// Those to be given out before `arrived`, the first one last.
    private var next: [StoreJob] = []
    private var isClosed = false
    /// With fewer `arrived` whoever waits is left asleep.
    private var wanted = 1
    private var closedBecause = "the store is closed"
    private let limit: Int
    /// Why so many wait, and what to do.
    private let reason: String

    init(limit: Int, reason: String = "the disk doesn't keep up; try again when fewer are under way") {
        self.limit = limit
        self.reason = reason
    }

    /// How many wait.
    var count: Int {
        condition.lock()
        defer { condition.unlock() }
        return arrived.count + next.count
    }

    /// Adds a job, or fails it when the queue is closed or full.
    func submit(_ job: StoreJob) {
        condition.lock()
        let refusal = refusal
        if refusal == nil { arrived.append(job) }
        let isEnough = arrived.count >= wanted
        condition.unlock()
        if let refusal {
            job.fail(refusal)
        } else if isEnough {
            // After unlocking, so that the thread which wakes finds the queue free.
            condition.signal()
        }
    }

    /// Takes no further job; those waiting are still given out.
    /// - Parameter reason: what further ones are told, unless it was closed before.
    func close(because reason: String? = nil) {
        condition.lock()
        if let reason, !isClosed { closedBecause = reason }
        isClosed = true
        condition.broadcast()
        condition.unlock()
    }

    /// Waits until there are jobs and takes all of them, in place of what `jobs` held; false when the queue is closed
    /// and empty. For a queue with one taker, which takes in no other way.
    func takeAll(into jobs: inout [StoreJob]) -> Bool {
        jobs.removeAll(keepingCapacity: true)
        condition.lock()
        defer { condition.unlock() }
        while arrived.isEmpty {
            if isClosed { return false }
            condition.wait()
        }
        swap(&jobs, &arrived)
        return true
    }

    /// Waits until so many more have arrived than wait already, but not longer than so many nanoseconds. For a queue with
    /// one taker.
    /// - Returns: how many have.
    func waitForMore(_ count: Int, nanoseconds: UInt64) -> Int {
        let deadline = Date(timeIntervalSinceNow: Double(nanoseconds) / 1e9)
        condition.lock()
        defer {
            wanted = 1
            condition.unlock()
        }
        let before = arrived.count
        wanted = before + count
        while arrived.count < wanted, !isClosed {
            guard condition.wait(until: deadline) else { break }
        }
        return arrived.count - before
    }

    /// Waits until there is a job and takes the first; nil when the queue is closed and empty.
    func takeFirst() -> StoreJob? {
        condition.lock()
        defer { condition.unlock() }
        while arrived.isEmpty && next.isEmpty {
            if isClosed { return nil }
            condition.wait()
        }
        if next.isEmpty {
            next = arrived.reversed()
            arrived.removeAll(keepingCapacity: true)
        }
        return next.popLast()
    }

    private var refusal: StoreError? {
        if isClosed { return .unavailable(closedBecause) }
        let waiting = arrived.count + next.count
        guard waiting >= limit else { return nil }
        return .unavailable("\(waiting) transactions wait already: \(reason)")
    }
}
