import Foundation

@testable import workflowd

/// A configuration file of one test, removed after it.
struct SettingsFile {
    let path: String

    /// Writes the text and runs `body`, which may write another.
    static func with<Result>(_ text: String, _ body: (SettingsFile) async throws -> Result) async throws -> Result {
        let file = SettingsFile(path: NSTemporaryDirectory() + "steward-settings-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(atPath: file.path) }
        try file.write(text)
        return try await body(file)
    }

    func write(_ text: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }

    func read(environment: [String: String] = [:], flags: ServeFlags = ServeFlags()) throws -> DaemonConfiguration {
        try SettingsSource(file: path, environment: environment, flags: flags).read()
    }
}
