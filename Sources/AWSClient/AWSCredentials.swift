package import WallTime

/// Keys that sign requests. Printing, logging or dumping them never shows a secret.
package struct AWSCredentials: Sendable, Equatable {
    package let accessKeyID: String
    package let secretAccessKey: String
    /// Belongs to temporary keys.
    package let sessionToken: String?
    /// When temporary keys end; nil for keys that last.
    package let expiration: Instant?

    package init(
        accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil, expiration: Instant? = nil
    ) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.expiration = expiration
    }
}

extension AWSCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String {
        let lifetime = expiration.map { ", until \($0.iso8601)" } ?? ""
        return "AWSCredentials(\(accessKeyID)\(lifetime))"
    }

    package var debugDescription: String { description }

    package var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID]) }
}
