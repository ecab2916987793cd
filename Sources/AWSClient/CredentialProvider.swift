import WallTime

/// Where credentials come from, as a dependency.
package struct CredentialProvider: Sendable {
    /// The credentials to sign with now. Throws `CredentialError` when there are none.
    package let credentials: @Sendable () async throws -> AWSCredentials
    /// Tells that AWS refused these credentials, so that the next call fetches new ones.
    package let invalidate: @Sendable (AWSCredentials) async -> Void

    package init(
        credentials: @escaping @Sendable () async throws -> AWSCredentials,
        invalidate: @escaping @Sendable (AWSCredentials) async -> Void = { _ in }
    ) {
        self.credentials = credentials
        self.invalidate = invalidate
    }

    /// Always the same credentials.
    package static func fixed(_ credentials: AWSCredentials) -> CredentialProvider {
        CredentialProvider { credentials }
    }
}

/// No credentials: what was tried, in order, and why none of it gave any.
package struct CredentialError: Error, Equatable, CustomStringConvertible {
    package struct Attempt: Sendable, Equatable {
        /// Such as `environment` or `instance metadata`.
        package let source: String
        /// Why it gave none.
        package let reason: String
    }

    package let attempts: [Attempt]

    package var description: String {
        let tried = attempts.map { "\($0.source): \($0.reason)" }.joined(separator: "; ")
        return "No AWS credentials. Tried \(tried). Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, choose a profile "
            + "with AWS_PROFILE, or give this machine or container a role."
    }
}
