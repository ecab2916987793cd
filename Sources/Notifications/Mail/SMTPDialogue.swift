/// What an SMTP server has answered, reply by reply (RFC 5321, section 4.2).
struct SMTPDialogue {
    struct Reply: Equatable {
        var status: Int
        /// All its lines, without the status.
        var text: String

        var isPermanentRefusal: Bool { (500..<600).contains(status) }
        var isRefusal: Bool { status >= 400 }
    }

    /// A server that talks on and on is not listened to for ever.
    private static let maximumReplies = 2000
    private static let longestText = 500

    private(set) var replies: [Reply] = []
    private var lines: [String] = []

    /// Takes one line, with or without its end. The last line of a reply has a space, or nothing, after its status.
    mutating func append(line: some Collection<UInt8>) {
        let text = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isNewline).first ?? ""
        guard let status = Int(text.prefix(3)), text.prefix(3).count == 3, replies.count < Self.maximumReplies else {
            return
        }
        lines.append(String(text.dropFirst(4).prefix(Self.longestText)))
        guard text.dropFirst(3).first != "-" else {
            if lines.count > 20 { lines.removeFirst() }
            return
        }
        replies.append(Reply(status: status, text: lines.joined(separator: " ")))
        lines = []
    }

    /// The server's last word about the mail; its goodbye is none.
    var last: Reply? { replies.last { $0.status != 221 } }

    /// What it said to each of `count` recipients, in their order; nil when it did not get so far as to take the mail.
    ///
    /// The replies to RCPT are those before 354, by which it asks for the mail: libcurl sends them one by one.
    func recipientReplies(_ count: Int) -> [Reply]? {
        guard let start = replies.lastIndex(where: { $0.status == 354 }), start >= count else { return nil }
        return Array(replies[(start - count)..<start])
    }

    /// Of a mail that nobody got: whether every refusal among the last words was for good.
    func isRefusedForGood(recipients: Int) -> Bool {
        let refusals = replies.filter { $0.status != 221 }.suffix(max(recipients, 1)).filter(\.isRefusal)
        return !refusals.isEmpty && refusals.allSatisfy { $0.isPermanentRefusal && !Self.isMendable($0.status) }
    }

    /// Refusals that the configuration is to blame for rather than the mail: authentication required, or too weak.
    private static func isMendable(_ status: Int) -> Bool { [530, 534, 535, 538].contains(status) }
}
