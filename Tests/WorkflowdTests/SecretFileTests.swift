import Foundation
import Testing

@testable import workflowd

@Suite struct SecretFileTests {
    @Test func aKeyIsMadeOnceAndForItsOwnerAlone() throws {
        try Self.withDirectory { path in
            let key = try SecretFile.taskTokens(path)
            #expect(key.count == 32)
            #expect(try SecretFile.taskTokens(path) == key)
            let attributes = try FileManager.default.attributesOfItem(atPath: path + "/token.key")
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["token.key"])
        }
    }

    /// Half a key would keep every later start from making one.
    @Test func whatCannotBeWrittenLeavesNoKeyBehind() throws {
        try Self.withDirectory { path in
            let obstacle = path + "/token.key.partial"
            try FileManager.default.createDirectory(atPath: obstacle, withIntermediateDirectories: false)
            #expect {
                try SecretFile.taskTokens(path)
            } throws: { error in
                "\(error)".hasPrefix("\(path)/token.key can't be written (File exists): ")
            }
            #expect(!FileManager.default.fileExists(atPath: path + "/token.key"))
            #expect(rmdir(obstacle) == 0)
            #expect(try SecretFile.taskTokens(path).count == 32)
        }
    }

    /// What an attempt that was killed left is in nobody's way; a key that was cut off is a person's to see to.
    @Test func onlyAWholeKeyIsTaken() throws {
        try Self.withDirectory { path in
            try Data(count: 5).write(to: URL(fileURLWithPath: path + "/token.key.partial"))
            #expect(try SecretFile.taskTokens(path).count == 32)
            try Data(count: 5).write(to: URL(fileURLWithPath: path + "/token.key"))
            #expect(throws: DaemonError.self) { try SecretFile.taskTokens(path) }
        }
    }

    private static func withDirectory(_ body: (String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "steward-secrets-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }
}
