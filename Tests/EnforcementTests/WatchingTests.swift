import Budgets
import Engine
import Interpreter
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

    /// Nobody binds a workflow for long: it is tried each time, and told once or twice.
    @Test func aCrossingThatNobodyListensToIsTriedAgainWithoutAWordEachTime() async throws {
        let bench = LedgerBench()
        bench.listen(false)
        try await bench.meter(use("r1", cents: 104))
        for _ in 0..<6 {
            bench.advance(.seconds(300))
            #expect(try await bench.step("monitor-budgets")["started"] == 0)
        }
        #expect(try await bench.noticeKinds == [.suspensionFailed, .suspensionFailed])
        #expect(try await bench.audit.map(\.action) == ["budget.created"])
        bench.listen(true)

        #expect(try await bench.step("monitor-budgets")["started"] == 1)
    }

    /// The hour after a suspension began is no time in which nothing is looked at: only one that failed is waited for.
    @Test func whatIsMissedSoonAfterAnotherSuspensionIsFound() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        try await bench.alter { $0.budget.isProtected = true }
        try await bench.step("record-spared", request().with("reason", "protected"))
        try await bench.succeedWorkflows()
        bench.advance(.seconds(300))
        #expect(try await bench.step("monitor-budgets")["spared"] == ["protected": 1])
        try await bench.alter { $0.budget.isProtected = false }

        #expect(try await bench.step("monitor-budgets")["started"] == 1)
        #expect(try await bench.account().standing.access.status == .grace)
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

        #expect(first == refreshed(reset: 250, restorations: 1))
        #expect(second == refreshed(waiting: 1))
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

        #expect(try await bench.step("refresh-budgets") == refreshed())
        #expect(try await bench.account().standing.access.status == .closed)
    }

    /// However many there are, and whatever keeps them where they are, those after them have their turn.
    @Test func nobodyIsTooFarDownTheList() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("s", "zz", cents: 104))
        _ = try await bench.backUp(["userId": "1"], request("zz"))
        try await bench.step("record-suspended", request("zz").with("verified", true))
        try await bench.endWorkflows()
        for bunch in 0..<9 {
            try await bench.meter((0..<500).map { .usage(use("r\(bunch)-\($0)", "u\(bunch)-\($0)", cents: 1)) })
        }
        for number in 0..<500 {
            try await bench.alter("u0-\(number)") { $0.standing.access = Access(status: .closed, since: bench.now) }
        }
        bench.move(to: "2026-12-20")

        var (result, runs) = (try await bench.step("refresh-budgets", ["liftsHolds": true]), 1)
        // What waits for its access comes first.
        #expect(result["restorations"] == 1)
        while result["cursor"]?.isNull == false, runs < 20 {
            result = try await bench.step("refresh-budgets", ["liftsHolds": true, "refresh": result])
            runs += 1
        }
        #expect(result == refreshed(reset: 4000, restorations: 1))
        #expect(runs == 3)
        #expect(try await bench.account("u8-499").standing.period.start == day("2026-12-20"))
    }

    @Test func aCursorThatNamesNoPartIsRefused() async throws {
        let bench = LedgerBench()
        let progress: JSONValue = ["refresh": ["cursor": ["part": "elsewhere"]], "monitor": ["cursor": "x"]]
        for step in ["refresh-budgets", "monitor-budgets"] {
            await #expect(throws: TaskFailure.self) { try await bench.step(step, progress) }
        }
    }

    private func refreshed(reset: Int64 = 0, restorations: Int64 = 0, waiting: Int64 = 0) -> JSONValue {
        [
            "reset": .int(reset), "restorations": .int(restorations), "waiting": .int(waiting), "furtherReset": 0,
            "lifted": 0, "cursor": .null,
        ]
    }
}

/// What the monitor gives back.
@Suite struct MonitoredRestorationTests {
    private func suspended(_ bench: LedgerBench, _ name: String = "ana") async throws {
        try await bench.meter(use("r-\(name)", name, cents: 104))
        _ = try await bench.backUp(["userId": "1"], request(name))
        try await bench.step("record-suspended", request(name).with("verified", true))
        try await bench.succeedWorkflows()
    }

    @Test func whoNothingStandsAgainstIsRestoredWithinMinutes() async throws {
        let bench = LedgerBench()
        try await suspended(bench)
        #expect(try await bench.step("monitor-budgets")["restorations"] == 0)
        // Its own period is over, in whatever zone and at whatever hour; the refresh has not run.
        bench.move(to: "2026-12-20T05:03:00Z")

        #expect(try await bench.step("monitor-budgets")["restorations"] == 1)
        #expect(bench.published.last?.detail["reason"] == "period-ended")
        // One is under way.
        #expect(try await bench.step("monitor-budgets")["restorations"] == 0)
        #expect(try await bench.step("validate-restoration", request())["eligible"] == true)
    }

    /// The limit was raised, say, between the suspension's last look and its end.
    @Test func aReasonThatWentAwayWhileTheSuspensionWasAtWorkIsFound() async throws {
        let bench = LedgerBench()
        try await suspended(bench)
        try await bench.alter { $0.budget.limit = NanoDollars(rawValue: .max / 4) }

        #expect(try await bench.step("monitor-budgets")["restorations"] == 1)
        #expect(bench.published.last?.detail["reason"] == "limit-raised")
    }

    @Test func aRestorationThatFailedBeforeItBeganIsLeftForAWhile() async throws {
        let bench = LedgerBench()
        try await suspended(bench)
        bench.move(to: "2026-12-20")
        #expect(try await bench.step("monitor-budgets")["restorations"] == 1)
        try await bench.endWorkflows()

        bench.advance(.seconds(3599))
        #expect(try await bench.step("monitor-budgets")["restorations"] == 0)
        bench.advance(.seconds(2))
        #expect(try await bench.step("monitor-budgets")["restorations"] == 1)
    }

    /// A bench on which ana's restoration was under way when it was stopped.
    private func stopped(limit: NanoDollars? = nil) async throws -> LedgerBench {
        let bench = LedgerBench()
        try await suspended(bench)
        try await bench.alter { account in
            account.budget.limit = dollars("9")
        }
        #expect(try await bench.step("monitor-budgets")["restorations"] == 1)
        #expect(try await bench.step("validate-restoration", request())["eligible"] == true)
        if let limit { try await bench.alter { $0.budget.limit = limit } }
        #expect(try await bench.step("monitor-budgets")["restorations"] == 0)
        try await bench.endWorkflows()
        bench.advance(.seconds(3599))
        #expect(try await bench.step("monitor-budgets")["restorations"] == 0)
        #expect(try await bench.account().standing.access.status == .restoring)
        bench.advance(.seconds(2))
        return bench
    }

    @Test func aRestorationThatWasStoppedHalfWayIsBegunAgain() async throws {
        let bench = try await stopped()
        #expect(try await bench.step("monitor-budgets")["restorations"] == 1)
        #expect(bench.published.last?.detail["reason"] == "limit-raised")
        #expect(try await bench.step("monitor-budgets")["restorations"] == 0)
        #expect(try await bench.step("validate-restoration", request())["eligible"] == true)
    }

    /// It was a person's order that went past the budget, say: nobody gives access back to whoever is beyond it by now.
    @Test func whatABudgetStandsAgainstByNowIsAPersons() async throws {
        let bench = try await stopped(limit: dollars("1"))
        #expect(try await bench.step("monitor-budgets")["restorations"] == 0)
        #expect(try await bench.account().standing.access.status == .restorationFailed)
        #expect(try await bench.noticeKinds.last == .restorationFailed)
        #expect(try await bench.audit.contains { $0.action == "restoration.interrupted" })
        #expect(try await bench.step("monitor-budgets")["restorations"] == 0)
    }

    @Test func whoIsProtectedGetsItBackWhateverStandsAgainstIt() async throws {
        let bench = try await stopped(limit: dollars("1"))
        let hold = Hold(end: .never, reason: "needed", by: "eve", since: bench.now)
        try await bench.alter { $0.protection = hold }
        #expect(try await bench.step("monitor-budgets")["restorations"] == 1)
        #expect(bench.published.last?.detail["override"] == true)
    }

    @Test func aBlockKeepsAndAFailedRestorationWaitsForAPerson() async throws {
        let bench = LedgerBench()
        try await suspended(bench)
        try await suspended(bench, "ben")
        bench.move(to: "2026-12-20")
        let hold = Hold(end: .never, reason: "leaves", by: "eve", since: bench.now)
        try await bench.alter { $0.block = hold }
        try await bench.alter("ben") {
            $0.standing.access = Access(status: .restorationFailed, since: day("2026-12-01"))
        }

        #expect(try await bench.step("monitor-budgets")["restorations"] == 0)
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
