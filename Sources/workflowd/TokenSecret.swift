import AWSClient
import Foundation

/// The key of task tokens, kept beside the database so that tokens survive a restart.
enum TokenSecret {
    /// Reads `token.key` of the data directory, or makes it, readable by its owner only.
    static func load(directory: String) throws -> [UInt8] {
        let path = "\(directory)/token.key"
        if let data = FileManager.default.contents(atPath: path) {
            guard data.count >= 32 else {
                throw DaemonError("\(path) is damaged: delete it to make a new key; open task tokens become invalid.")
            }
            return Array(data)
        }
        let secret = randomBytes(32)
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(secret), attributes: [.posixPermissions: 0o600])
        else {
            throw DaemonError("\(path) can't be written: the data directory must be writable by the daemon's user.")
        }
        return secret
    }
}
