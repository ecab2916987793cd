import Budgets
import WallTime
import Words

/// Amounts and times as the readers of a language write them: Spanish by the rules of Unicode's CLDR for `es`.
extension NoticeStyle {
    /// Keeps a number and its unit on one line.
    private static let noBreak = "\u{A0}"

    /// Cents, as money is shown everywhere; the exact amount when cents would say nothing of it.
    func money(_ amount: NanoDollars) -> String {
        let cents = amount.roundedToCents
        let text = cents == "0.00" || cents == "-0.00" ? amount.description : cents
        return say("$\(text)", es: SpanishNumber.dollars(text))
    }

    func count(_ number: Int64) -> String { say("\(number)", es: SpanishNumber.text("\(number)")) }

    func percent(_ number: Int64) -> String { say("\(number) %", es: "\(count(number))\(Self.noBreak)%") }

    /// What a budget of that unit counts.
    func amount(_ number: Int64, of unit: BudgetUnit) -> String {
        switch unit {
        case .money: money(NanoDollars(rawValue: number))
        case .tokens: say(unit.text(number), es: "\(count(number))\(Self.noBreak)tokens")
        case .requests:
            say(unit.text(number), es: "\(count(number))\(Self.noBreak)\(number == 1 ? "petición" : "peticiones")")
        }
    }

    /// A time of RFC 3339 to the minute, with its distance from UTC, which tells the two hours apart that come twice
    /// when clocks go back. What is no time stays as it is.
    func moment(_ text: String) -> String {
        guard let instant = Instant(iso8601: text) else {
            return NoticeFacts.oneLine(String(text.prefix(16)).replacing("T", with: " ")) + " UTC"
        }
        let reading = zone.reading(at: instant)
        let minutes = Self.floored(reading, by: 60_000)
        let day = Self.floored(minutes, by: 1440)
        let time = "\(Self.two((minutes - day * 1440) / 60)):\(Self.two((minutes - day * 1440) % 60))"
        return
            "\(date(CivilDate(daysSinceEpoch: day))) \(time) \(Self.offset((reading - instant.milliseconds) / 60_000))"
    }

    /// A date such as `2026-11-20`; what is none stays as it is.
    func day(_ text: String) -> String {
        guard let midnight = Instant(iso8601: "\(text)T00:00:00Z") else { return text }
        return date(CivilDate(daysSinceEpoch: Self.floored(midnight.milliseconds, by: 86_400_000)))
    }

    private func date(_ date: CivilDate) -> String {
        let (month, day) = (Self.two(Int64(date.month)), Self.two(Int64(date.day)))
        return say("\(date.year)-\(month)-\(day)", es: "\(day)/\(month)/\(date.year)")
    }

    /// `90` is "1 minute 30 seconds": no part is rounded away.
    func words(seconds: Int64) -> String {
        let units = [
            (seconds / 86_400, say("day", es: "día")), (seconds / 3600 % 24, say("hour", es: "hora")),
            (seconds / 60 % 60, say("minute", es: "minuto")), (seconds % 60, say("second", es: "segundo")),
        ]
        let parts = units.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }
        guard let last = parts.last else { return say("0 seconds", es: "0 segundos") }
        guard parts.count > 1 else { return last }
        return parts.dropLast().joined(separator: " ") + say(" ", es: " y ") + last
    }

    /// `UTC`, `UTC+1`, `UTC-3:30`.
    private static func offset(_ minutes: Int64) -> String {
        guard minutes != 0 else { return "UTC" }
        let (hours, rest) = (minutes.magnitude / 60, minutes.magnitude % 60)
        return "UTC\(minutes < 0 ? "-" : "+")\(hours)" + (rest == 0 ? "" : ":\(two(Int64(rest)))")
    }

    private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static func floored(_ value: Int64, by divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }
}
