/// A moment as calendar fields in UTC (proleptic Gregorian calendar).
struct CivilTime {
    static let millisPerDay: Int64 = 86_400_000
    /// The furthest moments that ECMAScript's dates reach, in milliseconds from 1970.
    static let millisLimit = 8.64e15

    let year: Int
    /// From 1.
    let month: Int
    /// From 1.
    let day: Int
    let millisOfDay: Int
    /// Days since 1 January 1970.
    let dayNumber: Int

    init(millis: Int64) {
        var days = millis / Self.millisPerDay
        var rest = millis % Self.millisPerDay
        if rest < 0 {
            days -= 1
            rest += Self.millisPerDay
        }
        dayNumber = Int(days)
        millisOfDay = Int(rest)
        (year, month, day) = Self.date(dayNumber: Int(days))
    }

    var hour: Int { millisOfDay / 3_600_000 }
    var minute: Int { millisOfDay / 60_000 % 60 }
    var second: Int { millisOfDay / 1000 % 60 }
    var millisecond: Int { millisOfDay % 1000 }

    /// 1 for Monday to 7 for Sunday.
    var weekday: Int { Self.weekday(dayNumber: dayNumber) }

    var dayOfYear: Int { dayNumber - Self.dayNumber(year: year, month: 1, day: 1) + 1 }

    static func weekday(dayNumber: Int) -> Int {
        let weekday = (dayNumber + 3) % 7
        return (weekday < 0 ? weekday + 7 : weekday) + 1
    }

    /// Days since 1 January 1970; months and days beyond their range count on.
    static func dayNumber(year: Int, month: Int, day: Int) -> Int {
        let months = year * 12 + month - 1
        let year = months >= 0 ? months / 12 : -((11 - months) / 12)
        let month = months - year * 12
        // Years that start in March have the leap day at their end.
        let shifted = month >= 2 ? year : year - 1
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * ((month + 10) % 12) + 2) / 5
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468 + day - 1
    }

    private static func date(dayNumber: Int) -> (year: Int, month: Int, day: Int) {
        let days = dayNumber + 719_468
        let era = (days >= 0 ? days : days - 146_096) / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}

// Weeks start on Monday and belong to the year, or month, that has their Thursday (ISO 8601).
extension CivilTime {
    private static func firstWeek(year: Int, month: Int) -> Int {
        let first = dayNumber(year: year, month: month, day: 1)
        let weekday = weekday(dayNumber: first)
        return weekday > 4 ? first + 8 - weekday : first - (weekday - 1)
    }

    private func week(since start: Int) -> Int { Int((Double(dayNumber - start) / 7).rounded(.down)) + 1 }

    var weekOfYear: Int {
        let start = Self.firstWeek(year: weekYear, month: 1)
        return week(since: start)
    }

    /// The year that the week belongs to.
    var weekYear: Int {
        if dayNumber < Self.firstWeek(year: year, month: 1) { return year - 1 }
        return dayNumber >= Self.firstWeek(year: year + 1, month: 1) ? year + 1 : year
    }

    var weekOfMonth: Int {
        let shift = weekMonthShift
        return week(since: Self.firstWeek(year: year, month: month + shift))
    }

    /// The month that the week belongs to.
    var weekMonth: Int { (month + weekMonthShift + 11) % 12 + 1 }

    private var weekMonthShift: Int {
        if dayNumber < Self.firstWeek(year: year, month: month) { return -1 }
        return dayNumber >= Self.firstWeek(year: year, month: month + 1) ? 1 : 0
    }
}
