import Foundation

/// Where everything but data goes. Messages repeat arguments, file names and what a daemon said, none of which may steer the
/// terminal.
enum StandardError {
    static func line(_ text: String) {
        FileHandle.standardError.write(Data((Printer.printable(text) + "\n").utf8))
    }
}
