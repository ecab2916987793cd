import WallTime

extension Instant {
    /// Reads the date of an HTTP header in the only form servers may send (RFC 9110, section 5.6.7):
    /// `Sun, 06 Nov 1994 08:49:37 GMT`. Nil for anything else.
    init?(httpDate text: String) {
        let words = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 6, words[0].hasSuffix(","), words[5] == "GMT", words[1].utf8.count == 2,
            let month = months.firstIndex(of: String(words[2]))
        else { return nil }
        let number = String(month + 1)
        self.init(iso8601: "\(words[3])-\(number.count < 2 ? "0" : "")\(number)-\(words[1])T\(words[4])Z")
    }
}
