import Testing
import WallTime

@testable import Budgets

@Suite struct ReplayTests {
    /// 2026-11-20T00:00:00Z.
    private static let start = Instant(milliseconds: 1_795_132_800_000)

    private func principal(_ name: String, kind: PrincipalID.Kind = .user) -> Principal {
        Principal(id: PrincipalID(account: "111122223333", kind: kind, name: name))
    }

    private func budget(
        _ scope: FurtherScope, _ limit: Int64, unit: BudgetUnit = .requests, period: PeriodRule = .calendarDay,
        mode: BudgetMode = .enforce, grace: Int = 0
    ) throws -> FurtherBudget {
        try FurtherBudget(
            scope: scope, unit: unit, limit: limit, periodRule: period, mode: mode, graceSeconds: grace)
    }

    /// One request of one nano-dollar a minute.
    private func play(
        _ replay: inout Replay, _ names: [String], minutes: Range<Int>, team: String? = nil,
        kind: PrincipalID.Kind = .user
    ) {
        for minute in minutes {
            for name in names {
                replay.take(
                    RecordedUse(
                        at: Self.start + .seconds(minute * 60), principal: principal(name, kind: kind), team: team,
                        cost: NanoDollars(rawValue: 1), tokens: 100))
            }
        }
    }

    @Test func thresholdsAreCrossedOnceAndTheLimitSuspends() throws {
        var replay = Replay([try budget(.principal(principal("ana").id), 10)], policy: SuspensionPolicy())
        play(&replay, ["ana", "bob"], minutes: 0..<20)

        let line = replay.lines[0]
        #expect(line.crossings.map(\.threshold) == [.warning, .critical, .exceeded])
        #expect(line.crossings.map(\.spent) == [7, 9, 10])
        #expect(line.crossings.map(\.at) == [6, 8, 9].map { Self.start + .seconds($0 * 60) })
        // Exactly on the limit is beyond it: the tenth request is the last.
        #expect(
            line.suspensions == [
                Replay.Suspension(
                    principal: principal("ana").id, from: Self.start + .seconds(540),
                    until: Self.start + .seconds(86_400))
            ])
        #expect(line.saved.requests == 10)
        #expect(replay.recorded.requests == 40)
        #expect(replay.spent.requests == 30)
        #expect(line.overshoot == .zero)
    }

    @Test func graceLetsSpendingGoOn() throws {
        var replay = Replay([try budget(.principal(principal("ana").id), 10, grace: 300)], policy: SuspensionPolicy())
        play(&replay, ["ana"], minutes: 0..<20)

        // Crossed at minute 9, gone from minute 14: 10 to 13 are beyond the limit.
        #expect(replay.lines[0].suspensions.map(\.from) == [Self.start + .seconds(14 * 60)])
        #expect(replay.lines[0].overshoot == NanoDollars(rawValue: 4))
        #expect(replay.lines[0].saved.requests == 6)
    }

    /// The daemon suspends when grace ends, whether somebody goes on or not.
    @Test(arguments: [(0, 20, [9]), (300, 20, [14]), (300, 14, [14]), (300, 13, []), (86_400, 4000, [])])
    func whoStopsAtTheLimitIsSuspendedAllTheSame(_ grace: Int, _ end: Int, _ from: [Int]) throws {
        var replay = Replay([try budget(.principal(principal("ana").id), 10, grace: grace)], policy: SuspensionPolicy())
        play(&replay, ["ana"], minutes: 0..<10)
        replay.end(at: Self.start + .seconds(end * 60))
        #expect(replay.lines[0].suspensions.map(\.from) == from.map { Self.start + .seconds($0 * 60) })
        #expect(replay.lines[0].saved.requests == 0)
    }

    /// Also when the next thing that happens is of the next period, or of somebody else.
    @Test func theNextPeriodFindsThemSuspended() throws {
        var replay = Replay([try budget(.everyone, 10)], policy: SuspensionPolicy())
        play(&replay, ["ana"], minutes: 0..<4)
        play(&replay, ["bob", "root"], minutes: 4..<7)
        play(&replay, ["cy"], minutes: 1440..<1441)
        let line = replay.lines[0]
        #expect(line.suspensions.map(\.principal.name) == ["ana", "bob", "root"])
        #expect(line.suspensions.allSatisfy { $0.until == Self.start + .seconds(86_400) })
    }

    @Test func nobodyIsSuspendedByTwoBudgetsAtOnce() throws {
        let own = try budget(.principal(principal("ana").id), 5)
        var replay = Replay([try budget(.everyone, 10, grace: 60), own], policy: SuspensionPolicy())
        play(&replay, ["ana"], minutes: 0..<5)
        play(&replay, ["bob"], minutes: 5..<10)
        // It closes the cap, while nothing has happened to ana's own budget since it was due.
        play(&replay, ["bob"], minutes: 11..<12)
        replay.end(at: Self.start + .seconds(86_000))
        #expect(replay.lines[1].suspensions.map(\.principal.name) == ["ana"])
        #expect(replay.lines[0].suspensions.map(\.principal.name) == ["bob"])
    }

    @Test func theUseThatReachesTheLimitMayGoBeyondIt() throws {
        let ana = principal("ana")
        let money = try budget(.principal(ana.id), 10, unit: .money, grace: 300)
        var replay = Replay(
            [money, try budget(.everyone, 1500, unit: .tokens, grace: 300)], policy: SuspensionPolicy())
        for minute in 0..<3 {
            replay.take(
                RecordedUse(
                    at: Self.start + .seconds(minute * 60), principal: ana, cost: NanoDollars(rawValue: 7), tokens: 1000
                ))
        }
        // Of 14, four are too much, and so are the next seven. What 500 of 1,000 tokens cost is not known.
        #expect(replay.lines[0].overshoot == NanoDollars(rawValue: 11))
        #expect(replay.lines[1].overshoot == NanoDollars(rawValue: 7))
    }

    @Test func aNewPeriodOpensAgain() throws {
        var replay = Replay([try budget(.principal(principal("ana").id), 10)], policy: SuspensionPolicy())
        play(&replay, ["ana"], minutes: 1425..<1445)
        play(&replay, ["ana"], minutes: 1445..<1460)

        #expect(replay.lines[0].suspensions.map(\.until) == [1, 2].map { Self.start + .seconds($0 * 86_400) })
        #expect(replay.lines[0].saved.requests == 15)
        #expect(replay.lines[0].crossings.filter { $0.threshold == .exceeded }.count == 2)
    }

    @Test func observingTakesNothingAway() throws {
        var replay = Replay(
            [try budget(.principal(principal("ana").id), 10, mode: .observe)], policy: SuspensionPolicy())
        play(&replay, ["ana"], minutes: 0..<20)

        #expect(replay.lines[0].suspensions.isEmpty)
        #expect(replay.lines[0].spared == [.observeOnly: [principal("ana").id]])
        #expect(replay.lines[0].overshoot == NanoDollars(rawValue: 10))
        #expect(replay.spent == replay.recorded)
    }

    @Test func aTeamIsSuspendedTogetherAndOthersAreNot() throws {
        var replay = Replay([try budget(.team("red"), 10)], policy: SuspensionPolicy())
        play(&replay, ["ana", "bob"], minutes: 0..<10, team: "red")
        play(&replay, ["cy"], minutes: 10..<20)

        #expect(replay.lines[0].suspensions.map(\.principal.name) == ["ana", "bob"])
        #expect(replay.lines[0].saved.requests == 10)
    }

    @Test func thePoolHoldsThoseWithoutABudgetOfTheirOwn() throws {
        let own = try budget(.principal(principal("ana").id), 100, unit: .money)
        var replay = Replay([own, try budget(.pool, 10)], policy: SuspensionPolicy())
        replay.leaveOutOfPool([principal("cy").id])
        play(&replay, ["ana", "bob", "cy"], minutes: 0..<20)

        #expect(replay.lines[0].saved.requests == 0)
        #expect(replay.lines[1].saved.requests == 10)
        #expect(replay.lines[1].suspensions.map(\.principal.name) == ["bob"])
    }

    @Test func aQuotaAloneLeavesOneInThePool() throws {
        let quota = try budget(.principal(principal("ana").id), 100)
        var replay = Replay([quota, try budget(.pool, 10)], policy: SuspensionPolicy())
        play(&replay, ["ana"], minutes: 0..<20)

        #expect(replay.lines[1].saved.requests == 10)
        #expect(replay.lines[1].suspensions.map(\.principal.name) == ["ana"])
    }

    @Test func whatClosedFirstIsWhatSaves() throws {
        let own = try budget(.principal(principal("ana").id), 5)
        var replay = Replay([own, try budget(.everyone, 20)], policy: SuspensionPolicy())
        play(&replay, ["ana", "bob"], minutes: 0..<20)

        // Five of ana's, then fifteen of bob's fill the cap of twenty.
        #expect(replay.lines[0].saved.requests == 15)
        #expect(replay.lines[1].saved.requests == 5)
        #expect(replay.spent.requests == 20)
    }

    @Test func whoIsNeverSuspendedIsSpared() throws {
        let policy = SuspensionPolicy(breakGlass: [principal("ana").id])
        var replay = Replay([try budget(.everyone, 10)], policy: policy)
        play(&replay, ["ana"], minutes: 0..<20)
        play(&replay, ["root"], minutes: 20..<22, kind: .root)
        play(&replay, ["bob"], minutes: 22..<24)

        let line = replay.lines[0]
        #expect(line.spared[.breakGlass] == [principal("ana").id])
        #expect(line.spared[.unenforceable]?.count == 1)
        #expect(line.suspensions.map(\.principal.name) == ["bob"])
        #expect(line.overshoot == NanoDollars(rawValue: 12))
    }

    @Test(arguments: [(BudgetUnit.money, Int64(3)), (.tokens, 300), (.requests, 3)])
    func everyUnitIsCounted(_ unit: BudgetUnit, _ limit: Int64) throws {
        var replay = Replay([try budget(.everyone, limit, unit: unit)], policy: SuspensionPolicy())
        play(&replay, ["ana"], minutes: 0..<5)
        #expect(replay.spent.requests == 3)
    }

    @Test func safeRatesAloneSparePeopleWhereThePolicySaysSo() throws {
        let policy = SuspensionPolicy(countsFallbackPrices: false)
        var replay = Replay([try budget(.everyone, 5, unit: .money)], policy: policy)
        let guessed = NanoDollars(rawValue: 10)
        for minute in 0..<3 {
            replay.take(
                RecordedUse(
                    at: Self.start + .seconds(minute * 60), principal: principal("ana"), cost: guessed,
                    fallbackCost: guessed))
        }
        #expect(replay.lines[0].suspensions.isEmpty)
        #expect(replay.lines[0].spared.keys.contains(.fallbackPricesOnly))
    }

    /// What is recorded is either spent or saved, whatever the budgets are.
    @Test(arguments: 0..<20) func nothingIsLost(_ seed: Int) throws {
        var random = SeededNumbers(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1)
        let names = ["ana", "bob", "cy"]
        let budgets = try [
            budget(.principal(principal("ana").id), Int64(random.below(30)), grace: random.below(600)),
            budget(.team("red"), Int64(random.below(40)), unit: .money),
            budget(.pool, Int64(random.below(4000)), unit: .tokens, period: .span(seconds: 3600)),
            budget(.everyone, Int64(random.below(100)), mode: random.below(2) == 0 ? .observe : .enforce),
        ]
        var replay = Replay(budgets, policy: SuspensionPolicy())
        for minute in 0..<200 {
            replay.take(
                RecordedUse(
                    at: Self.start + .seconds(minute * 60), principal: principal(names[random.below(3)]),
                    team: random.below(2) == 0 ? "red" : nil, cost: NanoDollars(rawValue: Int64(random.below(5))),
                    tokens: Int64(random.below(300))))
        }
        let saved = replay.lines.map(\.saved.cost.rawValue).reduce(0, +)
        #expect(replay.spent.cost.rawValue + saved == replay.recorded.cost.rawValue)
        #expect(replay.spent.requests + replay.lines.map(\.saved.requests).reduce(0, +) == 200)
        // Nobody's use is held back but that of somebody suspended.
        for line in replay.lines where line.saved.requests > 0 { #expect(!line.suspensions.isEmpty) }
    }
}

private struct SeededNumbers {
    var state: UInt64

    mutating func below(_ limit: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(limit))
    }
}
