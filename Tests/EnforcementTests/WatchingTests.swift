import Budgets
import Engine
import JSONModel
import TestKit
import Testing
import WallTime

@testable import Enforcement

@Suite struct MonitorTests {
    @Test func aCrossingThatNobodyListenedToIsFound() async throws {
        let bench = LedgerBench()
        bench.listen(false)
        try await bench.meter(use("r1", cents: 104))
        bench.listen(true)

        let result = try await bench.step("monitor-budgets")

        #expect(result["started"] == 1)
        #expect(try await bench.account().standing.access.status == .grace)
        #expect(bench.publishedTypes == ["Budget Exceeded"])
        #expect(try await bench.step("monitor-budgets")["started"] == 0)
    }

    @Test func aSuspensionUnderWayIsLeftAlone() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        bench.advance(.seconds(7200))

        #expect(try await bench.step("monitor-budgets")["started"] == 0)
    }

    @Test func aGraceThatNobodyEndsIsStartedAgain() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        try await bench.endWorkflows()

        bench.advance(.seconds(600))
        #expect(try await bench.step("monitor-budgets")["started"] == 0)
        bench.advance(.seconds(600))
        #expect(try await bench.step("monitor-budgets")["started"] == 1)
        #expect(Set(bench.published.map(\.id)).count == bench.published.count)
    }

    @Test(arguments: [true, false]) func aFailedSuspensionIsTriedAgainAfterAWhile(hasBackup: Bool) async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        if hasBackup { _ = try await bench.backUp(["userId": "1"], request()) }
        try await bench.step("record-suspension-failed", request())
        try await bench.endWorkflows()

        bench.advance(.seconds(3000))
        #expect(try await bench.step("monitor-budgets")["started"] == 0)
        bench.advance(.seconds(900))
        #expect(try await bench.step("monitor-budgets")["started"] == 1)
        // Access that may be gone in part is no grace.
        #expect(try await bench.account().standing.access.status == (hasBackup ? .suspensionFailed : .grace))
    }

    @Test func theSparedAndTheSuspendedAreNotStarted() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", "protected", cents: 104), use("r2", "suspended", cents: 104))
        try await bench.endWorkflows()
        try await bench.alter("protected") { account in
            account.budget.isProtected = true
            account.standing.access = Access(status: .active, since: day("2026-11-20"))
        }
        try await bench.alter("suspended") { $0.standing.access = Access(status: .suspended, since: day("2026-11-20")) }
        bench.advance(.seconds(7200))

        let result = try await bench.step("monitor-budgets")

        #expect(result["started"] == 0)
        #expect(result["checked"] == 2)
        #expect(result["spared"] == ["protected": 1])
    }

    @Test func theCircuitBreakerBoundsOneRunAndTheNextGoesOn() async throws {
        let bench = LedgerBench(policy: SuspensionPolicy(maximumStarts: 3))
        bench.listen(false)
        try await bench.meter((0..<450).map { .usage(use("r\($0)", "user\($0)", cents: 200)) })
        bench.listen(true)

        let first = try await bench.step("monitor-budgets")
        #expect(first["checked"] == 450)
        #expect(first["started"] == 3)
        #expect(first["spared"]?["circuit-breaker"] == 447)
        #expect(try await bench.step("monitor-budgets")["started"] == 0)
        bench.advance(.seconds(3601))
        #expect(try await bench.step("monitor-budgets")["started"] == 3)
    }

    @Test func aPeriodThatIsOverIsTheRefreshsBusiness() async throws {
        let bench = LedgerBench()
        bench.listen(false)
        try await bench.meter(use("r1", cents: 104))
        bench.listen(true)
        bench.move(to: "2026-12-20")

        #expect(try await bench.step("monitor-budgets")["started"] == 0)
    }
}

@Suite struct RefreshTests {
    @Test func afterALongOutageNobodyIsForgottenAndNobodyMovedTwice() async throws {
        let bench = LedgerBench()
        try await bench.meter((0..<250).map { .usage(use("r\($0)", "user\($0)", cents: 40)) })
        try await bench.meter(use("s", "locked", cents: 104))
        _ = try await bench.backUp(["userId": "1"], request("locked"))
        try await bench.step("record-suspended", request("locked").with("verified", true))
        try await bench.endWorkflows()
        bench.move(to: "2026-12-30T02:00:00Z")

        let first = try await bench.step("refresh-budgets")
        let second = try await bench.step("refresh-budgets")

        #expect(first == ["reset": 250, "restorations": 1, "waiting": 0, "furtherReset": 0, "lifted": 0])
        #expect(second == ["reset": 0, "restorations": 0, "waiting": 1, "furtherReset": 0, "lifted": 0])
        let account = try await bench.account("user7")
        #expect(account.standing.period == Period(start: day("2026-12-20"), end: day("2027-01-19")))
        #expect(account.standing.refreshCount == 1)
        #expect(account.standing.spending == Spending())
        let event = try #require(bench.published.last)
        #expect(event.detailType == "Budget Refreshed")
        #expect(event.detail["reason"] == "period-ended")
        #expect(event.detail["userName"] == "locked")
        #expect(try await bench.account("locked").standing.access.status == .suspended)
    }

    @Test func anOutageOfSeveralPeriodsSkipsThem() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 40))
        bench.move(to: "2027-03-01T02:00:00Z")

        try await bench.step("refresh-budgets")

        #expect(try await bench.account().standing.period == Period(start: day("2027-02-18"), end: day("2027-03-20")))
    }

    @Test func aRestorationThatNobodyListenedToIsAnnouncedAgain() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        _ = try await bench.backUp(["userId": "1"], request())
        try await bench.step("record-suspended", request().with("verified", true))
        try await bench.endWorkflows()
        bench.move(to: "2026-12-20")
        bench.listen(false)
        #expect(try await bench.step("refresh-budgets")["waiting"] == 1)
        bench.listen(true)

        #expect(try await bench.step("refresh-budgets")["restorations"] == 1)
        // One that was started and failed without a word is started again, too, under another name.
        try await bench.endWorkflows()
        #expect(try await bench.step("refresh-budgets")["restorations"] == 1)
        #expect(bench.publishedTypes.filter { $0 == "Budget Refreshed" }.count == 2)
    }

    @Test func aFailedRestorationIsTriedAgainAfterAWhile() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        try await bench.endWorkflows()
        bench.move(to: "2026-12-20")
        try await bench.alter { $0.standing.access = Access(status: .restorationFailed, since: day("2026-12-20")) }

        #expect(try await bench.step("refresh-budgets")["restorations"] == 0)
        bench.advance(.seconds(3601))
        #expect(try await bench.step("refresh-budgets")["restorations"] == 1)
    }

    @Test func aGraceIsEndedOnlyWhenItsWorkflowNoLongerRuns() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        bench.move(to: "2026-12-20")

        #expect(try await bench.step("refresh-budgets")["waiting"] == 1)
        #expect(try await bench.account().standing.access.status == .grace)
        try await bench.endWorkflows()
        #expect(try await bench.step("refresh-budgets")["reset"] == 1)
        #expect(try await bench.account().standing.access.status == .active)
        #expect(try await bench.account().standing.spending == Spending())
    }

    @Test func aFailedSuspensionWithoutBackupJustGoesOn() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        try await bench.alter { $0.standing.access = Access(status: .suspensionFailed, since: day("2026-11-20")) }
        bench.move(to: "2026-12-20")

        #expect(try await bench.step("refresh-budgets")["reset"] == 1)
        #expect(try await bench.account().standing.access.status == .active)
    }

    @Test func theClosedStayClosed() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 10))
        try await bench.alter { $0.standing.access = Access(status: .closed, since: day("2026-11-20")) }
        bench.move(to: "2026-12-20")

        #expect(try await bench.step("refresh-budgets")["waiting"] == 1)
    }
}

@Suite struct RedriveTests {
    /// A dead letter's redrive and the monitor may not work on one principal at the same time.
    @Test func aRedrivenSuspensionIsNotStartedASecondTime() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        _ = try await bench.backUp(["userId": "1"], request())
        try await bench.step("record-suspension-failed", request())
        // Its execution runs again, or still.
        bench.advance(.seconds(7200))

        #expect(try await bench.step("monitor-budgets")["started"] == 0)
        try await bench.endWorkflows()
        #expect(try await bench.step("monitor-budgets")["started"] == 1)
    }
}
