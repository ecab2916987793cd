package import WallTime

/// When a schedule fires, as EventBridge Scheduler writes it, or as cron does:
/// `rate(5 minutes)`, `cron(0 2 * * ? *)`, `at(2026-11-20T10:00:00)`, `0 2 * * *`, `@daily`.
package struct ScheduleExpression: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// Every so many milliseconds, counted from 1970-01-01T00:00:00Z, so that a restart moves nothing.
        case rate(milliseconds: Int64)
        case cron(CronExpression)
        /// Once, at this reading of the wall clock, in milliseconds as if it were UTC.
        case at(reading: Int64)
    }

    /// As it was written.
    package let text: String
    let kind: Kind

    /// - Throws: `ScheduleSyntaxError` that says which part is wrong and what would be right.
    package init(parsing text: String, gap: ScheduleGap = .skip) throws(ScheduleSyntaxError) {
        self.text = text
        let kind = try Self.kind(of: text.filter { !$0.isNewline })
        guard case .cron(var cron) = kind else {
            self.kind = kind
            return
        }
        cron.gap = gap
        self.kind = .cron(cron)
    }

    /// What becomes of times that the clocks skip: of a rate and of a single time nothing is skipped.
    var gap: ScheduleGap {
        if case .cron(let cron) = kind { cron.gap } else { .skip }
    }

    /// The first fire after `instant`; nil when there is none any more.
    ///
    /// Daylight saving as EventBridge Scheduler has it: a time that the clock skips does not fire, unless the schedule's
    /// `gap` says so, a time that it shows twice fires once, the first time. A rate is not affected: a day has 24 hours.
    package func next(after instant: Instant, in zone: CivilZone) -> Instant? {
        switch kind {
        case .rate(let interval):
            let (quotient, remainder) = instant.milliseconds.quotientAndRemainder(dividingBy: interval)
            return Instant(milliseconds: (remainder < 0 ? quotient : quotient + 1) * interval)
        case .cron(let cron): return cron.next(after: instant, in: zone)
        case .at(let reading): return zone.instants(showing: reading).first.flatMap { $0 > instant ? $0 : nil }
        }
    }

    /// False for `at(…)` at a time that the clock of the zone never shows.
    func namesARealTime(in zone: CivilZone) -> Bool {
        guard case .at(let reading) = kind else { return true }
        return !zone.instants(showing: reading).isEmpty
    }

    /// The first `count` fires after `instant`.
    package func next(_ count: Int, after instant: Instant, in zone: CivilZone) -> [Instant] {
        var fires: [Instant] = []
        while fires.count < count, let fire = next(after: fires.last ?? instant, in: zone) { fires.append(fire) }
        return fires
    }
}

/// What becomes of a fire whose time the clocks skip when they go forward.
package enum ScheduleGap: String, Sendable, Hashable, CaseIterable {
    case skip
    /// It fires when the gap ends: at 01:00 in a zone whose clocks skip midnight.
    case runAfter = "run-after"
}

/// Why a schedule cannot be understood.
package struct ScheduleSyntaxError: Error, Equatable, Sendable, CustomStringConvertible {
    package let message: String
    package let hint: String?
    package var description: String { hint.map { "\(message); \($0)" } ?? message }

    init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }
}

extension ScheduleExpression {
    private static let nicknames: [String: String] = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    private static func kind(of text: String) throws(ScheduleSyntaxError) -> Kind {
        let trimmed = text.split(separator: " ").joined(separator: " ")
        if trimmed.hasPrefix("@") {
            guard let fields = nicknames[trimmed.lowercased()] else {
                throw ScheduleSyntaxError(
                    "'\(trimmed)' is not a known nickname",
                    hint: "use one of " + nicknames.keys.sorted().joined(separator: ", "))
            }
            return .cron(try CronExpression(unixFields: fields))
        }
        guard let open = trimmed.firstIndex(of: "(") else { return .cron(try CronExpression(unixFields: trimmed)) }
        guard trimmed.last == ")" else { throw ScheduleSyntaxError("'\(trimmed)' lacks its closing parenthesis") }
        let body = String(trimmed[trimmed.index(after: open)...].dropLast())
        switch trimmed[..<open] {
        case "rate": return .rate(milliseconds: try rate(body))
        case "cron": return .cron(try CronExpression(eventBridgeFields: body))
        case "at": return .at(reading: try at(body))
        default:
            throw ScheduleSyntaxError(
                "'\(trimmed[..<open])' is not a kind of schedule", hint: "use rate(…), cron(…) or at(…)")
        }
    }

    private static func rate(_ body: String) throws(ScheduleSyntaxError) -> Int64 {
        let units: [String: Int64] = ["second": 1000, "minute": 60_000, "hour": 3_600_000, "day": 86_400_000]
        let words = body.split(separator: " ")
        guard words.count == 2, let count = Int64(words[0]) else {
            throw ScheduleSyntaxError("'rate(\(body))' is not a number and a unit", hint: "such as rate(5 minutes)")
        }
        let word = words[1].lowercased()
        guard let unit = units[word.hasSuffix("s") ? String(word.dropLast()) : word] else {
            throw ScheduleSyntaxError("'\(words[1])' is not a unit", hint: "use seconds, minutes, hours or days")
        }
        // A century: more than any schedule needs, and far from an overflow.
        guard count > 0, count <= 36_525 * 86_400_000 / unit else {
            throw ScheduleSyntaxError("the rate \(count) is out of range", hint: "give a positive number")
        }
        return count * unit
    }

    private static func at(_ body: String) throws(ScheduleSyntaxError) -> Int64 {
        let text = body.hasSuffix("Z") ? body : body + "Z"
        guard body.count >= 16, let reading = Instant(iso8601: body.count == 16 ? body + ":00Z" : text) else {
            throw ScheduleSyntaxError(
                "'at(\(body))' is not a date and time", hint: "such as at(2026-11-20T10:00:00), in the schedule's zone")
        }
        return reading.milliseconds
    }
}
