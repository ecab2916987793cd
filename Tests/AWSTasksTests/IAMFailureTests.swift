import AWSClient
import Interpreter
import Testing

@testable import AWSTasks

/// How an error of IAM reads in a dead letter.
@Suite struct IAMFailureTests {
    private func cause(_ code: String, _ message: String, requestID: String? = nil, status: Int = 400) -> String {
        iamFailure(
            AWSError(
                code: code, message: message, status: status, service: "iam", action: "GetUser", requestID: requestID),
            doing: "looking"
        ).cause
    }

    @Test(arguments: ["The user is gone", "The user is gone.", "The user is gone. "])
    func aSentenceEndsOnce(_ message: String) {
        #expect(
            cause("NoSuchEntity", message)
                == "looking: GetUser answered NoSuchEntity: The user is gone. The principal or policy is not in IAM.")
        #expect(cause("Odd", message) == "looking: GetUser answered Odd: The user is gone.")
        #expect(
            cause("Odd", message, requestID: "r1") == "looking: GetUser answered Odd: The user is gone (request r1).")
    }
}
