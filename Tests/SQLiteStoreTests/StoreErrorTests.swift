import Engine
import Foundation
import GRDB
import Testing

@testable import SQLiteStore

@Suite struct StoreErrorTests {
    @Test(arguments: [
        (ResultCode.SQLITE_FULL, "full"), (.SQLITE_CORRUPT, "damaged"), (.SQLITE_NOTADB, "damaged"),
        (.SQLITE_READONLY, "unavailable"), (.SQLITE_CANTOPEN, "unavailable"), (.SQLITE_IOERR, "unavailable"),
        (.SQLITE_BUSY, "unavailable"), (.SQLITE_NOMEM, "unavailable"),
        (ResultCode(rawValue: 10 | (3 << 8)), "unavailable"),
        // SQLITE_IOERR_SHMSIZE, SQLITE_IOERR_CORRUPTFS
        (ResultCode(rawValue: 10 | (19 << 8)), "full"), (ResultCode(rawValue: 10 | (33 << 8)), "unavailable"),
    ])
    func troublesOfTheDiskAreTheStores(_ code: ResultCode, kind: String) throws {
        let error = DatabaseError(resultCode: code, message: "what SQLite says")
        let translated = try #require(StoreError(error, at: "/data/steward.db"))
        #expect("\(translated)".hasPrefix(kind))
        #expect("\(translated)".contains("/data/steward.db"))
    }

    /// What a program ends with goes on by itself no more.
    @Test(arguments: [ResultCode.SQLITE_FULL, .SQLITE_IOERR]) func whoEndsIsToldToTryAgain(_ code: ResultCode) {
        let error = DatabaseError(resultCode: code, message: "what SQLite says")
        #expect(StoreError.from(error, at: "/data/steward.db").explanation.contains("writing goes on"))
        let ending = StoreError.ending(with: error, at: "/data/steward.db").explanation
        #expect(ending.contains("then try again"))
        #expect(!ending.contains("goes on"))
    }

    /// A directory can be opened, but not read: for SQLite a disk that answers so has a damaged database.
    @Test func whatCannotBeReadIsNotDamaged() async throws {
        try await withDirectory { path in
            let damage = DatabaseError(resultCode: .SQLITE_CORRUPT, message: "what SQLite says")
            guard case .unavailable(let text) = StoreError.ending(with: damage, at: path) else {
                Issue.record("what can't be read is called damaged")
                return
            }
            #expect(text.hasPrefix("\(path) can't be read at byte 0 ("))
            #expect(text.contains("restore nothing"))

            let file = path + "/steward.db"
            try Data(count: 3 << 20).write(to: URL(fileURLWithPath: file))
            guard case .damaged = StoreError.ending(with: damage, at: file) else {
                Issue.record("what can be read is not called damaged")
                return
            }
            // Its log counts as well.
            try FileManager.default.createDirectory(atPath: file + "-wal", withIntermediateDirectories: false)
            guard case .unavailable = StoreError.ending(with: damage, at: file) else {
                Issue.record("a log that can't be read is called damaged")
                return
            }
        }
    }

    @Test(arguments: [ResultCode.SQLITE_CONSTRAINT, .SQLITE_ERROR, .SQLITE_MISUSE])
    func mistakesOfTheCallerAreNot(_ code: ResultCode) {
        let error = DatabaseError(resultCode: code, message: "what SQLite says")
        #expect(StoreError(error, at: "/data/steward.db") == nil)
        #expect(StoreError.translating(error, at: "/data/steward.db") is DatabaseError)
        #expect(StoreError.translating(Deliberate(), at: "/data/steward.db") is Deliberate)
    }
}
