/// A principal as one record showed it: its canonical id and what else its ARN says.
package struct Principal: Sendable, Hashable {
    package let id: PrincipalID
    /// `aws`, `aws-us-gov` or `aws-cn`.
    package let partition: String
    /// The IAM path, such as `/team-a/`; `/` when there is none or the record can't show it (a role's session).
    package let path: String
    /// The name of the role session or of the federated session, chosen by the caller and therefore not trusted.
    package let session: String?

    package init(id: PrincipalID, partition: String = "aws", path: String = "/", session: String? = nil) {
        self.id = id
        self.partition = partition
        self.path = path
        self.session = session
    }

    /// Reads `identity.arn` of a log record: an IAM user or role, an assumed role (which is its role, with the session
    /// kept), a federated user, or the root user.
    ///
    /// Taken apart by the structure that AWS documents for ARNs ("IAM identifiers").
    /// - Throws: `PrincipalError` when it is none of these.
    package init(arn: String) throws(PrincipalError) {
        let fields = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
        guard fields.count == 6, fields[0] == "arn", !fields[4].isEmpty else { throw .notAnIdentity(arn) }
        let resource = fields[5].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard resource.allSatisfy({ !$0.isEmpty }), let type = resource.first else { throw .notAnIdentity(arn) }

        func principal(_ kind: PrincipalID.Kind, _ name: String, path: String = "/", session: String? = nil) -> Self {
            Principal(
                id: PrincipalID(account: fields[4], kind: kind, name: name), partition: fields[1], path: path,
                session: session)
        }
        switch (fields[2], type, resource.count) {
        case ("iam", "root", 1): self = principal(.root, "root")
        case ("iam", "user", 2...): self = principal(.user, resource[resource.count - 1], path: Self.path(of: resource))
        case ("iam", "role", 2...): self = principal(.role, resource[resource.count - 1], path: Self.path(of: resource))
        case ("sts", "assumed-role", 3): self = principal(.role, resource[1], session: resource[2])
        case ("sts", "federated-user", 2): self = principal(.federatedUser, resource[1])
        default: throw .notAnIdentity(arn)
        }
    }

    /// The ARN of the IAM identity itself, not of a session.
    package var arn: String {
        switch id.kind {
        case .user, .role: "arn:\(partition):iam::\(id.account):\(id.kind.rawValue)\(path)\(id.name)"
        case .federatedUser: "arn:\(partition):sts::\(id.account):federated-user/\(id.name)"
        case .root: "arn:\(partition):iam::\(id.account):root"
        }
    }

    /// Why IAM can't take Bedrock away from it; nil when it can.
    package var unenforceable: UnenforceablePrincipal? {
        switch id.kind {
        case .root: .root
        case .federatedUser: .federatedSession
        case .user: nil
        case .role:
            if id.name.hasPrefix("AWSReservedSSO_") || path.hasPrefix("/aws-reserved/") {
                .identityCenterRole
            } else if id.name.hasPrefix("AWSServiceRoleFor") || path.hasPrefix("/aws-service-role/") {
                .serviceLinkedRole
            } else {
                nil
            }
        }
    }

    private static func path(of resource: [String]) -> String {
        let parts = resource[1..<resource.count - 1]
        return parts.isEmpty ? "/" : "/" + parts.joined(separator: "/") + "/"
    }
}

/// The kinds of principal that IAM does not let anyone restrict from inside the account.
package enum UnenforceablePrincipal: String, Sendable, Hashable, CaseIterable {
    case root
    case federatedSession
    case identityCenterRole
    case serviceLinkedRole
}

/// A text that does not name a principal.
package enum PrincipalError: Error, Equatable, Sendable, CustomStringConvertible {
    case notAnIdentity(String)

    package var description: String {
        switch self {
        case .notAnIdentity(let arn):
            "'\(arn)' is not the ARN of a user, a role, a session or the root user; check identity.arn of the record"
        }
    }
}
