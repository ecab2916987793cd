/// Why a caller is not let in, in AWS's words.
struct Refusal: Error, Equatable {
    var code: String
    var message: String
    var status: Int
    /// When to try again, in seconds.
    var retryAfter: Int?

    init(_ code: String, _ message: String, status: Int, retryAfter: Int? = nil) {
        self.code = code
        self.message = message
        self.status = status
        self.retryAfter = retryAfter
    }

    static let missingToken = Refusal(
        "MissingAuthenticationTokenException", "Missing Authentication Token", status: 403)
    static let unknownKey = Refusal(
        "UnrecognizedClientException", "The security token included in the request is invalid.", status: 400)
    static let mismatch = signature(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
            + "Key and signing method. Consult the service documentation for details.")

    /// AWS's services try a 401 again, so that nothing is lost while a key is being replaced.
    static let wrongPushKey = Refusal("AccessDenied", "the endpoint's key is missing or wrong", status: 401)

    static func incomplete(_ message: String) -> Refusal {
        Refusal("IncompleteSignatureException", message, status: 400)
    }
    static func signature(_ message: String) -> Refusal {
        Refusal("InvalidSignatureException", message, status: 400)
    }
    static func throttled(retryAfter: Int) -> Refusal {
        Refusal("ThrottlingException", "Rate exceeded", status: 429, retryAfter: retryAfter)
    }
}
