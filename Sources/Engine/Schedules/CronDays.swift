import WallTime

/// The day-of-month field: numbers, `L` (the last day), `L-3`, `LW` (the last weekday), `15W` (the weekday nearest).
struct CronDayOfMonth: Sendable, Hashable {
    private enum Rule: Sendable, Hashable {
        case days(Set<Int>)
        case fromLast(Int)
        case lastWeekday
        case weekdayNearest(Int)
    }

    /// Empty means any.
    private let rules: [Rule]

    var isAny: Bool { rules.isEmpty }

    init(_ text: String) throws(ScheduleSyntaxError) {
        guard text != "*", text != "?" else {
            rules = []
            return
        }
        var found: [Rule] = []
        for part in text.uppercased().split(separator: ",", omittingEmptySubsequences: false) {
            found.append(try Self.rule(String(part)))
        }
        rules = found
    }

    private static func rule(_ part: String) throws(ScheduleSyntaxError) -> Rule {
        let name = "day of month"
        if part == "L" { return .fromLast(0) }
        if part == "LW" { return .lastWeekday }
        if part.hasPrefix("L-") {
            let offset = try CronField.number(
                String(part.dropFirst(2)), in: part, named: name, range: 0...30, names: [])
            return .fromLast(offset)
        }
        if part.hasSuffix("W") {
            let day = try CronField.number(String(part.dropLast()), in: part, named: name, range: 1...31, names: [])
            return .weekdayNearest(day)
        }
        return .days(try CronField.values(of: part, named: name, range: 1...31, names: []))
    }

    func contains(_ date: CivilDate) -> Bool {
        let length = CivilDate.days(inMonth: date.month, of: date.year)
        return rules.contains { rule in
            switch rule {
            case .days(let days): days.contains(date.day)
            case .fromLast(let offset): date.day == length - offset
            case .lastWeekday: date.day == Self.weekday(nearest: length, to: date, length: length)
            case .weekdayNearest(let day):
                day <= length && date.day == Self.weekday(nearest: day, to: date, length: length)
            }
        }
    }

    /// The weekday nearest to a day of the date's month, without leaving the month.
    private static func weekday(nearest day: Int, to date: CivilDate, length: Int) -> Int {
        switch CivilDate(year: date.year, month: date.month, day: day).dayOfWeek {
        case 6: day == 1 ? 3 : day - 1
        case 0: day == length ? day - 2 : day + 1
        default: day
        }
    }
}

/// The day-of-week field: numbers or names, `6L` (the last Friday), `2#1` (the first Monday).
struct CronDayOfWeek: Sendable, Hashable {
    enum Numbering: Sendable, Hashable {
        /// 1 is Sunday, 7 is Saturday.
        case eventBridge
        /// 0 and 7 are Sunday, 6 is Saturday.
        case unix
    }

    private enum Rule: Sendable, Hashable {
        /// From 0, Sunday.
        case days(Set<Int>)
        case last(Int)
        case nth(Int, Int)
    }

    private static let names = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]

    /// Empty means any.
    private let rules: [Rule]

    var isAny: Bool { rules.isEmpty }

    init(_ text: String, numbering: Numbering) throws(ScheduleSyntaxError) {
        guard text != "*", text != "?" else {
            rules = []
            return
        }
        var found: [Rule] = []
        for part in text.uppercased().split(separator: ",", omittingEmptySubsequences: false) {
            found.append(try Self.rule(String(part), numbering))
        }
        rules = found
    }

    private static func rule(_ part: String, _ numbering: Numbering) throws(ScheduleSyntaxError) -> Rule {
        let halves = part.split(separator: "#", omittingEmptySubsequences: false).map(String.init)
        if halves.count == 2 {
            guard let occurrence = Int(halves[1]), (1...5).contains(occurrence) else {
                throw ScheduleSyntaxError("'\(part)' in the field day of week needs 1 to 5 after '#'")
            }
            return .nth(try day(halves[0], in: part, numbering), occurrence)
        }
        if part == "L" { return .days([6]) }
        if part.hasSuffix("L") { return .last(try day(String(part.dropLast()), in: part, numbering)) }
        let range = numbering == .unix ? 0...7 : 1...7
        let numbers = try CronField.values(
            of: part, named: "day of week", range: range, names: names)
        return .days(Set(numbers.map { (numbering == .unix ? $0 : $0 - 1) % 7 }))
    }

    private static func day(
        _ text: String, in part: String, _ numbering: Numbering
    ) throws(ScheduleSyntaxError) -> Int {
        let range = numbering == .unix ? 0...7 : 1...7
        let number = try CronField.number(text, in: part, named: "day of week", range: range, names: names)
        return (numbering == .unix ? number : number - 1) % 7
    }

    func contains(_ date: CivilDate) -> Bool {
        let weekday = date.dayOfWeek
        return rules.contains { rule in
            switch rule {
            case .days(let days): days.contains(weekday)
            case .last(let day):
                weekday == day && date.day + 7 > CivilDate.days(inMonth: date.month, of: date.year)
            case .nth(let day, let occurrence): weekday == day && (date.day - 1) / 7 + 1 == occurrence
            }
        }
    }
}

extension CivilDate {
    /// From 0, Sunday. 1970-01-01 was a Thursday.
    var dayOfWeek: Int { Int(((daysSinceEpoch + 4) % 7 + 7) % 7) }
}
