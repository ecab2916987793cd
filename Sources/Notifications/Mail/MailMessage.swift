import Foundation
package import WallTime

/// A mail with a plain and an HTML form of the same text (RFC 5322, RFC 2046).
package struct MailMessage: Sendable, Equatable {
    package var from: MailAddress
    package var to: [MailAddress]
    /// Who gets it, too: that one of these can't be reached is nobody's trouble.
    package var cc: [MailAddress]
    package var replyTo: MailAddress?
    package var subject: String
    package var text: String
    package var html: String
    /// What is left of the `@` in `Message-ID`: the same for every try, so that a mail that was delivered although the
    /// answer got lost can be told from a new one. Any text; what may not stand there is replaced.
    package var id: String
    package var date: Instant

    /// No line of either part can be it: base64 has no `_`.
    private static let boundary = "=_steward_parts"

    package init(
        from: MailAddress, to: [MailAddress], cc: [MailAddress] = [], replyTo: MailAddress? = nil, subject: String,
        text: String, html: String, id: String, date: Instant
    ) {
        self.from = from
        self.to = to
        self.cc = cc
        self.replyTo = replyTo
        self.subject = subject
        self.text = text
        self.html = html
        self.id = id
        self.date = date
    }

    var recipients: [MailAddress] { to + cc }

    /// The message as it goes over the wire: CRLF lines, ASCII only. Both parts are base64, so that no line is too long
    /// and none begins with a dot.
    package var bytes: [UInt8] {
        var lines = [
            "Date: \(Self.date(date))", "From: \(from.header)", "To: \(to.map(\.header).joined(separator: ",\r\n "))",
        ]
        if !cc.isEmpty { lines.append("Cc: \(cc.map(\.header).joined(separator: ",\r\n "))") }
        if let replyTo { lines.append("Reply-To: \(replyTo.header)") }
        lines += [
            "Subject: \(EncodedWords.header(subject))", "Message-ID: \(messageID)", "X-Steward-Notice: \(messageID)",
            "MIME-Version: 1.0",
            "Auto-Submitted: auto-generated", "Content-Type: multipart/alternative; boundary=\"\(Self.boundary)\"", "",
        ]
        for (type, content) in [("text/plain", text), ("text/html", html)] {
            lines += [
                "--\(Self.boundary)", "Content-Type: \(type); charset=utf-8", "Content-Transfer-Encoding: base64", "",
                Self.base64(content), "",
            ]
        }
        lines.append("--\(Self.boundary)--")
        return Array((lines.joined(separator: "\r\n") + "\r\n").utf8)
    }

    /// With its brackets. Ids of notices hold names, which may hold `@`: what is not of an atom becomes `=` and two
    /// digits, and so does `=` itself, so that two ids stay two.
    package var messageID: String {
        let left = id.utf8.map { byte in
            MailAddress.isAtomText(byte) && byte != UInt8(ascii: "=")
                ? String(UnicodeScalar(byte)) : "=" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return "<\(left.joined())@\(from.domain)>"
    }

    private static func base64(_ text: String) -> String {
        Data(text.utf8).base64EncodedString(
            options: [.lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed])
    }

    /// RFC 5322, section 3.3, in UTC.
    static func date(_ instant: Instant) -> String {
        let day = instant.milliseconds - (instant.milliseconds % 86_400_000 + 86_400_000) % 86_400_000
        let days = day / 86_400_000
        let date = CivilDate(daysSinceEpoch: days)
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let time = instant.iso8601.dropFirst(instant.iso8601.count - 13).prefix(8)
        return "\(weekdays[Int((days % 7 + 7) % 7)]), \(date.day) \(months[date.month - 1]) \(date.year) \(time) +0000"
    }
}
