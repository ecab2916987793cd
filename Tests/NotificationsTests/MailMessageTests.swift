import Foundation
import JSONModel
import Testing
import WallTime

@testable import Notifications

@Suite struct MailMessageTests {
    static func message(
        subject: String = "Budget", text: String = "Text\n", html: String = "<p>Text</p>", id: String = "notice/1",
        from: String = "Steward <steward@example.com>"
    ) throws -> MailMessage {
        MailMessage(
            from: try MailAddress(from), to: [try MailAddress("ana@example.com"), try MailAddress("ops@example.com")],
            replyTo: try MailAddress("help@example.com"), subject: subject, text: text, html: html, id: id, date: now)
    }

    static let subjects = [
        "Plain", "Año nuevo: 预算已用完", String(repeating: "Ünïcödé ", count: 40), "=?utf-8?B?SGk=?= is not encoded",
        "a\u{301}\u{301}\u{301}" + String(repeating: "\u{301}", count: 60), "👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦",
        String(repeating: "word ", count: 60), "",
    ]

    @Test(arguments: subjects)
    func subjectIsASCIIInShortLines(_ subject: String) throws {
        let header = EncodedWords.header(subject)

        #expect(header.utf8.allSatisfy { $0 < 0x7F })
        for line in "Subject: \(header)".components(separatedBy: "\r\n") where line.contains("=?") {
            #expect(line.utf8.count <= 76)
        }
        #expect("Subject: \(header)".components(separatedBy: "\r\n").allSatisfy { $0.utf8.count <= 220 })
    }

    @Test func everyLineEndsWithCRLFAndIsShortASCII() throws {
        let bytes = try Self.message(
            subject: "Año", text: String(repeating: "ñ\n.\n", count: 900), html: "\r\n.\r\n"
        ).bytes
        let text = String(decoding: bytes, as: UTF8.self)

        #expect(bytes.allSatisfy { $0 < 0x80 })
        #expect(text.hasSuffix("\r\n"))
        #expect(!text.replacing("\r\n", with: "").utf8.contains { $0 == 0x0A || $0 == 0x0D })
        for line in text.components(separatedBy: "\r\n") {
            #expect(line.utf8.count <= 120)
            #expect(!line.hasPrefix("."))
        }
    }

    @Test(arguments: [
        "a\r\nBcc: all@example.com", "a\nBcc: all@example.com", "a\rBcc: x", "a\u{0B}b", "a\u{2028}b", "é\r\n\r\nbody",
    ])
    func noSubjectBeginsAnotherHeader(_ subject: String) throws {
        let text = String(decoding: try Self.message(subject: subject).bytes, as: UTF8.self)

        let head = try #require(text.components(separatedBy: "\r\n\r\n").first).components(separatedBy: "\r\n")
        let names = head.filter { !$0.hasPrefix(" ") }.map { $0.prefix { $0 != ":" } }
        #expect(
            names == [
                "Date", "From", "To", "Reply-To", "Subject", "Message-ID", "X-Steward-Notice", "MIME-Version",
                "Auto-Submitted",
                "Content-Type",
            ])
    }

    @Test(arguments: [
        ("budget-warning/b/1", "<budget-warning/b/1@example.com>"), ("a@b", "<a=40b@example.com>"),
        ("a=40b", "<a=3d40b@example.com>"), ("x\r\n>é", "<x=0d=0a=3e=c3=a9@example.com>"),
    ])
    func messageIDIsAnAtomOfTheSenderDomain(_ id: String, _ messageID: String) throws {
        #expect(try Self.message(id: id).messageID == messageID)
    }

    @Test(arguments: [
        (0, "Thu, 1 Jan 1970 00:00:00 +0000"), (1_795_168_800_000, "Fri, 20 Nov 2026 10:00:00 +0000"),
        (1_709_210_096_999, "Thu, 29 Feb 2024 12:34:56 +0000"), (-1, "Wed, 31 Dec 1969 23:59:59 +0000"),
    ])
    func dateIsInUTC(_ milliseconds: Int64, _ text: String) {
        #expect(MailMessage.date(Instant(milliseconds: milliseconds)) == text)
    }

    static let parser = """
        import email, email.policy, json, sys
        mail = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
        defects = list(map(str, mail.defects)) + [str(d) for part in mail.walk() for d in part.defects]
        defects += [str(d) for name in mail.keys() for d in mail[name].defects]
        print(json.dumps({"subject": mail["subject"], "from": [mail["from"].addresses[0].display_name,
            mail["from"].addresses[0].addr_spec], "to": [a.addr_spec for a in mail["to"].addresses],
            "replyTo": mail["reply-to"], "id": mail["message-id"], "date": mail["date"].datetime.isoformat(),
            "text": mail.get_body(("plain",)).get_content(), "html": mail.get_body(("html",)).get_content(),
            "type": mail.get_content_type(), "defects": defects}))
        """

    @Test(.enabled(if: Python.canImport("email"), "there is no python3"), arguments: subjects)
    func aMailReaderFindsEverythingAsItWas(_ subject: String) throws {
        let text = "ana ñ 预算\n.\n..\nFrom x\n" + String(repeating: "long ", count: 400)
        let message = try Self.message(
            subject: subject, text: text, html: "<p>é & ñ</p>", from: "\"Núñez, Ana\" <steward@example.com>")

        let read = try JSONValue(parsing: try Python.output(Self.parser, input: message.bytes))

        #expect(read["defects"] == [])
        #expect(read["subject"]?.stringValue == subject)
        #expect(read["from"] == ["Núñez, Ana", "steward@example.com"])
        #expect(read["to"] == ["ana@example.com", "ops@example.com"])
        #expect(read["replyTo"] == "help@example.com")
        #expect(read["id"] == "<notice/1@example.com>")
        #expect(read["date"] == "2026-11-20T10:00:00+00:00")
        #expect(read["text"]?.stringValue == text)
        #expect(read["html"]?.stringValue == "<p>é & ñ</p>")
        #expect(read["type"] == "multipart/alternative")
    }
}

@Suite struct MailAddressTests {
    @Test(arguments: [
        ("ana@example.com", "ana@example.com", "ana@example.com"),
        (" <ana@example.com> ", "ana@example.com", "ana@example.com"),
        ("Ana N <ana@example.com>", "ana@example.com", "Ana N <ana@example.com>"),
        ("\"N, Ana\" <ana@example.com>", "ana@example.com", "\"N, Ana\" <ana@example.com>"),
        ("A \"B\" C <ana@example.com>", "ana@example.com", "\"A \\\"B\\\" C\" <ana@example.com>"),
        ("Ñ <ana@example.com>", "ana@example.com", "=?utf-8?B?w5E=?= <ana@example.com>"),
        ("a\r\nBcc: x <ana@example.com>", "ana@example.com", "=?utf-8?B?YSAgQmNjOiB4?= <ana@example.com>"),
    ])
    func nameAndAddressAreTakenApart(_ text: String, _ address: String, _ header: String) throws {
        let read = try MailAddress(text)

        #expect(read.address == address)
        #expect(!read.header.contains("\r"))
        #expect(read.header == header)
        #expect(read.domain == "example.com")
    }

    @Test(arguments: [
        "", "ana", "@example.com", "ana@", "a@b@c", "ana@example.com>\r\nRCPT TO:<eve@example.com", "a b@example.com",
        "<ana@example.com> x", "añ@example.com", "a@exämple.com", "ana@example.com,eve@example.com", "<a\n@b.c>",
    ])
    func anythingElseIsRefused(_ text: String) {
        let error = #expect(throws: DeliveryError.self) { try MailAddress(text) }
        #expect(error?.code == "Mail.BadAddress")
        #expect(error?.isPermanent == true)
    }
}
