import Engine
import Foundation

/// What a store has done since it was opened, for health and metrics.
package struct StoreStatistics: Sendable, Equatable {
    /// Commits made, each one wait for the disk at most.
    package var commits = 0
    /// Commits that failed; nothing of them was kept.
    package var failedCommits = 0
    /// Transactions that commits held, those included that failed alone.
    package var writes = 0
    /// Transactions that were undone, alone or with their commit.
    package var failedWrites = 0
    /// The most transactions that one commit held.
    package var largestCommit = 0
    /// Commits by how many transactions they held: `commitsBySize[n]` had at least 2ⁿ and fewer than 2ⁿ⁺¹.
    package var commitsBySize = [Int](repeating: 0, count: 16)
    /// From BEGIN to the end of COMMIT, in all.
    package var commitNanoseconds: UInt64 = 0
    package var longestCommitNanoseconds: UInt64 = 0
    /// Rows inserted, updated or deleted.
    package var rowsChanged: Int64 = 0
    /// Why the last commit failed; nil when it was made.
    package var lastFailure: String?
    /// What was found to be damaged, first, by a commit or a read. It stays: damage doesn't heal, and a commit that
    /// touches other pages says nothing against it.
    package var damage: String?
    /// What the disk did not give when it was asked for all, in the last seconds: then what looks damaged may not be.
    package var unreadable: String?
    /// Why a read failed, if one did in the last seconds.
    package var readFailure: String?
    /// Transactions that wait for the writer now.
    package var waitingWrites = 0
    /// Reads that wait for a reader now.
    package var waitingReads = 0
    /// Size of the database file.
    package var databaseBytes: Int64 = 0
    /// Size of the write-ahead log. One that only grows means that a reader never ends.
    package var logBytes: Int64 = 0

    /// What is wrong with the store; nil when nothing is.
    package var trouble: String? { unreadable ?? damage ?? lastFailure ?? readFailure }

    mutating func note(_ trouble: StoreError) {
        guard case .damaged(let text) = trouble, damage == nil else { return }
        damage = text
    }

    mutating func count(_ outcome: GroupCommit.Outcome, rowsChanged: Int64) {
        writes += outcome.jobs
        failedWrites += outcome.failedJobs
        let trouble = outcome.failure ?? outcome.trouble
        lastFailure = trouble?.explanation
        if let trouble { note(trouble) }
        self.rowsChanged = rowsChanged
        guard outcome.failure == nil else {
            failedCommits += 1
            return
        }
        commits += 1
        largestCommit = max(largestCommit, outcome.jobs)
        let size = min(Int.bitWidth - 1 - outcome.jobs.leadingZeroBitCount, commitsBySize.count - 1)
        commitsBySize[size] += 1
        commitNanoseconds += outcome.nanoseconds
        longestCommitNanoseconds = max(longestCommitNanoseconds, outcome.nanoseconds)
    }
}
