import AWSClient
import Interpreter
import JSONModel

/// Teams are IAM groups; policies are the account's own managed ones.
extension IAMDirectory {
    func createGroup(_ request: DirectoryRequest) async throws(TaskFailure) -> JSONValue {
        let name = try request.text("name")
        let policies = request.texts("policies")
        try await access.attempt("making the group \(name)") { () async throws(AWSError) in
            try await settle("CreateGroup", Self.naming(name), unless: "EntityAlreadyExists")
            for policy in policies {
                try await access.write("AttachGroupPolicy", Self.naming(name, ["PolicyArn": .string(policy)]))
            }
        }
        return try await describeGroup(name)
    }

    func describeGroup(_ name: String) async throws(TaskFailure) -> JSONValue {
        try await access.attempt("reading the group \(name)") { () async throws(AWSError) in
            let answer = try await client.call("iam", "GetGroup", Self.naming(name))
            let members = try await texts("GetGroup", Self.naming(name), "Users", "UserName")
            let policies = try await texts(
                "ListAttachedGroupPolicies", Self.naming(name), "AttachedPolicies", "PolicyArn")
            let inline = try await client.callAllPages(
                "iam", "ListGroupPolicies", Self.naming(name), collecting: "PolicyNames")
            return [
                "name": .string(name), "arn": answer["Group"]?["Arn"] ?? .null,
                "members": .array(members.map(JSONValue.string)), "policies": .array(policies.map(JSONValue.string)),
                "inlinePolicies": .array(inline),
            ]
        }
    }

    func listGroups() async throws(TaskFailure) -> JSONValue {
        try await access.attempt("listing groups") { () async throws(AWSError) in
            let groups = try await client.callAllPages("iam", "ListGroups", [:], collecting: "Groups")
            return [
                "teams": .array(groups.map { ["name": $0["GroupName"] ?? .null, "arn": $0["Arn"] ?? .null] })
            ]
        }
    }

    func changeMembers(_ request: DirectoryRequest) async throws(TaskFailure) -> JSONValue {
        let name = try request.text("name")
        try await access.attempt("changing the members of the group \(name)") { () async throws(AWSError) in
            for user in request.texts("add") {
                try await access.write("AddUserToGroup", Self.naming(name, ["UserName": .string(user)]))
            }
            for user in request.texts("remove") {
                try await settle("RemoveUserFromGroup", Self.naming(name, ["UserName": .string(user)]))
            }
        }
        return try await describeGroup(name)
    }

    func deleteGroup(_ name: String) async throws(TaskFailure) -> JSONValue {
        try await access.attempt("deleting the group \(name)") { () async throws(AWSError) in
            let members: [String]
            do throws(AWSError) {
                members = try await texts("GetGroup", Self.naming(name), "Users", "UserName")
            } catch  where error.code == "NoSuchEntity" {
                return
            }
            for user in members {
                try await settle("RemoveUserFromGroup", Self.naming(name, ["UserName": .string(user)]))
            }
            let policies = try await texts(
                "ListAttachedGroupPolicies", Self.naming(name), "AttachedPolicies", "PolicyArn")
            for policy in policies {
                try await settle("DetachGroupPolicy", Self.naming(name, ["PolicyArn": .string(policy)]))
            }
            let inline = try await client.callAllPages(
                "iam", "ListGroupPolicies", Self.naming(name), collecting: "PolicyNames"
            ).compactMap(\.stringValue)
            for policy in inline {
                try await settle("DeleteGroupPolicy", Self.naming(name, ["PolicyName": .string(policy)]))
            }
            try await settle("DeleteGroup", Self.naming(name))
        }
        return ["name": .string(name), "deleted": true]
    }

    private static func naming(_ group: String, _ more: JSONObject = [:]) -> JSONObject {
        var parameters: JSONObject = ["GroupName": .string(group)]
        for (name, value) in more { parameters[name] = value }
        return parameters
    }

    // MARK: Policies

    func createPolicy(_ request: DirectoryRequest) async throws(TaskFailure) -> JSONValue {
        let (name, document) = (try request.text("name"), try request.text("document"))
        return try await access.attempt("making the policy \(name)") { () async throws(AWSError) in
            let answer = try await access.write(
                "CreatePolicy", ["PolicyName": .string(name), "PolicyDocument": .string(document)])
            return ["name": .string(name), "arn": answer["Policy"]?["Arn"] ?? .null]
        }
    }

    func describePolicy(_ arn: String) async throws(TaskFailure) -> JSONValue {
        try await access.attempt("reading the policy \(arn)") { () async throws(AWSError) in
            let answer = try await client.call("iam", "GetPolicy", ["PolicyArn": .string(arn)])
            let document = try await reader.managedPolicy(arn)
            let parameters: JSONObject = ["PolicyArn": .string(arn)]
            func holders(_ list: String, _ member: String) async throws(AWSError) -> JSONValue {
                .array(try await texts("ListEntitiesForPolicy", parameters, list, member).map(JSONValue.string))
            }
            return [
                "name": answer["Policy"]?["PolicyName"] ?? .null, "arn": .string(arn),
                "grantsBedrock": .bool(document?.grantsBedrock ?? false), "document": document?.json ?? .null,
                "users": try await holders("PolicyUsers", "UserName"),
                "roles": try await holders("PolicyRoles", "RoleName"),
                "teams": try await holders("PolicyGroups", "GroupName"),
            ]
        }
    }

    /// The account's own.
    func listPolicies() async throws(TaskFailure) -> JSONValue {
        try await access.attempt("listing policies") { () async throws(AWSError) in
            let policies = try await client.callAllPages(
                "iam", "ListPolicies", ["Scope": "Local"], collecting: "Policies")
            return [
                "policies": .array(
                    policies.map { policy in
                        [
                            "name": policy["PolicyName"] ?? .null, "arn": policy["Arn"] ?? .null,
                            "attachments": policy["AttachmentCount"] ?? .null,
                        ]
                    })
            ]
        }
    }

    /// To or from a `user`, a `role` or a `team`.
    func attach(_ request: DirectoryRequest, isAttached: Bool) async throws(TaskFailure) -> JSONValue {
        let arn = try request.text("arn")
        let holders = [("user", "User"), ("role", "Role"), ("team", "Group")].compactMap { member, word in
            request.optional(member).map { (word: word, name: $0) }
        }
        guard let holder = holders.first, holders.count == 1 else {
            throw stewardFailure("InvalidInput", "name one of user, role and team")
        }
        let action = "\(isAttached ? "Attach" : "Detach")\(holder.word)Policy"
        try await access.attempt("\(isAttached ? "attaching" : "detaching") \(arn)") { () async throws(AWSError) in
            let parameters: JSONObject = ["\(holder.word)Name": .string(holder.name), "PolicyArn": .string(arn)]
            if isAttached { try await access.write(action, parameters) } else { try await settle(action, parameters) }
        }
        return ["arn": .string(arn), "name": .string(holder.name), "attached": .bool(isAttached)]
    }

    /// `policy.reaches`: those of `users` whom one of `policies` would let use Bedrock if a group of theirs had it: it
    /// grants that, and they have no deny of Steward's, which goes before what comes from groups.
    func reached(_ request: DirectoryRequest) async throws(TaskFailure) -> JSONValue {
        try await access.attempt("looking whom the policies would reach") { () async throws(AWSError) in
            var grants = false
            for arn in request.texts("policies") where try await reader.managedPolicy(arn)?.grantsBedrock == true {
                grants = true
            }
            guard grants else { return ["users": []] }
            var reached: [JSONValue] = []
            for user in request.texts("users") where try await !access.isDenied(.user(user)) {
                reached.append(.string(user))
            }
            return ["users": .array(reached)]
        }
    }

    func deletePolicy(_ arn: String) async throws(TaskFailure) -> JSONValue {
        try await access.attempt("deleting the policy \(arn)") { () async throws(AWSError) in
            try await settle("DeletePolicy", ["PolicyArn": .string(arn)])
        }
        return ["arn": .string(arn), "deleted": true]
    }
}
