package import Budgets
package import Enforcement
import JSONModel
package import WallTime

extension SQLiteTransaction {
    package func insertBackup(_ backup: NewPolicyBackup) throws -> PolicyBackupID {
        let snapshot = backup.snapshot.jsonString
        noteWritten(snapshot.utf8.count)
        try change(
            """
            INSERT INTO policyBackup (
                principal, budget, snapshot, hash, takenUnderSuspension, takenAt, enforcement, taking)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .integer(try principalNumber(backup.principal)), .text(backup.budget.rawValue), .text(snapshot),
            .text(backup.hash), .integer(backup.isTakenUnderSuspension ? 1 : 0),
            .integer(backup.takenAt.milliseconds), .text(backup.enforcement.rawValue), Self.stored(backup.taking))
        return PolicyBackupID(rawValue: lastInsertedID)
    }

    package func backup(_ id: PolicyBackupID) throws -> PolicyBackup? {
        try rows(Self.backups + " WHERE policyBackup.id = ?", [.integer(id.rawValue)]) { try PolicyBackup($0) }.first
    }

    package func openBackup(of principal: PrincipalID) throws -> PolicyBackup? {
        try rows(
            Self.backups
                + """
                 WHERE principal.name = ? AND kind = ? AND account = ? AND consumedAt IS NULL
                ORDER BY policyBackup.id LIMIT 1
                """,
            [.text(principal.name), .text(principal.kind.rawValue), .text(principal.account)]
        ) { try PolicyBackup($0) }.first
    }

    package func openBackup(ofEntity id: String) throws -> PolicyBackup? {
        try rows(Self.openByEntity, [.text(JSONValue.string(id).jsonString)]) { try PolicyBackup($0) }
            .first { $0.entityID == id }
    }

    /// Open ones are as many as there are suspensions; those that were given back become ever more, and whether one was
    /// stands behind its text. Where the id stands in the text is not known without reading it, so that what is found is
    /// looked at once more.
    static let openByEntity =
        backups.replacing("FROM policyBackup", with: "FROM policyBackup INDEXED BY policyBackupOpen")
        + " WHERE consumedAt IS NULL AND instr(snapshot, ?) > 0 ORDER BY policyBackup.id"

    package func lastBackup(of principal: PrincipalID) throws -> PolicyBackup? {
        try rows(
            Self.backups
                + " WHERE principal.name = ? AND kind = ? AND account = ? ORDER BY policyBackup.id DESC LIMIT 1",
            [.text(principal.name), .text(principal.kind.rawValue), .text(principal.account)]
        ) { try PolicyBackup($0) }.first
    }

    package func setEnforcement(_ enforcement: EnforcementMode, ofBackup id: PolicyBackupID) throws {
        try change(
            "UPDATE policyBackup SET enforcement = ? WHERE id = ?", .text(enforcement.rawValue), .integer(id.rawValue))
    }

    package func setTaking(_ taking: [String]?, ofBackup id: PolicyBackupID) throws {
        try change("UPDATE policyBackup SET taking = ? WHERE id = ?", Self.stored(taking), .integer(id.rawValue))
    }

    /// In a database that is restored, whatever its schema: a suspension may have gone on after the copy was made, so of
    /// open backups it isn't known any more what was taken.
    func forgetTaking() throws {
        let isKnown = try first(
            "SELECT 1 FROM pragma_table_info('policyBackup') WHERE name = 'taking'", read: { _ in true })
        if isKnown == true { try change("UPDATE policyBackup SET taking = NULL WHERE consumedAt IS NULL") }
    }

    private static func stored(_ taking: [String]?) -> SQLValue {
        taking.map { .text(JSONValue.array($0.map { .string($0) }).jsonString) } ?? .null
    }

    package func closeBackups(of principal: PrincipalID, at: Instant) throws {
        try change(
            """
            UPDATE policyBackup SET consumedAt = ?4 WHERE consumedAt IS NULL AND principal =
                (SELECT id FROM principal WHERE name = ?1 AND kind = ?2 AND account = ?3)
            """,
            .text(principal.name), .text(principal.kind.rawValue), .text(principal.account),
            .integer(at.milliseconds))
    }

    private static let backups = """
        SELECT policyBackup.id, account, kind, name, budget, snapshot, hash, takenUnderSuspension, takenAt, consumedAt,
            enforcement, taking
        FROM policyBackup JOIN principal ON principal.id = policyBackup.principal
        """
}

extension PolicyBackup {
    fileprivate init(_ row: PersistentStatement) throws {
        let principal = PrincipalID(
            account: row.text(1), kind: try PrincipalID.Kind(stored: row.text(2), in: "principal.kind"),
            name: row.text(3))
        self.init(
            id: PolicyBackupID(rawValue: row.integer(0)),
            backup: NewPolicyBackup(
                principal: principal, budget: BudgetID(rawValue: row.text(4)),
                snapshot: try JSONValue(stored: row.text(5), in: "policyBackup.snapshot"), hash: row.text(6),
                isTakenUnderSuspension: row.integer(7) == 1,
                enforcement: try EnforcementMode(stored: row.text(10), in: "policyBackup.enforcement"),
                taking: try row.optionalText(11).map {
                    try JSONValue(stored: $0, in: "policyBackup.taking").arrayValue?.compactMap(\.stringValue) ?? []
                },
                takenAt: Instant(milliseconds: row.integer(8))),
            consumedAt: Instant(row.optionalInteger(9)))
    }
}
