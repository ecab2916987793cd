import Budgets

/// What the names in records were read as: the same few come again and again, and each is taken apart once. Bounded,
/// since they come from outside.
final class KnownNames {
    private static let limit = 10_000

    private var principals: [String: Principal] = [:]
    private var models: [String: ModelID] = [:]

    /// - Throws: `PrincipalError`, each time anew.
    func principal(arn: String) throws(PrincipalError) -> Principal {
        if let known = principals[arn] { return known }
        let principal = try Principal(arn: arn)
        if principals.count >= Self.limit { principals = [:] }
        principals[arn] = principal
        return principal
    }

    func model(_ text: String) -> ModelID {
        if let known = models[text] { return known }
        let model = ModelID(text)
        if models.count >= Self.limit { models = [:] }
        models[text] = model
        return model
    }
}
