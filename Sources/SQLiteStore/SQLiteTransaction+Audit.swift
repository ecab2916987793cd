package import Engine
import JSONModel
import WallTime

extension SQLiteTransaction {
    package func appendAudit(_ entry: AuditEntry) throws {
        var anchor = try requiredAuditAnchor()
        let (at, detail) = (entry.at.milliseconds, entry.detail.jsonString)
        let number = anchor.last + 1
        let row = AuditRow(
            number: number, at: at, actor: entry.actor, action: entry.action, subject: entry.subject, detail: detail)
        anchor.add(number, AuditChain.hash(row, after: anchor.head))
        try change(
            "INSERT INTO audit (id, at, actor, action, subject, detail, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
            .integer(number), .integer(at), .text(entry.actor), .text(entry.action), .text(entry.subject),
            .text(detail), .blob(anchor.head))
        try change(
            "UPDATE auditAnchor SET first = ?, last = ?, count = ?, head = ? WHERE id = 1", .integer(anchor.first),
            .integer(anchor.last), .integer(anchor.count), .blob(anchor.head))
    }

    /// The same in a database that was not upgraded: entries from before the chain are chained by the upgrade; before
    /// there were any, there is nothing to write in.
    func appendAuditOfAnySchema(_ entry: AuditEntry) throws {
        guard try !DatabaseSoundness.hasAuditChain(self) else { return try appendAudit(entry) }
        guard try first("SELECT 1 FROM sqlite_schema WHERE name = 'audit'", read: { _ in true }) == true else { return }
        try change(
            "INSERT INTO audit (at, actor, action, subject, detail) VALUES (?, ?, ?, ?, ?)",
            .integer(entry.at.milliseconds), .text(entry.actor), .text(entry.action), .text(entry.subject),
            .text(entry.detail.jsonString))
    }

    package func auditEntries(subject: String?, limit: Int) throws -> [AuditEntry] {
        let limit = SQLValue(max(0, limit))
        guard let subject else {
            return try all(
                "SELECT id, at, actor, action, subject, detail FROM audit ORDER BY id DESC LIMIT ?", limit,
                read: AuditEntry.init(columns:))
        }
        return try all(
            "SELECT id, at, actor, action, subject, detail FROM audit WHERE subject = ? ORDER BY id DESC LIMIT ?",
            .text(subject), limit, read: AuditEntry.init(columns:))
    }

    /// Entries with their hashes, the oldest first.
    func auditRows(after number: Int64, limit: Int) throws -> [AuditRow] {
        try all(
            "SELECT id, at, actor, action, subject, detail, hash FROM audit WHERE id > ? ORDER BY id LIMIT ?",
            .integer(number), SQLValue(limit), read: AuditRow.init(columns:))
    }

    /// Nil when somebody removed it.
    func auditAnchor() throws -> AuditAnchor? {
        try first("SELECT first, last, count, head FROM auditAnchor WHERE id = 1") {
            AuditAnchor(first: $0.integer(0), last: $0.integer(1), count: $0.integer(2), head: $0.blob(3))
        }
    }

    private func requiredAuditAnchor() throws -> AuditAnchor {
        guard let anchor = try auditAnchor(), anchor.head.count == AuditChain.hashBytes else {
            throw StoreError.damaged(
                "the audit log's anchor is missing: stop, look at it with `workflowctl audit verify`, and restore a backup"
            )
        }
        return anchor
    }
}

extension AuditEntry {
    fileprivate init(columns: PersistentStatement) throws {
        self.init(
            at: Instant(milliseconds: columns.integer(1)), actor: columns.text(2), action: columns.text(3),
            subject: columns.text(4),
            detail: try JSONValue(stored: columns.text(5), in: "audit \(columns.integer(0))"))
    }
}
