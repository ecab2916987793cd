import JSONModel
import WallTime

/// How instants and durations are told: to people to the second, with how long ago that is; as data in RFC 3339 (UTC), and in
/// seconds.
enum Moments {
    static func exact(_ value: JSONValue?) -> Cell { Cell(shown: exactly(value), data: data(value)) }

    static func relative(_ value: JSONValue?, now: Instant = WallClock.system.now()) -> Cell {
        Cell(shown: relatively(value, now), data: data(value))
    }

    static func both(_ value: JSONValue?) -> Cell {
        guard value?.stringValue != nil else { return "" }
        return Cell(shown: "\(exactly(value)) (\(relatively(value, WallClock.system.now())))", data: data(value))
    }

    /// The day alone, for people.
    static func day(_ value: JSONValue?) -> Cell {
        Cell(shown: String((value?.stringValue ?? "").prefix(10)), data: data(value))
    }

    /// How long something took, from its first to its last instant. What goes on is shown as long as it is by now, and is no
    /// data yet.
    static func duration(from start: JSONValue?, to end: JSONValue?, now: Instant = WallClock.system.now()) -> Cell {
        guard let start = start?.stringValue.flatMap(Instant.init(iso8601:)) else { return "" }
        guard let end = end?.stringValue.flatMap(Instant.init(iso8601:)) else {
            return Cell(shown: words((now - start).components.seconds), data: "")
        }
        return Cell(shown: words((end - start).components.seconds), data: seconds(end - start))
    }

    private static func data(_ value: JSONValue?) -> String {
        // History events carry seconds, as AWS Step Functions writes them.
        guard let seconds = value?.doubleValue else { return value?.display ?? "" }
        return Instant(milliseconds: Int64((seconds * 1000).rounded())).iso8601
    }

    private static func exactly(_ value: JSONValue?) -> String {
        let text = data(value)
        // What is no instant is told as it is: `permanent`.
        guard Instant(iso8601: text) != nil else { return text }
        return text.prefix(19).replacing("T", with: " ") + "Z"
    }

    private static func relatively(_ value: JSONValue?, _ now: Instant) -> String {
        guard let instant = value?.stringValue.flatMap(Instant.init(iso8601:)) else { return value?.display ?? "" }
        let seconds = (now - instant).components.seconds
        return seconds >= 0 ? "\(words(seconds)) ago" : "in \(words(-seconds))"
    }

    /// `110`, or `0.213`.
    private static func seconds(_ duration: Duration) -> String {
        let milliseconds = duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
        let (whole, rest) = abs(milliseconds).quotientAndRemainder(dividingBy: 1000)
        let fraction = rest == 0 ? "" : ".\(String(1000 + rest).dropFirst())"
        return "\(milliseconds < 0 ? "-" : "")\(whole)\(fraction)"
    }

    private static func words(_ seconds: Int64) -> String {
        switch seconds {
        case ..<60: "\(seconds)s"
        case ..<3600: "\(seconds / 60)m\(seconds % 60)s"
        case ..<86_400: "\(seconds / 3600)h\(seconds / 60 % 60)m"
        default: "\(seconds / 86_400)d\(seconds / 3600 % 24)h"
        }
    }
}
