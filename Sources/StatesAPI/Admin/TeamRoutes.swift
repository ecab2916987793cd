import Budgets
import HTTPTypes
import Hummingbird
import JSONModel

/// Teams, which are IAM groups, and the account's own managed policies.
extension AdminAPI {
    func addTeamRoutes(to group: Routes, _ desk: IdentityDesk) {
        group.get { _, _ in JSONAnswer(try await ask(desk, "team.list", [:])) }
        group.post { request, _ in
            let body = try await request.jsonObject(upTo: Self.bodyLimit, known: ["name", "policies"])
            // One that is there already is completed.
            if let name = try body.text("name") {
                let policies = (body["policies"]?.arrayValue ?? []).compactMap(\.stringValue)
                try await requireNobodyReached(inTeam: name, by: policies, desk)
            }
            return JSONAnswer(
                try await change("team.create", body.text("name") ?? "", desk, body, by: request.actor),
                status: .created)
        }
        group.get(":name") { _, context in
            JSONAnswer(try await ask(desk, "team.get", ["name": .string(try context.parameter("name"))]))
        }
        group.post(":name/members") { request, context in
            var body = try await request.jsonObject(upTo: Self.bodyLimit, known: ["add", "remove"])
            let name = try context.parameter("name")
            body["name"] = .string(name)
            for user in (body["add"]?.arrayValue ?? []).compactMap(\.stringValue) {
                try await requireUnrestricted(user)
            }
            return JSONAnswer(try await change("team.members", name, desk, body, by: request.actor))
        }
        group.post(":name/delete") { request, context in
            try await deletion("team.delete", "name", context.parameter("name"), request, desk)
        }
    }

    func addPolicyRoutes(to group: Routes, _ desk: IdentityDesk) {
        group.get { _, _ in JSONAnswer(try await ask(desk, "policy.list", [:])) }
        group.post { request, _ in
            let body = try await request.jsonObject(upTo: Self.bodyLimit, known: ["name", "document"])
            return JSONAnswer(
                try await change("policy.create", body.text("name") ?? "", desk, body, by: request.actor),
                status: .created)
        }
        group.get(":arn") { _, context in
            JSONAnswer(try await ask(desk, "policy.get", ["arn": .string(try context.parameter("arn"))]))
        }
        for verb in ["attach", "detach"] {
            group.post(":arn/\(verb)") { request, context in
                var body = try await request.jsonObject(upTo: Self.bodyLimit, known: ["user", "role", "team"])
                let arn = try context.parameter("arn")
                body["arn"] = .string(arn)
                if verb == "attach" {
                    if let user = try body.text("user") { try await requireUnrestricted(user) }
                    if let role = try body.text("role") { try await requireUnrestricted(role, .role) }
                    if let team = try body.text("team") {
                        try await requireNobodyReached(inTeam: team, by: [arn], desk)
                    }
                }
                return JSONAnswer(try await change("policy.\(verb)", arn, desk, body, by: request.actor))
            }
        }
        group.post(":arn/delete") { request, context in
            try await deletion("policy.delete", "arn", context.parameter("arn"), request, desk)
        }
    }

    private func deletion(
        _ action: String, _ member: String, _ subject: String, _ request: Request, _ desk: IdentityDesk
    ) async throws -> JSONAnswer {
        let body = try await request.jsonObject(upTo: Self.bodyLimit, known: ["yes"])
        guard body["yes"] == true else {
            throw APIError.invalidRequest("nothing was deleted: \"yes\" must be true", hint: "Give --yes.")
        }
        return JSONAnswer(try await change(action, subject, desk, [member: .string(subject)], by: request.actor))
    }
}
