package import Interpreter

/// Makes and reads task tokens: URL-safe texts that name an execution and a task, with a keyed check (HMAC-SHA-256, of
/// which 128 bits are kept), so that only this engine's tokens are accepted.
package struct TaskTokens: Sendable {
    private static let checkLength = 16
    private let authenticator: SHA256.Authenticator

    package init(secret: [UInt8]) { authenticator = SHA256.Authenticator(key: secret) }

    package func token(execution: ExecutionID, task: TaskID) -> String {
        let body = Self.bytes(execution.rawValue) + Self.bytes(Int64(task))
        return URLSafeText.encode(body + check(body))
    }

    /// Nil for anything that this engine has not made.
    package func read(_ token: String) -> (execution: ExecutionID, task: TaskID)? {
        guard let bytes = URLSafeText.decode(token), bytes.count == 16 + Self.checkLength else { return nil }
        let body = Array(bytes[..<16])
        // Compared as a whole, so that the time taken tells nothing about where they differ.
        let difference = zip(bytes[16...], check(body)).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) }
        guard difference == 0 else { return nil }
        return (ExecutionID(rawValue: Self.integer(body[..<8])), TaskID(Self.integer(body[8...])))
    }

    private func check(_ body: [UInt8]) -> [UInt8] {
        Array(authenticator.authenticate(body).prefix(Self.checkLength))
    }

    private static func bytes(_ number: Int64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * Int64($0))) }
    }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> Int64 {
        Int64(bitPattern: bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }
}

/// Base64 with the URL-safe alphabet and no padding (RFC 4648, section 5).
enum URLSafeText {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// What each character stands for.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: unknown, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()
    private static let unknown = UInt8.max

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 4 + 2) / 3)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for place in 0...group.count { text.append(alphabet[Int(bits >> UInt32(18 - 6 * place)) & 63]) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count * 3 / 4)
        var (bits, count): (UInt32, UInt32) = (0, 0)
        for character in text.utf8 {
            let value = values[Int(character)]
            guard value != unknown else { return nil }
            bits = (bits << 6 | UInt32(value)) & 0xFFFF
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> count))
            }
        }
        // What is left over is padding: less than one character, and zero, so that a token has one spelling.
        guard count < 6, bits & (1 << count - 1) == 0 else { return nil }
        return bytes
    }
}
