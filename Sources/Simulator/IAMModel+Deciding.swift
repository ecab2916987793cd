import AWSTasks
import JSONModel

extension IAMModel {
    /// IAM's evaluation of `bedrock:InvokeModel`; the caller holds the lock.
    func decision(for principal: User, userID: String?) -> String {
        let memberships = principal.groups.compactMap { groups[$0] }
        let managed = (principal.attached + memberships.flatMap(\.attached)).compactMap { policies[$0] }
        let texts = principal.inline.values + memberships.flatMap(\.inline.values)
        // What is no JSON grants and denies nothing, as IAM would not have taken it.
        let inline = texts.compactMap { try? JSONValue(parsing: $0) }
        let all = managed + inline
        let isDenied = all.contains { document in
            (document["Statement"]?.arrayValue ?? []).contains { statement in
                statement["Effect"] == "Deny" && Self.applies(statement["Condition"], to: userID)
                    && PolicyDocument(json: [
                        "Statement": [["Effect": "Allow", "Action": statement["Action"] ?? .null]]
                    ]).grantsBedrock
            }
        }
        if isDenied { return "explicitDeny" }
        return all.contains { PolicyDocument(json: $0).grantsBedrock } ? "allowed" : "implicitDeny"
    }

    /// The one condition that the model knows: `StringLike` on `aws:userid`.
    private static func applies(_ condition: JSONValue?, to userID: String?) -> Bool {
        guard let condition else { return true }
        guard let userID else { return false }
        return (condition["StringLike"]?["aws:userid"]?.arrayValue ?? []).contains { $0.stringValue == userID }
    }
}
