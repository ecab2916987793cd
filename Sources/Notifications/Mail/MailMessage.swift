import Foundation
package import WallTime

/// A mail with a plain and an HTML form of the same text (RFC 5322, RFC 2046).
package struct MailMessage: Sendable, Equatable {
    package var from: String
    package var to: [String]
    package var replyTo: String?
    package var subject: String
    package var text: String
    package var html: String
    /// What is between the angle brackets of `Message-ID`: the same for every try, so that a mail that was delivered
    /// although the answer got lost can be told from a new one.
    package var messageID: String
    package var date: Instant

    package init(
        from: String, to: [String], replyTo: String? = nil, subject: String, text: String, html: String,
        messageID: String, date: Instant
    ) {
        self.from = from
        self.to = to
        self.replyTo = replyTo
        self.subject = subject
        self.text = text
        self.html = html
        self.messageID = messageID
        self.date = date
    }

    /// The message as it goes over the wire: CRLF lines, ASCII only.
    package var bytes: [UInt8] {
        let boundary = "=_\(messageID.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(40))"
        var lines = [
            "Date: \(Self.date(date))", "From: \(Self.oneLine(from))",
            "To: \(to.map(Self.oneLine).joined(separator: ", "))",
        ]
        if let replyTo { lines.append("Reply-To: \(Self.oneLine(replyTo))") }
        lines += [
            "Subject: \(Self.encodedWords(subject))", "Message-ID: <\(Self.oneLine(messageID))>", "MIME-Version: 1.0",
            "Auto-Submitted: auto-generated", "Content-Type: multipart/alternative; boundary=\"\(boundary)\"", "",
        ]
        for (type, content) in [("text/plain", text), ("text/html", html)] {
            lines += [
                "--\(boundary)", "Content-Type: \(type); charset=utf-8", "Content-Transfer-Encoding: base64", "",
                Self.base64(content), "",
            ]
        }
        lines.append("--\(boundary)--")
        return Array((lines.joined(separator: "\r\n") + "\r\n").utf8)
    }

    /// Line breaks in a header would begin another header.
    private static func oneLine(_ text: String) -> String { text.filter { !$0.isNewline } }

    /// RFC 2047: pieces of at most 75 characters, cut between characters, when the text is not plain ASCII.
    static func encodedWords(_ text: String) -> String {
        let text = oneLine(text)
        if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }), text.count <= 200 { return text }
        var words: [String] = []
        var piece = ""
        for character in text {
            if piece.utf8.count + String(character).utf8.count > 42 {
                words.append(piece)
                piece = ""
            }
            piece.append(character)
        }
        words.append(piece)
        return words.map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }

    private static func base64(_ text: String) -> String {
        Data(text.utf8).base64EncodedString(options: [
            .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
        ])
    }

    /// RFC 5322, section 3.3, in UTC.
    static func date(_ instant: Instant) -> String {
        let days = (instant.milliseconds - (instant.milliseconds % 86_400_000 + 86_400_000) % 86_400_000) / 86_400_000
        let date = CivilDate(daysSinceEpoch: days)
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let time = instant.iso8601.dropFirst(instant.iso8601.count - 13).prefix(8)
        return "\(weekdays[Int((days % 7 + 7) % 7)]), \(date.day) \(months[date.month - 1]) \(date.year) \(time) +0000"
    }
}
