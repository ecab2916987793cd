#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Addresses that only this machine or its link knows: loopback, link-local (where clouds keep their metadata
/// services), unspecified, and the same ones written inside IPv6.
enum LocalAddress {
    static let refusal = "its address is this machine's own or link-local, which this request may not reach"

    /// Whether a host, as written in a URL or printed by libcurl, is such an address or `localhost`. A name that
    /// resolves to one is told by its socket address only.
    static func isLocal(host: String) -> Bool {
        var text = host.lowercased()
        if text.hasPrefix("["), text.hasSuffix("]") { text = String(text.dropFirst().dropLast()) }
        if text == "localhost" || text.hasSuffix(".localhost") { return true }
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: &four) { isLocal(ipv4: $0) } }
        var six = in6_addr()
        if inet_pton(AF_INET6, String(text.prefix { $0 != "%" }), &six) == 1 {
            return withUnsafeBytes(of: &six) { isLocal(ipv6: $0) }
        }
        return false
    }

    static func isLocal(socketAddress: UnsafeMutablePointer<sockaddr>, family: Int32) -> Bool {
        let raw = UnsafeMutableRawPointer(socketAddress)
        switch family {
        case AF_INET:
            var address = raw.loadUnaligned(as: sockaddr_in.self).sin_addr
            return withUnsafeBytes(of: &address) { isLocal(ipv4: $0) }
        case AF_INET6:
            var address = raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr
            return withUnsafeBytes(of: &address) { isLocal(ipv6: $0) }
        default:
            return true
        }
    }

    private static func isLocal(ipv4 bytes: some Collection<UInt8>) -> Bool {
        let bytes = Array(bytes)
        return bytes[0] == 127 || bytes[0] == 0 || (bytes[0] == 169 && bytes[1] == 254)
    }

    private static func isLocal(ipv6 bytes: some Collection<UInt8>) -> Bool {
        let bytes = Array(bytes)
        // The instance metadata service is reachable at fd00:ec2::254, the task one at fd00:ec2::23.
        if bytes.starts(with: [0xFD, 0x00, 0x0E, 0xC2]) { return true }
        if bytes[0] == 0xFE, bytes[1] & 0xC0 == 0x80 { return true }
        let mapped = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
        if bytes.starts(with: mapped) { return isLocal(ipv4: bytes[12...]) }
        // 64:ff9b::/96 translates to IPv4 (RFC 6052).
        if bytes.starts(with: [0x00, 0x64, 0xFF, 0x9B] + [UInt8](repeating: 0, count: 8)) {
            return isLocal(ipv4: bytes[12...])
        }
        return bytes[..<15].allSatisfy { $0 == 0 } && bytes[15] <= 1
    }
}
