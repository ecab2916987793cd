package import WallTime

/// A key that Steward issued: what a client signs requests with, or a bearer token.
package struct AccessKey: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// An access key id with a secret, for AWS Signature Version 4.
        case signature
        /// A token for the admin API.
        case bearer
    }

    /// What the holder may do.
    package enum Role: String, Sendable, CaseIterable {
        /// Reads.
        case viewer
        /// Reads, starts, stops, redrives and answers tasks.
        case `operator`
        /// Sends usage records, and nothing else.
        case ingest
        /// Everything.
        case admin
    }

    /// `STWD…`, 20 characters. No secret.
    package var id: String
    package var kind: Kind
    /// Whom the audit log names.
    package var name: String
    package var role: Role
    /// A signature's secret, sealed; or the SHA-256 digest of a bearer token.
    package var secret: [UInt8]
    package var createdAt: Instant
    /// To within an hour.
    package var lastUsedAt: Instant?
    package var revokedAt: Instant?

    package init(
        id: String, kind: Kind, name: String, role: Role, secret: [UInt8], createdAt: Instant,
        lastUsedAt: Instant? = nil, revokedAt: Instant? = nil
    ) {
        self.id = id
        self.kind = kind
        self.name = name
        self.role = role
        self.secret = secret
        self.createdAt = createdAt
        self.lastUsedAt = lastUsedAt
        self.revokedAt = revokedAt
    }
}
