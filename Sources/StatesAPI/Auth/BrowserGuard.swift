/// Tells a web page from a client of Steward's, where authentication is off: there, whoever reaches the daemon may do
/// everything, and a page that somebody looks at on its machine reaches it, too.
enum BrowserGuard {
    /// - Parameters:
    ///   - origin: the header `Origin`: browsers send it with all that a page may change, clients never.
    ///   - authority: the host that was called, with its port. A page whose own name was made to mean this machine's
    ///     address (DNS rebinding) calls it by that name, which has a dot as all names of the internet have.
    static func refusal(origin: String?, authority: String?) -> Refusal? {
        if origin != nil { return denied("a web page has sent this") }
        guard let authority, !isLocalName(authority) else { return nil }
        return denied(
            "it was called by the name \(authority.prefix(128)): use the address 127.0.0.1, or set behindTLSProxy "
                + "where a proxy passes names on")
    }

    private static func denied(_ reason: String) -> Refusal {
        Refusal(
            "AccessDeniedException", "authentication is off here, so pages in browsers are not let in: \(reason)",
            status: 403)
    }

    /// An address, `localhost`, or a name without a dot, which stands in this machine's own list of hosts.
    private static func isLocalName(_ authority: String) -> Bool {
        // Most clients call an address and a port.
        if authority.utf8.allSatisfy({ $0 == UInt8(ascii: ".") || (0x30...0x3A).contains($0) }) { return true }
        if authority.hasPrefix("[") { return true }
        var name = authority.split(separator: ":", omittingEmptySubsequences: false)[0].lowercased()
        // AWS's clients put this before the host of some operations.
        if name.hasPrefix("sync-") { name.removeFirst("sync-".count) }
        if name.hasSuffix(".") { name.removeLast() }
        let isAddress = name.utf8.allSatisfy { $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) }
        return isAddress || !name.contains(".") || name.hasSuffix(".localhost")
    }
}
