import Foundation

/// Where everything but data goes. Messages repeat arguments, file names and what a daemon said, none of which may steer the
/// terminal.
enum StandardError {
    static func line(_ text: String) {
        do {
            try FileHandle.standardError.write(contentsOf: Data((Printer.printable(text) + "\n").utf8))
        } catch {
            // On a full disk, or a pipe that nobody reads: there is nowhere to say it. The exit code still tells.
        }
    }
}
