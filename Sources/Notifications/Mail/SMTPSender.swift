import CCurl
import Dispatch
import Foundation
import WallTime

/// Hands mail in with libcurl. Each mail is one connection on a thread of its own queue: mails are few, and a thread
/// that blocks there blocks nothing else.
package struct SMTPSender: Sendable {
    private let server: SMTPServer
    private static let queue = DispatchQueue(label: "steward.smtp", attributes: .concurrent)

    package init(server: SMTPServer) { self.server = server }

    /// Sends a mail to all its recipients.
    /// - Throws: `DeliveryError`; permanent when the server said 5xx about the mail or a recipient.
    package func send(_ message: MailMessage) async throws(DeliveryError) {
        let result: Result<Void, DeliveryError> = await withCheckedContinuation { continuation in
            Self.queue.async { continuation.resume(returning: Self.perform(message, server)) }
        }
        try result.get()
    }

    private static func perform(_ message: MailMessage, _ server: SMTPServer) -> Result<Void, DeliveryError> {
        guard let handle = curl_easy_init() else {
            return .failure(DeliveryError(code: "SMTP.NoMemory", message: "libcurl has no memory", isPermanent: false))
        }
        defer { curl_easy_cleanup(handle) }
        var recipients: UnsafeMutablePointer<curl_slist>?
        for address in message.to { recipients = curl_slist_append(recipients, "<\(bare(address))>") }
        defer { curl_slist_free_all(recipients) }
        let source = MailSource(message.bytes)
        let pointer = Unmanaged.passUnretained(source).toOpaque()
        configure(handle, server)
        _ = cc_set_str(handle, CURLOPT_MAIL_FROM, "<\(bare(message.from))>")
        _ = cc_set_slist(handle, CURLOPT_MAIL_RCPT, recipients)
        _ = cc_set_long(handle, CURLOPT_UPLOAD, 1)
        _ = cc_set_io(handle, CURLOPT_READFUNCTION) { bytes, size, count, user in
            guard let bytes, let user else { return cc_read_abort() }
            return Unmanaged<MailSource>.fromOpaque(user).takeUnretainedValue().read(into: bytes, upTo: size * count)
        }
        _ = cc_set_ptr(handle, CURLOPT_READDATA, pointer)
        let code = withExtendedLifetime(source) { curl_easy_perform(handle) }
        guard code != CURLE_OK else { return .success(()) }
        var status = 0
        _ = cc_info_long(handle, CURLINFO_RESPONSE_CODE, &status)
        return .failure(failure(code, status: status, server))
    }

    private static func configure(_ handle: UnsafeMutableRawPointer, _ server: SMTPServer) {
        _ = cc_set_str(handle, CURLOPT_URL, server.url)
        _ = cc_set_str(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        _ = cc_set_long(handle, CURLOPT_NOSIGNAL, 1)
        _ = cc_set_long(handle, CURLOPT_TIMEOUT_MS, Int(server.timeout.wholeMilliseconds))
        _ = cc_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, 10_000)
        _ = cc_set_long(handle, CURLOPT_SSL_VERIFYPEER, 1)
        _ = cc_set_long(handle, CURLOPT_SSL_VERIFYHOST, 2)
        let useTLS = server.security == .none ? CURLUSESSL_NONE : CURLUSESSL_ALL
        _ = cc_set_long(handle, CURLOPT_USE_SSL, Int(useTLS.rawValue))
        if let file = server.certificateAuthorities { _ = cc_set_str(handle, CURLOPT_CAINFO, file) }
        if let userName = server.userName {
            _ = cc_set_str(handle, CURLOPT_USERNAME, userName)
            _ = cc_set_str(handle, CURLOPT_PASSWORD, server.password ?? "")
        }
    }

    private static func failure(_ code: CURLcode, status: Int, _ server: SMTPServer) -> DeliveryError {
        let place = "\(server.host):\(server.port)"
        let reason = String(cString: curl_easy_strerror(code))
        switch code {
        case CURLE_USE_SSL_FAILED:
            return DeliveryError(
                code: "SMTP.NoTLS",
                message: "\(place) offers no STARTTLS; set security: tls, or none for a server on this machine",
                isPermanent: false)
        case CURLE_PEER_FAILED_VERIFICATION:
            return DeliveryError(
                code: "SMTP.Certificate", message: "the certificate of \(place) is not trusted (\(reason))",
                isPermanent: false)
        case CURLE_LOGIN_DENIED:
            return DeliveryError(
                code: "SMTP.LoginDenied", message: "\(place) refused the user name and password", isPermanent: false)
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST:
            return DeliveryError(
                code: "SMTP.Unreachable", message: "\(place) can't be reached (\(reason))", isPermanent: false)
        default:
            return DeliveryError(
                code: status > 0 ? "SMTP.\(status)" : "SMTP.Failed",
                message: "\(place) did not take the mail: \(reason)", isPermanent: (500..<600).contains(status))
        }
    }

    /// The address alone of `Name <address>`.
    private static func bare(_ address: String) -> String {
        guard let start = address.lastIndex(of: "<"), let end = address.lastIndex(of: ">"), start < end else {
            return address.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        return String(address[address.index(after: start)..<end])
    }
}

/// The mail's bytes, as libcurl asks for them.
private final class MailSource {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func read(into buffer: UnsafeMutablePointer<CChar>, upTo limit: Int) -> Int {
        let count = min(limit, bytes.count - position)
        bytes[position..<position + count].withUnsafeBytes { source in
            UnsafeMutableRawBufferPointer(start: buffer, count: count).copyMemory(from: source)
        }
        position += count
        return count
    }
}
