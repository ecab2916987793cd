package import Budgets
package import Enforcement
import WallTime

extension SQLiteTransaction {
    package func agentRuntime(_ id: String) throws -> AgentRuntime? {
        try first(
            "SELECT id, arn, name, roleARN, region, changedAt, deletedAt FROM agentRuntime WHERE id = ?", .text(id)
        ) { try AgentRuntime($0) }
    }

    package func saveAgentRuntime(_ runtime: AgentRuntime) throws {
        try change(
            """
            INSERT OR REPLACE INTO agentRuntime (id, arn, name, role, roleARN, region, changedAt, deletedAt)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .text(runtime.id), SQLValue(runtime.arn), SQLValue(runtime.name), SQLValue(runtime.role?.id.description),
            SQLValue(runtime.role?.arn), .text(runtime.region), .integer(runtime.changedAt.milliseconds),
            SQLValue(runtime.deletedAt?.milliseconds))
    }

    package func agentRuntimes(ofRole role: PrincipalID?, limit: Int) throws -> [AgentRuntime] {
        guard let role else {
            return try all(
                """
                SELECT id, arn, name, roleARN, region, changedAt, deletedAt FROM agentRuntime
                WHERE deletedAt IS NULL ORDER BY id LIMIT ?
                """, SQLValue(max(0, limit))
            ) { try AgentRuntime($0) }
        }
        return try all(
            """
            SELECT id, arn, name, roleARN, region, changedAt, deletedAt FROM agentRuntime
            WHERE deletedAt IS NULL AND role = ? ORDER BY id LIMIT ?
            """, .text(role.description), SQLValue(max(0, limit))
        ) { try AgentRuntime($0) }
    }
}

extension AgentRuntime {
    fileprivate init(_ row: PersistentStatement) throws {
        self.init(
            id: row.text(0), arn: row.optionalText(1), name: row.optionalText(2),
            role: try row.optionalText(3).map { try Principal(arn: $0) }, region: row.text(4),
            changedAt: Instant(milliseconds: row.integer(5)), deletedAt: Instant(row.optionalInteger(6)))
    }
}
