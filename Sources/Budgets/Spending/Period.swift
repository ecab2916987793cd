package import WallTime

/// The time for which a budget's limit holds: from `start`, up to and without `end`.
package struct Period: Sendable, Hashable {
    package let start: Instant
    package let end: Instant

    package init(start: Instant, end: Instant) {
        self.start = start
        self.end = end
    }

    package func contains(_ instant: Instant) -> Bool { start <= instant && instant < end }
}

/// How one period follows another. Boundaries are whole UTC days.
package enum PeriodRule: Sendable, Hashable {
    case rolling(days: Int)
    case calendarDay
    case calendarMonth

    package static let standard = PeriodRule.rolling(days: 30)
    /// Ten years.
    package static let maximumDays = 3660

    /// - Throws: `BudgetError.periodOutOfRange`.
    package static func days(_ count: Int) throws(BudgetError) -> PeriodRule {
        guard (1...maximumDays).contains(count) else { throw .periodOutOfRange }
        return .rolling(days: count)
    }

    /// The first period of someone new: of a rolling rule, it begins with the UTC day of `instant`.
    package func firstPeriod(containing instant: Instant) -> Period {
        let date = CivilDate(daysSinceEpoch: instant.dayNumber)
        switch self {
        case .rolling(let days): return .days(from: instant.dayNumber, count: Int64(days))
        case .calendarDay: return .days(from: instant.dayNumber, count: 1)
        case .calendarMonth:
            let start = CivilDate(year: date.year, month: date.month, day: 1).daysSinceEpoch
            return .days(from: start, count: Int64(CivilDate.days(inMonth: date.month, of: date.year)))
        }
    }

    /// The period that contains `instant`, counted in whole periods from `known`, earlier or later: boundaries never
    /// move because someone looked late.
    ///
    /// When the rule was changed since `known` began, the new rule's first period begins where `known` ends, so that
    /// periods never overlap.
    package func period(containing instant: Instant, countedFrom known: Period) -> Period {
        if known.contains(instant) { return known }
        guard case .rolling(let days) = self else {
            let own = firstPeriod(containing: instant)
            return instant < known.start
                ? Period(start: own.start, end: min(own.end, known.start))
                : Period(start: max(own.start, known.end), end: own.end)
        }
        let anchor = instant < known.start ? known.start.dayNumber : known.end.dayNumber
        let length = Int64(days)
        let distance = instant.dayNumber - anchor
        let index = distance >= 0 ? distance / length : -((-distance + length - 1) / length)
        return .days(from: anchor + index * length, count: length)
    }
}

extension PeriodRule: CustomStringConvertible {
    /// `day`, `month`, or a number of days such as `30d`.
    package var description: String {
        switch self {
        case .rolling(let days): "\(days)d"
        case .calendarDay: "day"
        case .calendarMonth: "month"
        }
    }

    /// Reads what `description` writes; nil for anything else.
    package init?(_ text: String) {
        switch text {
        case "day": self = .calendarDay
        case "month": self = .calendarMonth
        default:
            guard text.hasSuffix("d"), let days = Int(text.dropLast()), (1...Self.maximumDays).contains(days) else {
                return nil
            }
            self = .rolling(days: days)
        }
    }
}

private let millisecondsPerDay: Int64 = 86_400_000

extension Instant {
    fileprivate var dayNumber: Int64 {
        let (days, rest) = milliseconds.quotientAndRemainder(dividingBy: millisecondsPerDay)
        return rest < 0 ? days - 1 : days
    }
}

extension Period {
    fileprivate static func days(from day: Int64, count: Int64) -> Period {
        Period(
            start: Instant(milliseconds: day * millisecondsPerDay),
            end: Instant(milliseconds: (day + count) * millisecondsPerDay))
    }
}
