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

    /// Whether a budget that stands in it moves to the period of `now`: it has ended, or begins so far ahead that only a
    /// clock that was wrong can have begun it. Two days are left for clocks that are mended, and for uses that come early.
    package func isLeft(at now: Instant) -> Bool { end <= now || start > now + .seconds(2 * 86_400) }
}

/// How one period follows another. Boundaries are midnights, of UTC unless a calendar rule names another zone; those of
/// a span are any second.
package enum PeriodRule: Sendable, Hashable {
    case rolling(days: Int)
    /// A short period, counted from the first usage: hours for a tight leash, seconds for a trial.
    case span(seconds: Int)
    /// From midnight to midnight on the clocks of a zone: 23, 24 or 25 hours.
    case day(in: CivilZone)
    case month(in: CivilZone)

    package static let calendarDay = PeriodRule.day(in: .utc)
    package static let calendarMonth = PeriodRule.month(in: .utc)
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
        switch self {
        case .rolling(let days): return .days(from: instant.dayNumber, count: Int64(days))
        case .span(let seconds):
            // Logs tell whole seconds: a use in the second in which a budget was made belongs to its period.
            let start = Instant(milliseconds: instant.milliseconds - (instant.milliseconds % 1000 + 1000) % 1000)
            return Period(start: start, end: start + .seconds(seconds))
        case .day(let zone):
            let today = zone.date(at: instant)
            let tomorrow = CivilDate(daysSinceEpoch: today.daysSinceEpoch + 1)
            return Period(start: zone.startOfDay(today), end: zone.startOfDay(tomorrow))
        case .month(let zone):
            let today = zone.date(at: instant)
            let first = CivilDate(year: today.year, month: today.month, day: 1)
            let length = Int64(CivilDate.days(inMonth: today.month, of: today.year))
            let next = CivilDate(daysSinceEpoch: first.daysSinceEpoch + length)
            return Period(start: zone.startOfDay(first), end: zone.startOfDay(next))
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
    /// `day`, `month`, the same of a zone as `day@Europe/Madrid`, a number of days such as `30d`, or of seconds such as
    /// `90s`.
    package var description: String {
        switch self {
        case .rolling(let days): "\(days)d"
        case .span(let seconds): "\(seconds)s"
        case .day(let zone): zone == .utc ? "day" : "day@\(zone.identifier)"
        case .month(let zone): zone == .utc ? "month" : "month@\(zone.identifier)"
        }
    }

    /// Reads what `description` writes, and hours and minutes as `6h` and `30m`; nil for anything else.
    package init?(_ text: String) {
        switch text {
        case "day": self = .calendarDay
        case "month": self = .calendarMonth
        case _ where text.hasPrefix("day@"):
            guard let zone = CivilZone(identifier: String(text.dropFirst(4))) else { return nil }
            self = .day(in: zone)
        case _ where text.hasPrefix("month@"):
            guard let zone = CivilZone(identifier: String(text.dropFirst(6))) else { return nil }
            self = .month(in: zone)
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
