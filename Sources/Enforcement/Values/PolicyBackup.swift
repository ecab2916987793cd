package import Budgets
package import JSONModel
package import WallTime

package struct PolicyBackupID: RawRepresentable, Sendable, Hashable {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// What a principal was allowed before access is taken away.
package struct NewPolicyBackup: Sendable, Equatable {
    package var principal: PrincipalID
    package var budget: BudgetID
    /// What the IAM step read, as it gave it.
    package var snapshot: JSONValue
    /// Of the snapshot's JSON text, to notice damage.
    package var hash: String
    /// Steward's own deny was there already, so this is not how things were before.
    package var isTakenUnderSuspension: Bool
    /// All that suspensions since were told to do to the access: what may have to be undone, whatever the budget says by
    /// then.
    package var enforcement: EnforcementMode
    /// ARNs of policies, and ids of keys, that suspensions under it were about to take, each noted before the call: only
    /// these are given back. Nil where nobody has noted it, as earlier versions did not: then it may be all that the
    /// snapshot holds.
    package var taking: [String]?
    package var takenAt: Instant

    package init(
        principal: PrincipalID, budget: BudgetID, snapshot: JSONValue, hash: String, isTakenUnderSuspension: Bool,
        enforcement: EnforcementMode = .both, taking: [String]? = nil, takenAt: Instant
    ) {
        self.principal = principal
        self.budget = budget
        self.snapshot = snapshot
        self.hash = hash
        self.isTakenUnderSuspension = isTakenUnderSuspension
        self.enforcement = enforcement
        self.taking = taking
        self.takenAt = takenAt
    }
}

package struct PolicyBackup: Sendable, Equatable {
    package var id: PolicyBackupID
    package var backup: NewPolicyBackup
    /// When it was given back; nil while it is open.
    package var consumedAt: Instant?

    package init(id: PolicyBackupID, backup: NewPolicyBackup, consumedAt: Instant? = nil) {
        self.id = id
        self.backup = backup
        self.consumedAt = consumedAt
    }

    /// Whether a suspension keeps to this backup, while it is open, instead of a snapshot that it has just read: both
    /// are of the same user or role, by IAM's stable id.
    package func stands(against snapshot: JSONValue) -> Bool {
        Self.entityID(backup.snapshot) == Self.entityID(snapshot)
    }

    /// IAM's stable id of whom it is of, `AIDA…` or `AROA…`.
    package var entityID: String? { Self.entityID(backup.snapshot)?.stringValue }

    private static func entityID(_ snapshot: JSONValue) -> JSONValue? { snapshot["userId"] ?? snapshot["roleId"] }
}
