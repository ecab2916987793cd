import Engine
import Logging
import WallTime

/// What commits are made with. Belongs to whoever has the queue's turn: the writer's thread, or a caller for one job.
///
/// Unchecked: everything but the lets is read and changed only by the holder of the turn, which the queue hands on under
/// its lock. SQLite's connection may change threads like this, as long as one at a time uses it.
final class CommitDesk: @unchecked Sendable {
    private let counter: CommitCounter
    private let path: String
    private let options: SQLiteStoreOptions
    private let logger: Logger
    private let trouble = LogLimiter()
    private var group: GroupCommit?
    /// Whether the disk has taken the last commit at once, so that a caller may wait for it on its own thread: that is one
    /// of Swift's few, on which everything else runs.
    private(set) var isDiskFast = false

    /// In nanoseconds. Up to here, waking the writer and being woken by it adds more to a commit than a thread of Swift's
    /// that waits for the disk costs the others (docs/benchmarks.md).
    private static let fastDisk: UInt64 = 500_000

    init(counter: CommitCounter, path: String, options: SQLiteStoreOptions, logger: Logger) {
        self.counter = counter
        self.path = path
        self.options = options
        self.logger = logger
    }

    /// From now on commits go through `transaction`; until it is closed with nil.
    func use(_ transaction: SQLiteTransaction?) {
        group = transaction.map { GroupCommit(transaction: $0, path: path, options: options) }
    }

    /// Commits jobs from the front of `jobs`, as many as one commit may hold, and answers their callers.
    func commit(_ jobs: ArraySlice<StoreJob>) -> GroupCommit.Outcome {
        guard let group else {
            for job in jobs { job.fail(StoreError.unavailable("the store is closed")) }
            return GroupCommit.Outcome(jobs: jobs.count)
        }
        let outcome = group.commit(jobs) { counter.count($0, rowsChanged: group.transaction.rowsChanged) }
        isDiskFast = outcome.failure == nil && outcome.flushNanoseconds < Self.fastDisk
        if let failure = outcome.failure ?? outcome.trouble, let leftOut = trouble.admit(at: options.clock.now()) {
            logger.error(
                "commit failed",
                metadata: ["path": "\(path)", "error": "\(failure.explanation)", "alsoLeftOut": "\(leftOut)"])
        }
        return outcome
    }

}
