import JSONModel
import WallTime

/// How instants are shown to people: to the second, with how long ago that is.
enum Moments {
    static func exact(_ value: JSONValue?) -> String {
        // History events carry seconds, as AWS Step Functions writes them.
        if let seconds = value?.doubleValue {
            let text = Instant(milliseconds: Int64((seconds * 1000).rounded())).iso8601
            return text.dropLast().replacing("T", with: " ") + "Z"
        }
        guard let text = value?.stringValue, text.count >= 19 else { return value?.display ?? "" }
        return text.prefix(19).replacing("T", with: " ") + "Z"
    }

    static func relative(_ value: JSONValue?, now: Instant = WallClock.system.now()) -> String {
        guard let instant = value?.stringValue.flatMap(Instant.init(iso8601:)) else { return value?.display ?? "" }
        let seconds = (now - instant).components.seconds
        return seconds >= 0 ? "\(words(seconds)) ago" : "in \(words(-seconds))"
    }

    static func both(_ value: JSONValue?) -> String {
        guard value?.stringValue != nil else { return "" }
        return "\(exact(value)) (\(relative(value)))"
    }

    /// How long something took, from its first to its last instant.
    static func duration(from start: JSONValue?, to end: JSONValue?, now: Instant = WallClock.system.now()) -> String {
        guard let start = start?.stringValue.flatMap(Instant.init(iso8601:)) else { return "" }
        let end = end?.stringValue.flatMap(Instant.init(iso8601:)) ?? now
        return words((end - start).components.seconds)
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
