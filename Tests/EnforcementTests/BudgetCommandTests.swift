import Budgets
import Engine
import JSONModel
import TestKit
import Testing
import WallTime

@testable import Enforcement

@Suite struct BudgetCommandTests {
    private func set(
        _ bench: LedgerBench, _ change: BudgetChange, name: String = "ana"
    ) async throws -> BudgetAccount {
        try await bench.transact {
            try BudgetCommands.setBudget(of: Principal(id: principalID(name)), change, by: "operator:eve", $0)
        }
    }

    @Test func someoneNewIsGivenABudget() async throws {
        let bench = LedgerBench()

        let account = try await set(bench, BudgetChange(limit: dollars("25"), graceSeconds: 60))

        #expect(account.budget.limit == dollars("25"))
        #expect(account.budget.graceSeconds == 60)
        #expect(account.budget.enforcement == .both)
        #expect(try await bench.store.read { try $0.principal(principalID("ana"))?.isDiscovered } == false)
        #expect(try await bench.audit.map(\.actor) == ["operator:eve"])
    }

    @Test func aChangeIsAuditedWithBeforeAndAfter() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 10))

        _ = try await set(bench, BudgetChange(limit: dollars("5"), enforcement: .deny, isProtected: true))
        _ = try await set(bench, BudgetChange(limit: dollars("5")))

        let entries = try await bench.audit
        #expect(entries.map(\.action) == ["budget.created", "budget.changed"])
        #expect(entries[1].detail["before"]?["limit"] == "1.00")
        #expect(entries[1].detail["after"]?["limit"] == "5.00")
        #expect(entries[1].detail["after"]?["protected"] == true)
    }

    /// A dollar in thirty days made half a dollar a day: what was used on other days says nothing of today's limit.
    @Test func aChangedPeriodHoldsAtOnceWithWhatWasUsedInIt() async throws {
        let bench = LedgerBench(at: "2026-11-20T10:00:00Z")
        try await bench.meter(use("r1", cents: 60, at: "2026-11-20T09:00:00Z"))
        bench.move(to: "2026-11-25T12:00:00Z")
        try await bench.meter(use("r2", cents: 5, at: "2026-11-25T08:00:00Z"))
        func periods() async throws -> [PeriodSpending] {
            try await bench.store.read { try $0.periods(of: budgetID("ana"), limit: 9) }
        }

        let daily = try await set(bench, BudgetChange(limit: dollars("0.50"), periodRule: .calendarDay))
        #expect(daily.standing.period == Period(start: day("2026-11-25"), end: day("2026-11-26")))
        #expect(daily.standing.spending == Spending(total: dollars("0.05"), requests: 1))
        #expect(daily.standing.access.status == .active)
        #expect(!bench.publishedTypes.contains("Budget Exceeded"))
        #expect(
            try await periods().map(\.period) == [
                daily.standing.period, Period(start: day("2026-11-20"), end: day("2026-11-25")),
            ])
        #expect(try await periods().map(\.spending.total) == [dollars("0.05"), dollars("0.60")])

        // A longer one begins where the one of now does.
        let monthly = try await set(bench, BudgetChange(periodRule: .calendarMonth))
        #expect(monthly.standing.period == Period(start: day("2026-11-25"), end: day("2026-12-01")))
        #expect(monthly.standing.spending == daily.standing.spending)
        #expect(try await periods().map(\.spending.total) == [dollars("0.05"), dollars("0.60")])
        #expect(try await bench.account().standing == monthly.standing)
    }

    @Test func whoseAccessIsBeingTakenGoesOnInTheOldPeriod() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        let before = try await bench.account()
        #expect(before.standing.access.status == .grace)

        let account = try await set(bench, BudgetChange(periodRule: .span(seconds: 3600)))
        #expect(account.standing.period == before.standing.period)
        #expect(account.standing.spending == before.standing.spending)
    }

    /// The clock of its source is some minutes ahead: what belongs to the next day must not be lost with that day.
    @Test func aLongerPeriodHasWhatWasStampedAheadOfTheClock() async throws {
        let bench = LedgerBench(at: "2026-11-20T23:50:00Z")
        let limit = dollars("5")
        for name in ["ana", "bob"] {
            let rule = name == "ana" ? PeriodRule.calendarDay : .calendarMonth
            _ = try await set(bench, BudgetChange(limit: limit, periodRule: rule, graceSeconds: 0), name: name)
            try await bench.meter(
                use("\(name)-1", name, cents: 30, at: "2026-11-20T23:45:00Z"),
                use("\(name)-2", name, cents: 900, at: "2026-11-21T00:02:00Z"))
        }
        #expect(try await bench.account().standing.access.status == .active)

        let monthly = try await set(bench, BudgetChange(periodRule: .calendarMonth))
        #expect(monthly.standing.period == Period(start: day("2026-11-20"), end: day("2026-12-01")))
        #expect(monthly.standing.spending == Spending(total: dollars("9.30"), requests: 2))
        // As who had a month from the start.
        let other = try await bench.account("bob").standing
        #expect(monthly.standing.access.status == other.access.status && monthly.standing.access.status != .active)
        #expect(monthly.standing.spending == other.spending)
        let periods = try await bench.store.read { try $0.periods(of: budgetID("ana"), limit: 9) }
        #expect(periods.map(\.period) == [monthly.standing.period])
    }

    @Test(arguments: [PeriodRule.calendarDay, .span(seconds: 60)])
    func aShorterPeriodLeavesTheNextOnesWhatWasStampedAheadOfTheClock(rule: PeriodRule) async throws {
        let bench = LedgerBench(at: "2026-11-20T23:50:00Z")
        _ = try await set(bench, BudgetChange(limit: dollars("100"), periodRule: .calendarMonth))
        try await bench.meter(
            use("r1", cents: 5, at: "2026-11-19T09:00:00Z"), use("r2", cents: 7, at: "2026-11-20T23:50:00Z"),
            use("r3", cents: 11, at: "2026-11-21T00:02:30Z"), use("r4", cents: 13, at: "2026-11-21T20:00:00Z"))

        let changed = try await set(bench, BudgetChange(periodRule: rule))
        #expect(changed.standing.spending == Spending(total: dollars("0.07"), requests: 1))
        let periods = try await bench.store.read { try $0.periods(of: budgetID("ana"), limit: 9) }
        let sums = rule == .calendarDay ? ["0.24", "0.07", "0.05"] : ["0.13", "0.11", "0.07", "0.05"]
        #expect(periods.map(\.spending.total) == sums.map(dollars))

        bench.move(to: "2026-11-21T00:02:40Z")
        try await bench.meter(use("r5", cents: 1, at: "2026-11-21T00:02:35Z"))
        let next = rule == .calendarDay ? "0.25" : "0.12"
        #expect(try await bench.account().standing.spending.total == dollars(next))
    }

    /// Who has lost access goes on in the old period; what was used after that one is the new rule's.
    @Test func aPeriodThatBeginsAfterAccessIsBackHasAllThatWasUsedInIt() async throws {
        let bench = LedgerBench(at: "2026-11-20T10:00:00Z")
        _ = try await set(bench, BudgetChange(limit: dollars("1"), periodRule: .calendarDay, graceSeconds: 0))
        try await bench.meter(use("r1", cents: 200, at: "2026-11-20T09:00:00Z"))
        bench.move(to: "2026-11-22T10:00:00Z")
        try await bench.meter(
            use("r2", cents: 10, at: "2026-11-21T09:00:00Z"), use("r3", cents: 20, at: "2026-11-22T09:00:00Z"))
        #expect(try await bench.account().standing.access.status != .active)

        let account = try await set(bench, BudgetChange(periodRule: .calendarMonth))
        #expect(account.standing.spending.total == dollars("2"))
        try await bench.meter(use("r4", cents: 40, at: "2026-11-22T09:30:00Z"))
        let periods = try await bench.store.read { try $0.periods(of: budgetID("ana"), limit: 9) }
        #expect(periods.map(\.spending.total) == [dollars("0.70"), dollars("2")])
        #expect(periods.first?.period == Period(start: day("2026-11-21"), end: day("2026-12-01")))
    }

    @Test func aRaisedLimitArmsAndTheNextCrossingStartsAnew() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        try await bench.step("record-spared", request())

        _ = try await set(bench, BudgetChange(limit: dollars("2")))
        #expect(try await bench.account().standing.announced == [])
        try await bench.meter(use("r2", cents: 100))

        let exceeded = bench.published.filter { $0.detailType == "Budget Exceeded" }
        #expect(exceeded.count == 2)
        #expect(exceeded[0].id != exceeded[1].id)
    }

    /// Somebody stopped the suspension when it had begun to take access: nobody but the raised limit would give it back soon.
    @Test(arguments: [false, true])
    func aRaisedLimitGivesBackWhatAStoppedSuspensionHasTaken(isShared: Bool) async throws {
        let bench = LedgerBench()
        let quota = FurtherBudgetKey(scope: .principal(principalID("ana")), unit: .requests, periodRule: .calendarDay)
        func allow(requests limit: Int64) async throws {
            _ = try await bench.transact {
                try FurtherBudgetCommands.set(
                    quota, FurtherBudgetChange(limit: limit, mode: .enforce), by: "operator:eve", $0)
            }
        }
        if isShared { try await allow(requests: 1) }
        try await bench.meter(use("r1", cents: isShared ? 1 : 104))
        _ = try await bench.backUp(["userId": "AIDA1"], request())
        #expect(try await bench.account().standing.access.status == .grace)
        try await bench.endWorkflows()

        if isShared {
            try await allow(requests: 9)
        } else {
            _ = try await set(bench, BudgetChange(limit: dollars("2")))
        }

        #expect(bench.publishedTypes.last == "Budget Refreshed")
        let account = try await bench.account()
        #expect(account.standing.access.status == .suspensionFailed && account.workflows.count == 1)
        #expect(try await bench.audit.contains { $0.action == "suspension.interrupted" })
    }

    @Test(arguments: [false, true])
    func aRaisedLimitLeavesARunningSuspensionToItself(hasBackup: Bool) async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        if hasBackup {
            _ = try await bench.backUp(["userId": "AIDA1"], request())
        } else {
            try await bench.endWorkflows()
        }

        _ = try await set(bench, BudgetChange(limit: dollars("2")))

        #expect(try await bench.account().standing.access.status == .grace)
        #expect(bench.publishedTypes.last != "Budget Refreshed")
    }

    @Test func aLoweredLimitMayCrossAtOnce() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 50))

        let account = try await set(bench, BudgetChange(limit: dollars("0.5")))

        #expect(account.standing.access.status == .grace)
        #expect(bench.publishedTypes.last == "Budget Exceeded")
    }

    @Test(arguments: [AccessStatus.suspended, .suspensionFailed, .restorationFailed])
    func aRaisedLimitStartsTheRestorationOfWhoIsLockedOut(status: AccessStatus) async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        try await bench.alter { $0.standing.access = Access(status: status, since: day("2026-11-20")) }
        try await bench.endWorkflows()

        _ = try await set(bench, BudgetChange(limit: dollars("1.04")))
        #expect(bench.publishedTypes.last == "Budget Exceeded")
        let account = try await set(bench, BudgetChange(limit: dollars("2")))

        let event = try #require(bench.published.last)
        #expect(event.detailType == "Budget Refreshed")
        #expect(event.detail["reason"] == "limit-raised")
        // It is below the limit: nobody has to go past anything.
        #expect(event.detail["override"] == false)
        #expect(account.workflows == [event.id])
        #expect(try await bench.account().workflows == [event.id])
    }

    @Test func aRaisedLimitDuringGraceLeavesItToTheCheck() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))

        let account = try await set(bench, BudgetChange(limit: dollars("2")))

        #expect(account.standing.access.status == .grace)
        #expect(bench.publishedTypes.last == "Budget Exceeded")
        #expect(try await bench.step("check-budget", request())["reason"] == "not-exceeded")
    }

    @Test(arguments: [BudgetChange(limit: NanoDollars(rawValue: -1)), BudgetChange(graceSeconds: -1)])
    func termsThatCanNotBeChangeNothing(change: BudgetChange) async throws {
        let bench = LedgerBench()

        await #expect(throws: BudgetError.self) { try await set(bench, change) }
        try await bench.meter(use("r1", cents: 1))
        await #expect(throws: BudgetError.self) { try await set(bench, change) }
        #expect(try await bench.account().budget.limit == dollars("1"))
    }

    @Test func budgetsAreListedInPages() async throws {
        let bench = LedgerBench()
        try await bench.meter((0..<5).map { .usage(use("r\($0)", "user\($0)", cents: 1)) })

        let (first, second, one) = try await bench.store.read { transaction in
            let first = try BudgetCommands.listBudgets(limit: 3, transaction)
            return (
                first, try BudgetCommands.listBudgets(after: first.next, limit: 3, transaction),
                try BudgetCommands.getBudget(of: principalID("user4"), transaction)
            )
        }

        #expect(first.accounts.map(\.principal.id.name) == ["user0", "user1", "user2"])
        #expect(second.accounts.map(\.principal.id.name) == ["user3", "user4"])
        #expect(second.next == nil)
        #expect(one == second.accounts.last)
    }
}

@Suite struct UndeliveredNoticeTests {
    @Test func whatIsGivenUpWaitsForAPersonAndCanBeRevived() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 75))
        let now = bench.now
        let item = try await bench.store.write { transaction in
            try transaction.claimOutbox(at: now, limit: 1, leaseUntil: now + .seconds(60))[0]
        }

        try await bench.store.write {
            try UndeliveredNotice.abandon(item, error: "550 no such user", at: now, $0)
        }
        let letter = try #require(try await bench.deadLetters.first)
        #expect(letter.letter.kind == .notification)
        #expect(letter.letter.source == "log")
        #expect(letter.letter.cause == "550 no such user")
        #expect(try await bench.store.read { try $0.earliestOutbox() } == nil)

        try await bench.store.write { try UndeliveredNotice.redrive(letter, at: now, $0) }
        #expect(try await bench.store.read { try $0.outboxItem(item.id)?.status } == .waiting)
        await #expect(throws: UnknownOutboxItem.self) {
            try await bench.store.write { try UndeliveredNotice.redrive(letter, at: now, $0) }
        }
    }
}
