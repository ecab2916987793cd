import CCurl
import WallTime

/// One mail on its way, over one connection of its own. Used by one thread.
final class SMTPTransfer {
    private static let longestConnectMilliseconds = 10_000
    /// libcurl wants to be initialised once, before any other use.
    private static let library = cc_global_init()

    private let server: SMTPServer
    private let message: MailMessage
    private let bytes: [UInt8]
    private var position = 0
    private var dialogue = SMTPDialogue()

    init(_ message: MailMessage, to server: SMTPServer) {
        self.server = server
        self.message = message
        bytes = message.bytes
    }

    /// - Throws: `DeliveryError`.
    func perform() throws(DeliveryError) {
        guard !message.to.isEmpty else {
            throw DeliveryError(code: "Mail.NoRecipient", message: "the mail has no recipient", isPermanent: true)
        }
        guard Self.library == CURLE_OK, let handle = curl_easy_init() else {
            throw DeliveryError(code: "SMTP.NoMemory", message: "libcurl can't be used", isPermanent: false)
        }
        defer { curl_easy_cleanup(handle) }
        var recipients: UnsafeMutablePointer<curl_slist>?
        defer { curl_slist_free_all(recipients) }
        for recipient in message.recipients {
            guard let longer = curl_slist_append(recipients, "<\(recipient.address)>") else {
                throw DeliveryError(code: "SMTP.NoMemory", message: "libcurl has no memory", isPermanent: false)
            }
            recipients = longer
        }
        let options = serverOptions(handle) + mailOptions(handle, recipients)
        let refused = options.first { $0 != CURLE_OK }
        let code = refused ?? withExtendedLifetime(self) { curl_easy_perform(handle) }
        guard code == CURLE_OK else { throw failure(code) }
        try checkRecipients()
    }

    /// Not one of them may be ignored: without its option for TLS, mail would go out in the clear.
    private func serverOptions(_ handle: UnsafeMutableRawPointer) -> [CURLcode] {
        let useTLS = server.security == .none ? CURLUSESSL_NONE : CURLUSESSL_ALL
        var codes = [
            cc_set_str(handle, CURLOPT_URL, server.url),
            cc_set_str(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps"),
            cc_set_long(handle, CURLOPT_NOSIGNAL, 1),
            cc_set_long(handle, CURLOPT_TIMEOUT_MS, Int(server.timeout.wholeMilliseconds)),
            cc_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, Self.longestConnectMilliseconds),
            cc_set_long(handle, CURLOPT_SSL_VERIFYPEER, 1),
            cc_set_long(handle, CURLOPT_SSL_VERIFYHOST, 2),
            cc_set_long(handle, CURLOPT_USE_SSL, Int(useTLS.rawValue)),
        ]
        if let file = server.certificateAuthorities { codes.append(cc_set_str(handle, CURLOPT_CAINFO, file)) }
        if let userName = server.userName {
            codes.append(cc_set_str(handle, CURLOPT_USERNAME, userName))
            codes.append(cc_set_str(handle, CURLOPT_PASSWORD, server.password ?? ""))
        }
        return codes
    }

    private func mailOptions(
        _ handle: UnsafeMutableRawPointer, _ recipients: UnsafeMutablePointer<curl_slist>?
    ) -> [CURLcode] {
        let user = Unmanaged.passUnretained(self).toOpaque()
        return [
            cc_set_str(handle, CURLOPT_MAIL_FROM, "<\(message.from.address)>"),
            cc_set_slist(handle, CURLOPT_MAIL_RCPT, recipients),
            // One address that no longer exists must not keep the news from all others.
            cc_set_mail_rcpt_allow_fails(handle, 1),
            cc_set_long(handle, CURLOPT_UPLOAD, 1),
            cc_set_io(handle, CURLOPT_READFUNCTION) { buffer, size, count, user in
                guard let buffer, let user else { return cc_read_abort() }
                return Unmanaged<SMTPTransfer>.fromOpaque(user).takeUnretainedValue()
                    .read(into: buffer, upTo: size * count)
            },
            cc_set_ptr(handle, CURLOPT_READDATA, user),
            // For mail, libcurl calls it with every line that the server says.
            cc_set_io(handle, CURLOPT_HEADERFUNCTION) { line, size, count, user in
                guard let line, let user else { return 0 }
                Unmanaged<SMTPTransfer>.fromOpaque(user).takeUnretainedValue().dialogue
                    .append(line: UnsafeRawBufferPointer(start: line, count: size * count))
                return size * count
            },
            cc_set_ptr(handle, CURLOPT_HEADERDATA, user),
        ]
    }

    private func read(into buffer: UnsafeMutablePointer<CChar>, upTo limit: Int) -> Int {
        let count = min(limit, bytes.count - position)
        bytes[position..<position + count].withUnsafeBytes { source in
            UnsafeMutableRawBufferPointer(start: buffer, count: count).copyMemory(from: source)
        }
        position += count
        return count
    }

    /// The server took the mail, perhaps not for everyone.
    private func checkRecipients() throws(DeliveryError) {
        guard let replies = dialogue.recipientReplies(message.recipients.count) else {
            // With one recipient there is nothing left to ask: had it been refused, the mail would have been.
            guard message.recipients.count > 1 else { return }
            throw DeliveryError(
                code: "SMTP.UnknownResult", message: "\(server.place) did not say who gets the mail", isPermanent: false
            )
        }
        let refusals = zip(message.to, replies).filter { $0.1.isRefusal }
        guard let first = refusals.first else { return }
        let list = refusals.map { "\($0.0.address) (\($0.1.status) \($0.1.text))" }.joined(separator: ", ")
        throw DeliveryError(
            code: "SMTP.\(first.1.status)",
            message: "\(server.place) refused some recipients: \(list); the others have got the mail",
            isPermanent: refusals.allSatisfy { $0.1.isPermanentRefusal })
    }

    private func failure(_ code: CURLcode) -> DeliveryError {
        let reason = String(cString: curl_easy_strerror(code))
        func outage(_ name: String, _ message: String) -> DeliveryError {
            DeliveryError(code: "SMTP.\(name)", message: message, isPermanent: false, isOutage: true)
        }
        switch code {
        case CURLE_USE_SSL_FAILED:
            return outage(
                "NoTLS",
                "\(server.place) offers no STARTTLS; set security: tls, or none for a server on this machine")
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CONNECT_ERROR:
            return outage("Certificate", "no trusted connection to \(server.place) (\(reason)); set caFile")
        case CURLE_LOGIN_DENIED:
            let said = dialogue.last.map { ": \($0.status) \($0.text)" } ?? ""
            return outage("LoginDenied", "\(server.place) refused the user name and password\(said)")
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST:
            return outage("Unreachable", "\(server.place) can't be reached (\(reason))")
        case CURLE_OPERATION_TIMEDOUT:
            return outage("TimedOut", "\(server.place) did not answer within \(server.timeout)")
        default: break
        }
        guard let last = dialogue.last, last.isRefusal else {
            return DeliveryError(
                code: "SMTP.Failed", message: "\(server.place) did not take the mail: \(reason)", isPermanent: false)
        }
        // A 5xx before any command was about the mail (a greeting of 554, say) says nothing about the mail.
        let isAboutMail = code == CURLE_SEND_ERROR || position > 0
        return DeliveryError(
            code: "SMTP.\(last.status)",
            message: "\(server.place) did not take the mail: \(last.status) \(last.text)",
            isPermanent: isAboutMail
                && dialogue.isRefusedForGood(recipients: position > 0 ? 1 : message.recipients.count),
            isOutage: !isAboutMail)
    }
}
