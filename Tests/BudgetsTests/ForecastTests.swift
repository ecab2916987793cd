import Budgets
import Testing
import WallTime

@Suite struct ForecastTests {
    private static let start = Instant(milliseconds: 1_795_132_800_000)
    private static let day: Int64 = 86_400_000

    private func dollars(_ amount: Int64) -> NanoDollars { NanoDollars(rawValue: amount * NanoDollars.perDollar) }

    /// Ten days of thirty have gone by.
    private func course(
        limit: Int64 = 30, spent: Int64 = 5, recent: Int64? = 1, days: Int64 = 10
    ) -> Course {
        let now = Instant(milliseconds: Self.start.milliseconds + days * Self.day)
        return Course(
            limit: dollars(limit),
            period: Period(start: Self.start, end: Instant(milliseconds: Self.start.milliseconds + 30 * Self.day)),
            spent: dollars(spent), now: now, recent: recent.map(dollars), recentSince: now - .seconds(86_400))
    }

    @Test func bothWaysAreToldApart() throws {
        let forecast = course().forecast(hasData: true)

        let linear = try #require(forecast.linear)
        #expect(linear.total == dollars(15))
        #expect(linear.perMille == 500)
        #expect(linear.reachesLimitAt == nil)
        let recent = try #require(forecast.recent)
        #expect(recent.total == dollars(25))
        #expect(recent.reachesLimitAt == nil)
    }

    @Test func theTimeAtWhichTheLimitIsReachedIsTold() throws {
        let forecast = course(limit: 20, spent: 10, recent: 2).forecast(hasData: true)

        // One dollar a day: ten more days. Two dollars a day: five.
        #expect(forecast.linear?.reachesLimitAt == Instant(milliseconds: Self.start.milliseconds + 20 * Self.day))
        #expect(forecast.recent?.reachesLimitAt == Instant(milliseconds: Self.start.milliseconds + 15 * Self.day))
    }

    @Test func whatIsReachedAlreadyIsReachedNow() {
        let course = course(limit: 5, spent: 5)
        #expect(course.forecast(hasData: true).linear?.reachesLimitAt == course.now)
    }

    @Test func withoutDataNothingIsSaid() {
        #expect(course().forecast(hasData: false) == Forecast())
        #expect(course(recent: nil).forecast(hasData: true).recent == nil)
        #expect(course(recent: nil).burnRate == nil)
        // Half an hour into a period says nothing about it.
        var early = course(spent: 1)
        early.now = Self.start + .seconds(1800)
        #expect(early.forecast(hasData: true) == Forecast())
        // Nor does a period that is over.
        #expect(course(days: 30).forecast(hasData: true) == Forecast())
    }

    @Test func theRecentRateDoesNotReachBackBeforeThePeriod() throws {
        var early = course(spent: 1, recent: 1)
        early.now = Self.start + .seconds(7200)
        early.recentSince = early.now - .seconds(86_400)
        // A dollar in two hours, not in twenty-four.
        #expect(early.burnRate == NanoDollars(rawValue: NanoDollars.perDollar / 2))
        #expect(early.forecast(hasData: true).recent?.total == dollars(360))
    }

    @Test func hugeAmountsStopAtTheLargest() {
        var course = course()
        course.spent = NanoDollars(rawValue: .max / 2)
        course.recent = course.spent
        let forecast = course.forecast(hasData: true)
        #expect(forecast.linear?.total == NanoDollars(rawValue: .max))
        #expect(forecast.recent?.total == NanoDollars(rawValue: .max))
    }
}

@Suite struct UsageSumsTests {
    private func event(_ tokens: TokenCounts, error: String? = nil) -> UsageEvent {
        UsageEvent(
            key: UsageKey(account: "1", region: "us-east-1", requestID: "r"), at: Instant(milliseconds: 3_600_001),
            principal: Principal(id: PrincipalID(account: "1", kind: .user, name: "ana")), model: ModelID("m"),
            operation: "Converse", tokens: tokens, errorCode: error, source: "test")
    }

    @Test func usesAreAddedUpByTheirKind() {
        var rollup = UsageRollup()
        rollup.add(event(TokenCounts(input: 3, output: 1)), Charge(amount: NanoDollars(rawValue: 5), basis: .listed))
        rollup.add(event(TokenCounts(cacheRead: 6)), Charge(amount: NanoDollars(rawValue: 7), basis: .fallback))
        rollup.add(event(TokenCounts(), error: "Oops"), Charge(amount: .zero, basis: .notBillable))
        rollup.add(event(TokenCounts()), Charge(amount: .zero, basis: .unmetered))

        let hours = rollup.hours { CostTags(team: $0.name) }
        #expect(hours.count == 1)
        let hour = hours[0]
        #expect(hour.tags == CostTags(team: "ana"))
        #expect(hour.slot.hour == 1)
        #expect(
            hour.sums
                == UsageSums(
                    requests: 4, errors: 1, unmetered: 1, fallbackRequests: 1,
                    tokens: TokenCounts(input: 3, output: 1, cacheRead: 6), cost: NanoDollars(rawValue: 12),
                    fallbackCost: NanoDollars(rawValue: 7)))
        #expect(hour.sums.costPerRequest == NanoDollars(rawValue: 4))
        #expect(hour.sums.costPerThousandTokens == NanoDollars(rawValue: 1200))
        #expect(hour.sums.cacheReadPerMille == 666)
    }

    @Test func nothingIsNotZero() {
        #expect(UsageSums().costPerRequest == nil)
        #expect(UsageSums().costPerThousandTokens == nil)
        #expect(UsageSums().cacheReadPerMille == nil)
    }

    @Test func sumsStopAtTheLargest() {
        var sums = UsageSums(cost: NanoDollars(rawValue: .max))
        sums.add(UsageSums(cost: NanoDollars(rawValue: 1)))
        #expect(sums.cost == NanoDollars(rawValue: .max))
        let absurd = UsageSums(
            event(TokenCounts(input: .max, output: -5)), Charge(amount: .zero, basis: .listed))
        #expect(absurd.tokens == TokenCounts(input: UsageSums.mostTokens))
    }

    @Test func hoursHoldWhatHappensInThemAlsoBefore1970() {
        #expect(Instant(milliseconds: 0).hour == 0)
        #expect(Instant(milliseconds: -1).hour == -1)
        #expect(Instant(milliseconds: 3_599_999).hour == 0)
        #expect(Instant(hour: 2) == Instant(milliseconds: 7_200_000))
    }
}
