/// The digests that `States.Hash` offers (FIPS 180-4; RFC 1321 for MD5), over whole messages.
///
/// This layer does no input or output and links no C library, so it carries its own.
enum Digest: String, CaseIterable {
    case md5 = "MD5"
    case sha1 = "SHA-1"
    case sha256 = "SHA-256"
    case sha384 = "SHA-384"
    case sha512 = "SHA-512"

    /// The digest of `message` in lower-case hexadecimal.
    func hexadecimal(of message: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes(of: message) {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    func bytes(of message: [UInt8]) -> [UInt8] {
        switch self {
        case .md5: md5Digest(message)
        case .sha1: sha1Digest(message)
        case .sha256: sha256Digest(message)
        case .sha384: Array(sha512Digest(message, initial: sha384Initial).prefix(48))
        case .sha512: sha512Digest(message, initial: sha512Initial)
        }
    }
}

/// The message with its padding: a one bit, zeros, and the length in bits in the last `lengthBytes` bytes.
private func padded(_ message: [UInt8], block: Int, lengthBytes: Int, littleEndian: Bool) -> [UInt8] {
    var bytes = message
    bytes.append(0x80)
    while bytes.count % block != block - lengthBytes { bytes.append(0) }
    let bits = UInt64(message.count) &* 8
    let length = (0..<8).map { UInt8(truncatingIfNeeded: bits >> (8 * UInt64($0))) }
    if littleEndian { return bytes + length + [UInt8](repeating: 0, count: lengthBytes - 8) }
    return bytes + [UInt8](repeating: 0, count: lengthBytes - 8) + length.reversed()
}

private func words<Word: FixedWidthInteger>(_ bytes: ArraySlice<UInt8>, littleEndian: Bool = false) -> [Word] {
    let width = Word.bitWidth / 8
    return stride(from: bytes.startIndex, to: bytes.endIndex, by: width).map { start in
        let word = bytes[start..<start + width]
        return (littleEndian ? Array(word.reversed()) : Array(word)).reduce(0) { $0 << 8 | Word($1) }
    }
}

private func serialized<Word: FixedWidthInteger>(_ words: [Word], littleEndian: Bool = false) -> [UInt8] {
    words.flatMap { word in
        let bytes = (0..<Word.bitWidth / 8).map { UInt8(truncatingIfNeeded: word >> Word(8 * $0)) }
        return littleEndian ? bytes : bytes.reversed()
    }
}

private func rotatedLeft(_ word: UInt32, _ count: UInt32) -> UInt32 { word << count | word >> (32 - count) }
private func rotatedRight(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }
private func rotatedRight(_ word: UInt64, _ count: UInt64) -> UInt64 { word >> count | word << (64 - count) }

// MARK: MD5

private let md5Shifts: [[UInt32]] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]]

private let md5Sines: [UInt32] = [
    0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613, 0xfd46_9501,
    0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be, 0x6b90_1122, 0xfd98_7193, 0xa679_438e, 0x49b4_0821,
    0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d, 0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8,
    0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed, 0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a,
    0xfffa_3942, 0x8771_f681, 0x6d9d_6122, 0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70,
    0x289b_7ec6, 0xeaa1_27fa, 0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665,
    0xf429_2244, 0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
    0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb, 0xeb86_d391,
]

private func md5Digest(_ message: [UInt8]) -> [UInt8] {
    var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476]
    let bytes = padded(message, block: 64, lengthBytes: 8, littleEndian: true)
    for start in stride(from: 0, to: bytes.count, by: 64) {
        let block: [UInt32] = words(bytes[start..<start + 64], littleEndian: true)
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        for step in 0..<64 {
            let mixed: UInt32
            let place: Int
            switch step / 16 {
            case 0: (mixed, place) = (b & c | ~b & d, step)
            case 1: (mixed, place) = (d & b | ~d & c, (5 * step + 1) % 16)
            case 2: (mixed, place) = (b ^ c ^ d, (3 * step + 5) % 16)
            default: (mixed, place) = (c ^ (b | ~d), 7 * step % 16)
            }
            let sum = a &+ mixed &+ md5Sines[step] &+ block[place]
            (a, d, c, b) = (d, c, b, b &+ rotatedLeft(sum, md5Shifts[step / 16][step % 4]))
        }
        state = zip(state, [a, b, c, d]).map { $0 &+ $1 }
    }
    return serialized(state, littleEndian: true)
}

// MARK: SHA-1

private func sha1Digest(_ message: [UInt8]) -> [UInt8] {
    var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]
    let bytes = padded(message, block: 64, lengthBytes: 8, littleEndian: false)
    for start in stride(from: 0, to: bytes.count, by: 64) {
        var schedule: [UInt32] = words(bytes[start..<start + 64])
        for step in 16..<80 {
            let mixed = schedule[step - 3] ^ schedule[step - 8] ^ schedule[step - 14] ^ schedule[step - 16]
            schedule.append(rotatedLeft(mixed, 1))
        }
        var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
        for step in 0..<80 {
            let mixed: (value: UInt32, constant: UInt32) =
                switch step / 20 {
                case 0: (b & c | ~b & d, 0x5a82_7999)
                case 1: (b ^ c ^ d, 0x6ed9_eba1)
                case 2: (b & c | b & d | c & d, 0x8f1b_bcdc)
                default: (b ^ c ^ d, 0xca62_c1d6)
                }
            let sum = rotatedLeft(a, 5) &+ mixed.value &+ e &+ mixed.constant &+ schedule[step]
            (e, d, c, b, a) = (d, c, rotatedLeft(b, 30), a, sum)
        }
        state = zip(state, [a, b, c, d, e]).map { $0 &+ $1 }
    }
    return serialized(state)
}

// MARK: SHA-2

/// The first 64 bits of the fractional parts of the cube roots of the first 80 primes; SHA-256 uses the upper halves of
/// the first 64.
private let sha2Constants: [UInt64] = [
    0x428a_2f98_d728_ae22, 0x7137_4491_23ef_65cd, 0xb5c0_fbcf_ec4d_3b2f, 0xe9b5_dba5_8189_dbbc,
    0x3956_c25b_f348_b538, 0x59f1_11f1_b605_d019, 0x923f_82a4_af19_4f9b, 0xab1c_5ed5_da6d_8118,
    0xd807_aa98_a303_0242, 0x1283_5b01_4570_6fbe, 0x2431_85be_4ee4_b28c, 0x550c_7dc3_d5ff_b4e2,
    0x72be_5d74_f27b_896f, 0x80de_b1fe_3b16_96b1, 0x9bdc_06a7_25c7_1235, 0xc19b_f174_cf69_2694,
    0xe49b_69c1_9ef1_4ad2, 0xefbe_4786_384f_25e3, 0x0fc1_9dc6_8b8c_d5b5, 0x240c_a1cc_77ac_9c65,
    0x2de9_2c6f_592b_0275, 0x4a74_84aa_6ea6_e483, 0x5cb0_a9dc_bd41_fbd4, 0x76f9_88da_8311_53b5,
    0x983e_5152_ee66_dfab, 0xa831_c66d_2db4_3210, 0xb003_27c8_98fb_213f, 0xbf59_7fc7_beef_0ee4,
    0xc6e0_0bf3_3da8_8fc2, 0xd5a7_9147_930a_a725, 0x06ca_6351_e003_826f, 0x1429_2967_0a0e_6e70,
    0x27b7_0a85_46d2_2ffc, 0x2e1b_2138_5c26_c926, 0x4d2c_6dfc_5ac4_2aed, 0x5338_0d13_9d95_b3df,
    0x650a_7354_8baf_63de, 0x766a_0abb_3c77_b2a8, 0x81c2_c92e_47ed_aee6, 0x9272_2c85_1482_353b,
    0xa2bf_e8a1_4cf1_0364, 0xa81a_664b_bc42_3001, 0xc24b_8b70_d0f8_9791, 0xc76c_51a3_0654_be30,
    0xd192_e819_d6ef_5218, 0xd699_0624_5565_a910, 0xf40e_3585_5771_202a, 0x106a_a070_32bb_d1b8,
    0x19a4_c116_b8d2_d0c8, 0x1e37_6c08_5141_ab53, 0x2748_774c_df8e_eb99, 0x34b0_bcb5_e19b_48a8,
    0x391c_0cb3_c5c9_5a63, 0x4ed8_aa4a_e341_8acb, 0x5b9c_ca4f_7763_e373, 0x682e_6ff3_d6b2_b8a3,
    0x748f_82ee_5def_b2fc, 0x78a5_636f_4317_2f60, 0x84c8_7814_a1f0_ab72, 0x8cc7_0208_1a64_39ec,
    0x90be_fffa_2363_1e28, 0xa450_6ceb_de82_bde9, 0xbef9_a3f7_b2c6_7915, 0xc671_78f2_e372_532b,
    0xca27_3ece_ea26_619c, 0xd186_b8c7_21c0_c207, 0xeada_7dd6_cde0_eb1e, 0xf57d_4f7f_ee6e_d178,
    0x06f0_67aa_7217_6fba, 0x0a63_7dc5_a2c8_98a6, 0x113f_9804_bef9_0dae, 0x1b71_0b35_131c_471b,
    0x28db_77f5_2304_7d84, 0x32ca_ab7b_40c7_2493, 0x3c9e_be0a_15c9_bebc, 0x431d_67c4_9c10_0d4c,
    0x4cc5_d4be_cb3e_42b6, 0x597f_299c_fc65_7e2a, 0x5fcb_6fab_3ad6_faec, 0x6c44_198c_4a47_5817,
]

private let sha512Initial: [UInt64] = [
    0x6a09_e667_f3bc_c908, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b, 0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1, 0x9b05_688c_2b3e_6c1f, 0x1f83_d9ab_fb41_bd6b, 0x5be0_cd19_137e_2179,
]

private let sha384Initial: [UInt64] = [
    0xcbbb_9d5d_c105_9ed8, 0x629a_292a_367c_d507, 0x9159_015a_3070_dd17, 0x152f_ecd8_f70e_5939,
    0x6733_2667_ffc0_0b31, 0x8eb4_4a87_6858_1511, 0xdb0c_2e0d_64f9_8fa7, 0x47b5_481d_befa_4fa4,
]

private func sha256Digest(_ message: [UInt8]) -> [UInt8] {
    var state = sha512Initial.map { UInt32($0 >> 32) }
    let bytes = padded(message, block: 64, lengthBytes: 8, littleEndian: false)
    for start in stride(from: 0, to: bytes.count, by: 64) {
        var schedule: [UInt32] = words(bytes[start..<start + 64])
        for step in 16..<64 {
            let (early, late) = (schedule[step - 15], schedule[step - 2])
            let mixedEarly = rotatedRight(early, 7) ^ rotatedRight(early, 18) ^ early >> 3
            let mixedLate = rotatedRight(late, 17) ^ rotatedRight(late, 19) ^ late >> 10
            schedule.append(schedule[step - 16] &+ mixedEarly &+ schedule[step - 7] &+ mixedLate)
        }
        var v = state
        for step in 0..<64 {
            let upper = rotatedRight(v[4], 6) ^ rotatedRight(v[4], 11) ^ rotatedRight(v[4], 25)
            let chosen = v[4] & v[5] ^ ~v[4] & v[6]
            let first = v[7] &+ upper &+ chosen &+ UInt32(sha2Constants[step] >> 32) &+ schedule[step]
            let lower = rotatedRight(v[0], 2) ^ rotatedRight(v[0], 13) ^ rotatedRight(v[0], 22)
            let majority = v[0] & v[1] ^ v[0] & v[2] ^ v[1] & v[2]
            v = [first &+ lower &+ majority, v[0], v[1], v[2], v[3] &+ first, v[4], v[5], v[6]]
        }
        state = zip(state, v).map { $0 &+ $1 }
    }
    return serialized(state)
}

private func sha512Digest(_ message: [UInt8], initial: [UInt64]) -> [UInt8] {
    var state = initial
    let bytes = padded(message, block: 128, lengthBytes: 16, littleEndian: false)
    for start in stride(from: 0, to: bytes.count, by: 128) {
        var schedule: [UInt64] = words(bytes[start..<start + 128])
        for step in 16..<80 {
            let (early, late) = (schedule[step - 15], schedule[step - 2])
            let mixedEarly = rotatedRight(early, 1) ^ rotatedRight(early, 8) ^ early >> 7
            let mixedLate = rotatedRight(late, 19) ^ rotatedRight(late, 61) ^ late >> 6
            schedule.append(schedule[step - 16] &+ mixedEarly &+ schedule[step - 7] &+ mixedLate)
        }
        var v = state
        for step in 0..<80 {
            let upper = rotatedRight(v[4], 14) ^ rotatedRight(v[4], 18) ^ rotatedRight(v[4], 41)
            let chosen = v[4] & v[5] ^ ~v[4] & v[6]
            let first = v[7] &+ upper &+ chosen &+ sha2Constants[step] &+ schedule[step]
            let lower = rotatedRight(v[0], 28) ^ rotatedRight(v[0], 34) ^ rotatedRight(v[0], 39)
            let majority = v[0] & v[1] ^ v[0] & v[2] ^ v[1] & v[2]
            v = [first &+ lower &+ majority, v[0], v[1], v[2], v[3] &+ first, v[4], v[5], v[6]]
        }
        state = zip(state, v).map { $0 &+ $1 }
    }
    return serialized(state)
}
