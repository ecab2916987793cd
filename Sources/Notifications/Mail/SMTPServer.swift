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
    /// A file with the certificate authorities to trust; nil for the system's.
    package var certificateAuthorities: String?
    /// For a whole mail, from resolving the name to the server's last word.
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

    var url: String {
        let host = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
        return "\(security == .tls ? "smtps" : "smtp")://\(host):\(port)"
    }

    /// For messages.
    var place: String { "\(host):\(port)" }
}
