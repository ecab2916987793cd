/// Where mail is handed in.
package struct SMTPServer: Sendable, Equatable {
    package enum Security: String, Sendable, CaseIterable {
        /// STARTTLS, or no mail at all. The default.
        case startTLS = "starttls"
        /// TLS from the first byte (port 465).
        case tls
        /// Neither: only for a server on this machine.
        case none
    }

    package var host: String
    package var port: Int
    package var security: Security
    package var userName: String?
    /// Never printed.
    package var password: String?
    /// A file with certificate authorities beside the system's.
    package var certificateAuthorities: String?
    package var timeout: Duration

    package init(
        host: String, port: Int, security: Security = .startTLS, userName: String? = nil, password: String? = nil,
        certificateAuthorities: String? = nil, timeout: Duration = .seconds(30)
    ) {
        self.host = host
        self.port = port
        self.security = security
        self.userName = userName
        self.password = password
        self.certificateAuthorities = certificateAuthorities
        self.timeout = timeout
    }

    var url: String { "\(security == .tls ? "smtps" : "smtp")://\(host):\(port)" }
}

/// Why something could not be delivered.
package struct DeliveryError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A name such as `SMTP.550` or `SNS.NotFound`.
    package let code: String
    package let message: String
    /// Trying again can't help: a mailbox that does not exist, a topic that was deleted.
    package let isPermanent: Bool

    package init(code: String, message: String, isPermanent: Bool) {
        self.code = code
        self.message = message
        self.isPermanent = isPermanent
    }

    package var description: String { "\(code): \(message)" }
}
