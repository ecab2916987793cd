import Dispatch

/// Hands mail in with libcurl. Each mail is one connection on a thread of its own queue: mails are few, and a thread
/// that blocks there blocks nothing else.
package struct SMTPSender: Sendable {
    private let server: SMTPServer
    private static let queue = DispatchQueue(label: "steward.smtp", attributes: .concurrent)

    package init(server: SMTPServer) { self.server = server }

    /// Sends a mail to all its recipients, and to the others when the server refuses some.
    ///
    /// A cancelled task does not end it: within the server's timeout, what has begun is brought to its end.
    /// - Throws: `DeliveryError`, also when only some recipients were refused; permanent when the server said 5xx about
    ///   the mail or about every recipient that did not get it.
    package func send(_ message: MailMessage) async throws(DeliveryError) {
        let result: Result<Void, DeliveryError> = await withCheckedContinuation { continuation in
            Self.queue.async {
                continuation.resume(
                    returning: Result { () throws(DeliveryError) in try SMTPTransfer(message, to: server).perform() })
            }
        }
        try result.get()
    }
}
