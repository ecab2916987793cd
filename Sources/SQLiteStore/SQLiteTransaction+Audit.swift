package import Engine
import JSONModel
import WallTime

extension SQLiteTransaction {
    package func appendAudit(_ entry: AuditEntry) throws {
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
}

extension AuditEntry {
    fileprivate init(columns: PersistentStatement) throws {
        self.init(
            at: Instant(milliseconds: columns.integer(1)), actor: columns.text(2), action: columns.text(3),
            subject: columns.text(4),
            detail: try JSONValue(stored: columns.text(5), in: "audit \(columns.integer(0))"))
    }
}
