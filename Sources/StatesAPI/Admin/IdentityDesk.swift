package import Budgets
import HTTPTypes
import Interpreter
package import JSONModel

/// How the admin API reaches IAM: operations by name (`principal.create`, `team.list`), as the composition root offers
/// them. What they throw is a `TaskFailure`, like a step's.
package struct IdentityDesk: Sendable {
    let perform: @Sendable (_ operation: String, _ input: JSONObject) async throws -> JSONValue
    /// What principals of a tier may spend in a period, by the tier's name.
    let tiers: [String: NanoDollars]
    package init(
        tiers: [String: NanoDollars],
        perform: @escaping @Sendable (_ operation: String, _ input: JSONObject) async throws -> JSONValue
    ) {
        self.tiers = tiers
        self.perform = perform
    }
}

extension APIError {
    /// What IAM, or the step that asked it, refused.
    init(_ failure: TaskFailure) {
        let code = failure.error.split(separator: ".").last.map(String.init) ?? "Failed"
        let status: HTTPResponse.Status =
            switch failure.error {
            case "IAM.NoSuchEntity", "Steward.PrincipalGone": .notFound
            case "IAM.EntityAlreadyExists", "IAM.LimitExceeded", "IAM.DeleteConflict", "Steward.PrincipalExists",
                "Steward.NotProvisioned", "Steward.Unenforceable":
                .conflict
            case "IAM.MalformedPolicyDocument", "IAM.InvalidInput", "IAM.ValidationError", "Steward.InvalidInput":
                .unprocessableContent
            default: .badGateway
            }
        self.init(status, code, failure.cause)
    }
}
