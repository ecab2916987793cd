/// The hash functions of `$hash`, and of `States.Hash` (FIPS 180-4; RFC 1321 for MD5), over whole messages. This layer
/// links no C library, so it carries its own.
///
/// For checksums, not for secrets: their time depends on nothing but the length, yet MD5 and SHA-1 are broken as
/// signatures.
package enum DigestAlgorithm: String, CaseIterable {
    case md5 = "MD5"
    case sha1 = "SHA-1"
    case sha256 = "SHA-256"
    case sha384 = "SHA-384"
    case sha512 = "SHA-512"

    /// The digest of a message, in lower-case hexadecimal.
    package func hexadecimal(of message: [UInt8]) -> String {
        let digest =
            switch self {
            case .md5: MD5.digest(message)
            case .sha1: SHA1.digest(message)
            case .sha256: SHA256.digest(message)
            case .sha384: SHA512.digest(message, initial: SHA512.initial384, length: 48)
            case .sha512: SHA512.digest(message, initial: SHA512.initial512, length: 64)
            }
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// The message with its padding: a one bit, zeros, and its length in bits at the end of the last block.
    fileprivate static func padded(_ message: [UInt8], block: Int, lengthBytes: Int, isBigEndian: Bool) -> [UInt8] {
        var padded = message
        padded.append(0x80)
        while padded.count % block != block - lengthBytes { padded.append(0) }
        padded += Array(repeating: 0, count: lengthBytes - 8)
        let bits = UInt64(message.count) * 8
        for place in 0..<8 {
            padded.append(UInt8(truncatingIfNeeded: bits >> UInt64(8 * (isBigEndian ? 7 - place : place))))
        }
        return padded
    }
}

/// MD5 (RFC 1321).
private enum MD5 {
    private static let shifts: [UInt32] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]

    /// ⌊2³² × |sin(i + 1)|⌋.
    private static let constants: [UInt32] = [
        0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
        0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
        0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
        0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
        0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
        0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
        0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
        0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
    ]

    static func digest(_ message: [UInt8]) -> [UInt8] {
        let bytes = DigestAlgorithm.padded(message, block: 64, lengthBytes: 8, isBigEndian: false)
        var state: [UInt32] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]
        for start in stride(from: 0, to: bytes.count, by: 64) {
            let words = (0..<16).map { word in
                (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + word * 4 + $1]) << UInt32(8 * $1) }
            }
            mix(words, into: &state)
        }
        return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) } }
    }

    private static func mix(_ words: [UInt32], into state: inout [UInt32]) {
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        for round in 0..<64 {
            let (mixed, word): (UInt32, Int) =
                switch round / 16 {
                case 0: ((b & c) | (~b & d), round)
                case 1: ((d & b) | (~d & c), (5 * round + 1) % 16)
                case 2: (b ^ c ^ d, (3 * round + 5) % 16)
                default: (c ^ (b | ~d), 7 * round % 16)
                }
            let sum = a &+ mixed &+ constants[round] &+ words[word]
            (a, d, c, b) = (d, c, b, b &+ sum.rotatedLeft(by: shifts[round / 16 * 4 + round % 4]))
        }
        state = zip(state, [a, b, c, d]).map { $0 &+ $1 }
    }
}

/// SHA-1 (FIPS 180-4, section 6.1).
private enum SHA1 {
    static func digest(_ message: [UInt8]) -> [UInt8] {
        let bytes = DigestAlgorithm.padded(message, block: 64, lengthBytes: 8, isBigEndian: true)
        var state: [UInt32] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]
        for start in stride(from: 0, to: bytes.count, by: 64) {
            var words: [UInt32] = bigEndianWords(bytes, from: start)
            for place in 16..<80 {
                let word = words[place - 3] ^ words[place - 8] ^ words[place - 14] ^ words[place - 16]
                words.append(word.rotatedLeft(by: 1))
            }
            mix(words, into: &state)
        }
        return bigEndianBytes(state)
    }

    private static func mix(_ words: [UInt32], into state: inout [UInt32]) {
        var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
        for round in 0..<80 {
            let (mixed, constant): (UInt32, UInt32) =
                switch round / 20 {
                case 0: ((b & c) | (~b & d), 0x5a827999)
                case 1: (b ^ c ^ d, 0x6ed9eba1)
                case 2: ((b & c) | (b & d) | (c & d), 0x8f1bbcdc)
                default: (b ^ c ^ d, 0xca62c1d6)
                }
            let sum = a.rotatedLeft(by: 5) &+ mixed &+ e &+ constant &+ words[round]
            (e, d, c, b, a) = (d, c, b.rotatedLeft(by: 30), a, sum)
        }
        state = zip(state, [a, b, c, d, e]).map { $0 &+ $1 }
    }
}

/// SHA-256 (FIPS 180-4, section 6.2).
private enum SHA256 {
    /// The first bits of the fractions of the cube roots of the first 64 primes.
    private static let constants: [UInt32] = [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ]

    /// The same of the square roots of the first eight.
    private static let initial: [UInt32] = [
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    ]

    static func digest(_ message: [UInt8]) -> [UInt8] {
        let bytes = DigestAlgorithm.padded(message, block: 64, lengthBytes: 8, isBigEndian: true)
        var state = initial
        for start in stride(from: 0, to: bytes.count, by: 64) {
            var words: [UInt32] = bigEndianWords(bytes, from: start)
            for place in 16..<64 {
                let (old, recent) = (words[place - 15], words[place - 2])
                let first = old.rotatedRight(by: 7) ^ old.rotatedRight(by: 18) ^ old >> 3
                let second = recent.rotatedRight(by: 17) ^ recent.rotatedRight(by: 19) ^ recent >> 10
                words.append(words[place - 16] &+ first &+ words[place - 7] &+ second)
            }
            SHA2.mix(words, constants, turns: ((2, 13, 22), (6, 11, 25)), into: &state)
        }
        return bigEndianBytes(state)
    }
}

/// SHA-512 and SHA-384 (FIPS 180-4, sections 6.4 and 6.5).
private enum SHA512 {
    /// The first bits of the fractions of the cube roots of the first 80 primes.
    private static let constants: [UInt64] = [
        0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
        0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
        0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
        0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
        0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
        0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
        0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
        0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
        0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
        0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
        0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
        0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
        0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
        0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
        0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
        0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
        0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
        0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
        0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
        0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
    ]

    /// The same of the square roots of the first eight.
    static let initial512: [UInt64] = [
        0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
        0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
    ]

    /// The same of the square roots of the ninth to sixteenth.
    static let initial384: [UInt64] = [
        0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17, 0x152fecd8f70e5939,
        0x67332667ffc00b31, 0x8eb44a8768581511, 0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4,
    ]

    static func digest(_ message: [UInt8], initial: [UInt64], length: Int) -> [UInt8] {
        let bytes = DigestAlgorithm.padded(message, block: 128, lengthBytes: 16, isBigEndian: true)
        var state = initial
        for start in stride(from: 0, to: bytes.count, by: 128) {
            var words: [UInt64] = bigEndianWords(bytes, from: start)
            for place in 16..<80 {
                let (old, recent) = (words[place - 15], words[place - 2])
                let first = old.rotatedRight(by: 1) ^ old.rotatedRight(by: 8) ^ old >> 7
                let second = recent.rotatedRight(by: 19) ^ recent.rotatedRight(by: 61) ^ recent >> 6
                words.append(words[place - 16] &+ first &+ words[place - 7] &+ second)
            }
            SHA2.mix(words, constants, turns: ((28, 34, 39), (14, 18, 41)), into: &state)
        }
        return Array(bigEndianBytes(state).prefix(length))
    }
}

/// What the SHA-2 functions share: the rounds, over words of either size.
private enum SHA2 {
    typealias Turns<Word> = ((Word, Word, Word), (Word, Word, Word))

    static func mix<Word: FixedWidthInteger & UnsignedInteger>(
        _ words: [Word], _ constants: [Word], turns: Turns<Word>, into state: inout [Word]
    ) {
        var s = state
        for round in constants.indices {
            let low = turns.1
            let lows = s[4].rotatedRight(by: low.0) ^ s[4].rotatedRight(by: low.1) ^ s[4].rotatedRight(by: low.2)
            let choice = (s[4] & s[5]) ^ (~s[4] & s[6])
            let first = s[7] &+ lows &+ choice &+ constants[round] &+ words[round]
            let high = turns.0
            let highs = s[0].rotatedRight(by: high.0) ^ s[0].rotatedRight(by: high.1) ^ s[0].rotatedRight(by: high.2)
            let majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2])
            s = [first &+ highs &+ majority, s[0], s[1], s[2], s[3] &+ first, s[4], s[5], s[6]]
        }
        state = zip(state, s).map { $0 &+ $1 }
    }
}

/// Sixteen words of a block.
private func bigEndianWords<Word: FixedWidthInteger>(_ bytes: [UInt8], from start: Int) -> [Word] {
    let size = Word.bitWidth / 8
    return (0..<16).map { word in
        (0..<size).reduce(Word(0)) { $0 << 8 | Word(bytes[start + word * size + $1]) }
    }
}

private func bigEndianBytes<Word: FixedWidthInteger>(_ words: [Word]) -> [UInt8] {
    words.flatMap { word in
        stride(from: Word.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> $0) }
    }
}

extension FixedWidthInteger where Self: UnsignedInteger {
    fileprivate func rotatedLeft(by count: Self) -> Self { self << count | self >> (Self(Self.bitWidth) - count) }

    fileprivate func rotatedRight(by count: Self) -> Self { self >> count | self << (Self(Self.bitWidth) - count) }
}
