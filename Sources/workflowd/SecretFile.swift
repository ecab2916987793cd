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

    /// Reads the file, or makes it. Call it as the holder of the directory's lock.
    private static func load(_ path: String, loss: String) throws -> [UInt8] {
        var status = stat()
        guard lstat(path, &status) != 0, errno == ENOENT else {
            guard let data = FileManager.default.contents(atPath: path) else {
                throw DaemonError("\(path) can't be read: give the daemon's user read permission for it.")
            }
            guard data.count >= 32 else {
                throw DaemonError("\(path) is damaged: delete it to make a new key; \(loss).")
            }
            return Array(data)
        }
        let secret = randomBytes(32)
        try make(path, of: secret)
        return secret
    }

    /// Nobody else can read the file at any moment, and it is on the disk, whole, before it has its name and before
    /// anything is sealed with it: half a key would keep every later start from making one.
    private static func make(_ path: String, of bytes: [UInt8]) throws {
        let partial = path + ".partial"
        var reason = write(bytes, to: partial)
        if reason == 0, rename(partial, path) != 0 { reason = errno }
        guard reason == 0 else {
            // What can't be removed, the next attempt removes first.
            _ = unlink(partial)
            guard reason != ENOSPC else {
                throw DaemonError("no space is left for \(path): free some on that file system, then try again.")
            }
            throw DaemonError(
                "\(path) can't be written (\(String(cString: strerror(reason)))): the data directory must be writable by"
                    + " the daemon's user, on a disk that works.")
        }
        // Some file systems can't, and then do it by themselves.
        let directory = open((path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return }
        _ = fsync(directory)
        _ = close(directory)
    }

    /// - Returns: 0 when all is on the disk, else why not, as `errno` has it.
    private static func write(_ bytes: [UInt8], to path: String) -> CInt {
        // What an attempt that was killed left.
        _ = unlink(path)
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { return errno }
        defer { _ = close(file) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { return count < 0 ? errno : EIO }
            written += count
        }
        return fsync(file) == 0 ? 0 : errno
    }
}
