/// Why something could not be delivered.
package struct DeliveryError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A name such as `SMTP.550` or `SNS.NotFound`.
    package let code: String
    package let message: String
    /// Trying again can't help: a mailbox that does not exist, a topic that was deleted.
    package let isPermanent: Bool
    /// It is not this message that could not be delivered, but the channel that delivers nothing now: whatever else
    /// waits for it need not be tried at once.
    package let isOutage: Bool
    /// How long the other side asks to be left alone.
    package let retryAfter: Duration?

    package init(
        code: String, message: String, isPermanent: Bool, isOutage: Bool = false, retryAfter: Duration? = nil
    ) {
        self.code = code
        self.message = message
        self.isPermanent = isPermanent
        self.isOutage = isOutage
        self.retryAfter = retryAfter
    }

    package var description: String { "\(code): \(message)" }
}
