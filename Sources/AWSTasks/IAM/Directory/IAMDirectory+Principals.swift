import AWSClient
import Interpreter
import JSONModel

extension IAMDirectory {
    /// `principal.create`: a user with its tags, who may not use Bedrock yet. One that is there already is completed
    /// when Steward has made it, and refused otherwise.
    func createUser(_ request: DirectoryRequest) async throws(TaskFailure) -> JSONValue {
        let identity = IAMIdentity.user(try request.text("name"))
        let tags = [(name: Self.provisioned, value: "true")] + request.tags
        let isNew = try await access.attempt("making the user \(identity)") { () async throws(AWSError) in
            do throws(AWSError) {
                try await access.write("CreateUser", identity.naming(["Tags": Self.list(tags)]))
                return true
            } catch  where error.code == "EntityAlreadyExists" {
                return false
            }
        }
        if !isNew { try await requireOwn(identity) }
        return try await access.attempt("tagging \(identity)") { () async throws(AWSError) in
            try await setTags(tags, of: identity)
            return try await facts(identity).setting("created", .bool(isNew))
        }
    }

    /// `principal.admit`: the policy that lets a user use Bedrock. An operation of its own, since nobody gets access
    /// before a budget.
    func admitUser(_ request: DirectoryRequest) async throws(TaskFailure) -> JSONValue {
        let identity = IAMIdentity.user(try request.text("name"))
        return try await access.attempt("giving \(identity) its policy") { () async throws(AWSError) in
            if try await !reader.attachedPolicies(of: identity).contains(where: { $0.arn == policyARN }) {
                try await access.write("AttachUserPolicy", identity.naming(["PolicyArn": .string(policyARN)]))
            }
            return try await facts(identity)
        }
    }

    private func requireOwn(_ identity: IAMIdentity) async throws(TaskFailure) {
        let tags = try await access.attempt("reading the tags of \(identity)") { () async throws(AWSError) in
            try await self.tags(of: identity)
        }
        guard tags[Self.provisioned] == "true" else {
            throw stewardFailure(
                "PrincipalExists",
                "\(identity) is in IAM, and Steward did not make it: take it over with workflowctl principal import.")
        }
    }

    /// `principal.get`: the user or role with its tags, policies, groups and keys, without any secret.
    func describe(_ request: DirectoryRequest) async throws(TaskFailure) -> JSONValue {
        let identity = try await found(request).identity
        return try await access.attempt("reading \(identity)") { () async throws(AWSError) in
            try await facts(identity)
        }
    }

    /// Whom the request means, as IAM has it. IAM goes by names: of an ARN of another account it would answer with, and
    /// change, whoever has the name in this one.
    private func found(_ request: DirectoryRequest) async throws(TaskFailure) -> IAMReader.Entity {
        let entity = try await access.find(try request.identity())
        let name = try request.text("name")
        let accounts = [name, entity.arn].map { arn -> Substring in
            let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
            return parts.count > 5 ? parts[4] : ""
        }
        guard name.hasPrefix("arn:"), !accounts[1].isEmpty, accounts[0] != accounts[1] else { return entity }
        throw stewardFailure(
            "InvalidInput",
            "\(name) is of the account \(accounts[0]), and Steward acts on IAM of \(accounts[1]), where somebody else has "
                + "that name; nothing was changed")
    }

    private func facts(_ identity: IAMIdentity) async throws(AWSError) -> JSONValue {
        let entity = try await reader.entity(identity)
        let tags = try await tags(of: identity)
        let keys = try await reader.bedrockCredentials(of: identity)
        let attached = try await reader.attachedPolicies(of: identity).map(\.arn)
        return [
            "name": .string(entity.identity.name), "kind": .string(identity.kind.rawValue), "arn": .string(entity.arn),
            "id": .string(entity.id), "tags": Self.object(tags),
            "policies": .array(attached.map(JSONValue.string)),
            "inlinePolicies": .array(try await reader.inlinePolicyNames(of: identity).map(JSONValue.string)),
            "groups": .array(try await reader.groups(of: identity).map(JSONValue.string)),
            "keys": keys.map { keys in
                .array(keys.map { ["id": .string($0.id), "status": .string($0.status)] })
            } ?? .null,
        ]
    }

    /// `principal.list`: those of Steward's, or of one team.
    func list(team: String?) async throws(TaskFailure) -> JSONValue {
        try await access.attempt("listing principals") { () async throws(AWSError) in
            var found: [JSONValue] = []
            for kind in IAMIdentity.Kind.allCases {
                let word = IAMIdentity(kind: kind, name: "").word
                let details = try await client.callAllPages(
                    "iam", "GetAccountAuthorizationDetails", ["Filter": [.string(word)]],
                    collecting: "\(word)DetailList")
                for detail in details {
                    let tags = Self.tags(detail["Tags"])
                    guard tags[Self.provisioned] != nil, team == nil || tags["Steward:Team"] == team else { continue }
                    found.append([
                        "name": detail["\(word)Name"] ?? .null, "kind": .string(kind.rawValue),
                        "arn": detail["Arn"] ?? .null, "tags": Self.object(tags),
                    ])
                }
            }
            return ["principals": .array(found)]
        }
    }

    /// `principal.create-key`: a Bedrock API key. Its secret is in the result, and nowhere else.
    func createKey(_ request: DirectoryRequest) async throws(TaskFailure) -> JSONValue {
        let identity = IAMIdentity.user(try request.text("name"))
        _ = try await access.find(identity)
        return try await access.attempt("making a Bedrock API key of \(identity)") { () async throws(AWSError) in
            var parameters: JSONObject = ["ServiceName": .string(IAMReader.keyService)]
            if let days = request.integer("days") { parameters["CredentialAgeDays"] = .int(days) }
            let answer = try await access.write("CreateServiceSpecificCredential", identity.naming(parameters))
            let key = answer["ServiceSpecificCredential"]
            return [
                "principal": .string(identity.name), "keyId": key?["ServiceSpecificCredentialId"] ?? .null,
                "alias": key?["ServiceCredentialAlias"] ?? .null,
                "expiresAt": key?["ExpirationDate"] ?? .null,
                "secret": key?["ServiceCredentialSecret"] ?? key?["ServicePassword"] ?? .null,
            ]
        }
    }

    /// `principal.tag`, and `principal.import`, which also marks the principal as Steward's to limit.
    func tag(_ request: DirectoryRequest, isImport: Bool) async throws(TaskFailure) -> JSONValue {
        let entity = try await found(request)
        let identity = entity.identity
        try access.requireEnforceable(entity)
        return try await access.attempt("tagging \(identity)") { () async throws(AWSError) in
            var tags = request.tags
            if isImport, try await self.tags(of: identity)[Self.provisioned] == nil {
                tags.append((Self.provisioned, "imported"))
            }
            try await setTags(tags, of: identity)
            let removed = request.texts("remove").filter { $0 != Self.provisioned }
            if !removed.isEmpty {
                try await access.write(
                    "Untag\(identity.word)", identity.naming(["TagKeys": .array(removed.map(JSONValue.string))]))
            }
            return try await facts(identity)
        }
    }

    /// `principal.delete`: the user with its keys and policies. Only one that Steward has made.
    func deleteUser(_ name: String) async throws(TaskFailure) -> JSONValue {
        let identity = IAMIdentity.user(name)
        let arn: String
        do {
            arn = try await access.find(identity).arn
        } catch  where error.error == "Steward.PrincipalGone" {
            // A deletion that was cut off after its last call is asked for again.
            return ["name": .string(name), "deleted": true]
        }
        let tags = try await access.attempt("reading the tags of \(identity)") { () async throws(AWSError) in
            try await self.tags(of: identity)
        }
        guard tags[Self.provisioned] == "true" else {
            throw stewardFailure(
                "NotProvisioned", "Steward did not make \(identity): delete it where it was made.")
        }
        try await access.attempt("deleting \(identity)") { () async throws(AWSError) in
            try await stripUser(identity)
            try await settle("DeleteUser", identity.naming())
        }
        return ["name": .string(name), "arn": .string(arn), "deleted": true]
    }

    /// Everything that IAM wants gone before a user.
    private func stripUser(_ identity: IAMIdentity) async throws(AWSError) {
        for key in try await reader.bedrockCredentials(of: identity) ?? [] {
            try await settle(
                "DeleteServiceSpecificCredential",
                identity.naming(["ServiceSpecificCredentialId": .string(key.id)]))
        }
        for key in try await texts("ListAccessKeys", identity.naming(), "AccessKeyMetadata", "AccessKeyId") {
            try await settle("DeleteAccessKey", identity.naming(["AccessKeyId": .string(key)]))
        }
        for policy in try await reader.attachedPolicies(of: identity) {
            try await settle("DetachUserPolicy", identity.naming(["PolicyArn": .string(policy.arn)]))
        }
        for policy in try await reader.inlinePolicyNames(of: identity) {
            try await settle("DeleteUserPolicy", identity.naming(["PolicyName": .string(policy)]))
        }
        for group in try await reader.groups(of: identity) {
            try await settle("RemoveUserFromGroup", identity.naming(["GroupName": .string(group)]))
        }
        try await settle("DeleteLoginProfile", identity.naming())
    }

    // MARK: Tags

    func tags(of identity: IAMIdentity) async throws(AWSError) -> [String: String] {
        let tags = try await client.callAllPages(
            "iam", "List\(identity.word)Tags", identity.naming(), collecting: "Tags")
        return Self.tags(.array(tags))
    }

    /// Sets those that differ.
    private func setTags(_ wished: [(name: String, value: String)], of identity: IAMIdentity) async throws(AWSError) {
        let present = try await tags(of: identity)
        let missing = wished.filter { present[$0.name] != $0.value }
        guard !missing.isEmpty else { return }
        try await access.write("Tag\(identity.word)", identity.naming(["Tags": Self.list(missing)]))
    }

    private static func list(_ tags: [(name: String, value: String)]) -> JSONValue {
        .array(tags.map { ["Key": .string($0.name), "Value": .string($0.value)] })
    }

    private static func tags(_ value: JSONValue?) -> [String: String] {
        let pairs = (value?.arrayValue ?? []).compactMap { tag -> (String, String)? in
            guard let name = tag["Key"]?.stringValue else { return nil }
            return (name, tag["Value"]?.stringValue ?? "")
        }
        return Dictionary(pairs, uniquingKeysWith: { _, last in last })
    }

    private static func object(_ tags: [String: String]) -> JSONValue {
        .object(JSONObject(tags.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }
}

extension JSONValue {
    /// The object with one member more; anything else as it is.
    fileprivate func setting(_ name: String, _ value: JSONValue) -> JSONValue {
        guard var object = objectValue else { return self }
        object[name] = value
        return .object(object)
    }
}
