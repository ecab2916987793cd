package import WallTime

/// How the time of a report is cut.
package enum ReportStep: String, Sendable, Hashable, CaseIterable {
    case hour
    case day
    case month
}

/// From when to when a report goes, in whole hours, and how that is cut: days and months as the clocks of a zone tell them,
/// so that a day has 23 or 25 hours when they change.
package struct ReportWindow: Sendable, Hashable {
    package struct Slice: Sendable, Hashable {
        /// What a calendar or a clock on the wall shows: `2026-11-20`, `2026-11`, `2026-11-20 14:00`. An hour that the clock
        /// shows twice has its distance from UTC, too: `2026-10-25 02:00 +01:00`.
        package var label: String
        /// Hours since 1970, up to and without `to`.
        package var from: Int64
        package var to: Int64
        package var start: Instant { Instant(hour: from) }
        package var end: Instant { Instant(hour: to) }

        package init(label: String, from: Int64, to: Int64) {
            self.label = label
            self.from = from
            self.to = to
        }
    }

    /// More slices are no report.
    package static let mostSlices = 3000

    package let from: Int64
    package let to: Int64
    package let zone: CivilZone

    /// - Parameters:
    ///   - from: moved back to the beginning of its hour.
    ///   - to: moved on to the end of its hour; where it is the zone's midnight, back to the hour in which the next day
    ///     begins, so that one day after the other counts no hour twice.
    package init(from: Instant, to: Instant, zone: CivilZone = .utc) {
        self.from = from.hour
        let last = to.hour
        let isWhole = Instant(hour: last) == to || zone.startOfDay(zone.date(at: to)) == to
        self.to = isWhole ? last : last + 1
        self.zone = zone
    }

    private init(from: Int64, to: Int64, zone: CivilZone) {
        self.from = from
        self.to = to
        self.zone = zone
    }

    package var hours: Int64 { max(0, to - from) }

    /// The time of equal length right before it: as many days where it is whole days, whose lengths may differ.
    package var before: ReportWindow {
        guard let first = day(beginningWith: from), let next = day(beginningWith: to), first < next else {
            return ReportWindow(from: from - hours, to: from, zone: zone)
        }
        let start = zone.startOfDay(CivilDate(daysSinceEpoch: 2 * first - next))
        return ReportWindow(from: start.hour, to: from, zone: zone)
    }

    /// The zone's day, counted from 1970, whose first hour it is; nil for an hour within a day.
    private func day(beginningWith hour: Int64) -> Int64? {
        let date = zone.date(at: Self.moment(of: hour))
        return zone.startOfDay(date).hour == hour ? date.daysSinceEpoch : nil
    }

    /// The end of an hour tells its day: days that begin within an hour begin with it.
    private static func moment(of hour: Int64) -> Instant {
        Instant(milliseconds: Instant(hour: hour + 1).milliseconds - 1)
    }

    /// Whether the zone's days begin within an hour, which the rollup can't cut: then a day's report begins and ends up to
    /// an hour early.
    package var isInexact: Bool {
        zone.startOfDay(zone.date(at: Instant(hour: from))).milliseconds % UsageSlot.millisecondsPerHour != 0
    }

    /// The slices in the order of time, the first and the last cut to the window; nil when there are too many.
    package func slices(by step: ReportStep) -> [Slice]? {
        var slices: [Slice] = []
        var hour = from
        while hour < to {
            let (label, next) = slice(holding: hour, step)
            // A zone that shows the same midnight twice would otherwise hold it up.
            let end = min(max(next, hour + 1), to)
            if let last = slices.last, last.label == label, step != .hour {
                slices[slices.count - 1].to = end
            } else {
                slices.append(Slice(label: label, from: hour, to: end))
            }
            guard slices.count <= Self.mostSlices else { return nil }
            hour = end
        }
        return slices
    }

    /// What holds the hour, and the hour after it.
    private func slice(holding hour: Int64, _ step: ReportStep) -> (label: String, next: Int64) {
        let date = zone.date(at: Self.moment(of: hour))
        switch step {
        case .hour: return (hourLabel(hour), hour + 1)
        case .day:
            return (date.text, zone.startOfDay(CivilDate(daysSinceEpoch: date.daysSinceEpoch + 1)).hour)
        case .month:
            let next = CivilDate(
                year: date.month == 12 ? date.year + 1 : date.year, month: date.month == 12 ? 1 : date.month + 1, day: 1
            )
            return (String(date.text.prefix(7)), zone.startOfDay(next).hour)
        }
    }

    private func hourLabel(_ hour: Int64) -> String {
        let start = Instant(hour: hour)
        let reading = zone.reading(at: start)
        let minutes = Int((reading % 86_400_000 + 86_400_000) % 86_400_000 / 60_000)
        let label = "\(zone.date(at: start).text) \(padded(minutes / 60)):\(padded(minutes % 60))"
        let isShownTwice = [hour - 1, hour + 1].contains { zone.reading(at: Instant(hour: $0)) == reading }
        guard isShownTwice else { return label }
        let offset = Int((reading - start.milliseconds) / 60_000)
        let distance = abs(offset)
        return "\(label) \(offset < 0 ? "-" : "+")\(padded(distance / 60)):\(padded(distance % 60))"
    }
}

extension CivilDate {
    /// `2026-11-20`.
    package var text: String {
        let digits = String(year)
        let zeros = String(repeating: "0", count: max(0, 4 - digits.count))
        return "\(zeros)\(digits)-\(padded(month))-\(padded(day))"
    }
}

private func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
