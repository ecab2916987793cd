import Engine
import JSONModel
import WallTime

/// What retention has removed and the audit log was not told of yet: counted in the commit that removes, so that no
/// crash takes it away, and told in one entry, so that a run is not one for each commit.
///
/// The counts are rows of `retentionMark`, in the column that has instants elsewhere: they come and go within a run, and
/// are no schema of their own.
extension SQLiteTransaction {
    private static let prefix = "removed:"

    func countRemoved(_ kind: RetentionKind, _ count: Int) throws {
        guard count > 0 else { return }
        try change(
            """
            INSERT INTO retentionMark (kind, before) VALUES (?1, ?2)
            ON CONFLICT (kind) DO UPDATE SET before = before + excluded.before
            """, .text(Self.prefix + kind.rawValue), SQLValue(count))
    }

    /// Writes the entry, where something was removed, and begins to count anew.
    /// - Parameter kinds: what the run looked at, named with 0 too; nil for a run that a crash has ended.
    func tellRemoved(at now: Instant, by actor: String, _ kinds: Set<RetentionKind>?) throws {
        let counted = try all("SELECT kind, before FROM retentionMark WHERE kind GLOB 'removed:*'") {
            ($0.text(0), $0.integer(1))
        }
        guard !counted.isEmpty else { return }
        let counts = Dictionary(uniqueKeysWithValues: counted)
        var detail = JSONObject(
            RetentionKind.allCases.compactMap { kind in
                let count = counts[Self.prefix + kind.rawValue]
                return count != nil || kinds?.contains(kind) == true
                    ? (kind.rawValue, JSONValue.int(count ?? 0)) : nil
            })
        if kinds == nil { detail["interrupted"] = true }
        try appendAudit(
            AuditEntry(
                at: now, actor: actor, action: "retention.removed", subject: "steward.db", detail: .object(detail)))
        try change("DELETE FROM retentionMark WHERE kind GLOB 'removed:*'")
    }
}
