/// Hosts that are this machine, as settings name them.
package enum Loopback {
    /// `localhost`, `::1` with or without brackets, or an address of 127.0.0.0/8; a name that merely begins like one is
    /// none.
    package static func contains(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
