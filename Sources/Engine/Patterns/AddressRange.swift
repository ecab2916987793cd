import Foundation

/// A block of IP addresses in CIDR notation, of version 4 or 6.
struct AddressRange: Sendable, Hashable {
    private let network: [UInt8]
    private let bits: Int

    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = Self.bytes(of: String(parts[0])), let bits = Int(parts[1]),
            (0...address.count * 8).contains(bits)
        else { return nil }
        network = address
        self.bits = bits
    }

    func contains(_ text: String) -> Bool {
        guard let address = Self.bytes(of: text), address.count == network.count else { return false }
        for (place, (left, right)) in zip(address, network).enumerated() {
            let significant = min(8, max(0, bits - place * 8))
            let mask = significant == 0 ? 0 : UInt8.max << UInt8(8 - significant)
            if left & mask != right & mask { return false }
        }
        return true
    }

    private static func bytes(of text: String) -> [UInt8]? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: four) { Array($0) } }
        var six = in6_addr()
        if inet_pton(AF_INET6, text, &six) == 1 { return withUnsafeBytes(of: six) { Array($0) } }
        return nil
    }
}
