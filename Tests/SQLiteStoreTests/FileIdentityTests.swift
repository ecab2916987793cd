import Foundation
import Testing

@testable import SQLiteStore

@Suite struct FileIdentityTests {
    @Test func aFileIsLostWhenItsNameLeadsElsewhere() throws {
        let path = NSTemporaryDirectory() + "steward-identity-\(UUID().uuidString)"
        #expect(FileIdentity(path: path) == nil)
        try Data("one".utf8).write(to: URL(filePath: path))
        defer { for name in [path, path + ".moved"] { _ = unlink(name) } }
        let file = try #require(FileIdentity(path: path))
        #expect(!file.isLost)

        #expect(rename(path, path + ".moved") == 0)
        #expect(file.isLost)
        // Another of its name is not that one.
        try Data("two".utf8).write(to: URL(filePath: path))
        #expect(file.isLost)
        #expect(rename(path + ".moved", path) == 0)
        #expect(!file.isLost)
    }
}
