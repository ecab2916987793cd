import CCrypto

/// Keeps secrets at rest: AES-256 in Galois/Counter Mode (NIST SP 800-38D) with a random nonce of 96 bits.
package struct SecretBox: Sendable {
    private static let nonceLength = 12
    private static let tagLength = 16
    private let key: [UInt8]

    /// - Parameter purpose: Boxes for different purposes cannot open each other's contents.
    package init(secret: [UInt8], purpose: String) {
        key = hmacSHA256(key: secret, purpose.utf8)
    }

    /// Nonce, ciphertext and tag. `context` is not hidden; the box opens only with the same.
    package func seal(_ plain: [UInt8], context: String) -> [UInt8] {
        let nonce = randomBytes(Self.nonceLength)
        var (sealed, tag) = ([UInt8](repeating: 0, count: plain.count), [UInt8](repeating: 0, count: Self.tagLength))
        let context = Array(context.utf8)
        let cipher = EVP_CIPHER_CTX_new()
        defer { EVP_CIPHER_CTX_free(cipher) }
        var length: Int32 = 0
        let done =
            EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), nil, key, nonce) == 1
            && EVP_EncryptUpdate(cipher, nil, &length, context, Int32(context.count)) == 1
            && EVP_EncryptUpdate(cipher, &sealed, &length, plain, Int32(plain.count)) == 1
            && EVP_EncryptFinal_ex(cipher, nil, &length) == 1
            && cc_gcm_get_tag(cipher, Int32(Self.tagLength), &tag) == 1
        precondition(done, "libcrypto has no AES-256-GCM")
        return nonce + sealed + tag
    }

    /// Nil when the box was sealed with another key or context, or was changed.
    package func open(_ sealed: [UInt8], context: String) -> [UInt8]? {
        guard sealed.count >= Self.nonceLength + Self.tagLength else { return nil }
        let (nonce, tag) = (Array(sealed.prefix(Self.nonceLength)), Array(sealed.suffix(Self.tagLength)))
        let hidden = Array(sealed.dropFirst(Self.nonceLength).dropLast(Self.tagLength))
        var plain = [UInt8](repeating: 0, count: hidden.count)
        let context = Array(context.utf8)
        let cipher = EVP_CIPHER_CTX_new()
        defer { EVP_CIPHER_CTX_free(cipher) }
        var length: Int32 = 0
        let done =
            EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), nil, key, nonce) == 1
            && EVP_DecryptUpdate(cipher, nil, &length, context, Int32(context.count)) == 1
            && EVP_DecryptUpdate(cipher, &plain, &length, hidden, Int32(hidden.count)) == 1
            && cc_gcm_set_tag(cipher, Int32(Self.tagLength), tag) == 1
            && EVP_DecryptFinal_ex(cipher, nil, &length) == 1
        return done ? plain : nil
    }
}
