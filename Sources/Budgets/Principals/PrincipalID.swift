/// The canonical name of something that spends: its account, what it is, and its IAM name without the path.
///
/// An IAM name is unique in its account whatever its path, and invocation logs show a role without its path, so only
/// this form is the same from every source.
package struct PrincipalID: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case user
        case role
        /// A session got with GetFederationToken; IAM can't attach a policy to it.
        case federatedUser = "federated-user"
        case root
    }

    package let account: String
    package let kind: Kind
    /// The IAM name without the path; `root` for the root user.
    package let name: String

    package init(account: String, kind: Kind, name: String) {
        self.account = account
        self.kind = kind
        self.name = name
    }

    /// Reads `ACCOUNT/KIND/NAME`, the form that `description` writes. Nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let kind = Kind(rawValue: String(parts[1])), !parts[0].isEmpty, !parts[2].isEmpty,
            !parts[2].contains("/")
        else { return nil }
        self.init(account: String(parts[0]), kind: kind, name: String(parts[2]))
    }
}

extension PrincipalID: CustomStringConvertible {
    package var description: String { "\(account)/\(kind.rawValue)/\(name)" }
}

extension PrincipalID: Comparable {
    package static func < (left: PrincipalID, right: PrincipalID) -> Bool { left.description < right.description }
}
