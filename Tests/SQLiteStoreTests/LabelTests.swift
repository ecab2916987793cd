import Budgets
import Enforcement
import Engine
import GRDB
import TestKit
import Testing
import WallTime

@testable import SQLiteStore

/// Labels of sessions, error codes and sources go with the uses that name them, and no use ever loses one.
@Suite struct LabelTests {
    private static let ana = Principal(id: PrincipalID(account: "111122223333", kind: .user, name: "ana"))

    private static func use(
        _ id: String, session: String?, error: String? = nil, model: String = "m", operation: String = "Converse",
        source: String = "test", at: Instant = start
    ) -> ChargedUsage {
        ChargedUsage(
            event: UsageEvent(
                key: UsageKey(account: "111122223333", region: "us-east-1", requestID: id), at: at,
                principal: Principal(id: ana.id, session: session), model: ModelID(model), operation: operation,
                tokens: TokenCounts(input: 1), errorCode: error, source: source),
            charge: Charge(amount: NanoDollars(rawValue: 5), basis: .listed), recordedAt: at)
    }

    private static func savePrincipal(_ store: SQLiteStore, span: Int64) async throws {
        try await store.write { transaction in
            transaction.labelSpan = span
            try transaction.savePrincipal(PrincipalRecord(principal: Self.ana, firstSeenAt: start, isDiscovered: true))
        }
    }

    private static func retain(_ store: SQLiteStore, at now: Instant) async throws -> RetentionReport {
        let clock = WallClock(
            now: { now }, monotonicNanoseconds: WallClock.system.monotonicNanoseconds, sleepUntil: { _ in })
        return try await Retention(store: store, policy: { RetentionPolicy() }, clock: clock).run(at: now, by: "test")
    }

    private static func labels(_ store: SQLiteStore) async throws -> Set<String> {
        Set(try await store.read { try $0.rows("SELECT text FROM usageLabel") { $0.text(0) } })
    }

    @Test func aSessionOfEachUseGoesWithTheUses() async throws {
        try await withStore { store in
            try await Self.savePrincipal(store, span: 5)
            let old = start - .seconds(500 * 86_400)
            try await store.write { transaction in
                // More than one commit removes, and more than one window is looked at.
                for number in 0..<2500 {
                    let use = Self.use("old-\(number)", session: "s-\(number)", error: "E-\(number % 3)", at: old)
                    #expect(try transaction.insertUsage(use))
                }
                let isNew = try transaction.insertUsage(Self.use("new", session: "s-7", error: "E-1", source: "other"))
                #expect(isNew)
            }
            let report = try await Self.retain(store, at: start)

            #expect(report.lines[.usage]?.removed == 2500)
            // Those of the last uses stay a while longer: they were made with room for so many uses more.
            let left = try await Self.labels(store)
            let late = Set((2495..<2500).map { "s-\($0)" })
            #expect(left.isSuperset(of: ["s-7", "E-1", "other", "m", "Converse", "us-east-1", "111122223333"]))
            #expect(left.subtracting(late).filter { $0.hasPrefix("s-") } == ["s-7"])
            #expect(
                try await store.read { try $0.usage(Self.use("new", session: nil).event.key) }?.event.source == "other")
            // The number of one that went may be given again; what is looked up now is no row that is gone.
            let again = Self.use("again", session: "s-9", error: "E-2")
            #expect(try await store.write { try $0.insertUsage(again) })
            #expect(try await store.read { try $0.usage(again.event.key) } == again)
        }
    }

    /// What the last use named is compared before anything is looked up: each use differs in it from the one before, and
    /// one that was undone leaves nothing.
    @Test func aUseKeepsItsOwnLabelsWhateverTheLastOneNamed() async throws {
        try await withStore { store in
            try await Self.savePrincipal(store, span: 10)
            var use = Self.use("r", session: nil)
            var uses = [use]
            use.event.key = UsageKey(account: "111122223333", region: "eu-west-1", requestID: "r")
            uses.append(use)
            use.event.key = UsageKey(account: "444455556666", region: "eu-west-1", requestID: "r")
            uses.append(use)
            use.event.key = UsageKey(account: "444455556666", region: "eu-west-1", requestID: "r2")
            use.event.model = ModelID("n")
            uses.append(use)
            use.event.key = UsageKey(account: "444455556666", region: "eu-west-1", requestID: "r3")
            use.event.operation = "InvokeModel"
            uses.append(use)
            let written = uses
            let isNew = try await store.write { transaction in try written.map { try transaction.insertUsage($0) } }
            #expect(isNew == written.map { _ in true })
            await #expect(throws: Undone.self) {
                try await store.write { transaction -> Void in
                    _ = try transaction.insertUsage(Self.use("u", session: nil, model: "undone"))
                    throw Undone()
                }
            }
            let again = Self.use("u", session: nil, model: "undone")
            try await store.write { transaction in
                _ = try transaction.label("takes the number that was given")
                _ = try transaction.insertUsage(again)
            }
            for use in written + [again] {
                #expect(try await store.read { try $0.usage(use.event.key) } == use)
            }
        }
    }

    private struct Undone: Error {}

    @Test func aLabelThatASumNamesTooStays() async throws {
        try await withStore { store in
            try await Self.savePrincipal(store, span: 1)
            let old = start - .seconds(500 * 86_400)
            // Once it was a session first, once a model: the order makes no difference.
            let uses = [
                Self.use("1", session: "both", at: old), Self.use("2", session: nil, model: "both", at: old),
                Self.use("3", session: "m", at: old), Self.use("4", session: "Odd", operation: "Odd", at: old),
                Self.use("5", session: "both", at: old), Self.use("6", session: "lone", at: old),
            ]
            try await store.write { transaction in
                for use in uses {
                    #expect(try transaction.insertUsage(use))
                    var rollup = UsageRollup()
                    rollup.add(use.event, use.charge)
                    try transaction.addUsageHours(rollup.hours { _ in CostTags() })
                }
            }
            for use in uses { #expect(try await store.read { try $0.usage(use.event.key) } == use) }

            _ = try await Self.retain(store, at: start)

            #expect(
                try await Self.labels(store) == ["111122223333", "us-east-1", "m", "both", "Converse", "Odd"])
            let models = try await store.read { transaction in
                try transaction.usageGroups(UsageQuery(from: 0, to: start.hour, dimensions: [.model, .operation]))
            }
            #expect(
                Set(models.map { "\($0.model ?? "") \($0.operation ?? "")" }) == [
                    "m Converse", "both Converse", "m Odd",
                ])
        }
    }

    /// A label is not looked for in all uses, nor a use in all labels.
    @Test func labelsThatGoAreFoundInAnIndex() async throws {
        try await withStore { store in
            let plans = try await store.read { transaction in
                let bunches = try transaction.bunches(of: .labels, before: start)
                let condition = "\(bunches.isInWindow) AND \(bunches.isOld)"
                return try transaction.rows(
                    "EXPLAIN QUERY PLAN SELECT keptTo, count(*) FROM usageLabel WHERE \(condition) GROUP BY 1",
                    [.integer(0), .integer(0), .integer(9)]
                ) { $0.text(3) }
            }
            #expect(plans.contains { $0.contains("usageLabelByEnd (keptTo>? AND keptTo<?)") }, "\(plans)")
            #expect(!plans.contains { $0.contains("SCAN") }, "\(plans)")
            let references = try await store.read {
                try $0.rows("PRAGMA foreign_key_list(usageCorrection)") { $0.text(2) }
            }
            #expect(references == ["usage"])
        }
    }

    @Test func labelsFromBeforeStayForTheUsesOfThen() async throws {
        try await withDirectory { path in
            let file = path + "/steward.db"
            _ = try SchemaFixtureTests.load(27, to: file)
            let store = try openStore(path)
            let before = try await Self.labels(store)
            let source = "/tmp/fix27/log.jsonl"
            #expect(before.contains(source))
            let passing = try await store.read { transaction in
                try transaction.rows("SELECT text FROM usageLabel WHERE keptTo IS NOT NULL") { $0.text(0) }
            }
            #expect(passing.contains(source))
            #expect(!passing.contains("Converse") && !passing.contains("us-east-1"))
            _ = try await Self.retain(store, at: start)
            #expect(try await Self.labels(store) == before)
            _ = try await Self.retain(store, at: start + .seconds(500 * 86_400))
            #expect(try await Self.labels(store) == before.subtracting(passing))
            await store.close()
        }
    }

    /// Whatever is used, and whenever rows go, also when the clock is set back: what is left is read as it was written.
    @Test(arguments: 0..<12)
    func everyUseKeepsItsLabels(_ seed: UInt64) async throws {
        try await withStore { store in
            var random = SeededRandom(seed: seed)
            let span = Int64.random(in: 0...7, using: &random)
            try await Self.savePrincipal(store, span: span)
            var written: [ChargedUsage] = []
            var now = start
            for round in 0..<12 {
                let uses = Self.uses(round, at: now, &random)
                let isUndone = Int.random(in: 0..<6, using: &random) == 0
                struct Undone: Error {}
                do {
                    try await store.write { transaction in
                        for use in uses {
                            _ = try transaction.insertUsage(use)
                            var rollup = UsageRollup()
                            rollup.add(use.event, use.charge)
                            try transaction.addUsageHours(rollup.hours { _ in CostTags() })
                        }
                        if isUndone { throw Undone() }
                    }
                    written += uses
                } catch is Undone {}
                now = now + .seconds(Int.random(in: -2_000_000...20_000_000, using: &random))
                if Bool.random(using: &random) { _ = try await Self.retain(store, at: now) }
                for use in written {
                    guard let kept = try await store.read({ try $0.usage(use.event.key) }) else { continue }
                    #expect(kept == use, "round \(round)")
                }
            }
            try await Self.requireNoLoss(store)
        }
    }

    /// Some texts are used as everything; there are late uses and early ones.
    private static func uses(_ round: Int, at now: Instant, _ random: inout SeededRandom) -> [ChargedUsage] {
        let few = ["a", "b", "c", "d"]
        return (0..<Int.random(in: 0...25, using: &random)).map { number in
            let isOften = Bool.random(using: &random)
            let session = isOften ? few.randomElement(using: &random) : "s-\(round)-\(number)"
            let error = number % 3 == 0 ? few.randomElement(using: &random) : nil
            let models = ["m", "b"]
            let operations = ["o", "d"]
            let sources = ["test", "a", "s-\(round)"]
            return use(
                "\(round)-\(number)", session: number % 5 == 0 ? nil : session, error: error,
                model: models[Int.random(in: 0...1, using: &random)],
                operation: operations[Int.random(in: 0...1, using: &random)],
                source: sources[Int.random(in: 0...2, using: &random)],
                at: now + .seconds(Int.random(in: -9_000_000...3000, using: &random)))
        }
    }

    private static func requireNoLoss(_ store: SQLiteStore) async throws {
        let named = try await store.read { transaction in
            try transaction.rows(
                """
                SELECT count(*) FROM (
                    SELECT account AS label FROM usage UNION SELECT region FROM usage UNION SELECT model FROM usage
                    UNION SELECT operation FROM usage UNION SELECT source FROM usage UNION SELECT session FROM usage
                    UNION SELECT errorCode FROM usage UNION SELECT model FROM usageHour UNION SELECT region FROM usageHour
                    UNION SELECT operation FROM usageHour UNION SELECT model FROM usageTotal)
                WHERE label IS NOT NULL AND label NOT IN (SELECT id FROM usageLabel)
                """
            ) { $0.integer(0) }
        }
        #expect(named == [0])
        let kept = try await store.read { transaction in
            try transaction.rows(
                """
                SELECT count(*) FROM usage AS u JOIN usageLabel AS l ON l.id IN (u.source, u.session, u.errorCode)
                WHERE l.keptTo < u.id
                """
            ) { $0.integer(0) }
        }
        #expect(kept == [0])
    }
}
