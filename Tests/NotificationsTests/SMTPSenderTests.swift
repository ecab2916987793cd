import Enforcement
import Foundation
import JSONModel
import Testing
import WallTime

@testable import Notifications

/// Mail against a real server.
@Suite(.enabled(if: SMTPSink.isAvailable, SMTPSink.missing)) struct SMTPSenderTests {
    private func mail(to: [String] = ["ana@example.com"], text: String = "Text\n") throws -> MailMessage {
        MailMessage(
            from: try MailAddress("Steward <steward@example.com>"), to: try to.map { try MailAddress($0) },
            subject: "Año: budget", text: text, html: "<p>ñ</p>", id: "n/1", date: now)
    }

    private func failure(_ server: SMTPServer, _ mail: MailMessage) async -> DeliveryError? {
        await #expect(throws: DeliveryError.self) { try await SMTPSender(server: server).send(mail) }
    }

    @Test func mailArrivesByteForByte() async throws {
        let sink = try SMTPSink()
        let mail = try mail(to: ["ana@example.com", "Ops <ops@example.com>"], text: ".\n..\n. ñ 预算\n")

        try await SMTPSender(server: sink.server()).send(mail)

        let got = try sink.mails()
        #expect(got.count == 1)
        #expect(got.first?.from == "steward@example.com")
        #expect(got.first?.to == ["ana@example.com", "ops@example.com"])
        #expect(got.first?.bytes == mail.bytes)
        #expect(got.first?.isEncrypted == false)
    }

    @Test(.enabled(if: TestAuthority.isAvailable, TestAuthority.missing)) func mailIsEncryptedAndSignedIn() async throws
    {
        let authority = try TestAuthority.shared.get()
        let sink = try SMTPSink(authority.settings.merging(["users": ["ana": "pa:ss wörd"]]))

        try await SMTPSender(
            server: sink.server(
                security: .startTLS, userName: "ana", password: "pa:ss wörd", authority: authority.authority)
        ).send(try mail())

        let got = try #require(try sink.mails().first)
        #expect(got.isEncrypted)
        #expect(got.user == "ana")
    }

    @Test(.enabled(if: TestAuthority.isAvailable, TestAuthority.missing)) func mailGoesOverTLSFromTheFirstByte()
        async throws
    {
        let authority = try TestAuthority.shared.get()
        let sink = try SMTPSink(authority.settings.merging(["implicitTLS": true]))

        try await SMTPSender(server: sink.server(security: .tls, authority: authority.authority)).send(try mail())

        #expect(try sink.mails().first?.isEncrypted == true)
    }

    @Test(
        .enabled(if: TestAuthority.isAvailable, TestAuthority.missing), arguments: [SMTPServer.Security.startTLS, .tls])
    func certificateOfAStrangerIsRefused(_ security: SMTPServer.Security) async throws {
        let authority = try TestAuthority.shared.get()
        let stranger = try TestAuthority.stranger.get()
        let sink = try SMTPSink(authority.settings.merging(["implicitTLS": .bool(security == .tls)]))

        let error = await failure(
            sink.server(security: security, userName: "ana", password: "secret", authority: stranger.authority),
            try mail())

        #expect(error?.code == "SMTP.Certificate")
        #expect(error?.isPermanent == false)
        #expect(error?.isOutage == true)
        #expect(try sink.mails().isEmpty)
    }

    @Test(.enabled(if: TestAuthority.isAvailable, TestAuthority.missing)) func wrongPasswordIsSaidAndTriedAgain()
        async throws
    {
        let authority = try TestAuthority.shared.get()
        let sink = try SMTPSink(authority.settings.merging(["users": ["ana": "right"]]))

        let error = await failure(
            sink.server(security: .startTLS, userName: "ana", password: "wrong", authority: authority.authority),
            try mail())

        #expect(error?.code == "SMTP.LoginDenied")
        #expect(error?.isPermanent == false)
        #expect(error?.isOutage == true)
        #expect(error.map { "\($0)".contains("wrong") } == false)
    }

    @Test func missingLoginIsNoFaultOfTheMail() async throws {
        let sink = try SMTPSink(["users": ["ana": "right"]])

        let error = await failure(sink.server(), try mail())

        #expect(error?.code == "SMTP.530")
        #expect(error?.isPermanent == false)
    }

    @Test func nothingIsSentInTheClearWhereTLSIsWanted() async throws {
        let sink = try SMTPSink()

        let error = await failure(sink.server(security: .startTLS), try mail())

        #expect(error?.code == "SMTP.NoTLS")
        #expect(error?.isPermanent == false)
        #expect(try sink.mails().isEmpty)
    }

    @Test func serverThatIsNotThereIsUnreachable() async throws {
        let closed = try ClosedPort()

        let refused = await failure(
            SMTPServer(host: "127.0.0.1", port: closed.number, security: .none), try mail())
        let unknown = await failure(SMTPServer(host: "no-such-host.invalid", port: 25, security: .none), try mail())

        #expect(refused?.code == "SMTP.Unreachable")
        #expect(unknown?.code == "SMTP.Unreachable")
        #expect(refused?.isOutage == true)
    }

    @Test(arguments: [
        ("MAIL", "451 4.3.0 try later", "SMTP.451", false), ("MAIL", "552 5.3.4 too large", "SMTP.552", true),
        ("RCPT ana@example.com", "450 4.2.1 greylisted", "SMTP.450", false),
        ("RCPT ana@example.com", "550 5.1.1 no such user", "SMTP.550", true),
        ("DATA", "452 4.2.2 no room", "SMTP.452", false), ("DATA", "554 5.7.1 looks like spam", "SMTP.554", true),
    ])
    func refusalSaysWhatTheServerSaid(
        _ command: String, _ reply: String, _ code: String, _ isPermanent: Bool
    ) async throws {
        let sink = try SMTPSink(["replies": [command: .string(reply)]])

        let error = await failure(sink.server(), try mail())

        #expect(error?.code == code)
        #expect(error?.isPermanent == isPermanent)
        #expect(error?.isOutage == false)
        #expect(error?.message.contains(reply) == true)
        #expect(try sink.mails().isEmpty)
    }

    @Test(arguments: [("550 5.1.1 no such user", true), ("450 4.2.1 later", false)])
    func othersGetTheMailWhenOneRecipientIsRefused(_ reply: String, _ isPermanent: Bool) async throws {
        let sink = try SMTPSink(["replies": ["RCPT gone@example.com": .string(reply)]])

        let error = await failure(
            sink.server(), try mail(to: ["ana@example.com", "gone@example.com", "ops@example.com"]))

        #expect(try sink.mails().map(\.to) == [["ana@example.com", "ops@example.com"]])
        #expect(error?.isPermanent == isPermanent)
        #expect(error?.message.contains("gone@example.com (\(reply))") == true)
        #expect(error?.message.contains("ana@example.com") == false)
    }

    /// Told again for the sake of that one, the others would have the mail once more at each try.
    @Test(arguments: ["550 5.1.1 no such user", "450 4.2.1 later"])
    func whoGetsItByCourtesyIsNobodysTrouble(_ reply: String) async throws {
        let sink = try SMTPSink(["replies": ["RCPT gone@example.com": .string(reply)]])
        var message = try mail(to: ["ana@example.com"])
        message.cc = [try MailAddress("gone@example.com"), try MailAddress("eve@example.com")]

        try await SMTPSender(server: sink.server()).send(message)

        let got = try sink.mails()
        #expect(got.map(\.to) == [["ana@example.com", "eve@example.com"]])
        let text = String(decoding: got.first?.bytes ?? [], as: UTF8.self)
        #expect(text.contains("To: ana@example.com\r\nCc: gone@example.com,\r\n eve@example.com\r\n"))
    }

    @Test func refusalOfAllIsForGoodOnlyIfEveryOneIs() async throws {
        let replies: JSONValue = ["RCPT a@example.com": "450 later", "RCPT b@example.com": "550 never"]
        let sink = try SMTPSink(["replies": replies])

        let error = await failure(sink.server(), try mail(to: ["a@example.com", "b@example.com"]))

        #expect(error?.isPermanent == false)
    }

    @Test func silentServerTimesOut() async throws {
        let sink = try SMTPSink(["silent": "MAIL"])

        let error = await failure(sink.server(timeout: .milliseconds(300)), try mail())

        #expect(error?.code == "SMTP.TimedOut")
        #expect(error?.isPermanent == false)
        #expect(error?.isOutage == true)
    }

    @Test func mailToNobodyIsRefused() async throws {
        let error = await failure(SMTPServer(host: "127.0.0.1", port: 25), try mail(to: []))

        #expect(error?.code == "Mail.NoRecipient")
    }

    @Test func channelSendsTheNoticeUnderAStableID() async throws {
        let sink = try SMTPSink()
        let channel = Channel.smtp(
            "mail", sender: SMTPSender(server: sink.server()),
            MailHeads(from: "Steward <steward@example.com>", to: ["ana@example.com"]))
        let delivery = Delivery(try makeNotice(.suspended, id: "suspended/b@c/1"))

        try await channel.deliver(delivery)
        try await channel.deliver(delivery)

        let heads = try sink.mails().map { String(decoding: $0.bytes, as: UTF8.self) }
        #expect(heads.count == 2)
        #expect(heads.allSatisfy { $0.contains("Message-ID: <suspended/b=40c/1@example.com>\r\n") })
        #expect(heads.allSatisfy { $0.contains("Subject: Bedrock access suspended: ana\r\n") })
    }

    @Test func channelWithABadAddressIsPermanentlyRefused() async throws {
        let channel = Channel.smtp(
            "mail", sender: SMTPSender(server: SMTPServer(host: "127.0.0.1", port: 25)),
            MailHeads(from: "steward", to: ["ana@example.com"]))

        let error = await #expect(throws: DeliveryError.self) {
            try await channel.deliver(Delivery(try makeNotice(.suspended)))
        }
        #expect(error?.code == "Mail.BadAddress")
    }
}

extension JSONObject {
    fileprivate func merging(_ other: JSONObject) -> JSONObject {
        var merged = self
        for (name, value) in other { merged[name] = value }
        return merged
    }
}

/// A port that is bound, so that nobody else gets it, and on which nobody listens.
private final class ClosedPort {
    let number: Int
    private let socket: Int32

    init() throws {
        socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { [socket] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(socket, pointer, length) == 0 && getsockname(socket, pointer, &length) == 0
            }
        }
        guard result else { throw CommandFailed(description: "no port") }
        number = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(socket) }
}
