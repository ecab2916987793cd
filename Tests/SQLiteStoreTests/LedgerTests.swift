import Budgets
import Enforcement
import Engine
import JSONModel
import TestKit
import Testing
import WallTime

@testable import SQLiteStore

@Suite struct LedgerTests {
    @Test(arguments: LedgerConformance<SQLiteStore>.cases)
    func ledgerConforms(_ testCase: LedgerConformance<SQLiteStore>.Case) async throws {
        try await withStore { try await testCase.run($0) }
    }

    /// The monitor, the refresh and the circuit breaker may not become slower as budgets and history grow.
    @Test(arguments: [
        (AccountQuery.Selection.exceeded, "budgetExceeded"), (.activeWithPeriodEnded(by: start), "budgetByPeriodEnd"),
        (.status(.suspended), "budgetByStatus"),
    ])
    func selectionsAreAnsweredFromTheirIndex(_ selection: AccountQuery.Selection, index: String) async throws {
        try await withStore { store in
            let plan = try await store.read { transaction in
                let (sql, values) = SQLiteTransaction.select(AccountQuery(selection))
                return try transaction.rows("EXPLAIN QUERY PLAN " + sql, values) { $0.text(3) }.joined(separator: "\n")
            }
            #expect(plan.contains(index))
            #expect(!plan.contains("SCAN principal"))
        }
    }

    @Test(arguments: [
        ("SELECT count(*) FROM budget WHERE suspensionStartedAt > 5", "budgetBySuspension"),
        ("SELECT nextTry FROM outboxItem WHERE status = 'waiting' ORDER BY nextTry LIMIT 1", "outboxDue"),
        ("SELECT use FROM usageKey WHERE run = 1 AND hash = 1", "PRIMARY KEY (run=? AND hash=?)"),
        (
            "DELETE FROM usageOf WHERE (principal, at, use) = (SELECT principal, at, id FROM usage WHERE id = 1)",
            "PRIMARY KEY (principal=? AND at=? AND use=?)"
        ),
        ("SELECT id FROM policyBackup WHERE principal = 1 AND consumedAt IS NULL ORDER BY id", "policyBackupOpen"),
    ])
    func hotQuestionsAreAnsweredFromTheirIndex(sql: String, index: String) async throws {
        try await withStore { store in
            let plan = try await store.read { transaction in
                try transaction.rows("EXPLAIN QUERY PLAN " + sql, []) { $0.text(3) }.joined(separator: "\n")
            }
            #expect(plan.contains(index))
        }
    }

    /// At each look at the timers, however many letters wait for people.
    @Test func lettersThatAreDueAreFoundWithoutTheOthers() async throws {
        try await withStore { store in
            let plan = try await store.read { transaction in
                try transaction.rows("EXPLAIN QUERY PLAN " + SQLiteTransaction.dueLetters, [.integer(0), .integer(9)]) {
                    $0.text(3)
                }
            }
            #expect(plan.count == 1)
            #expect(plan.first?.contains("SEARCH deadLetter USING INDEX deadLetterDue") == true)
        }
    }

    @Test(arguments: [
        ("6f1c0a52-0b7e-4d0c-9d5e-0f4a4b1f9c01", 17), ("6F1C0A52-0B7E-4D0C-9D5E-0F4A4B1F9C01", 37), ("r", 2), ("", 1),
        ("6f1c0a520-b7e-4d0c-9d5e-0f4a4b1f9c01", 37), ("6f1c0a52-0b7e-4d0c-9d5e-0f4a4b1f9c-1", 37),
        ("6f1c0a52--b7e-4d0c-9d5e-0f4a4b1f9c01", 37), ("------------------------------------", 37),
    ])
    func onlyAProperUUIDIsKeptAsItsBytes(text: String, count: Int) {
        #expect(SQLiteTransaction.stored(requestID: text).count == count)
    }

    /// Changes of an account, each of which writes its row, or that of its principal, by another way.
    enum AccountChange: CaseIterable {
        case charged, crossed, joined

        func make(_ account: inout BudgetAccount, _ transaction: SQLiteTransaction) throws {
            switch self {
            case .charged:
                account.standing.spending.requests += 1
                account.updatedAt = account.updatedAt + .seconds(1)
                try transaction.saveCharges(of: account, at: account.updatedAt)
            case .crossed:
                account.furtherCrossing = "team:red/1/0"
                try transaction.saveAccount(account)
            case .joined:
                account.team = "red"
                try transaction.savePrincipal(
                    PrincipalRecord(principal: account.principal, firstSeenAt: start, isDiscovered: true, team: "red"))
            }
        }
    }

    /// The writer keeps accounts that it has read, a reader does not.
    @Test(arguments: AccountChange.allCases)
    func anAccountThatWasReadBeforeIsReadAsItIsNow(_ change: AccountChange) async throws {
        struct Undone: Error {}
        try await withStore { store in
            let id = try await store.write { try ExecutionStoreConformance<SQLiteStore>.sampleAccount($0) }
            let before = try #require(try await store.write { try $0.account(id) })

            let after = try await store.write { transaction in
                var changed = before
                #expect(throws: Undone.self) {
                    try transaction.atomically {
                        try change.make(&changed, transaction)
                        #expect(try transaction.account(id) == changed)
                        throw Undone()
                    }
                }
                #expect(try transaction.account(id) == before, "undone, in a transaction that goes on")
                changed = before
                try change.make(&changed, transaction)
                #expect(try transaction.account(id) == changed, "at once")
                return changed
            }
            #expect(try await store.write { try $0.account(id) } == after)
            #expect(try await store.read { try $0.account(id) } == after)

            await #expect(throws: Undone.self) {
                try await store.write { [after] transaction in
                    var changed = after
                    changed.standing.spending.requests += 7
                    try transaction.saveCharges(of: changed, at: changed.updatedAt)
                    throw Undone()
                }
            }
            #expect(try await store.write { try $0.account(id) } == after, "undone whole")
        }
    }

    @Test func whatWasChargedAndBackedUpCanNotBeRewritten() async throws {
        try await withStore { store in
            for table in ["usage SET amount = 0", "policyBackup SET snapshot = '{}'"] {
                try await store.write { transaction in
                    try transaction.savePrincipal(
                        PrincipalRecord(
                            principal: Principal(id: PrincipalID(account: "1", kind: .user, name: "ana")),
                            firstSeenAt: start, isDiscovered: true))
                    let usage = ExecutionStoreConformance<SQLiteStore>.sampleUsage
                    _ = try transaction.insertUsage(usage)
                    _ = try transaction.insertBackup(
                        NewPolicyBackup(
                            principal: usage.event.principal.id, budget: BudgetID(rawValue: "b"), snapshot: [:],
                            hash: "h", isTakenUnderSuspension: false, takenAt: start))
                }
                await #expect(throws: (any Error).self) {
                    try await store.write { try $0.execute("UPDATE " + table) }
                }
            }
        }
    }

    @Test func whatDamageLeftBehindIsNamedNotGuessed() async throws {
        try await withStore { store in
            let id = try await store.write { try ExecutionStoreConformance<SQLiteStore>.sampleAccount($0) }
            for column in ["status", "mode", "enforcement", "periodRule"] {
                _ = try await store.write { try $0.execute("UPDATE budget SET \(column) = 'nonsense'") }
                await #expect(throws: StoreError.self) { try await store.read { try $0.account(id) } }
                _ = try await store.write { transaction in
                    try transaction.execute(
                        """
                        UPDATE budget SET status = 'active', mode = 'enforce', enforcement = 'both', periodRule = 'day'
                        """)
                }
                #expect(try await store.read { try $0.account(id) } != nil)
            }
        }
    }

    @Test func theLedgerSurvivesBeingClosed() async throws {
        try await withDirectory { directory in
            let first = try openStore(directory)
            let id = try await first.write { try ExecutionStoreConformance<SQLiteStore>.sampleAccount($0) }
            let kept = try await first.read { try $0.account(id) }
            await first.close()

            let second = try openStore(directory)
            #expect(try await second.read { try $0.account(id) } == kept)
            #expect(kept != nil)
            await second.close()
        }
    }
}

extension ExecutionStoreConformance<SQLiteStore> {
    static var sampleUsage: ChargedUsage {
        ChargedUsage(
            event: UsageEvent(
                key: UsageKey(account: "1", region: "us-east-1", requestID: "r"), at: SQLiteStoreTests.start,
                principal: Principal(id: PrincipalID(account: "1", kind: .user, name: "ana")),
                model: ModelID("m"), operation: "Converse", tokens: TokenCounts(input: 1), source: "test"),
            charge: Charge(amount: NanoDollars(rawValue: 5), basis: .listed), recordedAt: SQLiteStoreTests.start)
    }

    static func sampleAccount(_ transaction: SQLiteTransaction) throws -> BudgetID {
        let principal = Principal(id: PrincipalID(account: "1", kind: .user, name: "ana"))
        try transaction.savePrincipal(
            PrincipalRecord(principal: principal, firstSeenAt: SQLiteStoreTests.start, isDiscovered: true))
        let budget = try Budget(scope: .principal(principal.id), limit: .zero)
        let period = Period(start: SQLiteStoreTests.start, end: SQLiteStoreTests.start + .seconds(1))
        let standing = Standing(
            budget: budget.id, period: period, access: Access(status: .active, since: SQLiteStoreTests.start))
        try transaction.saveAccount(
            BudgetAccount(
                budget: budget, standing: standing, principal: principal, createdAt: SQLiteStoreTests.start,
                updatedAt: SQLiteStoreTests.start))
        return budget.id
    }
}
