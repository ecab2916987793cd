import Budgets
import Engine
import JSONModel
import TestKit
import Testing
import WallTime

@testable import Enforcement

@Suite struct HoldTests {
    private let ana = Principal(id: principalID("ana"))

    private func block(_ bench: LedgerBench, until end: HoldEnd = .never) async throws -> BudgetAccount {
        try await bench.transact { [ana] in
            try HoldCommands.block(ana, until: end, reason: "leaked key", by: "operator:eve", $0)
        }
    }

    private func unblock(_ bench: LedgerBench, protecting: Bool = false) async throws -> BudgetAccount {
        try await bench.transact { [ana] in
            try HoldCommands.unblock(ana, reason: "key replaced", protecting: protecting, by: "operator:eve", $0)
        }
    }

    private func protect(_ bench: LedgerBench, until end: HoldEnd = .never) async throws {
        _ = try await bench.transact { [ana] in
            try HoldCommands.protect(ana, until: end, reason: "demo week", by: "operator:eve", $0)
        }
    }

    private func suspend(_ bench: LedgerBench) async throws {
        _ = try await bench.backUp(["userId": "1"], request())
        try await bench.step("record-suspended", request().with("verified", true))
        try await bench.endWorkflows()
    }

    @Test func aBlockTakesAccessAtOnceWhateverWasSpent() async throws {
        let bench = LedgerBench()

        let account = try await block(bench)

        #expect(account.standing.access.status == .grace)
        #expect(account.standing.access.graceUntil == bench.now)
        let event = try #require(bench.published.first)
        #expect(event.detailType == "Block Ordered")
        #expect(event.detail["graceSeconds"] == 0)
        #expect(event.detail["reason"] == "blocked-by-person")
        // What the notices say of it.
        #expect(event.detail["block"] == account.block?.json)
        #expect(try SuspensionRequest(event.detail).json == event.detail)
        #expect(try await bench.step("check-budget", event.detail)["exceeded"] == true)
        #expect(try await bench.step("check-budget", event.detail)["block"] == account.block?.json)
        #expect(
            try await bench.audit.map { "\($0.actor) \($0.action)" } == [
                "operator:eve budget.created", "operator:eve principal.blocked", "operator:eve suspension.started",
            ])
    }

    /// A warning threatens nobody with what will not come.
    @Test func aWarningSaysWhoKeepsAccess() async throws {
        let bench = LedgerBench(policy: SuspensionPolicy(breakGlass: [principalID("bob")]))
        try await protect(bench)
        try await bench.meter(use("r1", cents: 75), use("r2", "bob", cents: 95), use("r3", "cy", cents: 75))

        let told = try await bench.notices.filter { $0.kind != .protectionChanged }
            .map { ($0.principal?.name ?? "", $0.data["spared"]?.stringValue ?? "") }
        #expect(told.count == 3)
        #expect(
            Dictionary(told, uniquingKeysWith: { first, _ in first })
                == ["ana": "protected", "bob": "break-glass", "cy": ""])
    }

    @Test func aBlockGoesPastAProtectionAndTheBreakerButNotPastBreakGlass() async throws {
        let bench = LedgerBench(policy: SuspensionPolicy(maximumStarts: 0))
        try await protect(bench)
        #expect(try await block(bench).standing.access.status == .grace)

        let other = LedgerBench()
        other.configure { $0.policy.breakGlass = [principalID("ana")] }
        await #expect(throws: HoldError.untouchable(principalID("ana"), .breakGlass)) { try await block(other) }
        #expect(try await other.store.read { try $0.account(budgetID("ana")) } == nil)
    }

    @Test func aBlockDuringGraceDoesNotWaitForItsEnd() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))

        _ = try await block(bench)

        #expect(bench.publishedTypes.suffix(2) == ["Budget Exceeded", "Block Ordered"])
        let (waiting, ordered) = (bench.published[2], bench.published[3])
        #expect(try await bench.account().workflows == [ordered.id])
        #expect(try await bench.account().standing.access.graceUntil == bench.now)
        #expect(try await bench.audit.last?.detail["supersedes"] == [.string(waiting.id)])
        // What waits for the end of grace gives way, whether the work is still being done or is done.
        #expect(try await bench.step("check-budget", waiting.detail, in: waiting.id)["superseded"] == true)
        #expect(try await bench.step("check-budget", ordered.detail)["exceeded"] == true)
        try await suspend(bench)
        #expect(try await bench.step("check-budget", waiting.detail, in: waiting.id)["superseded"] == true)
        #expect(try await bench.account().workflows == [ordered.id])
    }

    @Test func aBlockLeavesASuspensionThatIsPastItsGraceToItsWork() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        bench.advance(.seconds(300))

        _ = try await block(bench)

        #expect(bench.publishedTypes.filter { $0 == "Block Ordered" }.isEmpty)
        try await suspend(bench)
        #expect(try await bench.step("validate-restoration", request())["reason"] == "blocked-by-person")
    }

    @Test func nothingBringsABlockedPrincipalBackButTheEndOfTheBlock() async throws {
        let bench = LedgerBench()
        _ = try await block(bench, until: .at(day("2027-01-20")))
        try await suspend(bench)

        bench.move(to: "2026-12-21")
        #expect(try await bench.step("refresh-budgets", ["liftsHolds": true])["restorations"] == 0)
        let validated = try await bench.step("validate-restoration", request().with("override", true))
        #expect(validated["reason"] == "blocked-by-person")

        let timer = try #require(bench.published.last { $0.detailType == "Block Timer" }).detail
        bench.move(to: "2027-01-19T23:59:59.999Z")
        #expect(try await bench.step("end-block", timer)["ended"] == false)
        bench.move(to: "2027-01-20")
        let ended = try await bench.step("end-block", timer)
        #expect(ended["ended"] == true)
        #expect(ended["restoration"] == true)
        #expect(try await bench.step("end-block", timer)["ended"] == false)
    }

    @Test func theNextResetLiftsWhatWasSaidToEndWithIt() async throws {
        let bench = LedgerBench()
        _ = try await block(bench, until: .nextReset)
        try await suspend(bench)

        #expect(try await bench.step("refresh-budgets")["lifted"] == 0)
        let reset = try await bench.step("refresh-budgets", ["liftsHolds": true])
        #expect(reset["lifted"] == 1)
        #expect(reset["restorations"] == 1)
        #expect(try await bench.audit.map(\.action).contains("block.ended"))
    }

    /// A reset that comes late, or again, is not the one that a newer word was meant to end with.
    @Test func aLateResetLeavesWhatWasSaidSinceItWasDue() async throws {
        let bench = LedgerBench()
        _ = try await block(bench, until: .nextReset)
        try await suspend(bench)
        let late: JSONValue = ["liftsHolds": true, "nominalTime": .string((bench.now - .seconds(60)).iso8601)]

        #expect(try await bench.step("refresh-budgets", late)["lifted"] == 0)
        #expect(try await bench.account().block != nil)
        bench.advance(.seconds(3600))
        let next: JSONValue = ["liftsHolds": true, "nominalTime": .string(bench.now.iso8601)]
        #expect(try await bench.step("refresh-budgets", next)["lifted"] == 1)
    }

    /// Access can't be kept from coming back once it is under way, so it is taken again.
    @Test func aBlockOrderedDuringARestorationIsCarriedOutAfterIt() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        try await suspend(bench)
        bench.move(to: "2026-12-20")
        try await bench.step("refresh-budgets")
        #expect(try await bench.step("validate-restoration", request())["eligible"] == true)

        #expect(try await block(bench).standing.access.status == .restoring)
        try await bench.step("reset-budget", request().with("verified", true))

        #expect(bench.publishedTypes.last == "Block Ordered")
        let account = try await bench.account()
        #expect(account.standing.access.status == .grace)
        #expect(account.workflows == [bench.published.last?.id])
    }

    /// That the restoration came to nothing, or to no word at all, changes nothing of the order.
    @Test(arguments: [true, false])
    func aBlockOrderedDuringARestorationThatFailsIsCarriedOutByTheMonitor(isRecorded: Bool) async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        try await suspend(bench)
        bench.move(to: "2026-12-20")
        try await bench.step("refresh-budgets")
        #expect(try await bench.step("validate-restoration", request())["eligible"] == true)
        #expect(try await block(bench).standing.access.status == .restoring)
        #expect(try await bench.step("monitor-budgets")["started"] == 0)
        if isRecorded {
            try await bench.step("record-restoration-failed", request().with("error", ["Error": "IAM.LimitExceeded"]))
        }
        try await bench.endWorkflows()

        #expect(try await bench.step("monitor-budgets")["started"] == 1)
        #expect(bench.publishedTypes.last == "Block Ordered")
        #expect(try await bench.account().standing.access.status == .suspensionFailed)
        #expect(try await bench.step("monitor-budgets")["started"] == 0)
    }

    @Test func aBlockTakesWhatAFailedRestorationHasLeft() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        try await suspend(bench)
        try await bench.alter { $0.standing.access = Access(status: .restorationFailed, since: bench.now) }

        #expect(try await block(bench).standing.access.status == .suspensionFailed)
        #expect(bench.publishedTypes.last == "Block Ordered")
        #expect(bench.published.last?.detail["graceSeconds"] == 0)
        let ordered = try #require(bench.published.last?.detail)
        #expect(try await bench.step("check-budget", ordered)["exceeded"] == true)
        try await bench.step("record-suspended", request().with("verified", true))
        #expect(try await bench.account().standing.access.status == .suspended)
    }

    /// Who is protected is not suspended for a budget, so the end of a block gives back what only it had taken.
    @Test(arguments: ["timer", "reset", "word"])
    func aProtectedPrincipalIsRestoredWhenItsBlockEnds(by end: String) async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        try await protect(bench)
        let until = bench.now + .seconds(60)
        _ = try await block(bench, until: end == "reset" ? .nextReset : .at(until))
        try await suspend(bench)
        let timer = bench.published.last { $0.detailType == "Block Timer" }?.detail ?? .null

        if end != "word" { bench.advance(.seconds(61)) }
        switch end {
        case "timer": #expect(try await bench.step("end-block", timer)["restoration"] == true)
        case "reset": #expect(try await bench.step("refresh-budgets", ["liftsHolds": true])["restorations"] == 1)
        default: _ = try await unblock(bench)
        }

        let asked = try #require(bench.published.last)
        #expect(asked.detailType == "Budget Refreshed")
        #expect(try await bench.step("validate-restoration", asked.detail)["eligible"] == true)
    }

    /// The block ends, or is lifted, between the last look of the suspension and its end.
    @Test(arguments: ["timer", "word", "terms"])
    func whoIsProtectedIsRestoredWhenItsBlockEndedWhileAccessWasBeingTaken(by end: String) async throws {
        let bench = LedgerBench()
        if end == "timer" { try await protect(bench) }
        _ = try await block(bench, until: .at(bench.now + .seconds(60)))
        try await bench.meter(use("r1", cents: 104))
        if end == "terms" { try await bench.alter { $0.budget.isProtected = true } }
        let ordered = try #require(bench.published.first { $0.detailType == "Block Ordered" })
        #expect(try await bench.step("check-budget", ordered.detail, in: ordered.id)["exceeded"] == true)
        if end == "word" {
            _ = try await unblock(bench, protecting: true)
        } else {
            bench.advance(.seconds(61))
            let timer = try #require(bench.published.first { $0.detailType == "Block Timer" })
            #expect(try await bench.step("end-block", timer.detail)["restoration"] == false)
        }
        let done = request().with("verified", true).with("reason", "blocked-by-person")
        try await bench.step("record-suspended", done)
        try await bench.succeedWorkflows()

        #expect(try await bench.step("monitor-budgets")["restorations"] == 1)
        let asked = try #require(bench.published.last)
        #expect(asked.detailType == "Budget Refreshed")
        #expect(try await bench.step("validate-restoration", asked.detail)["eligible"] == true)
        #expect(try await bench.step("monitor-budgets")["restorations"] == 0)
    }

    /// By a person's word, with the lifting of a block, or by the terms of the budget.
    @Test func whoProtectsSomebodyIsTold() async throws {
        let bench = LedgerBench()
        try await protect(bench)
        bench.advance(.seconds(60))
        _ = try await bench.transact { [ana] in
            try HoldCommands.unprotect(ana, reason: "demo is over", by: "operator:zoe", $0)
        }
        for isProtected in [true, true, false] {
            bench.advance(.seconds(60))
            _ = try await bench.transact { [ana] in
                try BudgetCommands.setBudget(of: ana, BudgetChange(isProtected: isProtected), by: "operator:zoe", $0)
            }
        }
        _ = try await block(bench)
        _ = try await unblock(bench, protecting: true)

        let told = try await bench.notices.filter { $0.kind == .protectionChanged }
        #expect(told.map { $0.data["isProtected"]?.boolValue } == [true, false, true, false, true])
        #expect(told[0].data["protection"]?["by"] == "operator:eve")
        #expect(told[1].data["why"] == "demo is over" && told[1].data["by"] == "operator:zoe")
        #expect(told.allSatisfy { $0.principal == ana.id && $0.severity == .info })
    }

    /// To protect somebody who is suspended for a budget gives nothing back.
    @Test func whoIsProtectedAfterItsSuspensionStaysSuspended() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        try await suspend(bench)
        bench.advance(.seconds(3601))
        try await protect(bench)

        #expect(try await bench.step("monitor-budgets")["restorations"] == 0)
    }

    @Test(arguments: ["protected", "break-glass"])
    func whatAFailedSuspensionHasTakenOfSomebodyProtectedIsGivenBack(by word: String) async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        _ = try await bench.backUp(["userId": "1"], request())
        try await bench.step("record-suspension-failed", request())
        try await bench.endWorkflows()
        if word == "protected" {
            try await protect(bench)
        } else {
            bench.configure { $0.policy.breakGlass = [principalID("ana")] }
        }
        bench.advance(.seconds(3601))

        #expect(try await bench.step("monitor-budgets")["restorations"] == 1)
        let asked = try #require(bench.published.last)
        #expect(asked.detail["reason"] == .string(word))
        #expect(try await bench.step("validate-restoration", asked.detail)["reason"] == .string(word))
    }

    @Test func anUnblockedPrincipalThatIsOverItsBudgetStaysSuspendedUnlessProtected() async throws {
        for protecting in [false, true] {
            let bench = LedgerBench()
            try await bench.meter(use("r1", cents: 104))
            _ = try await block(bench)
            try await suspend(bench)

            let account = try await unblock(bench, protecting: protecting)

            #expect(account.block == nil)
            #expect((account.protection?.end == .nextReset) == protecting)
            #expect((bench.publishedTypes.last == "Budget Refreshed") == protecting)
            guard protecting else { continue }
            let validated = try await bench.step("validate-restoration", bench.published.last?.detail ?? .null)
            #expect(validated["reason"] == "operator-override")
        }
    }

    @Test func theMonitorCarriesOutABlockThatNothingIsCarryingOut() async throws {
        let bench = LedgerBench()
        bench.listen(false)
        _ = try await block(bench)
        #expect(try await bench.account().standing.access.status == .active)
        bench.listen(true)

        #expect(try await bench.step("monitor-budgets")["started"] == 1)
        #expect(bench.publishedTypes == ["Block Ordered"])
    }

    @Test func aProtectionEndsToTheSecond() async throws {
        let bench = LedgerBench()
        try await protect(bench, until: .at(day("2026-11-20T12:00:00Z")))
        try await bench.meter(use("r1", cents: 104))
        #expect(try await bench.account().standing.access.status == .active)

        bench.move(to: "2026-11-20T11:59:59Z")
        #expect(try await bench.step("monitor-budgets")["spared"] == ["protected": 1])
        bench.move(to: "2026-11-20T12:00:00Z")
        #expect(try await bench.step("monitor-budgets")["started"] == 1)
    }

    /// The last end that is taken can be read back; later ones, of before they were refused, are as good as none.
    @Test func everyEndThatIsTakenCanBeRead() {
        for end in [HoldEnd.at(HoldEnd.latest), .at(day("2026-11-20")), .never, .nextReset] {
            #expect(HoldEnd(end.description) == end)
        }
        #expect(HoldEnd("11609-08-01T23:05:37.011Z") == .never)
        #expect(HoldEnd("2026-13-01T23:05:37.011Z") == nil && HoldEnd("12345") == nil)
    }

    @Test func ordersThatCanNotBeAreRefused() async throws {
        let bench = LedgerBench()
        await #expect(throws: HoldError.endInThePast) { try await block(bench, until: .at(day("2026-11-20"))) }
        // Its year would have five digits: the account could be written and never be read again.
        for far in [HoldEnd.latest + .milliseconds(1), day("2026-11-20") + .seconds(9_000 * 366 * 86_400)] {
            await #expect(throws: HoldError.endTooFar) { try await block(bench, until: .at(far)) }
            await #expect(throws: HoldError.endTooFar) { try await protect(bench, until: .at(far)) }
        }
        await #expect(throws: HoldError.notBlocked(principalID("ana"))) { try await unblock(bench) }
        await #expect(throws: HoldError.notProtected(principalID("ana"))) {
            try await bench.transact { [ana] in
                _ = try HoldCommands.unprotect(ana, reason: "r", by: "operator:eve", $0)
            }
        }
        await #expect(throws: HoldError.noReason) {
            try await bench.transact { [ana] in
                _ = try HoldCommands.protect(ana, until: .never, reason: "", by: "operator:eve", $0)
            }
        }
        #expect(try await bench.audit.isEmpty)
    }

    /// The decision matrix of the second of the earlier systems, with its percentages, on both of its quotas: below 60
    /// normal, from 60 a warning, from 80 critical, from 100 blocked; a protected one is only reported; what a person
    /// has blocked is blocked whatever else holds.
    @Test(
        arguments: [
            (59, 10, "", "active", []), (60, 10, "", "active", ["budget-warning"]),
            (79, 10, "", "active", ["budget-warning"]), (80, 10, "", "active", ["budget-critical"]),
            (99, 99, "", "active", ["budget-critical", "budget-critical"]),
            (100, 10, "", "grace", ["further-budget-exceeded"]), (10, 100, "", "grace", ["further-budget-exceeded"]),
            (100, 10, "protected", "active", ["further-budget-exceeded", "spared"]),
            (10, 10, "blocked", "grace", []), (100, 10, "both", "grace", ["further-budget-exceeded", "spared"]),
        ] as [(Int64, Int64, String, String, [String])])
    func theDecisionMatrix(
        ofDay: Int64, ofMonth: Int64, hold: String, status: String, notices: [String]
    ) async throws {
        let bench = LedgerBench()
        let thresholds = try Thresholds(warningPerMille: 600, criticalPerMille: 800)
        // So many tokens are so many per cent.
        for (rule, limit) in [(PeriodRule.calendarDay, 10_000 * 100), (.calendarMonth, 1_000_000 * 100)] as [(_, Int64)]
        {
            _ = try await bench.transact { [ana] in
                try FurtherBudgetCommands.set(
                    FurtherBudgetKey(scope: .principal(ana.id), unit: .tokens, periodRule: rule),
                    FurtherBudgetChange(limit: limit, thresholds: thresholds), by: "operator:eve", $0)
            }
        }
        if hold == "protected" || hold == "both" { try await protect(bench) }
        var today = use("today", cents: 0)
        today.tokens = TokenCounts(output: ofDay * 10_000)
        var earlier = use("earlier", cents: 0, at: "2026-11-19T12:00:00Z")
        earlier.tokens = TokenCounts(output: max(0, ofMonth * 1_000_000 - ofDay * 10_000))

        try await bench.meter(earlier, today)
        if hold == "blocked" || hold == "both" { _ = try await block(bench) }

        #expect(try await bench.account().standing.access.status.rawValue == status)
        #expect(try await bench.noticeKinds.filter { $0 != .protectionChanged }.map(\.rawValue) == notices)
    }
}
