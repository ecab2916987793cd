import Testing
import WallTime

@testable import Budgets

func day(_ text: String) -> Instant { Instant(iso8601: text + (text.contains("T") ? "" : "T00:00:00Z"))! }

@Suite struct PeriodTests {
    @Test(arguments: [
        (PeriodRule.rolling(days: 30), "2026-11-20", "2026-12-20"), (.calendarDay, "2026-11-20", "2026-11-21"),
        (.calendarMonth, "2026-11-01", "2026-12-01"),
    ])
    func theFirstPeriodBeginsOnADay(rule: PeriodRule, start: String, end: String) {
        #expect(rule.firstPeriod(containing: day("2026-11-20T15:42:10Z")) == Period(start: day(start), end: day(end)))
    }

    @Test(arguments: [
        (PeriodRule.rolling(days: 30), "2026-11-20", "2026-12-20", "2026-12-20", "2026-12-20", "2027-01-19"),
        (.rolling(days: 30), "2026-11-20", "2026-12-20", "2027-03-01T05:00:00Z", "2027-02-18", "2027-03-20"),
        (.rolling(days: 30), "2026-11-20", "2026-12-20", "2026-11-19T23:59:59Z", "2026-10-21", "2026-11-20"),
        (.rolling(days: 30), "2026-11-20", "2026-12-20", "2026-10-20T23:59:59Z", "2026-09-21", "2026-10-21"),
        (.calendarMonth, "2027-01-01", "2027-02-01", "2028-02-29T12:00:00Z", "2028-02-01", "2028-03-01"),
        (.calendarDay, "2026-11-20", "2026-11-21", "2026-11-24T00:00:00Z", "2026-11-24", "2026-11-25"),
        // The rule changed from 30 days to months: the first month is cut so that it does not overlap.
        (.calendarMonth, "2026-11-10", "2026-12-10", "2026-12-15", "2026-12-10", "2027-01-01"),
    ])
    func laterPeriodsAreCountedFromTheBoundary(
        rule: PeriodRule, start: String, end: String, instant: String, expectedStart: String, expectedEnd: String
    ) {
        let known = Period(start: day(start), end: day(end))

        let period = rule.period(containing: day(instant), countedFrom: known)

        #expect(period == Period(start: day(expectedStart), end: day(expectedEnd)))
        #expect(period.contains(day(instant)))
    }

    @Test func aPeriodHasItsStartAndNotItsEnd() {
        let period = PeriodRule.calendarDay.firstPeriod(containing: day("2026-11-20"))

        #expect(period.contains(period.start))
        #expect(!period.contains(period.end))
    }

    @Test(arguments: [
        "day", "month", "30d", "1d", "3660d", "day@Europe/Madrid", "month@America/New_York",
    ])
    func rulesAreReadAsTheyAreWritten(text: String) {
        #expect(PeriodRule(text)?.description == text)
    }

    @Test(arguments: ["", "d", "0d", "-1d", "3661d", "week", "30", "day@", "day@Europe/Madird", "30d@UTC"])
    func otherTextIsNoRule(text: String) {
        #expect(PeriodRule(text) == nil)
    }

    @Test func aRollingPeriodHasBounds() throws {
        #expect(throws: BudgetError.periodOutOfRange) { try PeriodRule.days(0) }
        #expect(try PeriodRule.days(7) == .rolling(days: 7))
    }
}

@Suite struct ZonedPeriodTests {
    /// Spain's clocks in 2026: 23 hours on 29 March, 25 on 25 October. São Paulo skipped midnight until 2018; Apia skipped
    /// the whole of 30 December 2011.
    @Test(arguments: [
        ("day@Europe/Madrid", "2026-11-20T10:00:00Z", "2026-11-19T23:00:00Z", "2026-11-20T23:00:00Z"),
        ("day@Europe/Madrid", "2026-03-29T10:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
        ("day@Europe/Madrid", "2026-10-25T10:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),
        ("month@Europe/Madrid", "2026-10-25T10:00:00Z", "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"),
        ("day@America/Sao_Paulo", "2018-11-04T12:00:00Z", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"),
        ("day@Pacific/Apia", "2011-12-30T09:00:00Z", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"),
        ("day@Asia/Kathmandu", "2026-11-20T00:00:00Z", "2026-11-19T18:15:00Z", "2026-11-20T18:15:00Z"),
    ])
    func aDayIsThatOfTheZonesCalendar(rule: String, at: String, start: String, end: String) throws {
        let period = try #require(PeriodRule(rule)).firstPeriod(containing: day(at))
        #expect(period.start.iso8601 == day(start).iso8601)
        #expect(period.end.iso8601 == day(end).iso8601)
    }

    /// Whatever the clocks do, days follow one another without a gap and every instant is in exactly one.
    @Test(arguments: ["Europe/Madrid", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Cairo"])
    func daysCoverTheYears(zone: String) throws {
        let rule = PeriodRule.day(in: try #require(CivilZone(identifier: zone)))
        var period = rule.firstPeriod(containing: day("2011-01-01"))
        while period.end < day("2020-01-01") {
            let next = rule.firstPeriod(containing: period.end)
            #expect(next.start == period.end)
            #expect(rule.firstPeriod(containing: Instant(milliseconds: next.end.milliseconds - 1)) == next)
            #expect(rule.period(containing: period.end, countedFrom: period) == next)
            period = next
        }
    }
}

@Suite struct SpanPeriodTests {
    private func instant(_ seconds: Int64) -> Instant { Instant(milliseconds: seconds * 1000) }

    @Test func aSpanBeginsWithTheFirstUsage() {
        let period = PeriodRule.span(seconds: 40).firstPeriod(containing: instant(1007))
        #expect(period == Period(start: instant(1007), end: instant(1047)))
    }

    @Test(arguments: [(1047, 1047), (1086, 1047), (1087, 1087), (1006, 967), (2000, 1967)])
    func spansFollowOneAnotherWithoutAGap(_ at: Int64, _ start: Int64) {
        let known = Period(start: instant(1007), end: instant(1047))
        let period = PeriodRule.span(seconds: 40).period(containing: instant(at), countedFrom: known)
        #expect(period == Period(start: instant(start), end: instant(start + 40)))
    }

    @Test(arguments: [("90s", 90), ("30m", 1800), ("6h", 21_600)])
    func spansAreWrittenWithTheirUnit(_ text: String, _ seconds: Int) {
        #expect(PeriodRule(text) == .span(seconds: seconds))
        #expect(PeriodRule(PeriodRule.span(seconds: seconds).description) == .span(seconds: seconds))
    }

    @Test(arguments: ["0s", "-5s", "s", "5w", "1.5h", ""]) func nonsenseIsNoPeriod(_ text: String) {
        #expect(PeriodRule(text) == nil)
    }
}

@Suite struct SpanStartTests {
    @Test func aSpanBeginsOnAWholeSecond() {
        let period = PeriodRule.span(seconds: 40).firstPeriod(containing: Instant(milliseconds: 1_007_999))
        #expect(period == Period(start: Instant(milliseconds: 1_007_000), end: Instant(milliseconds: 1_047_000)))
    }
}
