import Foundation
import JSONModel

/// Where data goes. What can't be written ends the program with a word and an exit code: a list that was cut off must not
/// look like a short one.
enum StandardOutput {
    static func line(_ text: String) { write(Array((text + "\n").utf8)) }

    /// A text for people: see `Printer.printable`.
    static func text(_ text: String) { line(Printer.printable(text)) }

    /// Over several lines. JSON itself escapes the control characters of ASCII only; the others stand in texts alone, where an
    /// escape says the same.
    static func json(_ value: JSONValue) {
        let text = value.prettyJSON()
        let hidden: ClosedRange<Unicode.Scalar> = "\u{7F}"..."\u{9F}"
        guard text.unicodeScalars.contains(where: hidden.contains) else { return line(text) }
        line(
            text.unicodeScalars.reduce(into: "") { safe, scalar in
                if hidden.contains(scalar) {
                    safe += "\\u00\(String(scalar.value, radix: 16))"
                } else {
                    safe.unicodeScalars.append(scalar)
                }
            })
    }

    static func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN: waitForRoom()
            case let code: fail(code)
            }
        }
    }

    /// Some parents hand down a pipe that does not block.
    private static func waitForRoom() {
        var descriptor = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        _ = poll(&descriptor, 1, -1)
    }

    private static func fail(_ code: Int32) -> Never {
        Failure(
            .error, "the output can't be written: \(String(cString: strerror(code)))",
            hint: "What was printed so far is not all there is."
        ).report()
        Foundation.exit(Exit.error.rawValue)
    }
}
