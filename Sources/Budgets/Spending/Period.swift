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

/// How one period follows another. Boundaries are whole UTC days, except of a span.
package enum PeriodRule: Sendable, Hashable {
    case rolling(days: Int)
    /// A short period, counted from the first usage: hours for a tight leash, seconds for a trial.
    case span(seconds: Int)
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
        case .span(let seconds):
            // Logs tell whole seconds: a use in the second in which a budget was made belongs to its period.
            let start = Instant(milliseconds: instant.milliseconds - (instant.milliseconds % 1000 + 1000) % 1000)
            return Period(start: start, end: start + .seconds(seconds))
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
        if case .span(let seconds) = self {
            return .spans(of: Int64(seconds) * 1000, countedFrom: known, containing: instant)
        }
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
    /// `day`, `month`, a number of days such as `30d`, or of seconds such as `90s`.
    package var description: String {
        switch self {
        case .rolling(let days): "\(days)d"
        case .span(let seconds): "\(seconds)s"
        case .calendarDay: "day"
        case .calendarMonth: "month"
        }
    }

    /// Reads what `description` writes, and hours and minutes as `6h` and `30m`; nil for anything else.
    package init?(_ text: String) {
        switch text {
        case "day": self = .calendarDay
        case "month": self = .calendarMonth
        default:
            guard let unit = text.last, let count = Int(text.dropLast()), count >= 1 else { return nil }
            switch unit {
            case "d" where count <= Self.maximumDays: self = .rolling(days: count)
            case "h" where count <= Self.maximumDays * 24: self = .span(seconds: count * 3600)
            case "m" where count <= Self.maximumDays * 1440: self = .span(seconds: count * 60)
            case "s" where count <= Self.maximumDays * 86_400: self = .span(seconds: count)
            default: return nil
            }
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
    fileprivate static func spans(of length: Int64, countedFrom known: Period, containing instant: Instant) -> Period {
        let anchor = instant < known.start ? known.start : known.end
        let distance = instant.milliseconds - anchor.milliseconds
        let index = distance >= 0 ? distance / length : -((-distance + length - 1) / length)
        let start = anchor.milliseconds + index * length
        return Period(start: Instant(milliseconds: start), end: Instant(milliseconds: start + length))
    }

    fileprivate static func days(from day: Int64, count: Int64) -> Period {
        Period(
            start: Instant(milliseconds: day * millisecondsPerDay),
            end: Instant(milliseconds: (day + count) * millisecondsPerDay))
    }
}
