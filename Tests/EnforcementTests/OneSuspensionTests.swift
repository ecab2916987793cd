import Budgets
import Engine
import JSONModel
import Testing
import WallTime

@testable import Enforcement

/// A principal has one suspension at a time, whatever else is crossed while it waits.
@Suite struct OneSuspensionTests {
    private func quota(
        _ bench: LedgerBench, limit: Int64, grace: Int, _ rule: PeriodRule = .calendarMonth
    ) async throws {
        _ = try await bench.transact {
            try FurtherBudgetCommands.set(
                FurtherBudgetKey(scope: .principal(principalID("ana")), unit: .requests, periodRule: rule),
                FurtherBudgetChange(limit: limit, graceSeconds: grace), by: "operator:eve", $0)
        }
    }

    private func setLimit(_ bench: LedgerBench, _ limit: String) async throws {
        _ = try await bench.transact {
            try BudgetCommands.setBudget(
                of: Principal(id: principalID("ana")), BudgetChange(limit: dollars(limit)), by: "operator:eve", $0)
        }
    }

    private var started: (BusEvent) -> Bool { { ["Budget Exceeded", "Block Ordered"].contains($0.detailType) } }

    @Test func aSecondCrossingOfTheSameBudgetInTheGraceAddsNothing() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        try await setLimit(bench, "3")
        bench.advance(.seconds(60))
        try await bench.meter(use("r2", cents: 300))

        #expect(bench.published.filter(started).count == 1)
        let access = try await bench.account().standing.access
        #expect(access.graceUntil == bench.now + .seconds(240))
        #expect(try await bench.audit.filter { $0.action == "suspension.started" }.count == 1)
        // What waits looks at what is so when it wakes.
        let waiting = try #require(bench.published.first(where: started))
        #expect(try await bench.step("check-budget", waiting.detail)["exceeded"] == true)
    }

    /// While a block's suspension is at work, which had no grace, the grace of a budget that is crossed besides is none to
    /// be shortened.
    @Test func whoIsBlockedAndCrossesABudgetAndIsBlockedAgainIsSuspendedOnce() async throws {
        let bench = LedgerBench()
        try await block(bench)
        bench.advance(.seconds(1))
        try await bench.meter(use("r1", cents: 104))
        bench.advance(.seconds(3))
        try await block(bench)

        #expect(bench.published.filter(started).count == 1)
        #expect(try await bench.audit.filter { $0.action == "suspension.started" }.count == 1)
    }

    private func block(_ bench: LedgerBench) async throws {
        _ = try await bench.transact {
            try HoldCommands.block(
                Principal(id: principalID("ana")), until: .never, reason: "leaked key", by: "operator:eve", $0)
        }
    }

    @Test func aStricterBudgetWithAShorterGraceTakesItsPlace() async throws {
        let bench = LedgerBench()
        try await quota(bench, limit: 2, grace: 20)
        try await quota(bench, limit: 1, grace: 600, .calendarDay)
        try await bench.meter(use("r1", cents: 1))
        #expect(try await bench.account().standing.access.graceUntil == bench.now + .seconds(600))
        bench.advance(.seconds(10))

        try await bench.meter(use("r2", cents: 1))

        let events = bench.published.filter(started)
        #expect(events.count == 2)
        #expect(events.last?.detail["graceSeconds"] == 20)
        #expect(events.last?.detail["resumed"] == false)
        let account = try await bench.account()
        #expect(account.workflows == [try #require(events.last).id])
        #expect(account.standing.access.graceUntil == bench.now + .seconds(20))
        let first = try #require(events.first)
        #expect(try await bench.step("check-budget", first.detail, in: first.id)["superseded"] == true)
        #expect(try await bench.step("check-budget", events[1].detail)["exceeded"] == true)
    }

    /// What shortened the grace is gone when its suspension wakes: what was announced before holds again, unless another
    /// budget leaves less time.
    @Test(arguments: [false, true])
    func anAnnouncedGraceGoesOnWhenWhatShortenedItIsGone(hasAnother: Bool) async throws {
        let bench = LedgerBench()
        try await quota(bench, limit: 2, grace: 20)
        try await quota(bench, limit: 1, grace: 600, .calendarDay)
        if hasAnother { try await quota(bench, limit: 2, grace: 60, .rolling(days: 7)) }
        try await bench.meter(use("r1", cents: 1))
        let end = try await bench.account().standing.access.graceUntil
        bench.advance(.seconds(10))
        try await bench.meter(use("r2", cents: 1))
        let (first, second) = (bench.published[0], bench.published[1])
        #expect(second.detail["supersedes"]?["executions"] == [.string(first.id)])
        try await quota(bench, limit: 9, grace: 20)
        bench.advance(.seconds(20))

        let check = try await bench.step("check-budget", second.detail, in: second.id)

        #expect(check["superseded"] == .bool(!hasAnother))
        #expect(check["exceeded"] == .bool(hasAnother))
        guard !hasAnother else { return }
        let account = try await bench.account()
        #expect(account.workflows == [first.id])
        #expect(account.standing.access.graceUntil == end)
        #expect(try await bench.audit.last?.action == "suspension.gave-way")
        bench.advance(.seconds(580))
        #expect(try await bench.step("check-budget", first.detail, in: first.id)["exceeded"] == true)
    }

    @Test func anAnnouncedGraceGoesOnWhenABlockIsLiftedBeforeItTookAnything() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        let end = try await bench.account().standing.access.graceUntil
        let ana = Principal(id: principalID("ana"))
        _ = try await bench.transact {
            try HoldCommands.block(ana, until: .never, reason: "r", by: "operator:eve", $0)
        }
        let ordered = try #require(bench.published.last(where: started))
        _ = try await bench.transact {
            try HoldCommands.unblock(ana, reason: "r", protecting: false, by: "operator:eve", $0)
        }

        #expect(try await bench.step("check-budget", ordered.detail, in: ordered.id)["superseded"] == true)
        #expect(try await bench.account().standing.access.graceUntil == end)
    }

    /// A suspension that shortened a grace and was stopped: what its budget said holds as long as that is used up.
    @Test(arguments: [false, true])
    func theGraceOfAStoppedOneIsAsLongAsWhatIsLeftSays(isStillThere: Bool) async throws {
        let bench = LedgerBench()
        try await quota(bench, limit: 2, grace: 20)
        try await quota(bench, limit: 1, grace: 6000, .calendarDay)
        try await bench.meter(use("r1", cents: 1))
        let end = try await bench.account().standing.access.graceUntil
        bench.advance(.seconds(10))
        try await bench.meter(use("r2", cents: 1))
        let shortened = try #require(bench.published.last(where: started))
        #expect(shortened.detail["graceSeconds"] == 20)
        try await bench.endWorkflows()
        if !isStillThere { try await quota(bench, limit: 9, grace: 20) }
        bench.advance(.seconds(20 + 900))

        #expect(try await bench.step("monitor-budgets")["started"] == 1)

        let last = try #require(bench.published.last(where: started))
        #expect(last.id != shortened.id)
        #expect(last.detail["resumed"] == true)
        #expect(last.detail["graceSeconds"] == .int(isStillThere ? 0 : 6000 - 930))
        let until = try await bench.account().standing.access.graceUntil
        #expect(isStillThere ? until != end : until == end)
    }

    /// Of a grace of an hour or more people are told again, unless no suspension follows it.
    @Test func aCountdownIsToldOfAGraceThatGoesOnOnly() async throws {
        let bench = LedgerBench()
        try await quota(bench, limit: 1, grace: 7200)
        try await bench.meter(use("r1", cents: 1), use("r2", "bob", cents: 104))
        let waiting = try #require(bench.published.first { $0.detail["principalName"] == "ana" })
        let until = bench.now + .seconds(7200)
        #expect(
            waiting.detail["countdown"] == [
                "at": .string((until - .seconds(600)).iso8601), "until": .string(until.iso8601),
            ])
        #expect(bench.published.first { $0.detail["principalName"] == "bob" }?.detail["countdown"] == nil)
        let input: JSONValue = [
            "kind": "grace-countdown", "principalId": .string(principalID("ana").description), "data": waiting.detail,
        ]
        // A little late.
        bench.advance(.seconds(6660))

        #expect(try await bench.step("send-notice", input, in: waiting.id)["noticeId"]?.stringValue != nil)
        #expect(try await bench.step("send-notice", input, in: "another")["noticeId"] == .null)
        bench.advance(.seconds(540))
        #expect(try await bench.step("send-notice", input, in: waiting.id)["noticeId"] == .null)

        let told = try await bench.notices.filter { $0.kind == .graceCountdown }
        #expect(told.map { $0.data["secondsLeft"] } == [540])
    }

    /// By another suspension, such as that of a user who was given another name meanwhile.
    @Test func aLongGraceThatIsGoneOnWithIsCountedDown() async throws {
        let bench = LedgerBench()
        _ = try await bench.transact {
            try BudgetCommands.setBudget(
                of: Principal(id: principalID("ana")), BudgetChange(graceSeconds: 7200), by: "operator:eve", $0)
        }
        try await bench.meter(use("r1", cents: 104))
        let countdown = bench.published.last(where: started)?.detail["countdown"]
        try await bench.endWorkflows()
        bench.advance(.seconds(5400))
        try await setLimit(bench, "3")
        try await bench.meter(use("r2", cents: 300))

        #expect(bench.published.filter(started).count == 2)
        #expect(countdown != nil && bench.published.last(where: started)?.detail["countdown"] == countdown)
    }

    @Test func nobodyIsCountedDownWhoIsBackUnderTheLimit() async throws {
        let bench = LedgerBench()
        try await quota(bench, limit: 1, grace: 7200)
        try await bench.meter(use("r1", cents: 1))
        let waiting = try #require(bench.published.first)
        try await quota(bench, limit: 9, grace: 7200)
        let input: JSONValue = ["kind": "grace-countdown", "principalId": .string(principalID("ana").description)]
        #expect(try await bench.step("send-notice", input, in: waiting.id)["noticeId"] == .null)
    }

    @Test func aLongerGraceOfAStricterBudgetDoesNotDelayWhatWaits() async throws {
        let bench = LedgerBench()
        try await quota(bench, limit: 2, grace: 6000)
        try await quota(bench, limit: 1, grace: 60, .calendarDay)
        try await bench.meter(use("r1", cents: 1))
        let end = try await bench.account().standing.access.graceUntil

        try await bench.meter(use("r2", cents: 1))

        #expect(bench.published.filter(started).count == 1)
        #expect(try await bench.account().standing.access.graceUntil == end)
    }

    @Test func aStoppedOneIsGoneOnWithForWhatIsLeftOfItsGrace() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        let end = try await bench.account().standing.access.graceUntil
        try await bench.endWorkflows()
        bench.advance(.seconds(100))
        // Crossed again after the limit was raised.
        try await setLimit(bench, "3")
        try await bench.meter(use("r2", cents: 300))

        let events = bench.published.filter(started)
        #expect(events.count == 2)
        #expect(events.last?.detail["resumed"] == true)
        #expect(events.last?.detail["graceSeconds"] == 200)
        #expect(try await bench.account().standing.access.graceUntil == end)
    }

    @Test func oneForAQuotaThatWasStoppedIsGoneOnWithByTheMonitor() async throws {
        let bench = LedgerBench()
        try await quota(bench, limit: 1, grace: 60)
        try await bench.meter(use("r1", cents: 1))
        try await bench.endWorkflows()
        bench.advance(.seconds(60 + 900))

        #expect(try await bench.step("monitor-budgets")["started"] == 1)
        let last = try #require(bench.published.last(where: started))
        #expect(last.detail["resumed"] == true)
        #expect(last.detail["graceSeconds"] == 0)
        #expect(try await bench.step("monitor-budgets")["started"] == 0)
    }

    @Test func aFailedOneForAQuotaIsTriedAgainByTheMonitor() async throws {
        let bench = LedgerBench()
        try await quota(bench, limit: 1, grace: 60)
        try await bench.meter(use("r1", cents: 1))
        _ = try await bench.backUp(["userId": "1"], request())
        try await bench.step("record-suspension-failed", request())
        try await bench.endWorkflows()
        bench.advance(.seconds(3600))

        #expect(try await bench.step("monitor-budgets")["started"] == 1)
        #expect(bench.published.last(where: started)?.detail["graceSeconds"] == 0)
    }

    @Test func aGraceThatNothingSpeaksForAndNobodyEndsIsEndedByTheMonitor() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        try await bench.endWorkflows()
        try await setLimit(bench, "3")
        bench.advance(.seconds(300 + 900))

        let result = try await bench.step("monitor-budgets")

        #expect(result["spared"] == ["not-exceeded": 1])
        #expect(try await bench.account().standing.access.status == .active)
        #expect(try await bench.audit.last?.action == "suspension.spared")
        // The grace was announced: that it came to nothing is to be told, too.
        let told = try await bench.notices.filter { $0.kind == .spared }
        #expect(told.map(\.data["spared"]) == ["not-exceeded"] && told.first?.data["limit"] == "3.00")
    }

    @Test func aRedrivenOneGivesWayToTheOneInItsPlaceAndElseTakesIt() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        let first = try #require(bench.published.first(where: started))
        try await bench.step("record-suspension-failed", request())
        try await bench.endWorkflows()
        bench.advance(.seconds(3600))
        try await bench.step("monitor-budgets")
        let second = try #require(bench.published.last(where: started))
        #expect(second.id != first.id)

        #expect(try await bench.step("check-budget", first.detail, in: first.id)["superseded"] == true)
        // It has nothing to say about access either.
        try await bench.step("record-suspension-failed", first.detail, in: first.id)
        try await bench.step("record-spared", first.detail, in: first.id)
        #expect(try await bench.account().standing.access.status == .grace)
        #expect(try await bench.account().workflows == [second.id])

        try await bench.endWorkflows(second.id)
        #expect(try await bench.step("check-budget", first.detail, in: first.id)["exceeded"] == true)
        #expect(try await bench.account().workflows == [first.id])
    }
}
