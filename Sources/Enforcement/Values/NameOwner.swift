package import Budgets
package import WallTime

/// Whose the uses under a name are, as CloudTrail told it: of the user who had the name until it was given another, or of the
/// user who asked STS for a session of that name (`GetFederationToken`).
package struct NameOwner: Sendable, Hashable {
    package var name: PrincipalID
    /// Of an IAM user of the same account.
    package var userName: String
    /// When the name was given up, or the session asked for.
    package var at: Instant

    package var owner: PrincipalID { PrincipalID(account: name.account, kind: .user, name: userName) }

    package init(name: PrincipalID, userName: String, at: Instant) {
        self.name = name
        self.userName = userName
        self.at = at
    }
}

extension PrincipalID {
    /// What the names begin with under which the owners of this one are remembered among the events.
    package var ownerMark: String { "\(Self.ownerMarks)\(self)/" }
    package static let ownerMarks = "owner/"
}
