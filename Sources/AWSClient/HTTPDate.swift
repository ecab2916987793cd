package import WallTime

extension Instant {
    private static let monthNames = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Reads the date of an HTTP header in the only form servers may send (RFC 9110, section 5.6.7):
    /// `Sun, 06 Nov 1994 08:49:37 GMT`. Nil for anything else.
    package init?(httpDate text: String) {
        let words = text.split(separator: " ")
        guard words.count == 6, words[0].hasSuffix(","), words[5] == "GMT", words[1].utf8.count == 2,
            let month = Self.monthNames.firstIndex(of: String(words[2]))
        else { return nil }
        let number = String(month + 1)
        self.init(iso8601: "\(words[3])-\(number.count < 2 ? "0" : "")\(number)-\(words[1])T\(words[4])Z")
    }

    /// The instant as an HTTP date, in whole seconds.
    package var httpDate: String {
        let text = iso8601
        let day: Int64 = 86_400_000
        let sinceMidnight = (milliseconds % day + day) % day
        let days = (milliseconds - sinceMidnight) / day
        let date = CivilDate(daysSinceEpoch: days)
        // The first of January 1970 was a Thursday.
        let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][Int(((days % 7) + 7) % 7)]
        let time = text.dropFirst(text.utf8.count - 13).prefix(8)
        let dayOfMonth = date.day < 10 ? "0\(date.day)" : "\(date.day)"
        return "\(weekday), \(dayOfMonth) \(Self.monthNames[date.month - 1]) \(text.prefix { $0 != "-" }) \(time) GMT"
    }
}
