import Budgets
import Enforcement
import Engine
import GRDB
import TestKit
import Testing
import WallTime

@testable import SQLiteStore

/// A use is charged once, wherever its key is: in the tail, or in a run. Runs have eight uses here.
@Suite struct UsesInRunsTests {
    static let people = ["ana", "bob", "eve"].map {
        Principal(id: PrincipalID(account: "111122223333", kind: .user, name: $0))
    }

    static func use(
        _ number: Int, region: String = "us-east-1", at: Instant = start, session: String? = nil
    ) -> ChargedUsage {
        let principal = people[number % people.count]
        return ChargedUsage(
            event: UsageEvent(
                key: UsageKey(account: "111122223333", region: region, requestID: "r-\(number)"), at: at,
                principal: Principal(id: principal.id, session: session), model: ModelID("m"), operation: "Converse",
                tokens: TokenCounts(input: 1), source: "test"),
            charge: Charge(amount: NanoDollars(rawValue: Int64(number)), basis: .listed), recordedAt: at)
    }

    typealias Hash = UseHash.Function
    static let hash: Hash = { UseHash.of($0, region: $1, account: $2) }
    /// Everything has one hash.
    static let clash: Hash = { _, _, _ in 7 }

    static func open(_ path: String, hash: @escaping Hash = hash) async throws -> SQLiteStore {
        let store = try openStore(path)
        try await store.write { transaction in
            transaction.usesPerRun = 8
            transaction.useHash = hash
            for principal in people where try transaction.principal(principal.id) == nil {
                try transaction.savePrincipal(
                    PrincipalRecord(principal: principal, firstSeenAt: start, isDiscovered: true))
            }
        }
        return store
    }

    /// A store of that kind, closed after the test.
    static func withStore(hash: @escaping Hash = hash, _ body: (SQLiteStore) async throws -> Void) async throws {
        try await withDirectory { path in
            let store = try await open(path, hash: hash)
            do { try await body(store) } catch {
                await store.close()
                throw error
            }
            await store.close()
        }
    }

    /// - Returns: the numbers of those that were new.
    static func insert(_ store: SQLiteStore, _ numbers: some Sequence<Int> & Sendable) async throws -> [Int] {
        try await store.write { transaction in try numbers.filter { try transaction.insertUsage(use($0)) } }
    }

    static func numbers(_ store: SQLiteStore, _ sql: String) async throws -> [Int64] {
        try await store.read { try $0.rows(sql) { $0.integer(0) } }
    }

    static let ids = "SELECT id FROM usage ORDER BY id"

    @Test(arguments: [hash, clash])
    func aUseIsChargedOnceWhereverItsKeyIs(_ hash: @escaping Hash) async throws {
        try await withDirectory { path in
            var store = try await Self.open(path, hash: hash)
            #expect(try await Self.insert(store, [1, 2, 1, 3, 2]) == [1, 2, 3], "within a batch")
            #expect(try await Self.insert(store, 1...8) == Array(4...8), "in the tail")
            #expect(try await Self.numbers(store, "SELECT count(*) FROM usageRun") == [0])
            #expect(try await Self.insert(store, 1...30) == Array(9...30), "in a run that was just closed")
            #expect(try await Self.numbers(store, "SELECT count(*) FROM usageRun") == [3])
            #expect(try await Self.insert(store, 1...30) == [])
            await store.close()
            store = try await Self.open(path, hash: hash)
            #expect(try await Self.insert(store, 1...33) == [31, 32, 33], "after a restart")
            let elsewhere = Self.use(1, region: "eu-west-1")
            #expect(try await store.write { try $0.insertUsage(elsewhere) })
            for number in 1...33 {
                let (key, use) = (Self.use(number).event.key, Self.use(number))
                #expect(try await store.write { try $0.usage(key) } == use)
            }
            #expect(try await Self.numbers(store, Self.ids) == Array(1...34))
            await store.close()
        }
    }

    @Test func readersFindAUseInRunsAndInTheTail() async throws {
        try await Self.withStore { store in
            _ = try await Self.insert(store, 1...20)
            for number in 1...20 {
                let (key, use) = (Self.use(number).event.key, Self.use(number))
                #expect(try await store.read { try $0.usage(key) } == use)
            }
            #expect(try await store.read { try $0.usage(Self.use(21).event.key) } == nil)
            #expect(try await store.read { try $0.usage(Self.use(1, region: "nowhere").event.key) } == nil)
        }
    }

    @Test func whatIsUndoneMayComeAgain() async throws {
        try await Self.withStore { store in
            #expect(try await Self.insert(store, 1...12).count == 12)
            // A whole transaction, which had closed a run.
            await #expect(throws: Deliberate.self) {
                try await store.write { (transaction) throws -> Void in
                    for number in 1...20 { #expect(try transaction.insertUsage(Self.use(number)) == (number > 12)) }
                    throw Deliberate()
                }
            }
            #expect(try await Self.numbers(store, Self.ids) == Array(1...12))
            #expect(try await Self.insert(store, 11...14) == [13, 14])
            // A part of one, with and without a run, between uses that stay.
            try await store.write { (transaction) throws -> Void in
                #expect(try transaction.insertUsage(Self.use(15)))
                for last in [16, 30] {
                    #expect(throws: Deliberate.self) {
                        try transaction.atomically {
                            for number in 16...last { #expect(try transaction.insertUsage(Self.use(number))) }
                            throw Deliberate()
                        }
                    }
                    #expect(try transaction.insertUsage(Self.use(15)) == false)
                    #expect(try transaction.insertUsage(Self.use(1)) == false)
                }
                #expect(try transaction.insertUsage(Self.use(16)))
            }
            #expect(try await Self.insert(store, 1...17) == [17])
            #expect(try await Self.numbers(store, Self.ids) == Array(1...17))
        }
    }

    static func retain(_ store: SQLiteStore, at now: Instant) async throws -> RetentionReport {
        let clock = WallClock(
            now: { now }, monotonicNanoseconds: WallClock.system.monotonicNanoseconds, sleepUntil: { _ in })
        return try await Retention(store: store, policy: { RetentionPolicy() }, clock: clock).run(at: now, by: "test")
    }

    private static let year: Duration = .seconds(400 * 86_400)

    @Test func whatRetentionRemovesTakesItsKeysAlong() async throws {
        try await withDirectory { path in
            var store = try await Self.open(path)
            // Each a day after the one before.
            let times = (0..<30).map { start + .seconds($0 * 86_400) }
            let uses = times.enumerated().map { Self.use($0.offset, at: $0.element) }
            try await store.write { (transaction) throws -> Void in
                for use in uses { #expect(try transaction.insertUsage(use)) }
            }
            let report = try await Self.retain(store, at: times[12] + Self.year + .seconds(1))
            #expect(report.lines[.usage]?.removed == 13)
            #expect(report.lines[.usage]?.rows == 26)
            #expect(report.lines[.useKeys]?.removed == 8, "those of the first run")
            #expect(try await Self.numbers(store, "SELECT id FROM usageRun") == [2, 3])
            #expect(try await Self.numbers(store, "SELECT count(*) FROM usageKey") == [16])
            #expect(try await Self.numbers(store, "SELECT use FROM usageOf ORDER BY use") == Array(14...24))
            try await store.write { (transaction) throws -> Void in
                for use in uses { #expect(try transaction.insertUsage(use) == false) }
            }
            // All of them; their numbers stay theirs.
            let all = try await Self.retain(store, at: times[29] + Self.year + .seconds(1))
            #expect(all.lines[.usage]?.removed == 17)
            #expect(try await Self.numbers(store, "SELECT count(*) FROM usageRun") == [0])
            #expect(try await Self.numbers(store, "SELECT count(*) FROM usageKey") == [0])
            #expect(try await Self.numbers(store, "SELECT count(*) FROM usageOf") == [0])
            await store.close()
            store = try await Self.open(path)
            let later = times[29] + Self.year + Self.year
            try await store.write { (transaction) throws -> Void in
                for number in 0..<20 { #expect(try transaction.insertUsage(Self.use(number, at: later))) }
                for number in 0..<20 { #expect(try transaction.insertUsage(Self.use(number, at: later)) == false) }
            }
            #expect(try await Self.numbers(store, Self.ids) == Array(31...50))
            #expect(try await Self.numbers(store, "SELECT id FROM usageRun") == [1, 2])
            await store.close()
            #expect(Doctor(directory: path).examine().checks.first { $0.name == "uses" }?.outcome == .ok)
        }
    }

    @Test func numbersOfTheNewestThatWereRemovedAreNotGivenAgain() async throws {
        try await withDirectory { path in
            var store = try await Self.open(path)
            _ = try await Self.insert(store, 1...12)
            try await store.write { _ = try $0.remove(.usage, [10, 11, 12], before: start) }
            await store.close()
            store = try await Self.open(path)
            #expect(try await Self.insert(store, 20...21) == [20, 21])
            #expect(try await Self.numbers(store, Self.ids) == Array(1...9) + [13, 14])
            await store.close()
        }
    }

    /// In the order in which all of them would be sorted, whatever the pages.
    @Test(arguments: [1, 3, 100])
    func aPrincipalsUsesAreReadAcrossRunsAndTheTail(_ window: Int) async throws {
        try await Self.withStore { store in
            var random = SeededRandom(seed: UInt64(window))
            let uses = (0..<60).map { number in
                Self.use(
                    number, at: start + .seconds(Int.random(in: 0..<20, using: &random)), session: "s-\(number % 4)")
            }
            try await store.write { transaction in
                for use in uses { _ = try transaction.insertUsage(use) }
            }
            let bob = Self.people[1].id
            let numbered = uses.enumerated().filter { $0.element.event.principal.id == bob }
            let expected = numbered.sorted { ($0.element.event.at, $0.offset) < ($1.element.event.at, $1.offset) }
            var found: [ChargedUse] = []
            var position: UsePosition?
            repeat {
                let query = ChargedUseQuery(principal: bob, after: position, window: window)
                let page = try await store.read { try $0.chargedUses(query) }
                found += page.uses
                position = page.next
            } while position != nil
            #expect(found.map(\.number) == expected.map { Int64($0.offset + 1) })
            #expect(found.map(\.usage) == expected.map(\.element))

            let since = start + .seconds(5)
            var sums: [String: Int64] = [:]
            for use in expected.map(\.element).filter({ $0.event.at >= since }).suffix(9) {
                sums[use.event.principal.session ?? "", default: 0] += use.charge.amount.rawValue
            }
            let sessions = try await store.read { try $0.sessions(of: bob, since: since, amongLatest: 9, limit: 9) }
            #expect(Dictionary(uniqueKeysWithValues: sessions.map { ($0.session, $0.amount.rawValue) }) == sums)
        }
    }

    @Test func anHoursSingleUsesComeFromRunsAndTheTail() async throws {
        try await Self.withStore { store in
            let uses = (0..<30).map { Self.use($0, at: start + .seconds($0 * 400)) }
            try await store.write { transaction in
                var rollup = UsageRollup()
                for use in uses where try transaction.insertUsage(use) { rollup.add(use.event, use.charge) }
                try transaction.addUsageHours(rollup.hours { _ in CostTags() })
            }
            for hour in [start.hour, start.hour + 1, start.hour + 2, start.hour + 3] {
                let ours = uses.filter { $0.event.at.hour == hour }
                let found = try await store.read { try $0.recordedUses(inHour: hour, singly: true) }
                #expect(found.map(\.at) == ours.map(\.event.at), "\(hour)")
            }
        }
    }

    @Test(arguments: [
        ("DELETE FROM usageKey WHERE use = 5", "1 have no key"),
        ("UPDATE usageKey SET hash = hash + 1 WHERE use = 5", "1 have no key"),
        ("UPDATE usageRun SET filter = zeroblob(16) WHERE id = 2", "8 have no key"),
        ("DELETE FROM usageOf WHERE use IN (5, 6)", "2 are missing"),
    ])
    func theDoctorFindsAUseWithoutItsKey(sql: String, words: String) async throws {
        try await withDirectory { path in
            let store = try await Self.open(path)
            _ = try await Self.insert(store, 1...20)
            await store.close()
            let sound = Doctor(directory: path).examine().checks.first { $0.name == "uses" }
            #expect(sound?.outcome == .ok)
            #expect(sound?.message.contains("16 uses in 2 closed runs") == true)
            let queue = try DatabaseQueue(path: path + "/steward.db")
            try await queue.write { try $0.execute(sql: sql) }
            try queue.close()
            let check = Doctor(directory: path).examine().checks.first { $0.name == "uses" }
            #expect(check?.outcome == .problem)
            #expect(check?.message.contains(words) == true, "\(check?.message ?? "none")")
        }
    }

    /// 40,000 uses from before: one run, and a tail.
    @Test func usesFromBeforeAreKeyedByTheUpgrade() async throws {
        try await withDirectory { path in
            _ = try SchemaFixtureTests.load(29, to: path + "/steward.db")
            let queue = try DatabaseQueue(path: path + "/steward.db")
            try await queue.write { database in
                try database.execute(
                    sql: """
                        WITH RECURSIVE n (i) AS (VALUES (2) UNION ALL SELECT i + 1 FROM n WHERE i < 40000)
                        INSERT INTO usage
                        SELECT i, CAST(x'00' || 'old-' || i AS BLOB), account, region, at + i % 7, recordedAt, principal,
                            session, model, operation, source, errorCode, input, output, cacheRead, cacheWrite5m,
                            cacheWrite1h, images, metered, tier, basis, amount, tags
                        FROM n, (SELECT * FROM usage WHERE id = 1)
                        """)
            }
            try queue.close()
            let store = try openStore(path)
            #expect(try await store.integrityCheck() == [])
            #expect(try await Self.numbers(store, "SELECT last FROM usageRun") == [32_768])
            #expect(try await Self.numbers(store, "SELECT count(*) FROM usageKey") == [32_768])
            #expect(try await Self.numbers(store, "SELECT count(*) FROM usageOf") == [32_768])
            let indexes = "SELECT count(*) FROM sqlite_schema WHERE tbl_name = 'usage' AND type = 'index'"
            #expect(try await Self.numbers(store, indexes) == [0])
            await #expect(throws: (any Error).self) {
                try await store.write { _ = try $0.execute("UPDATE usage SET amount = 0 WHERE id = 40000") }
            }
            let like = try #require(try await store.read { try $0.chargedUses(ChargedUseQuery(limit: 1)).uses.first })
            try await store.write { (transaction) throws -> Void in
                for number in [2, 32_768, 32_769, 40_000, 40_001] {
                    var event = like.usage.event
                    let key = UsageKey(
                        account: event.key.account, region: event.key.region, requestID: "old-\(number)")
                    event = UsageEvent(
                        key: key, at: event.at, principal: event.principal, model: event.model,
                        operation: event.operation, tokens: event.tokens, source: event.source)
                    let use = ChargedUsage(event: event, charge: like.current, recordedAt: like.usage.recordedAt)
                    #expect(try transaction.insertUsage(use) == (number == 40_001), "\(number)")
                }
            }
            #expect(try await store.integrityCheck() == [])
            await store.close()
            #expect(Doctor(directory: path).examine().checks.first { $0.name == "uses" }?.outcome == .ok)
        }
    }
}
