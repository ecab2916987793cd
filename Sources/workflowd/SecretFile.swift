import AWSClient
import Foundation

/// Secrets of 32 random bytes that stand in files of the data directory, readable by their owner only.
enum SecretFile {
    /// The key of task tokens, so that tokens survive a restart.
    static func taskTokens(_ directory: String) throws -> [UInt8] {
        try load("\(directory)/token.key", loss: "open task tokens become invalid")
    }

    /// What the secrets of access keys are sealed with.
    static func accessKeys(_ directory: String) throws -> SecretBox {
        let secret = try load("\(directory)/access-keys.key", loss: "signature keys become useless and are made anew")
        return SecretBox(secret: secret, purpose: "steward access keys 1")
    }

    /// Reads the file, or makes it.
    private static func load(_ path: String, loss: String) throws -> [UInt8] {
        if let data = FileManager.default.contents(atPath: path) {
            guard data.count >= 32 else {
                throw DaemonError("\(path) is damaged: delete it to make a new key; \(loss).")
            }
            return Array(data)
        }
        let secret = randomBytes(32)
        guard write(secret, to: path) else {
            throw DaemonError("\(path) can't be written: the data directory must be writable by the daemon's user.")
        }
        return secret
    }

    /// Nobody else can read the file at any moment, and it is on the disk before anything is sealed with it.
    private static func write(_ bytes: [UInt8], to path: String) -> Bool {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { return false }
        defer { close(file) }
        return Foundation.write(file, bytes, bytes.count) == bytes.count && fsync(file) == 0
    }
}
