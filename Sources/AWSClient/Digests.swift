import CCrypto

/// The SHA-256 digest (FIPS 180-4), 32 bytes.
package func sha256(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    let message = Array(bytes)
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    SHA256(message, message.count, &digest)
    return digest
}

/// HMAC with SHA-256 (RFC 2104), 32 bytes.
package func hmacSHA256(key: some Sequence<UInt8>, _ bytes: some Sequence<UInt8>) -> [UInt8] {
    let key = Array(key)
    let message = Array(bytes)
    var code = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    let written = HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, &code, nil)
    precondition(written != nil, "libcrypto has no HMAC-SHA256")
    return code
}

/// Two lower-case hexadecimal digits for each byte.
package func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.underestimatedCount * 2)
    for byte in bytes {
        text.append(hexadecimalDigit(byte >> 4))
        text.append(hexadecimalDigit(byte & 15))
    }
    return String(decoding: text, as: UTF8.self)
}

private func hexadecimalDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}

/// Bytes from libcrypto's generator, fit for keys and tokens.
package func randomBytes(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    precondition(RAND_bytes(&bytes, Int32(count)) == 1, "libcrypto cannot seed its random number generator")
    return bytes
}

/// Whether two byte strings are equal, in a time that depends on their lengths only. For comparing secrets.
package func constantTimeEqual(_ left: some Sequence<UInt8>, _ right: some Sequence<UInt8>) -> Bool {
    let left = Array(left)
    let right = Array(right)
    return left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
}
