import Budgets
import Engine
import JSONModel
import TestKit
import Testing
import WallTime

@testable import Enforcement

@Suite struct MeteringTests {
    @Test func aNewPrincipalGetsTheDefaultBudgetAndPays() async throws {
        let bench = LedgerBench()

        let report = try await bench.meter(use("r1", cents: 5), use("r2", cents: 6))

        #expect(report.recorded == 2)
        #expect(report.newPrincipals == 1)
        #expect(report.charged == dollars("0.11"))
        let account = try await bench.account()
        #expect(account.budget.limit == dollars("1"))
        #expect(account.standing.spending == Spending(total: dollars("0.11"), requests: 2))
        #expect(account.standing.period == Period(start: day("2026-11-20"), end: day("2026-12-20")))
        let period = try await bench.store.read { try $0.periods(of: account.id, limit: 9) }
        #expect(
            period == [
                PeriodSpending(budget: account.id, period: account.standing.period, spending: account.standing.spending)
            ])
        #expect(try await bench.audit.map(\.action) == ["budget.created"])
    }

    @Test func theSameBatchAgainChangesNothing() async throws {
        let bench = LedgerBench()
        let batch: [UsageRecord] = [
            .usage(use("r1", cents: 75)), .usage(use("r2", "bob", cents: 150)), .ignored(reason: "x"),
            .unreadable(UnreadableRecord(bytes: [1, 2], reason: "bad", position: 7)),
        ]
        let first = try await bench.meter(batch)
        let before = (try await bench.account(), try await bench.account("bob"), try await bench.notices)

        bench.advance(.seconds(60))
        let second = try await bench.meter(batch)

        #expect(first.recorded == 2)
        #expect(second.recorded == 0)
        #expect(second.duplicates == 2)
        #expect(second.received == first.received)
        #expect(second.crossings == 0)
        #expect(second.charged == .zero)
        let after = (try await bench.account(), try await bench.account("bob"), try await bench.notices)
        #expect(before.0 == after.0)
        #expect(before.1 == after.1)
        #expect(before.2 == after.2)
        #expect(try await bench.deadLetters.count == 1)
        #expect(bench.publishedTypes.filter { $0 == "Budget Exceeded" }.count == 1)
    }

    @Test func oneUseTwiceInABatchIsChargedOnce() async throws {
        let bench = LedgerBench()

        let report = try await bench.meter(use("r1", cents: 5), use("r1", cents: 5))

        #expect(report.duplicates == 1)
        #expect(try await bench.account().standing.spending.total == dollars("0.05"))
    }

    @Test func oneBadRecordOfManyIsKeptAsADeadLetter() async throws {
        let bench = LedgerBench()

        let report = try await bench.meter([
            .usage(use("r1", cents: 5)),
            .unreadable(UnreadableRecord(bytes: Array("garbage".utf8), reason: "not JSON", position: 42)),
            .usage(use("r2", cents: 5)),
        ])

        #expect(report.recorded == 2)
        #expect(report.unreadable == 1)
        let letter = try #require(try await bench.deadLetters.first?.letter)
        #expect(letter.kind == .usage)
        #expect(letter.subject == "test at byte 42")
        #expect(letter.cause == "not JSON")
        #expect(letter.payload == Array("garbage".utf8))
    }

    @Test func absurdUsesAreRefusedAndTheOthersGoOn() async throws {
        let bench = LedgerBench()
        let huge = use("huge", cents: Int64.max / 20_000)
        let negative = use("negative", cents: -1)
        let future = use("future", cents: 1, at: "2026-11-22T10:00:00Z")
        // Each fits by itself; their sum does not fit a budget.
        var large = use("large", cents: 1)
        large.tokens = TokenCounts(input: 9_000_000_000_000)

        let report = try await bench.meter([
            .usage(huge), .usage(negative), .usage(future), .usage(use("fine", cents: 1)), .usage(large),
        ])

        #expect(report.recorded == 2)
        #expect(report.unreadable == 3)
        #expect(
            try await bench.deadLetters.map(\.letter.error) == Array(repeating: "Steward.UnreadableUsage", count: 3))
        #expect(try await bench.deadLetters.last?.letter.cause == MoneyError.overflow.description)
        #expect(try await bench.deadLetters.contains { $0.letter.payload == future.logRecord.jsonBytes })
    }

    /// A batch that is refused comes again, with all that is in it, for ever.
    @Test func absurdUsesOfSeveralPrincipalsHoldUpNoBatch() async throws {
        let bench = LedgerBench()
        var uses: [UsageRecord] = []
        for number in 0..<1200 {
            var event = use("absurd-\(number)", number.isMultiple(of: 2) ? "ana" : "bob", cents: 1)
            event.tokens = TokenCounts(input: 9_000_000_000_000)
            uses.append(.usage(event))
        }

        let report = try await bench.meter(uses + [.usage(use("fine", "cy", cents: 1))])

        #expect(report.recorded == 1201)
        #expect(report.unreadable == 0)
        #expect(report.charged.rawValue == .max)
        let spent = try await [bench.account(), bench.account("bob")].map(\.standing.spending.total.rawValue)
        #expect(spent == [5_400_000_000_000_000_000, 5_400_000_000_000_000_000])
    }

    @Test func eachThresholdIsAnnouncedOnce() async throws {
        let bench = LedgerBench()

        for (number, cents) in [10, 59, 1, 1, 19, 1, 8, 1, 5].enumerated() {
            try await bench.meter(use("r\(number)", cents: Int64(cents)))
        }

        // 0.10, 0.69, 0.70 warning, 0.71, 0.90 critical, 0.91, 0.99, 1.00 exceeded, 1.05.
        #expect(bench.publishedTypes == ["Budget Warning", "Budget Critical", "Budget Exceeded"])
        #expect(try await bench.noticeKinds == [.budgetWarning, .budgetCritical])
        let request = try SuspensionRequest(bench.published[2].detail)
        #expect(request.spent == dollars("1.00"))
        #expect(request.reason == .budgetExceeded)
        #expect(bench.published[2].source == "steward.budgets")
        #expect(bench.published[2].resources == ["arn:aws:iam::111122223333:user/ana"])
    }

    @Test func aJumpOverAllThresholdsIsToldOnceAndStartsTheSuspension() async throws {
        let bench = LedgerBench()

        let report = try await bench.meter(use("r1", cents: 250))

        #expect(report.crossings == 3)
        #expect(bench.publishedTypes == ["Budget Warning", "Budget Critical", "Budget Exceeded"])
        #expect(try await bench.noticeKinds == [])
        let account = try await bench.account()
        #expect(account.standing.access.status == .grace)
        #expect(account.standing.access.graceUntil == bench.now + .seconds(300))
        #expect(account.workflows == [bench.published[2].id])
        #expect(account.suspensionStartedAt == bench.now)
        #expect(try await bench.audit.map(\.action) == ["budget.created", "suspension.started"])
    }

    @Test func withoutAWorkflowPeopleAreToldAndAccessIsNotSaidToEnd() async throws {
        let bench = LedgerBench()
        bench.listen(false)

        try await bench.meter(use("r1", cents: 100))
        try await bench.meter(use("r2", cents: 100))

        #expect(try await bench.account().standing.access.status == .active)
        #expect(try await bench.noticeKinds == [.suspensionFailed])
    }

    @Test(arguments: [SuspensionDecision.Reason.observeOnly, .protected, .breakGlass, .ownPrincipal])
    func whoIsSparedKeepsAccessAndPeopleAreTold(reason: SuspensionDecision.Reason) async throws {
        let bench = LedgerBench()
        let change = BudgetChange(
            mode: reason == .observeOnly ? .observe : nil, isProtected: reason == .protected ? true : nil)
        bench.configure {
            if reason == .breakGlass { $0.policy.breakGlass = [principalID("ana")] }
            if reason == .ownPrincipal { $0.policy.own = principalID("ana") }
        }
        _ = try await bench.transact {
            try BudgetCommands.setBudget(of: Principal(id: principalID("ana")), change, by: "operator:eve", $0)
        }

        try await bench.meter(use("r1", cents: 100))

        #expect(!bench.publishedTypes.contains("Budget Exceeded"))
        #expect(try await bench.account().standing.access.status == .active)
        let notice = try #require(try await bench.notices.last)
        #expect(notice.kind == .spared)
        #expect(notice.data["spared"] == .string(reason.rawValue))
        let entry = try #require(try await bench.audit.last)
        #expect(entry.action == "principal.spared" && entry.detail["reason"] == .string(reason.rawValue))
        // What has been decided is not decided anew by each use.
        try await bench.meter(use("r2", cents: 100))
        #expect(try await bench.audit.filter { $0.action == "principal.spared" }.count == 1)
    }

    @Test func theCircuitBreakerHoldsBackTheRest() async throws {
        let bench = LedgerBench(policy: SuspensionPolicy(maximumStarts: 2))

        try await bench.meter((0..<5).map { .usage(use("r\($0)", "user\($0)", cents: 200)) })

        #expect(bench.publishedTypes.filter { $0 == "Budget Exceeded" }.count == 2)
        #expect(try await bench.noticeKinds == [.circuitBreaker, .circuitBreaker, .circuitBreaker])
    }

    @Test func anUnknownModelIsChargedSafelyAndToldOnce() async throws {
        let bench = LedgerBench()

        let report = try await bench.meter(
            use("r1", cents: 1, model: "acme.new"), use("r2", cents: 1, model: "acme.new"))

        #expect(report.atFallbackPrices == 2)
        let spending = try await bench.account().standing.spending
        #expect(spending.total == dollars("0.3"))
        #expect(spending.atFallbackPrices == dollars("0.3"))
        #expect(try await bench.noticeKinds == [.unknownModel])
    }

    @Test func lateUsesBelongToThePeriodInWhichTheyHappened() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 50))
        bench.move(to: "2026-12-20T00:10:00Z")

        try await bench.meter(
            use("late", cents: 90, at: "2026-12-19T23:58:00Z"), use("now", cents: 5, at: "2026-12-20T00:01:00Z"))

        let account = try await bench.account()
        #expect(account.standing.period.start == day("2026-12-20"))
        #expect(account.standing.spending.total == dollars("0.05"))
        #expect(account.standing.refreshCount == 1)
        let periods = try await bench.store.read { try $0.periods(of: account.id, limit: 9) }
        #expect(periods.map(\.spending.total) == [dollars("0.05"), dollars("1.4")])
        #expect(bench.published.isEmpty)
    }

    /// A clock that was ten years ahead for a moment has begun periods of then: what is used now would be held against
    /// nothing for ten years.
    @Test func aPeriodThatAWrongClockBeganIsLeftAgain() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 60))
        let period = try await bench.account().standing.period
        bench.move(to: "2036-11-20T10:00:00Z")
        try await bench.step("refresh-budgets")
        #expect(try await bench.account().standing.period.contains(day("2036-11-20T10:00:00Z")))

        bench.move(to: "2026-11-20T12:00:00Z")
        try await bench.meter(use("r2", cents: 50, at: "2026-11-20T11:00:00Z"))

        let account = try await bench.account()
        #expect(account.standing.period == period)
        #expect(account.standing.spending.total == dollars("1.1"))
        #expect(account.standing.access.status == .grace)
    }

    /// One that is set back for a little while does not bring an ended period back.
    @Test func aPeriodThatHasJustBegunIsKeptByAClockThatIsSetBack() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 60))
        bench.move(to: "2026-12-20T00:10:00Z")
        try await bench.step("refresh-budgets")
        bench.move(to: "2026-12-18T12:00:00Z")
        try await bench.meter(use("r2", cents: 50, at: "2026-12-18T11:00:00Z"))

        let account = try await bench.account()
        #expect(account.standing.period.start == day("2026-12-20"))
        #expect(account.standing.spending.total == .zero && account.standing.access.status == .active)
    }

    @Test func aSuspendedPrincipalsPeriodWaitsForItsRestoration() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 100))
        try await bench.step("record-suspended", request().with("verified", true))
        bench.move(to: "2026-12-21T00:00:00Z")

        try await bench.meter(use("leak", cents: 7, at: "2026-12-20T12:00:00Z"))

        let account = try await bench.account()
        #expect(account.standing.period.start == day("2026-11-20"))
        #expect(account.standing.access.status == .suspended)
        let next = try await bench.store.read { try $0.spending(of: account.id, periodStart: day("2026-12-20")) }
        #expect(next?.spending.total == dollars("0.07"))
    }

    @Test func spendingWhileSuspendedIsALeakToldOnce() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 100))
        try await bench.step("record-suspended", request().with("verified", true))
        bench.advance(.seconds(3600))

        try await bench.meter(use("delayed", cents: 1, at: "2026-11-20T10:04:00Z"))
        #expect(try await bench.noticeKinds == [])
        try await bench.meter(use("leak1", cents: 1, at: "2026-11-20T10:06:00Z"))
        try await bench.meter(use("leak2", cents: 1, at: "2026-11-20T10:07:00Z"))

        #expect(try await bench.noticeKinds == [.enforcementLeak])
    }

    /// Whatever Bedrock served got through, also when nobody knows what it cost; what it refused did not.
    @Test(arguments: [true, false])
    func aUseWithoutCountsIsALeakAndAFailedCallIsNone(isServed: Bool) async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 100))
        try await bench.step("record-suspended", request().with("verified", true))
        bench.advance(.seconds(3600))
        var later = use("r2", cents: 0, at: "2026-11-20T10:06:00Z")
        later.isMetered = false
        later.errorCode = isServed ? nil : "AccessDeniedException"

        let report = try await bench.meter(later)

        #expect(report.unmetered == (isServed ? 1 : 0))
        #expect(try await bench.noticeKinds == (isServed ? [.enforcementLeak] : []))
    }

    @Test func aClosedPrincipalThatSpendsAgainIsActiveAgain() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 1))
        let now = bench.now
        try await bench.alter { $0.standing.access = Access(status: .closed, since: now) }

        try await bench.meter(use("r2", cents: 1, at: (now + .seconds(60)).iso8601))

        #expect(try await bench.account().standing.access.status == .active)
        #expect(try await bench.audit.last?.action == "principal.reopened")
    }

    /// Deleting a user and making it anew is no way round a limit.
    @Test func aClosedPrincipalBeyondItsLimitIsSuspendedAtItsNextUse() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 500))
        try await bench.endWorkflows()
        let now = bench.now
        try await bench.alter { $0.standing.access = Access(status: .closed, since: now) }

        try await bench.meter(use("r2", cents: 1, at: (now + .seconds(60)).iso8601))

        #expect(try await bench.account().standing.access.status == .grace)
        let exceeded = bench.published.filter { $0.detailType == Threshold.exceeded.detailType }
        #expect(Set(exceeded.map(\.id)).count == 2)
    }

    @Test func aRecordFromBeforeAPrincipalWentDoesNotBringItBack() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 1))
        let now = bench.now
        try await bench.alter { $0.standing.access = Access(status: .closed, since: now) }

        try await bench.meter(use("late", cents: 500, at: (now - .seconds(60)).iso8601))

        let account = try await bench.account()
        #expect(account.standing.access.status == .closed)
        #expect(account.standing.spending.total == dollars("5.01"))
    }

    @Test func aBatchThatCanNotBeKeptLeavesNothing() async throws {
        let bench = LedgerBench()
        bench.store.fail(commit: 1)

        await #expect(throws: StoreError.self) { try await bench.meter(use("r1", cents: 100)) }
        #expect(try await bench.store.read { try $0.account(budgetID("ana")) } == nil)

        let report = try await bench.meter(use("r1", cents: 100))
        #expect(report.recorded == 1)
    }

    /// However usage is cut into batches and ordered, the ledger ends the same, and each crossing starts one suspension.
    @Test(arguments: 0..<25)
    func theOrderOfDeliveryDoesNotMatter(seed: Int) async throws {
        var random = SeededRandom(seed: UInt64(seed))
        let events = (0..<60).map { number in
            use(
                "r\(number)", "user\(Int.random(in: 0..<3, using: &random))",
                cents: Int64.random(in: 0...9, using: &random))
        }
        func run(_ events: [UsageEvent]) async throws -> ([Spending], [String]) {
            let bench = LedgerBench()
            var rest = events[...]
            while !rest.isEmpty {
                let batch = Array(rest.prefix(Int.random(in: 1...9, using: &random)))
                rest = rest.dropFirst(batch.count)
                try await bench.meter(batch.map { .usage($0) })
                if Bool.random(using: &random) { try await bench.meter(batch.map { .usage($0) }) }
            }
            let accounts = try await bench.store.read { try $0.accounts(AccountQuery()) }
            return (accounts.map(\.standing.spending), bench.published.map(\.id).sorted())
        }

        let first = try await run(events)
        let second = try await run(events.shuffled(using: &random))

        #expect(first.0 == second.0)
        #expect(first.1 == second.1)
        #expect(Set(first.1).count == first.1.count)
        #expect(first.0.reduce(0) { $0 + $1.total.rawValue } == events.reduce(0) { $0 + $1.tokens.input * 1000 })
    }
}
