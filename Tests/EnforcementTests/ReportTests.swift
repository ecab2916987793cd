import Budgets
import Engine
import Interpreter
import JSONModel
import Logging
import TestKit
import Testing
import WallTime

@testable import Enforcement

@Suite struct ReportTests {
    private func report(
        _ bench: LedgerBench, from: String = "2026-11-20", to: String = "2026-11-22", zone: CivilZone = .utc,
        _ change: @escaping @Sendable (inout UsageReport.Request) -> Void = { _ in }
    ) async throws -> UsageReport {
        var request = UsageReport.Request(window: ReportWindow(from: day(from), to: day(to), zone: zone))
        change(&request)
        return try await bench.store.read { [request] in try UsageReport.read(request, $0) }
    }

    private func bench() async throws -> LedgerBench {
        let bench = LedgerBench(at: "2026-11-21T12:00:00Z")
        try await bench.meter(
            use("r1", cents: 30, at: "2026-11-20T09:00:00Z"), use("r2", "bob", cents: 10, at: "2026-11-20T23:30:00Z"),
            use("r3", cents: 5, at: "2026-11-21T09:00:00Z", model: "acme.unknown"))
        return bench
    }

    @Test func meteringKeepsTheRollup() async throws {
        let bench = try await bench()
        let before = try await report(bench) { $0.dimensions = [.principal] }
        // The same again, and what can't be read, add nothing.
        try await bench.meter(use("r1", cents: 30, at: "2026-11-20T09:00:00Z"))
        let after = try await report(bench) { $0.dimensions = [.principal] }

        #expect(before == after)
        #expect(before.rows.map { $0.group.principal?.id.name } == ["ana", "bob"])
        #expect(before.total?.requests == 3)
        let accounts = try await [bench.account(), bench.account("bob")]
        #expect(
            before.rows.map(\.group.sums.cost) == accounts.map(\.standing.spending.total))
        #expect(before.total?.fallbackCost == accounts[0].standing.spending.atFallbackPrices)
        #expect(!before.isCut)
    }

    @Test func daysAreCutInTheZoneAskedFor() async throws {
        let bench = try await bench()
        let madrid = try #require(CivilZone(identifier: "Europe/Madrid"))

        let utc = try await report(bench) { $0.step = .day }
        let spain = try await report(bench, from: "2026-11-19T23:00:00Z", to: "2026-11-21T23:00:00Z", zone: madrid) {
            $0.step = .day
        }

        #expect(
            utc.rows.map { "\($0.slice?.label ?? "") \($0.group.sums.requests)" } == ["2026-11-20 2", "2026-11-21 1"])
        // Half past eleven in UTC is the next day in Spain.
        #expect(
            spain.rows.map { "\($0.slice?.label ?? "") \($0.group.sums.requests)" } == ["2026-11-20 1", "2026-11-21 2"])
    }

    @Test func theTimeBeforeIsComparedAndUnknownIsNotZero() async throws {
        let bench = try await bench()

        let report = try await report(bench, from: "2026-11-21", to: "2026-11-22") {
            $0.dimensions = [.principal]
            $0.comparesBefore = true
        }

        #expect(report.totalBefore?.cost == dollars("0.40"))
        #expect(report.rows.map { $0.before?.cost } == [dollars("0.30")])
        let first = try await self.report(bench, from: "2026-11-20", to: "2026-11-21") { $0.comparesBefore = true }
        #expect(first.totalBefore == nil)
        let none = try await self.report(bench, from: "2026-10-20", to: "2026-10-21")
        #expect(none.total == nil)
        #expect(none.rows.isEmpty)
    }

    /// The highest of the time before are others.
    @Test func theTimeBeforeIsKnownOfEachRowHoweverManyOthersThereWere() async throws {
        let bench = try await bench()
        let hour = day("2026-11-20T09:00:00Z").hour
        try await bench.store.write { transaction in
            try transaction.addUsageHours(
                (0..<10_001).map { number in
                    UsageHour(
                        slot: UsageSlot(
                            hour: hour, principal: principalID("ana"), model: "dear-\(number)", region: "us-east-1",
                            operation: "Converse"),
                        sums: UsageSums(requests: 1, cost: NanoDollars(rawValue: 1_000_000_000_000)))
                })
        }
        try await bench.meter(use("r4", cents: 7, at: "2026-11-21T09:00:00Z"))

        let report = try await report(bench, from: "2026-11-21", to: "2026-11-22") {
            ($0.dimensions, $0.comparesBefore) = ([.model], true)
        }

        #expect(report.rows.first { $0.group.model == "acme.a" }?.before?.cost == dollars("0.40"))
    }

    @Test func moreRowsThanAskedForAreCutAndSaid() async throws {
        let bench = try await bench()
        let first = try await report(bench) {
            $0.dimensions = [.principal]
            $0.limit = 1
        }
        #expect(first.rows.count == 1)
        #expect(first.isCut)
        #expect(first.total?.requests == 3)
        let hours = try await report(bench) {
            $0.step = .hour
            $0.limit = 2
        }
        #expect(hours.rows.count == 2)
        #expect(hours.isCut)
        await #expect(throws: ReportError.tooManySlices) {
            try await self.report(bench, from: "2020-01-01") { $0.step = .hour }
        }
    }

    @Test func aBudgetTellsWhereItGoes() async throws {
        let bench = try await bench()
        let now = day("2026-11-21T12:00:00Z")
        let report = try await bench.store.read { transaction in
            let account = try #require(try transaction.account(budgetID("bob")))
            return try BudgetReport.read(account, at: now, transaction)
        }
        // Ten cents in a day and a half of thirty.
        #expect(report.forecast.linear?.total == dollars("2.00"))
        #expect(report.forecast.linear?.reachesLimitAt == day("2026-12-05T00:00:00Z"))
        // All of it within the last 24 hours.
        #expect(report.burnRate == NanoDollars(rawValue: 4_166_667))
        #expect(report.account.explanation(at: now).hasPrefix("Active: $0.10 of $1.00 is spent"))
    }

    @Test func whoIsGoneIsToldOfInThePeriodOfNow() async throws {
        let bench = try await bench()
        try await bench.alter("bob") { $0.standing.access = Access(status: .closed, since: day("2026-11-21")) }
        func read(at text: String) async throws -> BudgetReport {
            try await bench.store.read { transaction in
                let account = try #require(try transaction.account(budgetID("bob")))
                return try BudgetReport.read(account, at: day(text), transaction)
            }
        }

        let report = try await read(at: "2026-11-21T12:00:00Z")
        #expect(report.account.standing.spending.total == dollars("0.10"))
        #expect(report.forecast == Forecast())
        let later = try await read(at: "2026-12-25")
        #expect(later.account.standing.access.status == .closed)
        #expect(later.account.standing.period == Period(start: day("2026-12-20"), end: day("2027-01-19")))
        #expect(later.account.standing.spending == Spending())
    }

    @Test func aPeriodThatHasEndedIsNotToldAsIfItWereNow() async throws {
        let bench = try await bench()
        let key = FurtherBudgetKey(
            scope: .principal(principalID("bob")), unit: .requests, periodRule: .calendarDay)
        try await bench.transact { desk in
            _ = try FurtherBudgetCommands.set(key, FurtherBudgetChange(limit: 5), by: "operator:eva", desk)
        }
        try await bench.meter(use("r4", "bob", cents: 50, at: "2026-11-21T11:00:00Z"))
        let now = day("2026-12-25T12:00:00Z")
        func read() async throws -> BudgetReport {
            try await bench.store.read { transaction in
                let account = try #require(try transaction.account(budgetID("bob")))
                return try BudgetReport.read(account, at: now, transaction)
            }
        }

        let report = try await read()
        #expect(report.account.standing.period == Period(start: day("2026-12-20"), end: day("2027-01-19")))
        #expect(report.account.standing.spending == Spending())
        #expect(report.account.state == .normal)
        #expect(report.burnRate == nil && report.forecast == Forecast())
        #expect(report.account.explanation(at: now).contains("a new period begins at 2027-01-19"))
        let further = try #require(report.further.first)
        #expect(further.account.standing.period == Period(start: day("2026-12-25"), end: day("2026-12-26")))
        #expect(further.account.standing.spent == 0)
        // Nothing is written by looking.
        #expect(try await bench.account("bob").standing.period.end == day("2026-12-20"))

        try await bench.alter("bob") { $0.standing.access = Access(status: .suspended, since: day("2026-11-21")) }
        let suspended = try await read()
        #expect(suspended.account.standing.period.end == day("2026-12-20"))
        #expect(suspended.account.standing.spending.total == dollars("0.60"))
    }

    /// How fast yesterday's money went says nothing of today's.
    @Test func theRecentRateIsOfThePeriodAlone() async throws {
        let bench = LedgerBench(at: "2026-11-21T02:00:00Z")
        bench.configure { $0.defaultBudget = DefaultBudget(periodRule: .calendarDay) }
        try await bench.meter(
            use("r1", cents: 40, at: "2026-11-20T09:00:00Z"), use("r2", cents: 2, at: "2026-11-21T01:00:00Z"))
        let now = bench.now

        let report = try await bench.store.read { transaction in
            let account = try #require(try transaction.account(budgetID("ana")))
            return try BudgetReport.read(account, at: now, transaction)
        }

        #expect(report.account.standing.spending.total == dollars("0.02"))
        #expect(report.burnRate == dollars("0.01"))
        #expect(report.forecast.recent?.total == dollars("0.24"))
        #expect(report.forecast.recent?.reachesLimitAt == nil)
    }

    /// Five days of a month that is nearly over.
    @Test func aBudgetThatWasMadeInItsPeriodIsProjectedFromThenOn() async throws {
        let bench = LedgerBench(at: "2026-11-20")
        let key = FurtherBudgetKey(scope: .everyone, unit: .money, periodRule: .calendarMonth)
        try await bench.transact { desk in
            _ = try FurtherBudgetCommands.set(
                key, FurtherBudgetChange(limit: dollars("1.00").rawValue), by: "operator:eva", desk)
        }
        func read() async throws -> BudgetReport.Further {
            let now = bench.now
            return try await bench.store.read { transaction in
                let account = try #require(try transaction.furtherBudgets(of: .everyone).first)
                return try BudgetReport.read(account, at: now, transaction)
            }
        }
        try await bench.meter(use("r1", cents: 10, at: "2026-11-20T00:00:00Z"))
        bench.move(to: "2026-11-20T00:30:00Z")
        #expect(try await read().forecast.linear == nil)

        bench.move(to: "2026-11-25")
        try await bench.meter(use("r2", cents: 40, at: "2026-11-24T12:00:00Z"))
        let report = try await read()
        #expect(report.account.standing.spent == dollars("0.50").rawValue)
        #expect(report.forecast.linear?.total == dollars("1.10"))
        #expect(report.forecast.linear?.reachesLimitAt == day("2026-11-30"))
    }

    @Test func reasonsAreSaidForEveryStatus() async throws {
        let bench = try await bench()
        for status in AccessStatus.allCases {
            try await bench.alter { account in
                account.standing.access = Access(status: status, since: day("2026-11-20"), reason: "why")
            }
            #expect(try await bench.account().explanation(at: bench.now).count > 20)
        }
        try await bench.alter {
            $0.standing.access = Access(status: .suspended, since: day("2026-11-20"), reason: "budget-exceeded")
            $0.standing.spending = Spending()
            $0.furtherCrossing = "team:red/tokens/month/1795168800000/0"
        }
        let explanation = try await bench.account().explanation(at: bench.now)
        #expect(explanation.contains("the budget team:red/tokens/month is exceeded"), "\(explanation)")
        #expect(explanation.hasSuffix("Access returns when no budget is exceeded any more."))
        try await bench.alter {
            $0.block = Hold(end: .never, reason: "lost key", by: "operator:eva", since: day("2026-11-20"))
        }
        #expect(
            try await bench.account().explanation(at: bench.now) == "Blocked by operator:eva: lost key. It ends: never."
        )
    }

    /// By a person's word that is in force, or by the budget's own terms.
    @Test(arguments: [(true, false, true), (false, true, true), (false, false, false)])
    func whoIsProtectedBeyondTheLimitIsSaidToBe(ofBudget: Bool, byWord: Bool, isProtected: Bool) async throws {
        let bench = try await bench()
        let hold = Hold(
            end: .at(bench.now + .seconds(byWord ? 60 : -60)), reason: "demo", by: "operator:eva",
            since: day("2026-11-20"))
        try await bench.alter {
            $0.standing.access = Access(status: .active, since: day("2026-11-20"))
            $0.budget.isProtected = ofBudget
            $0.protection = hold
            $0.standing.spending.total = dollars("5000")
        }
        let explanation = try await bench.account().explanation(at: bench.now)
        #expect(explanation.contains("it is protected") == isProtected, "\(explanation)")
        #expect(explanation.contains("Protected by operator:eva: demo.") == byWord)
    }

    // MARK: The summary of a day

    private func summarise(_ bench: LedgerBench, _ input: JSONValue = [:]) async throws -> JSONValue {
        let step = DailySummary.step(reading: bench.store, CurrentSettings(bench.settings), zone: .utc)
        let perform = try #require(step.perform)
        let context = TaskContext(
            execution: ExecutionID(rawValue: 1), executionARN: "arn", executionName: "run-1", stateMachine: "m",
            state: "S", resource: "activity:summarise-day", retryCount: 0, idempotencyKey: "k", now: bench.now,
            deadline: nil, heartbeat: {})
        return try await perform(context, input)
    }

    @Test func aDayIsSummarised() async throws {
        let bench = try await bench()
        let summary = try await summarise(bench)

        #expect(summary["id"] == "daily-summary/2026-11-20/UTC")
        #expect(summary["cost"] == "0.40")
        #expect(summary["requests"] == 2)
        #expect(summary["spenders"]?.arrayValue?.compactMap { $0["name"]?.stringValue } == ["ana", "bob"])
        #expect(summary["costBefore"] == .null)
        #expect(summary["failed"] == [])
        try await bench.alter { $0.standing.access = Access(status: .restorationFailed, since: day("2026-11-20")) }
        #expect(try await summarise(bench)["failed"] == ["ana"])
        #expect(try await summarise(bench, ["date": "2026-11-19"])["hasData"] == false)
        #expect(try await summarise(bench, ["zone": "Europe/Madrid"])["cost"] == "0.30")
    }

    @Test func namesSayTheirAccountWherePrincipalsOfSeveralAreKnown() async throws {
        let bench = try await bench()
        var other = use("r9", cents: 30, at: "2026-11-20T11:00:00Z")
        other.principal = Principal(id: PrincipalID(account: "444455556666", kind: .user, name: "ana"))
        other.key = UsageKey(account: "444455556666", region: "us-east-1", requestID: "r9")
        try await bench.meter(other)
        try await bench.alter { $0.standing.access = Access(status: .suspended, since: day("2026-11-20")) }

        let summary = try await summarise(bench)

        let spenders = summary["spenders"]?.arrayValue?.compactMap { $0["name"]?.stringValue } ?? []
        #expect(Set(spenders) == ["111122223333/ana", "111122223333/bob", "444455556666/ana"])
        #expect(summary["suspended"] == ["111122223333/ana"])
    }

    /// However many have used up all they may.
    @Test func whoseBudgetWillNotLastIsToldBesideThoseWhoseBudgetIsGone() async throws {
        let bench = LedgerBench(at: "2026-11-21T12:00:00Z")
        let gone = (1...12).map { use("r\($0)", "gone-\($0)", cents: 150, at: "2026-11-21T06:00:00Z") }
        try await bench.meter((gone + [use("r0", "fast", cents: 60, at: "2026-11-21T06:00:00Z")]).map { .usage($0) })

        let forecasts = try await summarise(bench)["forecasts"]?.arrayValue ?? []
        #expect(forecasts.map { $0["name"] } == ["fast"])
        #expect(forecasts.first?["reachesLimitAt"] == .string(day("2026-11-21T20:00:00Z").iso8601))
    }

    /// As the scheduler tells it, days later.
    @Test func aSlotThatIsMadeUpForTellsOfItsOwnDay() async throws {
        let bench = try await bench()
        bench.move(to: "2026-11-25T08:00:00Z")
        let slot: JSONValue = ["detail": ["nominalTime": "2026-11-21T00:00:00Z", "isCatchUp": true]]

        #expect(try await summarise(bench, slot)["id"] == "daily-summary/2026-11-20/UTC")
        #expect(try await summarise(bench, slot)["cost"] == "0.40")
        #expect(try await summarise(bench, slot.with("date", "2026-11-21"))["date"] == "2026-11-21")
    }

    @Test(
        arguments: [
            ["zone": "Mars/Base"], ["date": "yesterday"], ["detail": ["nominalTime": "midnight"]],
        ] as [JSONValue])
    func anInputThatCantBeReadFailsTheStep(_ input: JSONValue) async throws {
        let bench = try await bench()
        await #expect(throws: TaskFailure.self) { try await self.summarise(bench, input) }
    }

    // MARK: Simulation

    @Test func aSimulationPlaysWhatWasRecorded() async throws {
        let bench = try await bench()
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let engine = Engine(store: bench.store, clock: VirtualClock().wallClock, seed: 1, logger: logger)
        let budget = try FurtherBudget(
            scope: .everyone, unit: .money, limit: dollars("0.30").rawValue, periodRule: .calendarMonth, graceSeconds: 0
        )

        let result = try await Simulation.run(
            [budget], from: day("2026-11-20"), to: day("2026-11-22"), policy: SuspensionPolicy(), in: engine)

        #expect(result.isSingle)
        #expect(result.hours == 3)
        let line = result.replay.lines[0]
        #expect(line.crossings.map(\.at) == Array(repeating: day("2026-11-20T09:00:00Z"), count: 3))
        #expect(line.suspensions.map(\.principal.name) == ["ana", "bob"])
        #expect(result.replay.spent.cost == dollars("0.30"))
        let later = try await Simulation.run(
            [budget], from: day("2026-11-20T10:00:00Z"), to: day("2026-11-21"), policy: SuspensionPolicy(), in: engine)
        #expect(later.replay.recorded.requests == 1)
    }

    /// A correction leaves only the hour's sum, which stands at the hour's end: later than now, in the hour of now.
    @Test func aSimulationUpToNowHasTheHourOfNow() async throws {
        let bench = try await bench()
        try await bench.store.write { transaction in
            let usage = try #require(try transaction.usage(use("r3", cents: 5).key))
            try transaction.adjustUsageHour(of: usage, by: UsageSums(cost: dollars("0.01")))
        }
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let engine = Engine(store: bench.store, clock: VirtualClock().wallClock, seed: 1, logger: logger)
        let result = try await Simulation.run(
            [], from: day("2026-11-21"), to: day("2026-11-21T09:30:00Z"), policy: SuspensionPolicy(), in: engine)

        #expect(result.hours == 1)
        #expect(result.replay.recorded.requests == 1)
        let earlier = try await Simulation.run(
            [], from: day("2026-11-20"), to: day("2026-11-20T23:15:00Z"), policy: SuspensionPolicy(), in: engine)
        #expect(earlier.replay.recorded.requests == 1)
    }

    private static func find(_ text: String) -> Principal? {
        text == "nobody" ? nil : Principal(id: principalID(text))
    }

    /// Whatever the file leaves out, and whoever has a budget already.
    @Test func aFileMeansTheSamePlayedAndApplied() async throws {
        let bench = try await bench()
        bench.configure {
            $0.defaultBudget = DefaultBudget(periodRule: .calendarDay, mode: .observe, graceSeconds: 7)
        }
        let file = BudgetFile(entries: [
            BudgetFile.Entry(target: .principal("ana"), limit: .money(dollars("9"))),
            BudgetFile.Entry(target: .principal("eve"), limit: .money(dollars("3"))),
            BudgetFile.Entry(target: .principal("ana"), limit: .requests(5)),
            BudgetFile.Entry(target: .team("red"), limit: .tokens(1000), period: .calendarDay),
            BudgetFile.Entry(target: .pool, limit: .money(dollars("2")), mode: .observe, graceSeconds: 0),
        ])
        let played = try await bench.transact { desk in
            try BudgetFileCommands.budgets(file, desk) { Self.find($0) }
        }
        try await bench.transact { desk in
            _ = try BudgetFileCommands.apply(file, prunes: false, by: "operator:eva", desk) { Self.find($0) }
        }

        #expect(
            played.map(\.id.rawValue) == [
                "principal:111122223333/user/ana#money/30d", "principal:111122223333/user/eve#money/day",
                "principal:111122223333/user/ana#requests/month", "team:red#tokens/day", "pool#money/month",
            ])
        for (name, budget) in [("ana", played[0]), ("eve", played[1])] {
            let own = try await bench.account(name).budget
            #expect(own.limit.rawValue == budget.limit && own.periodRule == budget.periodRule)
            #expect(own.mode == budget.mode && own.thresholds == budget.thresholds)
            #expect(own.graceSeconds == budget.graceSeconds)
        }
        for budget in played.dropFirst(2) {
            let account = try await bench.store.read { try $0.furtherBudget(budget.id) }
            #expect(account?.budget == budget)
        }
        // What is there already keeps what the file leaves out.
        let again = try await bench.transact { desk in
            try BudgetFileCommands.budgets(
                BudgetFile(entries: [BudgetFile.Entry(target: .pool, limit: .money(dollars("4")))]), desk
            ) { Self.find($0) }
        }
        #expect(again.map(\.mode) == [.observe] && again.map(\.graceSeconds) == [0])
        // With another period, or with the one that is meant where none is given, it is the same budget.
        let doubles: [[BudgetFile.Entry]] = [
            [
                BudgetFile.Entry(target: .principal("ana"), limit: .money(dollars("1"))),
                BudgetFile.Entry(target: .principal("ana"), limit: .money(dollars("2")), period: .calendarDay),
            ],
            [
                BudgetFile.Entry(target: .team("red"), limit: .tokens(1)),
                BudgetFile.Entry(target: .team("red"), limit: .tokens(2), period: .calendarMonth),
            ],
        ]
        for entries in doubles {
            await #expect(throws: BudgetFileCommands.NamedTwice.self) {
                try await bench.transact { desk in
                    _ = try BudgetFileCommands.apply(
                        BudgetFile(entries: entries), prunes: false, by: "operator:eva", desk
                    ) { Self.find($0) }
                }
            }
        }
        let unknown = BudgetFile(entries: [BudgetFile.Entry(target: .principal("nobody"), limit: .requests(5))])
        await #expect(throws: BudgetFileCommands.UnknownTarget.self) {
            try await bench.transact { desk in try BudgetFileCommands.budgets(unknown, desk) { Self.find($0) } }
        }
    }

    @Test func oneThresholdOfAFileLeavesTheOther() async throws {
        let bench = try await bench()
        for (thresholds, warning, critical) in [
            (ThresholdsChange(warningPerMille: 400, criticalPerMille: 600), 400, 600),
            (ThresholdsChange(warningPerMille: 500), 500, 600), (ThresholdsChange(criticalPerMille: 800), 500, 800),
        ] {
            for target in [BudgetFile.Target.pool, .principal("ana")] {
                let file = BudgetFile(entries: [
                    BudgetFile.Entry(target: target, limit: .money(dollars("4")), thresholds: thresholds)
                ])
                let found = try await bench.transact { desk in
                    try BudgetFileCommands.apply(file, prunes: false, by: "operator:eva", desk) { Self.find($0) }
                }
                let after = found.first?.after
                #expect(after?["warningPerMille"]?.intValue == Int64(warning))
                #expect(after?["criticalPerMille"]?.intValue == Int64(critical))
            }
        }
        let beyond = BudgetFile(entries: [
            BudgetFile.Entry(
                target: .pool, limit: .money(dollars("4")), thresholds: ThresholdsChange(warningPerMille: 850), line: 3)
        ])
        let fault = await #expect(throws: BudgetFileCommands.MisplacedThreshold.self) {
            try await bench.transact { desk in try BudgetFileCommands.budgets(beyond, desk) { Self.find($0) } }
        }
        #expect(fault?.description.contains("line 3: ") == true)
        #expect(fault?.description.contains("pool has warning 50 and critical 80") == true)
    }
}
