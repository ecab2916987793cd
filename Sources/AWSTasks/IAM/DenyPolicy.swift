import JSONModel

/// The one policy that Steward writes: an inline policy of a fixed name that denies every Bedrock action.
///
/// A deny wins over every grant, also over those of groups; and since the name is fixed, giving back is deleting it,
/// even when Steward's database is lost. Where the inline policies of a principal leave no room, a managed policy of the
/// same name and content is attached instead.
package enum DenyPolicy {
    package static let name = "StewardBedrockDeny"

    /// Sessions that one deny names at most: inline policies of a role have 10,240 characters together, and a session
    /// takes up to 90.
    package static let maximumSessions = 80

    /// The deny for everybody who acts as the principal.
    package static let document = document(condition: nil)

    /// The deny for these sessions of a role, of which `roleID` is the stable id (`AROA…`): `aws:userid` of a session is
    /// the two with a colon between.
    package static func document(roleID: String, sessions: [String]) -> PolicyDocument {
        let callers = sessions.map { JSONValue.string("\(roleID):\($0)") }
        return document(condition: ["StringLike": ["aws:userid": .array(callers)]])
    }

    /// The document for a scope.
    static func document(_ scope: AccessScope, entityID: String) -> PolicyDocument {
        switch scope {
        case .whole: document
        case .sessions(let sessions): document(roleID: entityID, sessions: sessions)
        }
    }

    /// Whether a document denies all that ours does, to everybody or to sessions.
    static func isDeny(_ document: PolicyDocument) -> Bool {
        let statement = document.json["Statement"]?[0]
        guard statement?["Effect"] == "Deny", statement?["Action"] == Self.document.json["Statement"]?[0]?["Action"],
            statement?["Resource"] == "*"
        else { return false }
        guard let condition = statement?["Condition"] else { return true }
        return condition["StringLike"]?["aws:userid"] != nil
    }

    static func isForSessions(_ deny: PolicyDocument) -> Bool { deny.json["Statement"]?[0]?["Condition"] != nil }

    /// The sessions that a deny names; none for a deny of everybody.
    static func sessions(in document: PolicyDocument?, roleID: String) -> [String] {
        let named = document?.json["Statement"]?[0]?["Condition"]?["StringLike"]?["aws:userid"]
        let callers = (named?.arrayValue ?? [named].compactMap(\.self)).compactMap(\.stringValue)
        return callers.filter { $0.hasPrefix(roleID + ":") }.map { String($0.dropFirst(roleID.utf8.count + 1)) }
    }

    /// The ARN of the managed twin, in the account and partition of a principal's ARN.
    static func managedARN(besides arn: String) -> String {
        let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
        let (partition, account) = parts.count == 6 ? (parts[1], parts[4]) : ("aws", "")
        return "arn:\(partition):iam::\(account):policy/\(name)"
    }

    private static func document(condition: JSONValue?) -> PolicyDocument {
        var statement: JSONObject = [
            "Sid": .string(name), "Effect": "Deny",
            "Action": ["bedrock:*", "bedrock-mantle:*", "bedrock-websearch:*"], "Resource": "*",
        ]
        if let condition { statement["Condition"] = condition }
        return PolicyDocument(json: ["Version": "2012-10-17", "Statement": [.object(statement)]])
    }
}
