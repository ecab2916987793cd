import AWSClient
import Interpreter

/// How an IAM error reaches a workflow: `IAM.` and AWS's code, so that `Retry` and `Catch` can name it, and a cause that
/// says what to do.
func iamFailure(_ error: AWSError, doing what: String) -> TaskFailure {
    let remedy =
        switch error.code {
        case "NoSuchEntity": "The principal or policy is not in IAM."
        case "AccessDenied", "AccessDeniedException":
            "Steward's own identity lacks the permission iam:\(error.action), or an SCP forbids it; "
                + "docs/operations.md has the policy that it needs. Grant it and redrive."
        case "ExpiredToken", "InvalidClientTokenId", "SignatureDoesNotMatch", "RequestExpired":
            "IAM refused Steward's credentials: check them, and this machine's clock, then redrive."
        case "LimitExceeded":
            "An IAM quota is exhausted (inline policies of a user may have 2,048 characters): make room and redrive."
        default: error.isResultUnknown ? "Whether IAM carried it out is not known; the step reads back first." : ""
        }
    // IAM says so of service-linked roles, and of nothing else.
    if error.code == "UnmodifiableEntity" {
        return stewardFailure("Unenforceable", "\(what): IAM lets only the service change it: \(error.message)")
    }
    let request = error.requestID.map { " (request \($0))" } ?? ""
    let answer = "\(what): \(error.action) answered \(error.code): \(error.message.withoutStop)\(request)."
    return TaskFailure(error: "IAM.\(error.code)", cause: remedy.isEmpty ? answer : "\(answer) \(remedy)")
}

/// A failure that Steward itself sees, not IAM.
func stewardFailure(_ name: String, _ cause: String) -> TaskFailure {
    TaskFailure(error: "Steward.\(name)", cause: cause)
}

extension String {
    /// Most messages of AWS are sentences, and what follows ends with a stop of its own.
    fileprivate var withoutStop: String {
        var text = self
        while let last = text.last, last == "." || last == " " { text.removeLast() }
        return text
    }
}
