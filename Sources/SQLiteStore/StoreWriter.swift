import Engine
import Foundation
import GRDB
import Logging
import WallTime

/// The one thread that changes the database. What has queued up while it waited for the disk goes into its next
/// commit, so the more there is to do, the less each costs. On a slow disk it waits a moment for company
/// (`CommitCompany`).
final class StoreWriter: Sendable {
    private let queue: JobQueue
    private let counter: CommitCounter
    private let thread: StoreThread

    /// Owns `connection` from now on, and holds `lock` for as long as it is open.
    init(
        _ connection: DatabaseQueue, lock: DirectoryLock, path: String, options: SQLiteStoreOptions, logger: Logger
    ) {
        let queue = JobQueue(limit: options.queueLimit)
        let counter = CommitCounter()
        self.queue = queue
        self.counter = counter
        precondition(lock.hold(), "a store is made by a holder of its directory")
        thread = StoreThread(name: "steward-writer") {
            defer { lock.release() }
            let loop = CommitLoop(queue: queue, counter: counter, path: path, options: options, logger: logger)
            loop.run(on: connection)
        }
    }

    func submit(_ job: StoreJob) { queue.submit(job) }

    /// Takes no further job.
    func stop() { queue.close() }

    /// Returns when what was waiting is committed and the database is closed. Call `stop` before.
    func waitForEnd() async { await thread.waitForEnd() }

    var waiting: Int { queue.count }

    var statistics: StoreStatistics {
        var statistics = counter.statistics
        statistics.waitingWrites = queue.count
        return statistics
    }
}

/// Counts commits for whoever asks.
private final class CommitCounter: @unchecked Sendable {
    // `counted` is read and changed only while `guardian` is held.
    private let guardian = NSLock()
    private var counted = StoreStatistics()

    var statistics: StoreStatistics { guardian.withLock { counted } }

    func count(_ outcome: GroupCommit.Outcome, rowsChanged: Int) {
        guardian.withLock { counted.count(outcome, rowsChanged: Int64(rowsChanged)) }
    }
}

/// What the writer's thread does.
private struct CommitLoop {
    let queue: JobQueue
    let counter: CommitCounter
    let path: String
    let options: SQLiteStoreOptions
    let logger: Logger

    /// Commits until the queue is closed and empty, then closes the database.
    func run(on connection: DatabaseQueue) {
        do {
            // The thread enters the connection once and stays: nobody else ever uses it.
            try connection.inDatabase { database in
                let transaction = try SQLiteTransaction(database, isReadOnly: false)
                defer { transaction.close() }
                serve(transaction)
                emptyLog(database)
            }
            try connection.close()
        } catch {
            logger.error("database not closed cleanly", metadata: ["path": "\(path)", "error": "\(error)"])
        }
        refuseTheRest()
    }

    private func serve(_ transaction: SQLiteTransaction) {
        let group = GroupCommit(transaction: transaction, path: path, options: options)
        let trouble = LogLimiter()
        var company = CommitCompany()
        var jobs: [StoreJob] = []
        while queue.takeAll(into: &jobs) {
            var rest = jobs[...]
            while !rest.isEmpty {
                let outcome = group.commit(rest) { counter.count($0, rowsChanged: transaction.rowsChanged) }
                if let failure = outcome.failure ?? outcome.trouble,
                    let leftOut = trouble.admit(at: options.clock.now())
                {
                    logger.error(
                        "commit failed",
                        metadata: ["path": "\(path)", "error": "\(failure)", "alsoLeftOut": "\(leftOut)"])
                }
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
