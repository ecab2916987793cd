import AWSClient
package import Interpreter
package import JSONModel

/// Makes, looks up, tags and deletes the principals that spend, with their groups and policies, as operators ask.
///
/// Every operation reads before it writes and states the wished result, so that one that was cut off half way may be
/// asked for again. Only a key is made anew each time, since IAM shows its secret once.
package struct IAMDirectory: Sendable {
    let access: IAMAccess
    /// The managed policy that lets a principal use Bedrock.
    let policyARN: String
    var reader: IAMReader { access.reader }
    var client: AWSClient { access.client }

    package init(access: IAMAccess, policyARN: String) {
        self.access = access
        self.policyARN = policyARN
    }

    /// The tag by which Steward knows what it has made (`true`) or taken over (`imported`).
    static let provisioned = "Steward:Provisioned"

    /// Carries an operation out, by its name.
    /// - Throws: `Steward.…` for what Steward refuses, `IAM.…` for what IAM answered.
    package func perform(_ operation: String, _ input: JSONObject) async throws(TaskFailure) -> JSONValue {
        let request = DirectoryRequest(input)
        return switch operation {
        case "principal.create": try await createUser(request)
        case "principal.admit": try await admitUser(request)
        case "principal.get": try await describe(request)
        case "principal.list": try await list(team: request.optional("team"))
        case "principal.create-key": try await createKey(request)
        case "principal.tag", "principal.import": try await tag(request, isImport: operation == "principal.import")
        case "principal.delete": try await deleteUser(request.text("name"))
        default: try await performOnGroups(operation, request)
        }
    }

    private func performOnGroups(
        _ operation: String, _ request: DirectoryRequest
    ) async throws(TaskFailure) -> JSONValue {
        switch operation {
        case "team.create": try await createGroup(request)
        case "team.get": try await describeGroup(request.text("name"))
        case "team.list": try await listGroups()
        case "team.members": try await changeMembers(request)
        case "team.delete": try await deleteGroup(request.text("name"))
        case "policy.create": try await createPolicy(request)
        case "policy.get": try await describePolicy(request.text("arn"))
        case "policy.list": try await listPolicies()
        case "policy.attach", "policy.detach":
            try await attach(request, isAttached: operation == "policy.attach")
        case "policy.reaches": try await reached(request)
        case "policy.delete": try await deletePolicy(request.text("arn"))
        default: throw stewardFailure("InvalidInput", "there is no operation \(operation) on IAM")
        }
    }

    /// Calls IAM for a change, and takes `code` for done.
    func settle(
        _ action: String, _ parameters: JSONObject, unless code: String = "NoSuchEntity"
    ) async throws(AWSError) {
        do {
            try await access.write(action, parameters)
        } catch  where error.code == code {
            return
        }
    }

    func texts(
        _ action: String, _ parameters: JSONObject, _ list: String, _ member: String
    ) async throws(AWSError) -> [String] {
        try await client.callAllPages("iam", action, parameters, collecting: list).compactMap {
            $0[member]?.stringValue
        }
    }
}

/// What an operation is asked for.
struct DirectoryRequest {
    private let input: JSONObject

    init(_ input: JSONObject) { self.input = input }

    func optional(_ name: String) -> String? { input[name]?.stringValue }

    func text(_ name: String) throws(TaskFailure) -> String {
        guard let text = optional(name), !text.isEmpty else {
            throw stewardFailure("InvalidInput", "\(name) is missing")
        }
        return text
    }

    func texts(_ name: String) -> [String] { (input[name]?.arrayValue ?? []).compactMap(\.stringValue) }

    func integer(_ name: String) -> Int64? { input[name]?.intValue }

    /// The wished tags, in the order in which they were given.
    var tags: [(name: String, value: String)] {
        (input["tags"]?.objectValue ?? [:]).compactMap { name, value in value.stringValue.map { (name, $0) } }
    }

    /// By `name`: a user's or role's ARN, or the name of a user, or of a role with `kind: role`.
    func identity() throws(TaskFailure) -> IAMIdentity {
        let name = try text("name")
        guard name.hasPrefix("arn:") else {
            return IAMIdentity(kind: optional("kind") == "role" ? .role : .user, name: name)
        }
        guard let resource = name.split(separator: ":").last, let last = resource.split(separator: "/").last,
            let kind = resource.split(separator: "/").first.flatMap({ IAMIdentity.Kind(rawValue: String($0)) })
        else { throw stewardFailure("InvalidInput", "\"\(name)\" is the ARN of no user and no role") }
        return IAMIdentity(kind: kind, name: String(last))
    }
}
