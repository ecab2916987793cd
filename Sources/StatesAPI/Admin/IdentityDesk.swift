package import Budgets
import HTTPTypes
import Interpreter
package import JSONModel

/// How the admin API reaches IAM: operations by name (`principal.create`, `team.list`), as the composition root offers
/// them. What they throw is a `TaskFailure`, like a step's.
package struct IdentityDesk: Sendable {
    let perform: @Sendable (_ operation: String, _ input: JSONObject) async throws -> JSONValue
    /// What principals of a tier may spend in a period, by the tier's name; as it is now.
    let tiers: @Sendable () -> [String: NanoDollars]
    /// Whether it may change anything: without, what asks for a change is refused before it is begun.
    let mayChange: Bool

    package init(
        tiers: @escaping @Sendable () -> [String: NanoDollars], mayChange: Bool = true,
        perform: @escaping @Sendable (_ operation: String, _ input: JSONObject) async throws -> JSONValue
    ) {
        self.tiers = tiers
        self.mayChange = mayChange
        self.perform = perform
    }
}

extension IdentityDesk {
    /// - Throws: `APIError` when provisioning is turned off.
    func requireChange(_ operation: String) throws {
        guard mayChange else {
            throw APIError(
                .conflict, "ProvisioningOff",
                "\(operation): provisioning is turned off here (features.provisioning: false); nothing was changed")
        }
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
