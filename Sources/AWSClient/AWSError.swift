/// A call that did not succeed: what AWS answered, or why there is no answer.
package struct AWSError: Error, Equatable, Sendable, CustomStringConvertible {
    /// As AWS names it, such as `NoSuchEntity` or `Throttling`; `HTTP.502` for an answer without a name. When nothing
    /// came back: `Transport.CouldNotConnect`, `Transport.TimedOut`, `Transport.TLS`, `Transport.Failed` or
    /// `Transport.Cancelled`. From the client itself: `Client.NoCredentials`, `Client.UnknownService`,
    /// `Client.InvalidRequest` or `Client.UnreadableAnswer`.
    package let code: String
    package let message: String
    /// The HTTP status; nil when there was no answer.
    package let status: Int?
    package let service: String
    package let action: String
    package let requestID: String?
    /// S3's second identifier of the request, which its support asks for.
    package let extendedRequestID: String?
    /// An earlier try of the same call may have been carried out, whatever became of this one.
    package let followsUnknownResult: Bool
    /// How often the call was tried.
    package let attempts: Int
    /// The code that the service had in the query protocol, where it has left that for JSON: SQS's
    /// `AWS.SimpleQueueService.NonExistentQueue`.
    package let queryCode: String?

    package init(
        code: String, message: String, status: Int?, service: String, action: String, requestID: String? = nil,
        extendedRequestID: String? = nil, followsUnknownResult: Bool = false, attempts: Int = 1,
        queryCode: String? = nil
    ) {
        self.code = code
        self.message = message
        self.status = status
        self.service = service
        self.action = action
        self.requestID = requestID
        self.extendedRequestID = extendedRequestID
        self.followsUnknownResult = followsUnknownResult
        self.attempts = attempts
        self.queryCode = queryCode
    }

    /// Whether AWS slowed the caller down rather than failed.
    package var isThrottling: Bool { Self.throttlingCodes.contains(code) }

    /// Whether the same call may succeed later. The client itself has then tried several times.
    package var isRetryable: Bool {
        isThrottling || Self.transientCodes.contains(code) || (status ?? 0) >= 500
    }

    /// Whether the network, something in between or the source of the credentials brought it about, and not what was asked.
    package var isOfSurroundings: Bool {
        code.hasPrefix("Transport.") || code == "Client.NoCredentials" || code == "Client.UnreadableAnswer"
    }

    /// Whether AWS may have done what it was asked although the call failed: read back before repeating what is not
    /// idempotent.
    package var isResultUnknown: Bool {
        if followsUnknownResult { return true }
        return Self.unknownResultCodes.contains(code) || ((status ?? 0) >= 500 && !isThrottling)
    }

    package var description: String {
        let answer = [status.map { "status \($0)" }, requestID.map { "request \($0)" }].compactMap(\.self)
        let origin = answer.isEmpty ? "" : " (\(answer.joined(separator: ", ")))"
        let doubt = isResultUnknown ? " AWS may have carried it out all the same." : ""
        return "\(service):\(action) failed with \(code): \(message)\(origin)\(doubt)"
    }

    /// Every code by which an AWS service says "too fast".
    private static let throttlingCodes: Set<String> = [
        "BandwidthLimitExceeded", "EC2ThrottledException", "LimitExceededException", "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException", "RequestLimitExceeded", "RequestThrottled",
        "RequestThrottledException", "SlowDown", "ThrottledException", "Throttling", "ThrottlingException",
        "TooManyRequestsException", "TransactionInProgressException", "KmsThrottled", "KMSThrottlingException",
        "HTTP.429",
    ]

    /// Codes that pass by themselves. The IAM ones: a name just deleted, and writers side by side.
    private static let transientCodes: Set<String> = [
        "ConcurrentModification", "ConcurrentModificationException", "EntityTemporarilyUnmodifiable",
        "IDPCommunicationError", "RequestTimeout", "RequestTimeoutException", "Transport.CouldNotConnect",
        "Transport.Failed", "Transport.TimedOut",
    ]

    private static let unknownResultCodes: Set<String> = [
        "RequestTimeout", "RequestTimeoutException", "Transport.Cancelled", "Transport.Failed", "Transport.TimedOut",
        "Client.UnreadableAnswer",
    ]
}
