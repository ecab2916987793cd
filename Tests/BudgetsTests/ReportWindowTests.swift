import Budgets
import Testing
import WallTime

@Suite struct ReportWindowTests {
    private func at(_ text: String) throws -> Instant { try #require(Instant(iso8601: text)) }
    private func zone(_ name: String) throws -> CivilZone { try #require(CivilZone(identifier: name)) }

    @Test func aWindowIsWholeHours() throws {
        let window = ReportWindow(from: try at("2026-11-20T10:59:59Z"), to: try at("2026-11-20T12:00:00.001Z"))
        #expect(window.hours == 3)
        #expect(window.before.to == window.from)
        #expect(window.before.hours == 3)
        #expect(ReportWindow(from: try at("2026-11-20T10:00:00Z"), to: try at("2026-11-20T12:00:00Z")).hours == 2)
    }

    /// Spain's clocks go forward on 29 March and back on 25 October 2026.
    @Test(arguments: [("2026-03-28", "2026-03-31", [24, 23, 24]), ("2026-10-24", "2026-10-27", [24, 25, 24])])
    func daysAreAsLongAsTheClocksSay(_ first: String, _ last: String, _ hours: [Int64]) throws {
        let madrid = try zone("Europe/Madrid")
        func midnight(_ text: String) throws -> Instant {
            let days = try at(text + "T00:00:00Z").milliseconds / 86_400_000
            return madrid.startOfDay(CivilDate(daysSinceEpoch: days))
        }
        let window = ReportWindow(from: try midnight(first), to: try midnight(last), zone: madrid)
        let slices = try #require(window.slices(by: .day))
        #expect(slices.map { $0.to - $0.from } == hours)
        #expect(slices.first?.label == first)
        #expect(!window.isInexact)
        // Nothing is counted twice or left out.
        #expect(zip(slices, slices.dropFirst()).allSatisfy { $0.to == $1.from })
        #expect(slices.first?.from == window.from && slices.last?.to == window.to)
    }

    /// One hour too many or too few would put a part of one day beside another.
    @Test(arguments: [
        ("2026-10-25", "2026-10-26", 25, 24), ("2026-10-26", "2026-10-27", 24, 25),
        ("2026-03-30", "2026-03-31", 24, 23),
        ("2026-10-26", "2026-10-28", 48, 49),
    ])
    func wholeDaysAreComparedWithDays(_ from: String, _ to: String, _ hours: Int64, _ before: Int64) throws {
        let madrid = try zone("Europe/Madrid")
        func midnight(_ text: String) throws -> Instant {
            madrid.startOfDay(CivilDate(daysSinceEpoch: try at(text + "T00:00:00Z").milliseconds / 86_400_000))
        }
        let window = ReportWindow(from: try midnight(from), to: try midnight(to), zone: madrid)
        #expect(window.hours == hours)
        #expect(window.before.hours == before)
        #expect(window.before.to == window.from)
        let early = ReportWindow(from: try midnight(from), to: try midnight(to) - .seconds(3600), zone: madrid)
        #expect(early.before.hours == early.hours, "not whole days")
    }

    /// The hour that the clocks show twice is two slices, which have different names.
    @Test func theRepeatedHourIsTwoHours() throws {
        let window = ReportWindow(
            from: try at("2026-10-25T00:00:00Z"), to: try at("2026-10-25T03:00:00Z"), zone: try zone("Europe/Madrid"))
        #expect(
            window.slices(by: .hour)?.map(\.label)
                == ["2026-10-25 02:00 +02:00", "2026-10-25 02:00 +01:00", "2026-10-25 03:00"])
        let newYork = ReportWindow(
            from: try at("2026-11-01T06:00:00Z"), to: try at("2026-11-01T07:00:00Z"), zone: try zone("America/New_York")
        )
        #expect(newYork.slices(by: .hour)?.map(\.label) == ["2026-11-01 01:00 -05:00"])
    }

    @Test func monthsAndPartialDaysAreCutToTheWindow() throws {
        let window = ReportWindow(from: try at("2026-11-29T22:00:00Z"), to: try at("2027-01-02T01:00:00Z"))
        #expect(window.slices(by: .month)?.map(\.label) == ["2026-11", "2026-12", "2027-01"])
        #expect(window.slices(by: .month)?.map { $0.to - $0.from } == [26, 744, 25])
        #expect(window.slices(by: .day)?.count == 35)
    }

    /// A day that begins at half past is cut at the hour before, and said to be inexact.
    @Test func halfHoursAreNotPretended() throws {
        let window = ReportWindow(
            from: try at("2026-11-20T18:00:00Z"), to: try at("2026-11-22T18:00:00Z"), zone: try zone("Asia/Kolkata"))
        #expect(window.isInexact)
        #expect(window.slices(by: .day)?.map(\.label) == ["2026-11-21", "2026-11-22"])
    }

    /// India's midnight is half past six in UTC: a day has 24 hours there, too, and the next one begins where it ends.
    @Test func daysThatBeginWithinAnHourShareNone() throws {
        let kolkata = try zone("Asia/Kolkata")
        let midnights = try ["2026-11-20T18:30:00Z", "2026-11-21T18:30:00Z", "2026-11-22T18:30:00Z"].map(at)
        let days = zip(midnights, midnights.dropFirst()).map { ReportWindow(from: $0, to: $1, zone: kolkata) }
        #expect(days.map(\.hours) == [24, 24])
        #expect(days[0].to == days[1].from)
        #expect(days[0].slices(by: .day)?.map(\.label) == ["2026-11-21"])
        // Not a midnight there: the hour counts.
        #expect(ReportWindow(from: midnights[0], to: try at("2026-11-21T12:30:00Z"), zone: kolkata).hours == 19)
    }

    @Test func tooManySlicesAreNone() throws {
        let window = ReportWindow(from: try at("2020-01-01T00:00:00Z"), to: try at("2026-01-01T00:00:00Z"))
        #expect(window.slices(by: .hour) == nil)
        #expect(window.slices(by: .day)?.count == 2192)
        #expect(
            ReportWindow(from: try at("2026-01-01T00:00:00Z"), to: try at("2020-01-01T00:00:00Z")).slices(by: .day)
                == [])
    }
}
