import Foundation
import Testing

@testable import workflowd

/// Files that are no settings at all.
@Suite struct SettingsFileTests {
    private static func problem(with file: SettingsFile) -> String? {
        do {
            _ = try file.read()
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func aListIsCalledOne() async throws {
        try await SettingsFile.with("- a\n") { file in
            #expect(Self.problem(with: file) == "\(file.path):1:1: the settings must be a mapping, not a list.")
        }
        try await SettingsFile.with("budgets: [a]\n") { file in
            #expect(Self.problem(with: file)?.hasSuffix(": budgets must be a mapping, not a list.") == true)
        }
    }

    @Test func whatCannotBeReadSaysWhy() async throws {
        try await SettingsFile.with("") { file in
            try Data([0xE9]).write(to: URL(filePath: file.path))
            #expect(Self.problem(with: file)?.contains("can't be read: it is not UTF-8 text; check --config") == true)
            #expect(truncate(file.path, 300_000_000) == 0)
            #expect(Self.problem(with: file)?.contains("it has 300000000 bytes; the limit is 1048576") == true)
            try FileManager.default.removeItem(atPath: file.path)
            #expect(Self.problem(with: file)?.contains("can't be read: there is no such file") == true)
            #expect(mkfifo(file.path, 0o600) == 0)
            #expect(Self.problem(with: file)?.contains("can't be read: it is a pipe") == true)
        }
    }
}
