import Logging
package import WallTime

/// Removes what has aged out, a little at a time: the writer has other things to do.
///
/// Candidates are found by a reader; each commit removes a bounded number of rows, and twice as long as it took belongs
/// to everybody else. A run that is broken off, by a crash or a full disk, is taken up by the next: it begins anew, and
/// what was removed is gone.
package actor Retention {
    /// A run was asked for while one is under way.
    package struct Busy: Error {}

    private let store: SQLiteStore
    private let policy: @Sendable () -> RetentionPolicy
    private let clock: WallClock
    private var isRunning = false
    /// The last run that ended, and when.
    package private(set) var last: (report: RetentionReport, at: Instant)?

    /// Whom the audit log names where it isn't known who has asked.
    package static let actor = "retention"
    /// Rows that one commit removes: some milliseconds of the writer. A single history is never divided.
    static let rowsPerCommit = 500
    /// Rows that a reader looks at in one go.
    private static let window = 2000
    /// Pages that one commit gives back.
    private static let pagesPerCommit = 100
    /// Free pages that stay, for what comes next.
    private static let sparePages = 1000

    /// - Parameter policy: asked once by each run, and each plan.
    package init(store: SQLiteStore, policy: @escaping @Sendable () -> RetentionPolicy, clock: WallClock) {
        self.store = store
        self.policy = policy
        self.clock = clock
    }

    /// What a run at `now` would remove, and what it would keep and why. Changes nothing.
    /// - Throws: `StoreError`.
    package func plan(at now: Instant) async throws -> RetentionReport {
        let policy = policy()
        var report = RetentionReport()
        for kind in RetentionKind.allCases {
            guard let age = policy.age(of: kind) else { continue }
            var line = RetentionReport.Line()
            try await eachWindow(of: kind, before: now - age) { expired in
                line.removed += expired.found.reduce(0) { $0 + $1.count }
                line.rows += expired.found.reduce(0) { $0 + $1.rows }
                line.kept.merge(expired.kept, uniquingKeysWith: +)
            }
            report.lines[kind] = line
        }
        report.canShrink = try await store.read { try $0.pages() }.canShrink
        return report
    }

    /// Removes everything that has aged out at `now`, gives free pages back, and tells the audit log when something went:
    /// what a run before has removed that a crash ended, too.
    /// - Throws: `StoreError`, `CancellationError`, `Busy`.
    package func run(at now: Instant, by actor: String) async throws -> RetentionReport {
        guard !isRunning else { throw Busy() }
        isRunning = true
        defer { isRunning = false }
        let policy = policy()
        var report = RetentionReport()
        try await tell(by: Self.actor)
        do {
            for kind in RetentionKind.allCases {
                guard let age = policy.age(of: kind) else { continue }
                let cutoff = now - age
                report.lines[kind] = RetentionReport.Line()
                try await eachWindow(of: kind, before: cutoff) { expired in
                    report.lines[kind]?.kept.merge(expired.kept, uniquingKeysWith: +)
                    try await self.remove(expired.found, kind, cutoff) { removed, rows in
                        report.lines[kind]?.removed += removed
                        report.lines[kind]?.rows += rows
                    }
                }
            }
            try await shrink(&report)
        } catch {
            do { try await tell(by: actor, report) } catch {
                // The counts are in the database, and the next run tells of them.
            }
            throw error
        }
        try await tell(by: actor, report)
        last = (report, clock.now())
        return report
    }

    private func eachWindow(
        of kind: RetentionKind, before cutoff: Instant, _ body: (ExpiredRows) async throws -> Void
    ) async throws {
        var position: Int64? = 0
        while let after = position {
            try Task.checkCancellation()
            let expired = try await store.read {
                try $0.expired(kind, before: cutoff, after: after, window: Self.window)
            }
            try await body(expired)
            position = expired.next
        }
    }

    private func remove(
        _ found: [ExpiredRows.Found], _ kind: RetentionKind, _ cutoff: Instant, _ count: (Int, Int) -> Void
    ) async throws {
        var rest = found[...]
        while !rest.isEmpty {
            var batch: [Int64] = []
            var rows = 0
            while let next = rest.first, batch.isEmpty || rows + next.rows <= Self.rowsPerCommit {
                batch.append(next.id)
                rows += next.rows
                rest.removeFirst()
            }
            let ids = batch
            let gone = try await inTurn { transaction in
                let gone = try transaction.remove(kind, ids, before: cutoff)
                try transaction.countRemoved(kind, gone.removed)
                return gone
            }
            count(gone.removed, gone.rows)
        }
    }

    private func shrink(_ report: inout RetentionReport) async throws {
        let before = try await store.read { try $0.pages() }
        report.canShrink = before.canShrink
        guard before.canShrink else { return }
        let spare = max(Self.sparePages, before.all / 10)
        var excess = before.free - spare
        while excess > 0 {
            let pages = min(excess, Self.pagesPerCommit)
            try await inTurn { try $0.shrink(pages: pages) }
            excess -= pages
        }
        let after = try await store.read { try $0.pages() }
        report.bytesFreed = Int64(max(0, before.all - after.all)) * Int64(before.size)
    }

    /// One commit, and then a pause twice as long as it took.
    private func inTurn<Result: Sendable>(
        _ body: @escaping @Sendable (SQLiteTransaction) throws -> Result
    ) async throws -> Result {
        try Task.checkCancellation()
        let start = clock.monotonicNanoseconds()
        let result = try await store.write(body)
        let taken = Duration.nanoseconds(Int64(clock.monotonicNanoseconds() - start))
        try await clock.sleepUntil(clock.now() + max(.milliseconds(1), taken * 2))
        return result
    }

    /// One entry for all that was removed since the last. Without a report: for a run that could not tell by itself.
    private func tell(by actor: String, _ report: RetentionReport? = nil) async throws {
        let now = clock.now()
        let kinds = report.map { Set($0.lines.keys) }
        try await store.write { try $0.tellRemoved(at: now, by: actor, kinds) }
    }
}
