/// Durations as people write them: `30s`, `5m`, `1h30m`, `2d`, `500ms`, or a number of seconds.
package enum DurationText {
    private static let units: [(suffix: String, milliseconds: Int64)] = [
        ("ms", 1), ("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000),
    ]

    /// In milliseconds, ten thousand years: far beyond any use, and far below an overflow.
    package static let limit: Int64 = 10_000 * 366 * 86_400_000

    /// Nil for anything that is not a duration, for a negative one, and for one that is absurdly long.
    package static func parse(_ text: String) -> Duration? {
        var rest = Substring(text.filter { $0 != " " })
        guard !rest.isEmpty else { return nil }
        if let seconds = Int64(rest) { return duration(milliseconds: seconds.multipliedReportingOverflow(by: 1000)) }
        var total: Int64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard let count = Int64(digits) else { return nil }
            rest = rest.dropFirst(digits.count)
            guard let unit = units.first(where: { rest.hasPrefix($0.suffix) }) else { return nil }
            rest = rest.dropFirst(unit.suffix.count)
            let (part, partOverflows) = count.multipliedReportingOverflow(by: unit.milliseconds)
            let (sum, sumOverflows) = total.addingReportingOverflow(part)
            guard !partOverflows, !sumOverflows else { return nil }
            total = sum
        }
        return duration(milliseconds: (total, false))
    }

    /// The shortest way to write it: `1h30m`.
    package static func write(_ duration: Duration) -> String {
        var rest = duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
        guard rest > 0 else { return "0s" }
        var text = ""
        for (suffix, length) in units.dropFirst(2) + [units[0]] where rest >= length {
            text += "\(rest / length)\(suffix)"
            rest %= length
        }
        return text
    }

    private static func duration(milliseconds: (partialValue: Int64, overflow: Bool)) -> Duration? {
        guard !milliseconds.overflow, (0...limit).contains(milliseconds.partialValue) else { return nil }
        return .milliseconds(milliseconds.partialValue)
    }
}
