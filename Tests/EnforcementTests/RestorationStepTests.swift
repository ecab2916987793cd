import Budgets
import Engine
import Interpreter
import JSONModel
import TestKit
import Testing
import WallTime

@testable import Enforcement

@Suite struct RestorationStepTests {
    /// A bench on which ana is suspended, with a backup.
    private func suspended() async throws -> LedgerBench {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        _ = try await bench.backUp(["userId": "AIDA1"], request())
        try await bench.step("record-suspended", request().with("verified", true))
        try await bench.endWorkflows()
        return bench
    }

    /// It was stopped in the middle, so that nobody knows what it has taken.
    @Test(arguments: ["monitor-budgets", "refresh-budgets"])
    func whatAnAbandonedSuspensionHasTakenIsGivenBack(_ step: String) async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        _ = try await bench.backUp(["userId": "AIDA1"], request())
        try await bench.endWorkflows()
        if step == "monitor-budgets" {
            try await bench.alter { $0.budget.limit = dollars("9") }
            bench.advance(.seconds(7200))
        } else {
            bench.move(to: "2026-12-20")
        }

        try await bench.step(step)

        let account = try await bench.account()
        #expect(account.standing.access.status == .suspensionFailed)
        #expect(account.workflows.count == 1)
        #expect(try await bench.store.read { try $0.openBackup(of: principalID("ana")) } != nil)
        #expect(try await bench.audit.map(\.action).contains("suspension.interrupted"))
        // The restoration that this has started gives back.
        #expect(try await bench.step("validate-restoration", request())["eligible"] == true)
    }

    /// The redriven suspension would take afterwards what the restoration has given back.
    @Test func noRestorationBeginsBesideASuspensionThatIsTriedAgain() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        _ = try await bench.backUp(["userId": "AIDA1"], request())
        try await bench.alter { $0.standing.access = Access(status: .suspensionFailed, since: day("2026-11-20")) }
        let before = try await bench.account().workflows

        try await bench.transact { desk in
            _ = try BudgetCommands.setBudget(
                of: Principal(id: principalID("ana")), BudgetChange(limit: dollars("9")), by: "operator:eve", desk)
        }

        #expect(try await bench.account().workflows == before)
        // Once it has failed again, the monitor gives back what it has taken.
        try await bench.endWorkflows()
        #expect(try await bench.step("monitor-budgets")["restorations"] == 1)
    }

    @Test func thePeriodsEndMakesEligible() async throws {
        let bench = try await suspended()
        bench.move(to: "2026-12-20")

        let result = try await bench.step("validate-restoration", request())

        #expect(result["eligible"] == true)
        #expect(result["reason"] == "period-ended")
        #expect(result["backup"] == 1)
        #expect(try await bench.account().standing.access.status == .restoring)
        #expect(try await bench.audit.last?.action == "restoration.started")
    }

    @Test func beforeThatOnlyARaisedLimitOrAPersonsWordDoes() async throws {
        let bench = try await suspended()

        let early = try await bench.step("validate-restoration", request())
        #expect(early["eligible"] == false)
        #expect(early["reason"] == "still-exceeded")
        #expect(try await bench.account().standing.access.status == .suspended)
        #expect(try await bench.audit.last?.action == "restoration.skipped")

        let ordered = try await bench.step("validate-restoration", request().with("override", true))
        #expect(ordered["reason"] == "operator-override")

        try await bench.alter { $0.budget.limit = dollars("2") }
        let raised = try await bench.step("validate-restoration", request())
        #expect(raised["reason"] == "limit-raised")
    }

    @Test(arguments: [(AccessStatus.active, "not-suspended"), (.grace, "not-suspended"), (.closed, "principal-gone")])
    func whoHasAccessOrIsGoneIsSkipped(status: AccessStatus, reason: String) async throws {
        let bench = try await suspended()
        try await bench.alter { $0.standing.access = Access(status: status, since: day("2026-11-20")) }

        let result = try await bench.step("validate-restoration", request().with("override", true))

        #expect(result["eligible"] == false)
        #expect(result["reason"] == .string(reason))
    }

    @Test func aSuspensionThatFailedBeforeItsBackupNeedsNoRestoration() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        try await bench.alter { $0.standing.access = Access(status: .suspensionFailed, since: day("2026-11-20")) }
        bench.move(to: "2026-12-20")

        let result = try await bench.step("validate-restoration", request())

        #expect(result["eligible"] == false)
        #expect(result["reason"] == "nothing-taken")
        #expect(try await bench.account().standing.access.status == .active)
        #expect(try await bench.account().standing.period.start == day("2026-12-20"))
    }

    @Test func theResetBeginsAPeriodAtItsBoundaryWithEverythingArmed() async throws {
        let bench = try await suspended()
        bench.move(to: "2026-12-22T14:00:00Z")
        try await bench.step("validate-restoration", request())

        let result = try await bench.step(
            "reset-budget", request().with("verified", true).with("reason", "period-ended"))

        let account = try await bench.account()
        #expect(account.standing.access == Access(status: .active, since: bench.now, reason: "period-ended"))
        #expect(account.standing.period == Period(start: day("2026-12-20"), end: day("2027-01-19")))
        #expect(account.standing.spending == Spending())
        #expect(account.standing.announced == [])
        #expect(account.standing.refreshCount == 1)
        #expect(account.workflows == [])
        #expect(result["refreshCount"] == 1)
        #expect(try await bench.store.read { try $0.openBackup(of: principalID("ana")) } == nil)
        #expect(try await bench.store.read { try $0.backup(PolicyBackupID(rawValue: 1))?.consumedAt } == bench.now)
        let periods = try await bench.store.read { try $0.periods(of: budgetID("ana"), limit: 9) }
        #expect(periods.map(\.spending.total) == [.zero, dollars("1.04")])

        try await bench.meter(use("new", cents: 75, at: "2026-12-22T14:00:00Z"))
        #expect(bench.publishedTypes.last == "Budget Warning")
    }

    @Test func whatLeakedIntoTheNewPeriodStillCounts() async throws {
        let bench = try await suspended()
        bench.move(to: "2026-12-22")
        try await bench.meter(use("leak", cents: 120, at: "2026-12-21T00:00:00Z"))
        try await bench.step("validate-restoration", request())

        try await bench.step("reset-budget", request().with("verified", true))

        let account = try await bench.account()
        #expect(account.standing.spending.total == dollars("1.2"))
        #expect(account.standing.access.status == .grace)
        #expect(bench.publishedTypes.filter { $0 == "Budget Exceeded" }.count == 2)
    }

    /// It could not stop the restoration, and is not left to the monitor.
    @Test(arguments: [true, false])
    func whatIsCrossedDuringARestorationIsActedUponAfterIt(isOwn: Bool) async throws {
        let bench = try await suspended()
        try await bench.alter { $0.budget.limit = dollars("2") }
        #expect(try await bench.step("validate-restoration", request())["eligible"] == true)
        try await bench.transact { desk in
            if isOwn {
                _ = try BudgetCommands.setBudget(
                    of: Principal(id: principalID("ana")), BudgetChange(limit: dollars("1")), by: "operator:eve", desk)
            } else {
                _ = try FurtherBudgetCommands.set(
                    FurtherBudgetKey(scope: .everyone, unit: .requests, periodRule: .calendarDay),
                    FurtherBudgetChange(limit: 1), by: "operator:eve", desk)
            }
        }
        if !isOwn { try await bench.meter(use("r2", cents: 1)) }
        #expect(try await bench.account().standing.access.status == .restoring)

        try await bench.step("reset-budget", request().with("verified", true))

        let account = try await bench.account()
        #expect(account.standing.access.status == .grace)
        let event = try #require(bench.published.last)
        #expect(event.detailType == "Budget Exceeded" && account.workflows == [event.id])
        #expect(event.detail["cause"]?["unit"] == .string(isOwn ? "money" : "requests"))
    }

    @Test func withinAPeriodWhatWasSpentStaysSpent() async throws {
        let bench = try await suspended()
        try await bench.alter { $0.budget.limit = dollars("2") }
        try await bench.step("validate-restoration", request())

        try await bench.step("reset-budget", request().with("verified", true))

        let standing = try await bench.account().standing
        #expect(standing.spending.total == dollars("1.04"))
        #expect(standing.period.start == day("2026-11-20"))
        #expect(standing.refreshCount == 0)
    }

    @Test func accessIsSaidToBeBackOnlyWhenVerified() async throws {
        let bench = try await suspended()
        bench.move(to: "2026-12-20")
        try await bench.step("validate-restoration", request())

        await #expect(throws: TaskFailure.self) { try await bench.step("reset-budget", request()) }
        #expect(try await bench.account().standing.access.status == .restoring)
    }

    @Test func aFailedRestorationIsSaidToBeOne() async throws {
        let bench = try await suspended()
        let failure = request().with("error", ["Error": "IAM.LimitExceeded", "Cause": "quota"])

        try await bench.step("record-restoration-failed", failure)
        #expect(try await bench.account().standing.access.status == .suspended)

        bench.move(to: "2026-12-20")
        try await bench.step("validate-restoration", request())
        try await bench.step("record-restoration-failed", failure)
        #expect(try await bench.account().standing.access.status == .restorationFailed)
        #expect(try await bench.noticeKinds == [.restorationFailed, .restorationFailed])
        #expect(try await bench.step("validate-restoration", request())["eligible"] == true)
    }
}
