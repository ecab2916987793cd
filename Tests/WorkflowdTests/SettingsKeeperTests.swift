import Budgets
import Enforcement
import Engine
import Foundation
import JSONModel
import Logging
import SQLiteStore
import Testing
import WallTime

@testable import workflowd

@Suite struct SettingsKeeperTests {
    /// A keeper on a store of its own, as the daemon makes it.
    private struct Bench {
        let file: SettingsFile
        let store: SQLiteStore
        let running: LockedBox<DaemonConfiguration>
        let enforcement: CurrentSettings
        let keeper: SettingsKeeper

        var entries: [AuditEntry] {
            get async throws { try await store.read { try $0.auditEntries(subject: "settings", limit: 10) } }
        }
    }

    private struct NotNow: Error {}

    /// - Parameter refusing: whether a start would refuse whatever is read.
    private func with(
        _ text: String, refusing: Bool = false, _ body: (Bench) async throws -> Void
    ) async throws {
        try await SettingsFile.with(text) { file in
            let directory = NSTemporaryDirectory() + "steward-keeper-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: directory) }
            let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let store = try SQLiteStore.open(directory: directory, options: SQLiteStoreOptions(), logger: quiet)
            let running = LockedBox(try file.read())
            let enforcement = CurrentSettings(
                try EnforcementSettings(running.withLock { $0 }, region: "eu-west-1"))
            let keeper = SettingsKeeper(
                source: SettingsSource(file: file.path), running: running, enforcement: enforcement,
                engine: Engine(store: store, clock: .system, seed: 7, logger: quiet), logger: quiet,
                check: { _ in if refusing { throw NotNow() } })
            let result = await Result {
                try await body(
                    Bench(file: file, store: store, running: running, enforcement: enforcement, keeper: keeper))
            }
            await store.close()
            try result.get()
        }
    }

    @Test func whatIsTakenIsInForceAndInTheAuditLog() async throws {
        try await with("budgets: {limit: 1}") { bench in
            let own = bench.enforcement.value.ownIdentity
            try bench.file.write(
                "{budgets: {limit: 2, breakGlass: ['arn:aws:iam::111122223333:user/ana']}, access: {tiers: {low: 3}},"
                    + " prices: {fallback: {input: 99}}, drainSeconds: 9}")

            let found = try await bench.keeper.reload(by: "operator:eve")

            let now = bench.enforcement.value
            #expect(now.defaultBudget.limit == NanoDollars(dollars: "2"))
            #expect(now.policy.breakGlass == [PrincipalID(account: "111122223333", kind: .user, name: "ana")])
            #expect(now.prices.book.fallback.input == TokenPrice(dollarsPerMillion: "99"))
            #expect(now.region == "eu-west-1" && now.ownIdentity === own)
            #expect(bench.running.withLock { $0.access.tiers["low"] } == NanoDollars(dollars: "3"))
            #expect(bench.running.withLock { $0.drainSeconds } == 20)
            #expect(found.afterRestart == ["drainSeconds"])
            #expect(bench.keeper.current.afterRestart == ["drainSeconds"])
            let entry = try #require(try await bench.entries.first)
            #expect(entry.actor == "operator:eve" && entry.action == "settings.changed")
            #expect(entry.detail["file"] == .string(bench.file.path))
            #expect(
                entry.detail["changed"]?.arrayValue?.map { $0["setting"] } == [
                    "budgets.limit", "budgets.breakGlass", "access.tiers", "prices.fallback.input",
                ])
        }
    }

    @Test func whatCannotBeReadChangesNothingAndIsKnown() async throws {
        try await with("budgets: {limit: 1}") { bench in
            try bench.file.write("budgets: {limit: much}")
            await #expect(throws: ConfigurationError.self) { try await bench.keeper.reload(by: "x") }
            #expect(bench.keeper.current.problem?.contains(":1:11: budgets.limit must be dollars") == true)
            #expect(bench.enforcement.value.defaultBudget.limit == NanoDollars(dollars: "1"))
            #expect(try await bench.entries == [])

            try bench.file.write("budgets: {limit: 1}")
            let found = try await bench.keeper.reload(by: "x")
            #expect(found.changes == [] && bench.keeper.current.problem == nil)
            #expect(try await bench.entries == [])
        }
    }

    @Test func whatAStartWouldRefuseIsRefused() async throws {
        try await with("budgets: {limit: 1}", refusing: true) { bench in
            try bench.file.write("budgets: {limit: 2}")
            await #expect(throws: NotNow.self) { try await bench.keeper.reload(by: "x") }
            #expect(bench.enforcement.value.defaultBudget.limit == NanoDollars(dollars: "1"))
            #expect(bench.keeper.current.problem != nil)
        }
    }

    /// Settings that can't be written down are not taken: nobody would know who changed them.
    @Test func whatCannotBeWrittenDownIsNotTaken() async throws {
        try await with("budgets: {limit: 1}") { bench in
            try bench.file.write("budgets: {limit: 2}")
            await bench.store.close()
            await #expect(throws: (any Error).self) { try await bench.keeper.reload(by: "x") }
            #expect(bench.enforcement.value.defaultBudget.limit == NanoDollars(dollars: "1"))
            #expect(bench.running.withLock { $0.budgets.defaults.limit } == NanoDollars(dollars: "1"))
        }
    }

    /// Each takes the settings from where the one before it left them: one change stands in the log once.
    @Test func reloadsComeOneAfterAnother() async throws {
        try await with("budgets: {limit: 1}") { bench in
            try bench.file.write("budgets: {limit: 2}")
            let keeper = bench.keeper
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<8 { group.addTask { _ = try await keeper.reload(by: "operator:\(number)") } }
                try await group.waitForAll()
            }
            #expect(try await bench.entries.count == 1)
        }
    }

    @Test func theLevelOfTheLogFollowsTheSettings() async throws {
        try await with("logLevel: error") { bench in
            let running = bench.running
            let logger = Logger(label: "test") { _ in
                LevelledLogHandler(SwiftLogNoOpLogHandler()) { running.withLock { $0.logLevel } }
            }
            var own = logger
            own.logLevel = .critical
            #expect(logger.logLevel == .error)
            try bench.file.write("logLevel: debug")
            _ = try await bench.keeper.reload(by: "x")
            #expect(logger.logLevel == .debug)
            #expect(own.logLevel == .critical)
        }
    }
}
