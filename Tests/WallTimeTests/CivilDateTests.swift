import Testing
import WallTime

@Suite struct CivilDateTests {
    /// 400 years in both directions: a whole cycle of the calendar on each side.
    @Test func daysAndDatesStandForEachOtherAndFollowEachOther() {
        var expected = CivilDate(year: 1570, month: 1, day: 1)
        let first = expected.daysSinceEpoch
        let last = CivilDate(year: 2370, month: 12, day: 31).daysSinceEpoch
        var mistakes = 0
        for days in first...last {
            let date = CivilDate(daysSinceEpoch: days)
            if date != expected || date.daysSinceEpoch != days { mistakes += 1 }
            expected = expected.next
        }

        #expect(mistakes == 0)
        #expect(last - first + 1 == 2 * 146_097 + 365)
    }

    @Test(
        arguments: [
            (0, 1970, 1, 1), (-1, 1969, 12, 31), (59, 1970, 3, 1), (11_016, 2000, 2, 29), (20_777, 2026, 11, 20),
            (-719_528, 0, 1, 1), (-719_529, -1, 12, 31), (2_932_896, 9999, 12, 31),
        ] as [(Int64, Int64, Int, Int)])
    func knownDays(_ days: Int64, _ year: Int64, _ month: Int, _ day: Int) {
        #expect(CivilDate(daysSinceEpoch: days) == CivilDate(year: year, month: month, day: day))
        #expect(CivilDate(year: year, month: month, day: day).daysSinceEpoch == days)
    }

    @Test func monthsHaveTheirLength() {
        #expect(
            (1...12).map { CivilDate.days(inMonth: $0, of: 2026) } == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
        #expect(
            [2000, 2004, 1900, 2100, 2023, 0, -4].map { CivilDate.days(inMonth: 2, of: $0) } == [
                29, 29, 28, 28, 28, 29, 29,
            ])
    }

    @Test func datesAreOrdered() {
        let dates = [(2025, 12, 31), (2026, 1, 1), (2026, 1, 2), (2026, 2, 1), (2027, 1, 1)]
            .map { CivilDate(year: Int64($0.0), month: $0.1, day: $0.2) }

        #expect(dates.shuffled().sorted() == dates)
    }
}

extension CivilDate {
    /// The next day, by the rules that people learn.
    fileprivate var next: CivilDate {
        if day < CivilDate.days(inMonth: month, of: year) { return CivilDate(year: year, month: month, day: day + 1) }
        if month < 12 { return CivilDate(year: year, month: month + 1, day: 1) }
        return CivilDate(year: year + 1, month: 1, day: 1)
    }
}
