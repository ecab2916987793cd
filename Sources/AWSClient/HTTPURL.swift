/// The parts of an absolute http or https URL (RFC 3986, section 3), not decoded.
package struct HTTPURL: Equatable {
    /// `http` or `https`.
    package let scheme: String
    /// Lower-case; an IPv6 address keeps its brackets.
    package let host: String
    /// Nil for the scheme's own port, named or not.
    package let port: Int?
    /// Empty, or begins with a slash.
    package var path: String
    /// What follows the first question mark; nil without one.
    package var query: String?
    package let hasUserInformation: Bool

    /// Nil for anything but an http or https URL with a host, in visible ASCII. A fragment is dropped.
    package init?(_ text: String) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        guard let separator = text.firstRange(of: "://") else { return nil }
        scheme = text[..<separator.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else { return nil }
        let rest = text[separator.upperBound...].prefix { $0 != "#" }

        let authorityEnd = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        var authority = rest[..<authorityEnd]
        let at = authority.lastIndex(of: "@")
        hasUserInformation = at != nil
        if let at { authority = authority[authority.index(after: at)...] }
        guard let (host, port) = Self.hostAndPort(authority) else { return nil }
        self.host = host
        self.port = port == (scheme == "https" ? 443 : 80) ? nil : port

        let afterAuthority = rest[authorityEnd...]
        let mark = afterAuthority.firstIndex(of: "?")
        path = String(afterAuthority[..<(mark ?? afterAuthority.endIndex)])
        query = mark.map { String(afterAuthority[afterAuthority.index(after: $0)...]) }
    }

    /// The host with its port where that is not the scheme's own: the value of the `Host` header.
    var authority: String { port.map { "\(host):\($0)" } ?? host }

    /// Scheme and authority: as much of a URL as a message may show.
    package var origin: String { "\(scheme)://\(authority)" }

    package var text: String { origin + path + (query.map { "?\($0)" } ?? "") }

    private static func hostAndPort(_ authority: Substring) -> (host: String, port: Int?)? {
        var host = authority
        var port: Int?
        let afterAddress = authority.lastIndex(of: "]") ?? authority.startIndex
        if let colon = authority[afterAddress...].lastIndex(of: ":") {
            let digits = authority[authority.index(after: colon)...]
            if !digits.isEmpty {
                guard let number = Int(digits), (1...65_535).contains(number) else { return nil }
                port = number
            }
            host = authority[..<colon]
        }
        guard !host.isEmpty, host.hasPrefix("[") == host.hasSuffix("]"), host.hasPrefix("[") || !host.contains(":")
        else { return nil }
        return (host.lowercased(), port)
    }
}
