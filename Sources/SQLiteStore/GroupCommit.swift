import Engine
import GRDB
import WallTime

/// Commits jobs together: one `BEGIN IMMEDIATE … COMMIT`, and so one wait for the disk, for all of them. One which fails
/// takes nothing else with it.
///
/// A savepoint for each would see to that, but SQLite then keeps a copy of every page that a job touches first, and looks
/// through these copies at the end of statements: for a batch of usage records that was a third of the time. Failures
/// are rare. So jobs run without, and when one fails, everything is undone and all of them run again, each in a savepoint
/// now; so do those of the next commits until one has no failure. A job's closure may therefore run twice.
///
/// When the commit itself fails, none of its jobs was kept, and each of their callers is told so. One case is beyond
/// any database: when the disk reports an error on the very last write, the commit may turn up again after a power
/// cut. Starting an execution and recording a step are made so that trying again is harmless.
final class GroupCommit {
    /// What became of the jobs that one commit took.
    struct Outcome {
        var jobs = 0
        var failedJobs = 0
        /// Why none was kept; nil when the commit was made.
        var failure: StoreError?
        /// What the disk refused a single job; the others were kept.
        var trouble: StoreError?
        var nanoseconds: UInt64 = 0
        /// How much of it was `COMMIT`, that is, the disk.
        var flushNanoseconds: UInt64 = 0
    }

    let transaction: SQLiteTransaction
    let path: String
    let options: SQLiteStoreOptions
    /// Whether each job gets a savepoint.
    private var isCareful = false

    init(transaction: SQLiteTransaction, path: String, options: SQLiteStoreOptions) {
        self.transaction = transaction
        self.path = path
        self.options = options
    }

    /// Commits jobs from the front of `jobs`, as many as one commit may hold. Then calls `count`, and then resumes their
    /// callers, who find themselves counted.
    func commit(_ jobs: ArraySlice<StoreJob>, count: (Outcome) -> Void) -> Outcome {
        let started = options.clock.monotonicNanoseconds()
        let jobs = jobs.prefix(options.commitJobs)
        var outcome = Outcome()
        var answers: [StoreJob.Resume] = []
        while !attempt(jobs, &outcome, &answers) { isCareful = true }
        isCareful = outcome.failure == nil && outcome.failedJobs > 0
        outcome.nanoseconds = options.clock.monotonicNanoseconds() - started
        count(outcome)
        if let failure = outcome.failure {
            for job in jobs.prefix(outcome.jobs) { job.fail(failure) }
        } else {
            for resume in answers { resume() }
        }
        return outcome
    }

    /// - Returns: false when a job failed that had no savepoint; then nothing was kept, and it is to be tried again.
    private func attempt(
        _ jobs: ArraySlice<StoreJob>, _ outcome: inout Outcome, _ answers: inout [StoreJob.Resume]
    ) -> Bool {
        outcome = Outcome()
        answers.removeAll(keepingCapacity: true)
        do {
            try begin(failing: jobs.count, &outcome)
            for job in jobs {
                outcome.jobs += 1
                if isCareful {
                    let (answer, isFailure) = try performInSavepoint(job, &outcome)
                    answers.append(answer)
                    if isFailure { outcome.failedJobs += 1 }
                } else {
                    answers.append(try job.perform(transaction))
                }
                if transaction.writtenBytes >= options.commitBytes { break }
            }
            let flushing = options.clock.monotonicNanoseconds()
            try transaction.prepared("COMMIT").run()
            outcome.flushNanoseconds = options.clock.monotonicNanoseconds() - flushing
        } catch {
            let mayBeTheJobs = !isCareful && transaction.isOpen && answers.count < outcome.jobs
            let reason = undo(after: error)
            if mayBeTheJobs, !transaction.isOpen { return false }
            outcome.failedJobs = outcome.jobs
            outcome.failure = StoreError.from(reason, at: path)
        }
        return true
    }

    /// Begins the transaction. When that fails, it fails for all of the jobs at once: each of them would wait as long.
    private func begin(failing jobs: Int, _ outcome: inout Outcome) throws {
        do {
            try transaction.prepared("BEGIN IMMEDIATE").run()
            transaction.beginCounting()
        } catch {
            outcome.jobs = jobs
            throw error
        }
    }

    /// Runs one job. Its own error becomes its caller's answer.
    /// - Throws: when the whole transaction has ended, or has to, and with it all jobs before this one.
    private func performInSavepoint(
        _ job: StoreJob, _ outcome: inout Outcome
    ) throws -> (StoreJob.Resume, isFailure: Bool) {
        do {
            return (try transaction.atomically { try job.perform(transaction) }, false)
        } catch {
            guard transaction.isOpen, !(error is SavepointLost) else { throw error }
            let reason = StoreError.translating(error, at: path)
            if error is DatabaseError, let trouble = reason as? StoreError { outcome.trouble = trouble }
            return ({ job.fail(reason) }, true)
        }
    }

    /// Ends the transaction if SQLite hasn't, and gives the error to report.
    private func undo(after error: any Error) -> any Error {
        transaction.forgetRows()
        guard transaction.isOpen else { return error }
        do {
            try transaction.prepared("ROLLBACK").run()
            return error
        } catch let second {
            return transaction.isOpen ? second : error
        }
    }
}
