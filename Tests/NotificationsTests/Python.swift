import Foundation

/// The Python that the tests' peers run in: `STEWARD_PYTHON`, the project's `.venv`, or `python3`.
enum Python {
    static let executable: String? = {
        let environment = ProcessInfo.processInfo.environment
        if let chosen = environment["STEWARD_PYTHON"] { return chosen }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let directories = (environment["PATH"] ?? "").split(separator: ":")
        let candidates = [root.appending(path: ".venv/bin/python").path] + directories.map { "\($0)/python3" }
        return candidates.first(where: FileManager.default.isExecutableFile(atPath:))
    }()

    static func canImport(_ module: String) -> Bool {
        guard let executable else { return false }
        do {
            let script = Script(executable, ["-c", "import \(module)"])
            try script.run()
            return script.exitStatus() == 0
        } catch {
            return false
        }
    }

    /// What a script writes to its standard output when it is given `input`.
    static func output(_ code: String, input: [UInt8]) throws -> [UInt8] {
        guard let executable else { throw CommandFailed(description: "there is no Python") }
        let script = Script(executable, ["-c", code])
        try script.run()
        try script.input.fileHandleForWriting.write(contentsOf: Data(input))
        try script.input.fileHandleForWriting.close()
        let output = script.read(until: nil)
        guard script.exitStatus() == 0 else { throw CommandFailed(description: "python failed") }
        return output
    }
}

struct CommandFailed: Error, CustomStringConvertible {
    let description: String
}

/// A process with its input and output. A peer reads its input until this end is closed, at the latest with this
/// process.
final class Script: Sendable {
    let input = Pipe()
    let output = Pipe()
    private let process = Process()

    init(_ executable: String, _ arguments: [String]) {
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
    }

    func run() throws { try process.run() }

    func exitStatus() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// The port that a server prints once it listens.
    func port() throws -> Int {
        let text = String(decoding: read(until: UInt8(ascii: "\n")), as: UTF8.self)
        guard let port = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw CommandFailed(description: "the server did not start: \(text)")
        }
        return port
    }

    /// Its output up to and with a byte, or to its end. Foundation's own reading gives up when a signal interrupts it,
    /// such as that of another child that ends.
    func read(until end: UInt8?) -> [UInt8] {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.isEmpty || bytes.last != end {
            let count = Foundation.read(output.fileHandleForReading.fileDescriptor, &byte, 1)
            if count == 1 { bytes.append(byte) } else if count == 0 || errno != EINTR { break }
        }
        return bytes
    }

    func stop() { process.terminate() }
}
