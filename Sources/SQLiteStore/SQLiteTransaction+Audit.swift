package import Engine
import GRDB
import JSONModel
import WallTime

extension SQLiteTransaction {
    package func appendAudit(_ entry: AuditEntry) throws {
        try execute(
            "INSERT INTO audit (at, actor, action, subject, detail) VALUES (?, ?, ?, ?, ?)",
            [entry.at.milliseconds, entry.actor, entry.action, entry.subject, entry.detail.jsonString])
    }

    package func auditEntries(subject: String?, limit: Int) throws -> [AuditEntry] {
        let limit = max(0, limit)
        let columns = "SELECT id, at, actor, action, subject, detail FROM audit"
        let found =
            if let subject {
                try rows(columns + " WHERE subject = ? ORDER BY id DESC LIMIT ?", [subject, limit])
            } else {
                try rows(columns + " ORDER BY id DESC LIMIT ?", [limit])
            }
        return try found.map { row in
            AuditEntry(
                at: Instant(milliseconds: row[1]), actor: row[2], action: row[3], subject: row[4],
                detail: try JSONValue(stored: row[5], in: "audit \(row[0] as Int64)"))
        }
    }
}
