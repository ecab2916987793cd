/// Timestamps in the forms of ISO 8601 that `$toMillis` takes without a picture.
enum ISOTimestamp {
    /// Milliseconds since 1970; nil when the text is no such timestamp. The 31st of a shorter month is a day of
    /// the next; without an offset it is UTC.
    static func millis(_ text: String) -> Double? {
        var reader = Reader(text)
        guard let year = reader.digits(4) else { return nil }
        var (month, day) = (1, 1)
        if reader.take("-") {
            guard let value = reader.digits(2) else { return nil }
            month = value
            if reader.take("-") {
                guard let value = reader.digits(2) else { return nil }
                day = value
            }
        }
        var seconds = 0
        var fraction = 0.0
        var offset = 0
        if reader.take("T") {
            guard let time = reader.time() else { return nil }
            seconds = time
            fraction = reader.fraction()
            guard let minutes = reader.offset() else { return nil }
            offset = minutes
        } else if reader.take("Z") {
            offset = 0
        }
        guard reader.isAtEnd, (1...12).contains(month), (1...31).contains(day) else { return nil }
        let days = CivilTime.dayNumber(year: year, month: month, day: day)
        return Double(days * 86_400 + seconds - offset * 60) * 1000 + fraction
    }

    private struct Reader {
        private var rest: Substring.UTF8View

        init(_ text: String) { rest = text[...].utf8 }

        var isAtEnd: Bool { rest.isEmpty }

        mutating func take(_ character: Character) -> Bool {
            guard rest.first == character.asciiValue else { return false }
            rest.removeFirst()
            return true
        }

        mutating func digits(_ count: Int) -> Int? {
            let digits = rest.prefix(count)
            guard digits.count == count, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            rest = rest.dropFirst(count)
            return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }

        /// Seconds of the day.
        mutating func time() -> Int? {
            guard let hours = digits(2), take(":"), let minutes = digits(2), take(":"), let seconds = digits(2),
                hours < 24 || hours == 24 && minutes == 0 && seconds == 0, minutes < 60, seconds < 60
            else { return nil }
            return hours * 3600 + minutes * 60 + seconds
        }

        /// Milliseconds; further digits are cut.
        mutating func fraction() -> Double {
            guard take(".") else { return 0 }
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            rest = rest.dropFirst(digits.count)
            let text = String(decoding: digits.prefix(3), as: UTF8.self)
            return Double(text + String(repeating: "0", count: 3 - text.count)) ?? 0
        }

        /// Minutes east of UTC.
        mutating func offset() -> Int? {
            if take("Z") || isAtEnd { return 0 }
            let sign = take("-") ? -1 : 1
            if sign == 1, !take("+") { return nil }
            guard let hours = digits(2) else { return nil }
            _ = take(":")
            guard let minutes = digits(2), hours < 24, minutes < 60 else { return nil }
            return sign * (hours * 60 + minutes)
        }
    }
}
