package import Foundation

/// The Python that tests compare with, when the machine has one: `STEWARD_MOTO_PYTHON`, or `python3`.
package enum Python {
    package static let executable: String? = {
        if let chosen = ProcessInfo.processInfo.environment["STEWARD_MOTO_PYTHON"] { return chosen }
        let directories = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return directories.map { "\($0)/python3" }.first(where: FileManager.default.isExecutableFile(atPath:))
    }()

    /// Whether a module can be imported, in exactly that version if one is given.
    package static func canImport(_ module: String, version: String? = nil) -> Bool {
        let check = version.map { "; assert \(module).__version__ == '\($0)'" } ?? ""
        do {
            let process = try start(["-c", "import \(module)\(check)"], output: FileHandle.nullDevice)
            process.waitUntilExit()
            return process.terminationStatus == 0
        } catch {
            // There is no Python that could.
            return false
        }
    }

    /// What a script writes to its standard output. Throws when it fails.
    package static func output(_ arguments: [String]) async throws -> Data {
        let pipe = Pipe()
        let process = try start(arguments, output: pipe)
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(status: process.terminationStatus) }
        return output
    }

    /// Starts a script. It reads from `input`, or finds nothing there.
    package static func start(
        _ arguments: [String], input: Any = FileHandle.nullDevice, output: Any
    ) throws -> Process {
        guard let executable else { throw Failure(status: 127) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    package struct Failure: Error {
        package let status: Int32
    }
}
