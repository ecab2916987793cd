import Engine
import Foundation
import GRDB
import Logging
import WallTime

/// What changes the database: one connection, and a thread of its own. What has queued up while it waited for the disk
/// goes into its next commit, so the more there is to do, the less each costs. On a slow disk it waits a moment for company
/// (`CommitCompany`).
///
/// A small job that comes while nothing else does, to a disk that answers at once, its caller commits itself: waking
/// the thread and being woken by it takes longer than such a commit.
final class StoreWriter: Sendable {
    private let queue: JobQueue
    private let counter: CommitCounter
    private let desk: CommitDesk
    private let thread: StoreThread

    /// Owns `connection` from now on, and holds `lock` for as long as it is open.
    init(
        _ connection: DatabaseQueue, counter: CommitCounter, lock: DirectoryLock, path: String,
        options: SQLiteStoreOptions, logger: Logger
    ) {
        self.counter = counter
        let queue = JobQueue(limit: options.queueLimit)
        let desk = CommitDesk(counter: counter, path: path, options: options, logger: logger)
        self.queue = queue
        self.desk = desk
        precondition(lock.hold(), "a store is made by a holder of its directory")
        thread = StoreThread(name: "steward-writer") {
            defer { lock.release() }
            CommitLoop(queue: queue, desk: desk, path: path, logger: logger).run(on: connection)
        }
    }

    func submit(_ job: StoreJob) { queue.submit(job) }

    /// Does a job that changes few rows: on this thread, before it returns, or as any other.
    func submitSmall(_ job: StoreJob) {
        guard queue.enter() else { return queue.submit(job) }
        _ = desk.commit([job])
        queue.leave(letsCallersIn: desk.isDiskFast)
    }

    /// Takes no further job.
    func stop() { queue.close() }

    /// Returns when what was waiting is committed and the database is closed. Call `stop` before.
    func waitForEnd() async { await thread.waitForEnd() }

    var waiting: Int { queue.count }

    /// What another connection met; see `CommitCounter.note`.
    func note(_ reason: any Error, for error: DatabaseError) { counter.note(reason, for: error) }

    func forgetDamage(because failure: String?) { counter.forgetDamage(because: failure) }

    var statistics: StoreStatistics {
        var statistics = counter.statistics
        statistics.waitingWrites = queue.count
        return statistics
    }
}

/// Counts commits for whoever asks, and notes what reads failed for.
final class CommitCounter: @unchecked Sendable {
    // The variables are read and changed only while `guardian` is held.
    private let guardian = NSLock()
    private var counted = StoreStatistics()
    private var readFailure: (text: String, at: UInt64)?
    private var unreadable: (text: String, at: UInt64)?
    private let clock: WallClock

    /// In nanoseconds. Reads that succeed clear nothing: most find their pages in memory.
    private static let memory: UInt64 = 15_000_000_000

    init(clock: WallClock) { self.clock = clock }

    var statistics: StoreStatistics {
        let now = clock.monotonicNanoseconds()
        return guardian.withLock {
            var statistics = counted
            statistics.readFailure = Self.recent(readFailure, now)
            statistics.unreadable = Self.recent(unreadable, now)
            return statistics
        }
    }

    private static func recent(_ noted: (text: String, at: UInt64)?, _ now: UInt64) -> String? {
        // Another thread may have noted it after `now` was read.
        noted.flatMap { now < $0.at + memory ? $0.text : nil }
    }

    /// It was the disk.
    /// - Parameter failure: what it still doesn't give.
    func forgetDamage(because failure: String?) {
        let now = clock.monotonicNanoseconds()
        guardian.withLock {
            counted.damage = nil
            readFailure = nil
            unreadable = failure.map {
                ("\($0): check the disk and its file system; nothing acknowledged is lost", now)
            }
        }
    }

    /// A read failed. It is noted where the database or its disk is to blame, and not what was asked, nor who cut it short.
    func note(_ reason: any Error, for error: DatabaseError) {
        let blamed: [ResultCode] = [
            .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_FULL,
        ]
        guard blamed.contains(error.resultCode), let trouble = reason as? StoreError else { return }
        let now = clock.monotonicNanoseconds()
        guardian.withLock {
            counted.note(trouble)
            readFailure = (trouble.explanation, now)
        }
    }

    func count(_ outcome: GroupCommit.Outcome, rowsChanged: Int) {
        guardian.withLock { counted.count(outcome, rowsChanged: Int64(rowsChanged)) }
    }
}

/// What the writer's thread does.
private struct CommitLoop {
    let queue: JobQueue
    let desk: CommitDesk
    let path: String
    let logger: Logger

    /// Commits until the queue is closed and empty, then closes the database.
    func run(on connection: DatabaseQueue) {
        do {
            // The thread enters the connection once and stays: nobody else ever uses it but those who have the turn.
            try connection.inDatabase { database in
                let transaction = try SQLiteTransaction(database, isReadOnly: false)
                desk.use(transaction)
                defer {
                    desk.use(nil)
                    transaction.close()
                }
                serve()
                emptyLog(database)
            }
            try connection.close()
        } catch {
            logger.error("database not closed cleanly", metadata: ["path": "\(path)", "error": "\(error)"])
        }
        refuseTheRest()
    }

    private func serve() {
        var company = CommitCompany()
        var jobs: [StoreJob] = []
        while queue.takeAll(into: &jobs, letsCallersIn: desk.isDiskFast) {
            var rest = jobs[...]
            while !rest.isEmpty {
                let outcome = desk.commit(rest)
                rest = rest.dropFirst(outcome.jobs)
                if rest.isEmpty, let patience = company.patience(after: outcome) {
                    let arrived = queue.waitForMore(outcome.jobs, nanoseconds: patience)
                    company.note(arrived: arrived, of: outcome.jobs)
                }
            }
        }
    }

    private func emptyLog(_ database: Database) {
        do {
            try database.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        } catch {
            // All is durable in the log, and the next start takes it up.
            logger.warning("log not emptied", metadata: ["path": "\(path)", "error": "\(error)"])
        }
    }

    /// Leaves no caller waiting, should the loop have ended early.
    private func refuseTheRest() {
        queue.close()
        var jobs: [StoreJob] = []
        while queue.takeAll(into: &jobs) {
            for job in jobs { job.fail(StoreError.unavailable("the store is closed")) }
        }
    }
}
