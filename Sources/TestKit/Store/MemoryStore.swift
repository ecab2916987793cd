package import Engine

/// An `ExecutionStore` in memory with real transactions: savepoints, roll-back, group commit, and faults on order.
///
/// A commit groups what has queued up, as the real writer does. `fail` makes a commit fail, `crash` loses what was not
/// committed and refuses everything until `reopened`.
package final class MemoryStore: ExecutionStore {
    package enum Crash: Sendable, Hashable {
        /// The commit is lost.
        case beforeCommit
        /// The commit is durable, and nobody hears of it.
        case afterCommit
    }

    /// A write that waits for the writer. Both closures run on whichever task drains the queue.
    fileprivate struct Job {
        let run: (MemoryTransaction) -> Void
        let resume: ((any Error)?) -> Void
    }

    fileprivate struct State {
        let transaction: MemoryTransaction
        var queue: [Job] = []
        var isHeld = false
        var commits = 0
        var reads = 0
        var surveys = 0
        var failures: [Int: StoreError] = [:]
        var crashes: [Int: Crash] = [:]
        var isDown = false
    }

    private let state: Guarded<State>

    package convenience init() { self.init(transaction: MemoryTransaction(tables: MemoryTables())) }

    private init(transaction: MemoryTransaction) {
        state = Guarded(State(transaction: transaction))
    }

    // MARK: Faults

    /// Commits so far; the next one has this number plus one.
    package var commits: Int { state.withLock(\.commits) }
    package var isDown: Bool { state.withLock(\.isDown) }

    /// How often it was read so far, and how often of that in a survey.
    package var reads: Int { state.withLock(\.reads) }
    package var surveys: Int { state.withLock(\.surveys) }

    /// Makes the commit of this number, from 1, fail and leave nothing behind.
    package func fail(commit number: Int, with error: StoreError = .full("no space left on device")) {
        state.withLock { $0.failures[number] = error }
    }

    package func crash(commit number: Int, _ crash: Crash) { state.withLock { $0.crashes[number] = crash } }

    /// As if the process died now.
    package func crashNow() { state.withLock { $0.isDown = true } }

    /// Writes wait from now on, as they do for a slow disk.
    package func holdCommits() { state.withLock { $0.isHeld = true } }

    package func releaseCommits() {
        state.withLock { $0.isHeld = false }
        drain()
    }

    /// How many writes wait for the writer.
    package var queuedWrites: Int { state.withLock(\.queue.count) }

    /// The store as the next process finds it: what was committed, and nothing else.
    package func reopened() -> MemoryStore {
        state.withLock { state in
            state.isDown = true
            return MemoryStore(transaction: state.transaction)
        }
    }

    // MARK: ExecutionStore

    package func write<Result: Sendable>(
        _ body: @escaping @Sendable (MemoryTransaction) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let outcome = Guarded<Swift.Result<Result, any Error>?>(nil)
            let job = Job(
                run: { transaction in
                    let result = Swift.Result { try transaction.atomically { try body(transaction) } }
                    outcome.withLock { $0 = result }
                },
                resume: { failure in
                    if let failure { return continuation.resume(throwing: failure) }
                    guard let result = outcome.withLock({ $0 }) else {
                        return continuation.resume(throwing: StoreError.unavailable("the write did not run"))
                    }
                    continuation.resume(with: result)
                })
            state.withLock { $0.queue.append(job) }
            drain()
        }
    }

    package func read<Result: Sendable>(
        _ body: @escaping @Sendable (MemoryTransaction) throws -> Result
    ) async throws -> Result {
        try state.withLock { state in
            if state.isDown { throw StoreError.unavailable("the store is down") }
            state.reads += 1
            state.transaction.isReadOnly = true
            defer { state.transaction.isReadOnly = false }
            return try body(state.transaction)
        }
    }

    package func survey<Result: Sendable>(
        _ body: @escaping @Sendable (MemoryTransaction) throws -> Result
    ) async throws -> Result {
        state.withLock { $0.surveys += 1 }
        return try await read(body)
    }

    /// Commits everything that waits, together. Callers hear of it after the lock is released.
    private func drain() {
        let settled: [(Job, (any Error)?)] = state.withLock { state in
            guard !state.isHeld, !state.queue.isEmpty else { return [] }
            let jobs = state.queue
            state.queue = []
            let failure = state.commit(jobs)
            return jobs.map { ($0, failure) }
        }
        for (job, failure) in settled { job.resume(failure) }
    }
}

extension MemoryStore.State {
    /// Runs the jobs and commits. Returns why nothing of it was kept, or could be told.
    fileprivate mutating func commit(_ jobs: [MemoryStore.Job]) -> (any Error)? {
        if isDown { return StoreError.unavailable("the store is down") }
        commits += 1
        for job in jobs { job.run(transaction) }
        if let error = failures[commits] {
            transaction.tables.rollBack(to: 0)
            return error
        }
        switch crashes[commits] {
        case .beforeCommit: transaction.tables.rollBack(to: 0)
        case .afterCommit, nil: transaction.tables.commit()
        }
        guard crashes[commits] != nil else { return nil }
        isDown = true
        return StoreError.unavailable("the process died at commit \(commits)")
    }
}
