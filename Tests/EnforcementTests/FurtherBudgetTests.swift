import Budgets
import Engine
import JSONModel
import TestKit
import Testing
import WallTime

@testable import Enforcement

@Suite struct FurtherBudgetTests {
    @discardableResult
    private func set(
        _ bench: LedgerBench, _ scope: FurtherScope, _ unit: BudgetUnit = .money, limit: Int64,
        _ rule: PeriodRule = .calendarDay, mode: BudgetMode? = nil, grace: Int? = nil
    ) async throws -> FurtherAccount {
        try await bench.transact {
            try FurtherBudgetCommands.set(
                FurtherBudgetKey(scope: scope, unit: unit, periodRule: rule),
                FurtherBudgetChange(limit: limit, mode: mode, graceSeconds: grace), by: "operator:eve", $0)
        }
    }

    private func join(_ bench: LedgerBench, _ name: String, team: String) async throws {
        _ = try await bench.transact { desk in
            try desk.transaction.savePrincipal(
                PrincipalRecord(
                    principal: Principal(id: principalID(name)), firstSeenAt: desk.now, isDiscovered: true, team: team))
        }
    }

    private func cents(_ count: Int64) -> Int64 { count * 10_000_000 }

    private func exceeded(_ bench: LedgerBench) -> [BusEvent] {
        bench.published.filter { $0.detailType == "Budget Exceeded" }
    }

    @Test func everyUnitCountsWhatItSays() async throws {
        let bench = LedgerBench()
        let id = principalID("ana")
        let money = try await set(bench, .principal(id), .money, limit: cents(1000))
        let tokens = try await set(bench, .principal(id), .tokens, limit: 1_000_000)
        let requests = try await set(bench, .principal(id), .requests, limit: 50, .calendarMonth)
        var failed = use("r3", cents: 5)
        failed.errorCode = "ThrottlingException"

        try await bench.meter(use("r1", cents: 10), use("r2", cents: 20), failed)
        try await bench.meter(use("r2", cents: 20), use("other", "ben", cents: 30))

        let spent = try await bench.store.read { transaction in
            try [money, tokens, requests].map { try transaction.furtherBudget($0.id)?.standing.spent }
        }
        // A failed call without output is not billed, and uses up no quota.
        #expect(spent == [cents(30), 300_000, 2])
    }

    @Test func aQuotaOfRequestsSuspendsInTheCommitThatCrossesIt() async throws {
        let bench = LedgerBench()
        try await set(bench, .principal(principalID("ana")), .requests, limit: 3, grace: 60)

        try await bench.meter(use("r1", cents: 1), use("r2", cents: 1))
        #expect(exceeded(bench).isEmpty)
        try await bench.meter(use("r3", cents: 1))

        let detail = try #require(exceeded(bench).first).detail
        #expect(detail["cause"]?["scope"] == "principal:111122223333/user/ana")
        #expect(detail["cause"]?["text"] == "3 requests of 3 requests")
        #expect(detail["graceSeconds"] == 60)
        #expect(try SuspensionRequest(detail).json == detail)
        #expect(try await bench.account().standing.access.status == .grace)
        #expect(try await bench.noticeKinds == [.furtherBudgetExceeded])
        #expect(try await bench.step("check-budget", detail)["exceeded"] == true)
    }

    /// A request is a request, also where the log says nothing of what it cost.
    @Test func aQuotaOfRequestsSuspendsForUsesWithoutCounts() async throws {
        let bench = LedgerBench()
        try await set(bench, .principal(principalID("ana")), .requests, limit: 2)
        let uses = (1...2).map { number in
            var event = use("r\(number)", cents: 0)
            event.isMetered = false
            return event
        }

        try await bench.meter(uses.map { .usage($0) })

        #expect(try await bench.account().standing.spending.unmetered == 2)
        #expect(exceeded(bench).first?.detail["cause"]?["text"] == "2 requests of 2 requests")
    }

    /// Who is looked at and left alone takes nobody's place: however many there are, those after them have theirs.
    @Test func theSparedDoNotKeepTheMonitorFromTheOthers() async throws {
        let bench = LedgerBench()
        bench.listen(false)
        try await set(bench, .pool, limit: cents(2))
        for bunch in 0..<5 {
            try await bench.meter((0..<500).map { .usage(use("r\(bunch)-\($0)", "u\(bunch)-\($0)", cents: 1)) })
        }
        for bunch in 0..<5 {
            try await bench.store.write { transaction in
                for number in 0..<500 where bunch < 4 || number < 499 {
                    guard var account = try transaction.account(budgetID("u\(bunch)-\(number)")) else { continue }
                    account.budget.isProtected = true
                    try transaction.saveAccount(account)
                }
            }
        }
        bench.listen(true)

        #expect(try await bench.step("monitor-budgets")["started"] == 1)
        #expect(exceeded(bench).map { $0.detail["userName"] } == ["u4-499"])
    }

    @Test func aTeamsBudgetSuspendsThoseWhoSpentAndLaterWhoeverSpends() async throws {
        let bench = LedgerBench()
        for name in ["ana", "ben", "cas"] {
            try await bench.meter(use("first-\(name)", name, cents: 1))
            try await join(bench, name, team: "data")
        }
        try await bench.meter(use("first-dan", "dan", cents: 1))
        try await set(bench, .team("data"), limit: cents(50))

        try await bench.meter(use("r1", "ana", cents: 30), use("d", "dan", cents: 30))
        #expect(exceeded(bench).isEmpty)
        try await bench.meter(use("r2", "ben", cents: 30))

        #expect(Set(exceeded(bench).compactMap { $0.detail["principalName"]?.stringValue }) == ["ana", "ben", "cas"])
        #expect(try await bench.account("dan").standing.access.status == .active)

        try await bench.meter(use("new", "eva", cents: 1))
        try await join(bench, "eva", team: "data")
        try await bench.meter(use("new-2", "eva", cents: 1))
        #expect(try await bench.account("eva").standing.access.status == .grace)
        #expect(exceeded(bench).count == 4)
    }

    /// Found by seeds: who was known with its team before it was first used spent from nothing of the team's with that use.
    @Test func theFirstUseOfAMemberCountsToo() async throws {
        let bench = LedgerBench()
        try await join(bench, "ana", team: "data")
        let team = try await set(bench, .team("data"), .requests, limit: 5)

        try await bench.meter(use("r1", cents: 1), use("r2", cents: 1))

        #expect(try await bench.store.read { try $0.furtherBudget(team.id) }?.standing.spent == 2)
    }

    @Test func thePoolHoldsThoseWithoutTermsOfTheirOwnAndTheCapHoldsAll() async throws {
        let bench = LedgerBench()
        _ = try await bench.transact {
            try BudgetCommands.setBudget(
                of: Principal(id: principalID("own")), BudgetChange(limit: dollars("100")), by: "operator:eve", $0)
        }
        let pool = try await set(bench, .pool, limit: cents(60))
        let cap = try await set(bench, .everyone, limit: cents(1000))

        try await bench.meter(use("1", "own", cents: 500), use("2", "ana", cents: 30), use("3", "ben", cents: 40))

        let spent = try await bench.store.read { transaction in
            try [pool, cap].map { try transaction.furtherBudget($0.id)?.standing.spent }
        }
        #expect(spent == [cents(70), cents(570)])
        #expect(Set(exceeded(bench).compactMap { $0.detail["principalName"]?.stringValue }) == ["ana", "ben"])
        #expect(exceeded(bench).allSatisfy { $0.detail["cause"]?["scope"] == "pool" })
    }

    @Test func theStrictestWinsAndTheReasonSaysWhich() async throws {
        let bench = LedgerBench()
        try await set(bench, .principal(principalID("ana")), .requests, limit: 1, .calendarDay)
        try await set(bench, .everyone, limit: cents(1), .calendarMonth)

        try await bench.meter(use("r1", cents: 20))

        // It holds longer, until the month is over.
        let event = try #require(exceeded(bench).first)
        #expect(event.detail["cause"]?["scope"] == "everyone")
        #expect(exceeded(bench).count == 1)
    }

    @Test func oneThatOnlyObservesIsReportedAndSparesAll() async throws {
        let bench = LedgerBench()
        try await set(bench, .everyone, limit: cents(10), mode: .observe)

        try await bench.meter(use("r1", cents: 20))
        try await bench.meter(use("r2", cents: 20))

        #expect(exceeded(bench).isEmpty)
        #expect(try await bench.noticeKinds == [.furtherBudgetExceeded, .spared])
    }

    @Test func graceEndsWithoutSuspensionWhenTheDayIsOver() async throws {
        let bench = LedgerBench(at: "2026-11-20T23:58:00Z")
        try await set(bench, .principal(principalID("ana")), .requests, limit: 1)
        try await bench.meter(use("r1", cents: 20, at: "2026-11-20T23:57:00Z"))
        let detail = try #require(exceeded(bench).first).detail

        bench.advance(.seconds(300))

        let result = try await bench.step("check-budget", detail)
        #expect(result["exceeded"] == false)
        #expect(result["reason"] == "not-exceeded")
    }

    private func suspend(_ bench: LedgerBench, _ name: String = "ana") async throws {
        _ = try await bench.backUp(["userId": "1"], request(name))
        try await bench.step("record-suspended", request(name).with("verified", true))
        try await bench.endWorkflows()
    }

    @Test func whoWasSuspendedForTheDayComesBackWithTheNext() async throws {
        let bench = LedgerBench(at: "2026-11-20T22:00:00Z")
        try await set(
            bench, .principal(principalID("ana")), .requests, limit: 1,
            .day(in: try #require(CivilZone(identifier: "Europe/Madrid"))))
        try await bench.meter(use("r1", cents: 20, at: "2026-11-20T21:59:00Z"))
        try await suspend(bench)

        #expect(try await bench.step("refresh-budgets")["restorations"] == 0)
        bench.move(to: "2026-11-20T23:00:00Z")
        #expect(try await bench.step("refresh-budgets")["restorations"] == 1)
        #expect(try await bench.step("refresh-budgets")["restorations"] == 0)

        let validated = try await bench.step("validate-restoration", request())
        #expect(validated["eligible"] == true)
        #expect(validated["reason"] == "period-ended")
        let reset = try await bench.step("reset-budget", request().with("verified", true))
        // Its own period goes on.
        #expect(reset["periodEnd"] == "2026-12-20T00:00:00.000Z")
        #expect(try await bench.account().standing.spending.total == dollars("0.20"))
    }

    @Test func nobodyComesBackWhileATeamsBudgetIsUsedUp() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r0", cents: 1))
        try await join(bench, "ana", team: "data")
        let team = try await set(bench, .team("data"), limit: cents(50), .rolling(days: 60))
        try await bench.meter(use("r1", cents: 104))
        try await suspend(bench)

        bench.move(to: "2026-12-21")
        #expect(try await bench.step("refresh-budgets")["restorations"] == 0)
        let validated = try await bench.step("validate-restoration", request())
        #expect(validated["reason"] == "further-budget-exceeded")

        try await set(bench, .team("data"), limit: cents(500), .rolling(days: 60))
        #expect(try await bench.step("refresh-budgets")["restorations"] == 1)
        #expect(
            try await bench.audit.filter { $0.subject == "team:data" }.map(\.action) == [
                "budget.created", "budget.changed",
            ])
        _ = team
    }

    @Test func aRaisedOrRemovedBudgetRestoresAtOnce() async throws {
        for removes in [true, false] {
            let bench = LedgerBench()
            let quota = try await set(bench, .principal(principalID("ana")), .requests, limit: 1)
            try await bench.meter(use("r1", cents: 1))
            try await suspend(bench)

            if removes {
                try await bench.transact { try FurtherBudgetCommands.remove(quota.id, by: "operator:eve", $0) }
            } else {
                try await set(bench, .principal(principalID("ana")), .requests, limit: 2)
            }

            #expect(bench.publishedTypes.last == "Budget Refreshed")
        }
    }

    /// What was done for the one that was removed says nothing of the one that was made again.
    @Test func aBudgetThatIsRemovedAndMadeAgainInItsPeriodIsEnforcedAndToldAnew() async throws {
        let bench = LedgerBench()
        let quota = try await set(bench, .principal(principalID("ana")), .requests, limit: 1)
        try await bench.meter(use("r1", cents: 1))
        try await suspend(bench)
        try await bench.transact { try FurtherBudgetCommands.remove(quota.id, by: "operator:eve", $0) }
        #expect(try await bench.step("validate-restoration", request())["eligible"] == true)
        try await bench.step("reset-budget", request().with("verified", true))
        bench.advance(.seconds(60))

        try await set(bench, .principal(principalID("ana")), .requests, limit: 1)
        #expect(try await bench.account().standing.access.status == .active)
        try await bench.meter(use("r2", cents: 1))

        #expect(try await bench.account().standing.access.status == .grace)
        #expect(try await bench.account().furtherCause == quota.id.rawValue)
        #expect(exceeded(bench).count == 2)
        #expect(try await bench.noticeKinds.filter { $0 == .furtherBudgetExceeded }.count == 2)
    }

    /// Its event may not have the name of the first one's.
    @Test func aSecondCrossingAfterAGraceThatWasSparedStartsItsSuspension() async throws {
        let bench = LedgerBench()
        try await set(bench, .principal(principalID("ana")), .requests, limit: 1)
        try await bench.meter(use("r1", cents: 1))
        try await set(bench, .principal(principalID("ana")), .requests, limit: 2)
        try await bench.step("record-spared", request().with("reason", "not-exceeded"))
        try await bench.succeedWorkflows()

        try await bench.meter(use("r2", cents: 1))

        #expect(try await bench.account().standing.access.status == .grace)
        #expect(exceeded(bench).count == 2)
        #expect(try await !bench.noticeKinds.contains(.suspensionFailed))
    }

    /// Found while the model in Python was written.
    @Test func aFailedCallSuspendsNobodyForWhatOthersHaveSpent() async throws {
        let bench = LedgerBench()
        try await set(bench, .everyone, .requests, limit: 1)
        try await bench.meter(use("r1", "ben", cents: 1))
        var failed = use("r2", cents: 5)
        failed.errorCode = "ThrottlingException"

        try await bench.meter(failed)

        #expect(try await bench.account().standing.access.status == .active)
        try await bench.meter(use("r3", cents: 1))
        #expect(try await bench.account().standing.access.status == .grace)
    }

    /// Found while the model in Python was written: a budget that only observes keeps nobody out.
    @Test func accessComesBackAlthoughTheOwnBudgetIsUsedUpAndOnlyObserves() async throws {
        let bench = LedgerBench()
        try await set(bench, .principal(principalID("ana")), .requests, limit: 1)
        try await bench.meter(use("r1", cents: 150))
        try await suspend(bench)

        try await change(bench, BudgetChange(mode: .observe))
        #expect(bench.publishedTypes.last != "Budget Refreshed")
        try await set(bench, .principal(principalID("ana")), .requests, limit: 2)
        #expect(bench.publishedTypes.last == "Budget Refreshed")
        let validated = try await bench.step("validate-restoration", request())
        #expect(validated["eligible"] == true)
    }

    @Test func aBudgetThatOnlyObservesFromNowOnGivesBackAtOnce() async throws {
        for isOwn in [true, false] {
            let bench = LedgerBench()
            try await set(bench, .principal(principalID("ana")), .requests, limit: isOwn ? 9 : 1)
            try await bench.meter(use("r1", cents: isOwn ? 150 : 1))
            try await suspend(bench)

            if isOwn {
                try await change(bench, BudgetChange(mode: .observe))
            } else {
                try await set(bench, .principal(principalID("ana")), .requests, limit: 1, mode: .observe)
            }

            #expect(bench.publishedTypes.last == "Budget Refreshed")
        }
    }

    private func change(_ bench: LedgerBench, _ change: BudgetChange) async throws {
        _ = try await bench.transact {
            try BudgetCommands.setBudget(of: Principal(id: principalID("ana")), change, by: "operator:eve", $0)
        }
    }

    @Test func theBreakerHoldsBackAndTheMonitorGoesOn() async throws {
        let bench = LedgerBench(policy: SuspensionPolicy(maximumStarts: 2))
        try await set(bench, .everyone, limit: cents(10), .calendarMonth)

        try await bench.meter((0..<5).map { .usage(use("r\($0)", "u\($0)", cents: 20)) })
        #expect(exceeded(bench).count == 2)
        bench.advance(.seconds(3601))
        let second = try await bench.step("monitor-budgets")
        #expect(second["started"] == 2)
        bench.advance(.seconds(3601))
        #expect(try await bench.step("monitor-budgets")["started"] == 1)
        bench.advance(.seconds(3601))
        #expect(try await bench.step("monitor-budgets")["started"] == 0)
    }

    @Test func lateUsesCountInTheirOwnDay() async throws {
        let bench = LedgerBench(at: "2026-11-21T01:00:00Z")
        let quota = try await set(bench, .everyone, .requests, limit: 3)

        try await bench.meter(
            use("r1", cents: 1, at: "2026-11-20T23:00:00Z"), use("r2", cents: 1, at: "2026-11-21T00:30:00Z"))

        let (now, before) = try await bench.store.read { transaction in
            (
                try transaction.furtherBudget(quota.id)?.standing.spent,
                try transaction.furtherSpending(of: quota.id, periodStart: day("2026-11-20"))?.spent
            )
        }
        #expect(now == 1)
        #expect(before == 1)
    }

    @Test func termsThatCanNotBeAreRefused() async throws {
        let bench = LedgerBench()
        await #expect(throws: BudgetError.negativeLimit) { try await set(bench, .pool, limit: -1) }
        await #expect(throws: FurtherBudgetError.self) {
            try await bench.transact {
                try FurtherBudgetCommands.set(
                    FurtherBudgetKey(scope: .pool, unit: .tokens, periodRule: .calendarDay), FurtherBudgetChange(),
                    by: "operator:eve", $0)
            }
        }
        await #expect(throws: FurtherBudgetError.self) {
            try await bench.transact {
                try FurtherBudgetCommands.remove(BudgetID(rawValue: "pool#x"), by: "operator:eve", $0)
            }
        }
        #expect(try await bench.audit.isEmpty)
    }
}
