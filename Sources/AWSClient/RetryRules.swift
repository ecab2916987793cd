/// When a call is tried again, and after how long: exponential backoff with full jitter.
struct RetryRules: Sendable {
    /// The first try and four more.
    static let maximumAttempts = 5
    static let baseDelay: Duration = .milliseconds(100)
    static let maximumDelay: Duration = .seconds(20)
    /// A server that asks for more is not waited for here: the error goes back, and the workflow's own retry decides.
    static let longestRetryAfter: Duration = .seconds(60)

    /// How long to wait after an attempt, counted from 1, that failed; nil to give up.
    static func delay(
        afterAttempt attempt: Int, _ error: AWSError, retryAfter: Duration?, randomFraction: Double
    ) -> Duration? {
        guard error.isRetryable, attempt < maximumAttempts else { return nil }
        let ceiling = min(baseDelay * (1 << (attempt - 1)), maximumDelay)
        let jittered = ceiling * randomFraction
        guard let retryAfter else { return jittered }
        return retryAfter <= longestRetryAfter ? max(jittered, retryAfter) : nil
    }

    /// Codes that say the keys are no longer good.
    static let staleCredentialCodes: Set<String> = [
        "ExpiredToken", "ExpiredTokenException", "InvalidAccessKeyId", "InvalidClientTokenId", "TokenRefreshRequired",
        "UnrecognizedClientException",
    ]

    /// Codes that a clock which is wrong brings about.
    static let clockSkewCodes: Set<String> = [
        "InvalidSignatureException", "RequestExpired", "RequestTimeTooSkewed", "SignatureDoesNotMatch",
    ]

    /// AWS accepts signatures five minutes old; a clock that is further off than this is to blame.
    static let toleratedClockSkew: Duration = .seconds(240)
}
