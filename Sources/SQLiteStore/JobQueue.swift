import Engine
import WallTime

/// Jobs on their way to the threads that do them, in order of arrival.
final class JobQueue: @unchecked Sendable {
    // `arrived`, `wanted`, `next`, `turn`, `letsCallersIn`, `isClosed` and `closedBecause` are read and changed only while
    // `condition` is held.
    private let condition = MonotonicCondition()
    private var arrived: [StoreJob] = []
    /// Those to be given out before `arrived`, the first one last.
    private var next: [StoreJob] = []
    /// Whose turn it is to do jobs, in a queue with one taker.
    private var turn = Turn.nobodys
    private var letsCallersIn = false
    private var isClosed = false
    /// With fewer `arrived` whoever waits is left asleep.
    private var wanted = 1
    private var closedBecause = "the store is closed"
    private let limit: Int
    /// Why so many wait, and what to do.
    private let reason: String

    private enum Turn { case nobodys, takers, callers }

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
        // Who does a job on its own thread looks after those that came meanwhile.
        let isEnough = arrived.count >= wanted && turn != .callers
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
    /// and empty. For a queue with one taker, which takes in no other way, and has the turn until it takes again.
    /// - Parameter letsCallersIn: whether callers may take turns while nothing waits (`enter`).
    func takeAll(into jobs: inout [StoreJob], letsCallersIn: Bool = false) -> Bool {
        jobs.removeAll(keepingCapacity: true)
        condition.lock()
        defer { condition.unlock() }
        turn = .nobodys
        self.letsCallersIn = letsCallersIn
        while arrived.isEmpty || turn == .callers {
            if isClosed, turn != .callers { return false }
            condition.wait()
        }
        turn = .takers
        swap(&jobs, &arrived)
        return true
    }

    /// Takes the turn for a caller that would do its job itself.
    /// - Returns: false when the queue's taker is at work, others wait, or callers aren't let in; then it has no turn.
    func enter() -> Bool {
        condition.lock()
        defer { condition.unlock() }
        guard letsCallersIn, turn == .nobodys, arrived.isEmpty, !isClosed else { return false }
        turn = .callers
        return true
    }

    /// Gives the turn back that `enter` has given.
    /// - Parameter letsCallersIn: whether the next one may enter.
    func leave(letsCallersIn: Bool) {
        condition.lock()
        turn = .nobodys
        self.letsCallersIn = letsCallersIn
        let isAwaited = !arrived.isEmpty || isClosed
        condition.unlock()
        if isAwaited { condition.signal() }
    }

    /// Waits until so many more have arrived than wait already, but not longer than so many nanoseconds. For a queue with
    /// one taker.
    /// - Returns: how many have.
    func waitForMore(_ count: Int, nanoseconds: UInt64) -> Int {
        let deadline = WallClock.system.monotonicNanoseconds() + nanoseconds
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
