import Foundation

/// Where a command says why it ends.
enum StandardError {
    static func line(_ text: String) {
        do {
            try FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
        } catch {
            // On a full disk, or a pipe that nobody reads: there is nowhere to say it. The exit code still tells.
        }
    }
}
