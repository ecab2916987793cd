import Engine
import Testing
import WallTime

@testable import SQLiteStore

@Suite struct AccessKeyTests {
    static func key(_ number: Int, name: String) -> AccessKey {
        AccessKey(
            id: "STWD" + String(repeating: "A", count: 15) + "\(number)", kind: number == 1 ? .bearer : .signature,
            name: name, role: .operator, secret: [0, 1, 255], createdAt: Instant(milliseconds: Int64(number)))
    }

    @Test func aKeyComesBackAsItWas() async throws {
        try await withStore { store in
            var key = Self.key(1, name: "a")
            let made = key
            try await store.write { try $0.insertAccessKey(made) }
            #expect(try await store.read { try $0.accessKeys() } == [key])
            try await store.write { try $0.noteUse(ofAccessKey: made.id, at: Instant(milliseconds: 7)) }
            #expect(try await store.write { try $0.revokeAccessKey(made.id, at: Instant(milliseconds: 9)) })
            #expect(try await store.write { try $0.revokeAccessKey(made.id, at: Instant(milliseconds: 11)) } == false)
            (key.lastUsedAt, key.revokedAt) = (Instant(milliseconds: 7), Instant(milliseconds: 9))
            #expect(try await store.read { try $0.accessKeys() } == [key])
        }
    }

    @Test func aNameIsTakenUntilItsKeyIsRevoked() async throws {
        try await withStore { store in
            try await store.write { try $0.insertAccessKey(Self.key(1, name: "a")) }
            await #expect(throws: IllegalChange.self) {
                try await store.write { try $0.insertAccessKey(Self.key(2, name: "a")) }
            }
            _ = try await store.write {
                try $0.revokeAccessKey(Self.key(1, name: "a").id, at: Instant(milliseconds: 2))
            }
            try await store.write { try $0.insertAccessKey(Self.key(2, name: "a")) }
            #expect(try await store.read { try $0.accessKeys().map(\.name) } == ["a", "a"])
        }
    }
}
