/// Whether the writer waits after a commit for those whom it has answered, so that they share the next one.
///
/// Callers that ask again as soon as they are answered otherwise fall into two halves: one waits for the disk while the
/// other decides what to ask next, and on a slow disk each commit holds half as many as it could. Waiting pays where they
/// are few and come back in less time than the disk takes; where they don't, it is tried ever more rarely. With more of
/// them, deciding takes longer than the disk, which then had better go on meanwhile (`docs/benchmarks.md`).
struct CommitCompany {
    private var misses = 0
    /// Commits to make before it is tried again.
    private var pause = 0

    /// A disk that takes less is not worth a wait.
    static let slowDisk: UInt64 = 300_000
    static let most = 16

    /// - Returns: how many nanoseconds to wait at most; nil for not at all.
    mutating func patience(after outcome: GroupCommit.Outcome) -> UInt64? {
        guard outcome.failure == nil, (2...Self.most).contains(outcome.jobs), outcome.flushNanoseconds > Self.slowDisk
        else { return nil }
        guard pause == 0 else {
            pause -= 1
            return nil
        }
        return outcome.flushNanoseconds / 2
    }

    /// - Parameter arrived: how many came while it waited for `expected`.
    mutating func note(arrived: Int, of expected: Int) {
        // One of them may have ended, or take a longer way back.
        if arrived >= expected - max(1, expected / 8) {
            misses = 0
        } else {
            misses = min(misses + 1, 10)
            pause = 1 << misses
        }
    }
}
