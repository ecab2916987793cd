import WallTime

/// A cron expression: EventBridge's six fields (minutes, hours, day of month, month, day of week, year) or the five of
/// Unix cron.
struct CronExpression: Sendable, Hashable {
    let minutes: CronField
    let hours: CronField
    let months: CronField
    let years: CronField
    let daysOfMonth: CronDayOfMonth
    let daysOfWeek: CronDayOfWeek
    /// Unix cron fires on a day that either day field names when both are restricted; EventBridge allows one of them.
    let eitherDay: Bool
    /// What becomes of a time that the clocks skip.
    var gap = ScheduleGap.skip

    /// The last year that a schedule may name (EventBridge: 2199).
    private static let lastYear: Int64 = 2199

    /// The first fire after `instant`; nil when none is left. Repeated readings fire the first time.
    func next(after instant: Instant, in zone: CivilZone) -> Instant? {
        let hour: Int64 = 3_600_000
        let day = 24 * hour
        let reading = zone.reading(at: instant)
        // A repeated hour makes the clock show again what it showed before: start a little earlier than it shows now.
        let start = reading - 3 * hour
        var date = CivilDate(daysSinceEpoch: start >= 0 ? start / day : (start - day + 1) / day)
        var earliest = start - date.daysSinceEpoch * day
        while date.year <= Self.lastYear {
            guard years.contains(Int(date.year)), months.contains(date.month) else {
                date = Self.firstOfNextMonth(after: date)
                earliest = 0
                continue
            }
            if fires(on: date), let fire = firstFire(on: date, from: earliest, after: instant, in: zone) {
                return fire
            }
            date = CivilDate(daysSinceEpoch: date.daysSinceEpoch + 1)
            earliest = 0
        }
        return nil
    }

    private func fires(on date: CivilDate) -> Bool {
        switch (daysOfMonth.isAny, daysOfWeek.isAny) {
        case (true, true): true
        case (false, true): daysOfMonth.contains(date)
        case (true, false): daysOfWeek.contains(date)
        case (false, false):
            eitherDay
                ? daysOfMonth.contains(date) || daysOfWeek.contains(date)
                : daysOfMonth.contains(date) && daysOfWeek.contains(date)
        }
    }

    private func firstFire(
        on date: CivilDate, from earliest: Int64, after instant: Instant, in zone: CivilZone
    ) -> Instant? {
        let midnight = date.daysSinceEpoch * 86_400_000
        for hour in 0..<24 where hours.contains(hour) {
            guard Int64(hour + 1) * 3_600_000 > earliest else { continue }
            for minute in 0..<60 where minutes.contains(minute) {
                let reading = midnight + Int64(hour * 60 + minute) * 60_000
                let shown = zone.instants(showing: reading).first
                let fire = shown ?? (gap == .runAfter ? zone.endOfGap(at: reading) : nil)
                if let fire, fire > instant { return fire }
            }
        }
        return nil
    }

    private static func firstOfNextMonth(after date: CivilDate) -> CivilDate {
        date.month == 12
            ? CivilDate(year: date.year + 1, month: 1, day: 1)
            : CivilDate(year: date.year, month: date.month + 1, day: 1)
    }
}

extension CronExpression {
    /// `minutes hours day-of-month month day-of-week year`, as in EventBridge's `cron(…)`.
    init(eventBridgeFields text: String) throws(ScheduleSyntaxError) {
        let fields = text.split(separator: " ").map(String.init)
        guard fields.count == 6 else {
            throw ScheduleSyntaxError(
                "'cron(\(text))' has \(fields.count) fields, not six",
                hint: "minutes, hours, day of month, month, day of week, year: cron(0 2 * * ? *)")
        }
        guard (fields[2] == "?") != (fields[4] == "?") else {
            throw ScheduleSyntaxError(
                "'cron(\(text))' must have '?' as the day of month or as the day of week, and not as both",
                hint: "'?' stands for the one that does not matter: cron(0 2 * * ? *)")
        }
        self = try Self(fields, numbering: .eventBridge)
    }

    /// `minute hour day-of-month month day-of-week`, as in a crontab; Sunday is 0 or 7.
    init(unixFields text: String) throws(ScheduleSyntaxError) {
        let fields = text.split(separator: " ").map(String.init)
        guard fields.count == 5 else {
            throw ScheduleSyntaxError(
                "'\(text)' is not a schedule: it has \(fields.count) fields, not five",
                hint: "write rate(5 minutes), cron(0 2 * * ? *), at(2026-11-20T10:00:00), 0 2 * * * or @daily")
        }
        self = try Self(fields + ["*"], numbering: .unix)
    }

    private init(_ fields: [String], numbering: CronDayOfWeek.Numbering) throws(ScheduleSyntaxError) {
        minutes = try CronField(fields[0], named: "minutes", range: 0...59)
        hours = try CronField(fields[1], named: "hours", range: 0...23)
        daysOfMonth = try CronDayOfMonth(fields[2])
        months = try CronField(fields[3], named: "month", range: 1...12, names: CronField.monthNames)
        daysOfWeek = try CronDayOfWeek(fields[4], numbering: numbering)
        years = try CronField(fields[5], named: "year", range: 1970...2199)
        eitherDay = numbering == .unix
    }
}
