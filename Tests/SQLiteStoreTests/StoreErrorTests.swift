import Engine
import GRDB
import Testing

@testable import SQLiteStore

@Suite struct StoreErrorTests {
    @Test(arguments: [
        (ResultCode.SQLITE_FULL, "full"), (.SQLITE_CORRUPT, "damaged"), (.SQLITE_NOTADB, "damaged"),
        (.SQLITE_READONLY, "unavailable"), (.SQLITE_CANTOPEN, "unavailable"), (.SQLITE_IOERR, "unavailable"),
        (.SQLITE_BUSY, "unavailable"), (.SQLITE_NOMEM, "unavailable"),
        (ResultCode(rawValue: 10 | (3 << 8)), "unavailable"),
    ])
    func troublesOfTheDiskAreTheStores(_ code: ResultCode, kind: String) throws {
        let error = DatabaseError(resultCode: code, message: "what SQLite says")
        let translated = try #require(StoreError(error, at: "/data/steward.db"))
        #expect("\(translated)".hasPrefix(kind))
        #expect("\(translated)".contains("/data/steward.db"))
    }

    @Test(arguments: [ResultCode.SQLITE_CONSTRAINT, .SQLITE_ERROR, .SQLITE_MISUSE])
    func mistakesOfTheCallerAreNot(_ code: ResultCode) {
        let error = DatabaseError(resultCode: code, message: "what SQLite says")
        #expect(StoreError(error, at: "/data/steward.db") == nil)
        #expect(StoreError.translating(error, at: "/data/steward.db") is DatabaseError)
        #expect(StoreError.translating(Deliberate(), at: "/data/steward.db") is Deliberate)
    }
}
