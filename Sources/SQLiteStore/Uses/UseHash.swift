/// What a use is found by: 64 bits of its key. Databases hold them, so what a key's hash is never changes.
///
/// Two keys may have the same one: whoever finds a use by it compares the keys.
enum UseHash {
    typealias Function = @Sendable (_ requestID: [UInt8], _ region: Int64, _ account: Int64) -> Int64

    /// - Parameters:
    ///   - requestID: as it is stored.
    ///   - region: the number of its label, as that of `account` is.
    @Sendable static func of(_ requestID: [UInt8], region: Int64, account: Int64) -> Int64 {
        var hash = mixed(mixed(UInt64(bitPattern: region) &+ golden) ^ UInt64(bitPattern: account))
        hash = requestID.withUnsafeBytes { bytes in
            var hash = hash
            var place = 0
            while place + 8 <= bytes.count {
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
                hash = mixed(hash ^ word)
                place += 8
            }
            var rest = UInt64(bytes.count)
            while place < bytes.count {
                rest = rest << 8 | UInt64(bytes[place])
                place += 1
            }
            return mixed(hash ^ rest)
        }
        return Int64(bitPattern: hash)
    }

    private static let golden: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// The last step of SplitMix64: each bit of the result depends on all bits, and no two words have the same.
    private static func mixed(_ word: UInt64) -> UInt64 {
        var word = word &+ golden
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
