@testable import Engine
import Testing
import WallTime

@Suite struct ScheduleExpressionTests {
    static func fires(_ text: String, after: String, zone: String = "UTC", count: Int = 3) throws -> [String] {
        let expression = try ScheduleExpression(parsing: text)
        let start = try #require(Instant(iso8601: after))
        let zone = try #require(CivilZone(identifier: zone))
        return expression.next(count, after: start, in: zone).map { String($0.iso8601.dropLast(5)) + "Z" }
    }

    @Test(arguments: [
        ("rate(5 minutes)", ["10:05:00", "10:10:00", "10:15:00"]),
        ("rate(1 minute)", ["10:03:00", "10:04:00", "10:05:00"]),
        ("rate(30 seconds)", ["10:03:00", "10:03:30", "10:04:00"]),
        ("rate(1 hour)", ["11:00:00", "12:00:00", "13:00:00"]),
        ("cron(0/15 * * * ? *)", ["10:15:00", "10:30:00", "10:45:00"]),
        ("cron(5,10-11 10 * * ? *)", ["10:05:00", "10:10:00", "10:11:00"]),
        ("*/20 * * * *", ["10:20:00", "10:40:00", "11:00:00"]),
        ("30 10-12 * * *", ["10:30:00", "11:30:00", "12:30:00"]),
        ("@hourly", ["11:00:00", "12:00:00", "13:00:00"]),
    ])
    func firesWithinTheDay(_ text: String, _ times: [String]) throws {
        let found = try Self.fires(text, after: "2026-11-20T10:02:31Z")
        #expect(found == times.map { "2026-11-20T\($0)Z" })
    }

    @Test(arguments: [
        ("cron(0 2 * * ? *)", ["2026-11-21", "2026-11-22", "2026-11-23"]),
        ("@daily", ["2026-11-21", "2026-11-22", "2026-11-23"]),
        ("@weekly", ["2026-11-22", "2026-11-29", "2026-12-06"]),
        ("@monthly", ["2026-12-01", "2027-01-01", "2027-02-01"]),
        ("@yearly", ["2027-01-01", "2028-01-01", "2029-01-01"]),
        ("cron(0 0 1 * ? *)", ["2026-12-01", "2027-01-01", "2027-02-01"]),
        ("cron(0 0 L * ? *)", ["2026-11-30", "2026-12-31", "2027-01-31"]),
        ("cron(0 0 L-2 * ? *)", ["2026-11-28", "2026-12-29", "2027-01-29"]),
        ("cron(0 0 LW * ? *)", ["2026-11-30", "2026-12-31", "2027-01-29"]),
        ("cron(0 0 15W * ? *)", ["2026-12-15", "2027-01-15", "2027-02-15"]),
        ("cron(0 0 1W 8 ? *)", ["2027-08-02", "2028-08-01", "2029-08-01"]),
        ("cron(0 0 ? * 6#3 *)", ["2026-12-18", "2027-01-15", "2027-02-19"]),
        ("cron(0 0 ? * 2#5 *)", ["2026-11-30", "2027-03-29", "2027-05-31"]),
        ("cron(0 0 ? * 6L *)", ["2026-11-27", "2026-12-25", "2027-01-29"]),
        ("cron(0 0 ? * MON-FRI *)", ["2026-11-23", "2026-11-24", "2026-11-25"]),
        ("cron(0 0 ? * FRI-MON *)", ["2026-11-21", "2026-11-22", "2026-11-23"]),
        ("cron(0 0 ? * 1 *)", ["2026-11-22", "2026-11-29", "2026-12-06"]),
        ("0 0 * * 0", ["2026-11-22", "2026-11-29", "2026-12-06"]),
        ("0 0 * * 7", ["2026-11-22", "2026-11-29", "2026-12-06"]),
        ("0 0 24 * SUN", ["2026-11-22", "2026-11-24", "2026-11-29"]),
        ("cron(0 0 29 2 ? *)", ["2028-02-29", "2032-02-29", "2036-02-29"]),
        ("cron(0 0 1 JAN-MAR/2 ? 2027-2028)", ["2027-01-01", "2027-03-01", "2028-01-01"]),
        ("rate(1 day)", ["2026-11-21", "2026-11-22", "2026-11-23"]),
    ])
    func firesOnDays(_ text: String, _ days: [String]) throws {
        let found = try Self.fires(text, after: "2026-11-20T10:02:31Z")
        #expect(found.map { String($0.prefix(10)) } == days)
    }

    @Test func aTimeFiresOnceAndOnlyInTheFuture() throws {
        #expect(try Self.fires("at(2026-12-01T08:30:00)", after: "2026-11-20T10:00:00Z") == ["2026-12-01T08:30:00Z"])
        #expect(
            try Self.fires("at(2026-12-01T08:30)", after: "2026-11-20T10:00:00Z", zone: "Europe/Madrid")
                == ["2026-12-01T07:30:00Z"])
        #expect(try Self.fires("at(2026-12-01T08:30:00)", after: "2026-12-01T08:30:00Z") == [])
    }

    @Test func aYearThatIsOverNeverFires() throws {
        #expect(try Self.fires("cron(0 0 1 1 ? 2020)", after: "2026-11-20T10:00:00Z") == [])
        #expect(try Self.fires("cron(0 0 31 2 ? *)", after: "2026-11-20T10:00:00Z") == [])
    }

    @Test func aFireIsStrictlyAfterTheInstant() throws {
        #expect(
            try Self.fires("cron(0 2 * * ? *)", after: "2026-11-20T02:00:00Z", count: 1) == ["2026-11-21T02:00:00Z"])
        #expect(try Self.fires("rate(5 minutes)", after: "2026-11-20T02:00:00Z", count: 1) == ["2026-11-20T02:05:00Z"])
    }

    // In Madrid clocks go from 02:00 to 03:00 on 2027-03-28, and from 03:00 back to 02:00 on 2026-10-25.
    // In New York from 02:00 to 03:00 on 2027-03-14, and from 02:00 back to 01:00 on 2026-11-01.
    @Test(arguments: [
        ("Europe/Madrid", "2027-03-26T12:00:00Z", ["2027-03-27T01:30:00Z", "2027-03-29T00:30:00Z"]),
        ("Europe/Madrid", "2026-10-23T12:00:00Z", ["2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z"]),
        ("Europe/Madrid", "2026-10-25T00:30:00Z", ["2026-10-26T01:30:00Z", "2026-10-27T01:30:00Z"]),
        ("America/New_York", "2027-03-13T00:00:00Z", ["2027-03-13T07:30:00Z", "2027-03-15T06:30:00Z"]),
    ])
    func aTimeInTheGapIsSkippedAndARepeatedOneFiresOnce(
        _ zone: String, _ after: String, _ expected: [String]
    ) throws {
        #expect(try Self.fires("cron(30 2 * * ? *)", after: after, zone: zone, count: 2) == expected)
    }

    @Test func theRepeatedHourOfNewYorkFiresTheFirstTime() throws {
        let found = try Self.fires(
            "cron(30 1 * * ? *)", after: "2026-10-31T12:00:00Z", zone: "America/New_York", count: 2)
        #expect(found == ["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"])
        let once = try Self.fires("at(2026-11-01T01:30:00)", after: "2026-10-31T12:00:00Z", zone: "America/New_York")
        #expect(once == ["2026-11-01T05:30:00Z"])
        let within = try Self.fires(
            "cron(0/30 * * * ? *)", after: "2026-11-01T05:00:00Z", zone: "America/New_York", count: 3)
        #expect(within == ["2026-11-01T05:30:00Z", "2026-11-01T07:00:00Z", "2026-11-01T07:30:00Z"])
    }

    // In Cairo clocks go from 00:00 to 01:00 on 2027-04-30.
    @Test(arguments: [
        ("@daily", "Africa/Cairo", "2027-04-28T23:00:00Z", ["2027-04-29T22:00:00Z", "2027-04-30T21:00:00Z"]),
        (
            "cron(30 2 * * ? *)", "Europe/Madrid", "2027-03-27T12:00:00Z",
            ["2027-03-28T01:00:00Z", "2027-03-29T00:30:00Z"]
        ),
        // Several times in one gap are one, and what follows it keeps its place.
        (
            "cron(0/20 2,3 * * ? *)", "Europe/Madrid", "2027-03-27T12:00:00Z",
            ["2027-03-28T01:00:00Z", "2027-03-28T01:20:00Z"]
        ),
    ])
    func aTimeInTheGapFiresAfterItWhereTheScheduleSaysSo(
        _ text: String, _ zone: String, _ after: String, _ expected: [String]
    ) throws {
        let zone = try #require(CivilZone(identifier: zone))
        let after = try #require(Instant(iso8601: after))
        let found = try ScheduleExpression(parsing: text, gap: .runAfter).next(2, after: after, in: zone)
        #expect(found.map { String($0.iso8601.dropLast(5)) + "Z" } == expected)
    }

    @Test(arguments: ["Europe/Madrid", "America/New_York"])
    func midnightAcrossAYearFiresOnEveryDay(_ zone: String) throws {
        let found = try Self.fires("@daily", after: "2026-01-01T12:00:00Z", zone: zone, count: 364)
        let zone = try #require(CivilZone(identifier: zone))
        let readings = found.compactMap { Instant(iso8601: $0) }.map { zone.reading(at: $0) }
        #expect(readings.count == 364)
        #expect(readings.allSatisfy { $0 % 86_400_000 == 0 })
        #expect(zip(readings, readings.dropFirst()).allSatisfy { $1 - $0 == 86_400_000 })
    }

    @Test func aRateOfADayHasTwentyFourHoursAcrossTheChange() throws {
        let found = try Self.fires("rate(1 day)", after: "2027-03-27T00:00:00Z", zone: "Europe/Madrid")
        #expect(found == ["2027-03-28T00:00:00Z", "2027-03-29T00:00:00Z", "2027-03-30T00:00:00Z"])
    }

    @Test(arguments: [
        "", "rate(5)", "rate(0 minutes)", "rate(-5 minutes)", "rate(5 fortnights)", "rate(5 minutes",
        "every(5 minutes)",
        "cron(0 2 * * *)", "cron(0 2 * * * *)", "cron(0 2 ? * ? *)", "cron(60 2 * * ? *)", "cron(0 24 * * ? *)",
        "cron(0 2 32 * ? *)", "cron(0 2 * 13 ? *)", "cron(0 2 ? * 8 *)", "cron(0/0 2 * * ? *)", "cron(0 2 ? * MON#6 *)",
        "cron(a 2 * * ? *)", "cron(0 2 * * ? 1900)", "* * * *", "60 * * * *", "* * * * 8", "at(tomorrow)",
        "at(2026-13-01T00:00:00)", "@fortnightly", "rate(99999999999999999 days)", "cron(, 2 * * ? *)",
    ])
    func whatIsNotAScheduleIsRefusedWithAReason(_ text: String) {
        let error = #expect(throws: ScheduleSyntaxError.self) { try ScheduleExpression(parsing: text) }
        #expect(error?.message.isEmpty == false)
    }

    @Test func anUnknownZoneIsNil() {
        #expect(CivilZone(identifier: "Europe/Madird") == nil)
        #expect(CivilZone(identifier: "") == nil)
        #expect(CivilZone(identifier: "Europe/Madrid") != nil)
    }

    @Test func jitterDependsOnlyOnTheWorkflowAndTheSlot() throws {
        let schedule = WorkflowSchedule(
            expression: try ScheduleExpression(parsing: "rate(1 hour)"), jitter: .seconds(300))
        let slots = (0..<100).map { Instant(milliseconds: Int64($0) * 3_600_000) }
        let delays = slots.map { schedule.due($0, of: "sweep") - $0 }

        #expect(delays.allSatisfy { $0 >= .zero && $0 < .seconds(300) })
        #expect(Set(delays).count > 50)
        #expect(delays == slots.map { schedule.due($0, of: "sweep") - $0 })
        #expect(delays != slots.map { schedule.due($0, of: "other") - $0 })
    }
}
