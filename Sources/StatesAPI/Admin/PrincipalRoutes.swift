import Budgets
import Engine
import Enforcement
import HTTPTypes
import Hummingbird
import Interpreter
import JSONModel
import WallTime

/// Principals in IAM: make, look up, tag, take over, delete. Every change leaves an audit entry before IAM is called and
/// one afterwards, so that no change of IAM is without, whenever the daemon is killed.
extension AdminAPI {
    func addPrincipalRoutes(to group: Routes, _ desk: IdentityDesk) {
        group.get(query: ["team"]) { request, _ in
            JSONAnswer(try await ask(desk, "principal.list", ["team": .optional(request.query("team"))]))
        }
        group.post { request, _ in try await createPrincipal(request, desk) }
        group.post("import") { request, _ in try await importPrincipal(request, desk) }
        group.get(":name") { _, context in
            let name = try context.parameter("name")
            return JSONAnswer(
                try await describePrincipal(try await ask(desk, "principal.get", ["name": .string(name)])))
        }
        group.post(":name/keys") { request, context in
            try await createPrincipalKey(context.parameter("name"), request, desk)
        }
        group.post(":name/tags") { request, context in
            try await tagPrincipal(context.parameter("name"), request, desk)
        }
        group.post(":name/delete") { request, context in
            try await deletePrincipal(context.parameter("name"), request, desk)
        }
        group.post(":name/accept-loss") { request, context in
            try await acceptLoss(context.parameter("name"), request)
        }
    }

    // MARK: Making

    private func createPrincipal(_ request: Request, _ desk: IdentityDesk) async throws -> JSONAnswer {
        let body = try await request.jsonObject(
            upTo: Self.bodyLimit, known: ["name", "team", "tier", "purpose", "limit", "tags"])
        guard let name = try body.text("name"), name.wholeMatch(of: /[A-Za-z0-9+=,.@_\-]{1,64}/) != nil else {
            throw APIError(.unprocessableContent, "InvalidInput", "name must have 1 to 64 of A-Z a-z 0-9 + = , . @ _ -")
        }
        let asked = try Self.limit(body, desk)
        let input: JSONObject = ["name": .string(name), "tags": .object(try Self.tags(body))]
        try await requireUnrestricted(name)
        let answer = try await change(
            "principal.create", name, desk, input, by: request.actor,
            detail: asked.map { limit -> JSONObject in ["limit": .string(limit.description)] } ?? [:])
        // Asked for again without terms, what was set since stays.
        var keepsLimit = false
        if asked == nil, answer["created"]?.boolValue != true, let known = try await knownBudget(answer) {
            keepsLimit = known.standing.access.status != .closed
        }
        let limit = asked ?? desk.tiers()["low"]
        // The budget before the access: whatever fails in between, nobody may spend without one.
        let account = try await openBudget(answer, keepsLimit ? nil : limit, by: request.actor)
        let admitted = try await change("principal.admit", name, desk, ["name": .string(name)], by: request.actor)
            .adding("created", answer["created"] ?? false).adding("budget", .object(rendering.budget(account)))
        return JSONAnswer(admitted, status: .created)
    }

    private func importPrincipal(_ request: Request, _ desk: IdentityDesk) async throws -> JSONAnswer {
        let body = try await request.jsonObject(
            upTo: Self.bodyLimit, known: ["name", "kind", "team", "tier", "purpose", "limit", "tags"])
        guard let name = try body.text("name") else { throw APIError.invalidRequest("name is missing") }
        let limit = try Self.limit(body, desk)
        let input: JSONObject = [
            "name": .string(name), "kind": body["kind"] ?? .null, "tags": .object(try Self.tags(body)),
        ]
        let answer = try await change("principal.import", name, desk, input, by: request.actor)
        let account = try await openBudget(answer, limit, by: request.actor)
        return JSONAnswer(answer.adding("budget", .object(rendering.budget(account))))
    }

    /// The budget of somebody who is in IAM now.
    private func openBudget(
        _ answer: JSONValue, _ limit: NanoDollars?, by actor: String
    ) async throws -> BudgetAccount {
        let principal = try Self.principal(of: answer)
        _ = try await enforcement.openBudget(of: principal, BudgetChange(limit: limit), by: "operator:\(actor)")
        try await noteTags(answer)
        wakeDelivery()
        let account = try await engine.read { try BudgetCommands.getBudget(of: principal.id, $0) }
        guard let account else { throw PrincipalReference.notFound(principal.arn) }
        return account
    }

    /// Whom IAM's answer is about.
    private static func principal(of answer: JSONValue) throws -> Principal {
        guard let arn = answer["arn"]?.stringValue else {
            throw APIError(.badGateway, "UnreadableAnswer", "IAM's answer has no ARN")
        }
        do {
            return try Principal(arn: arn)
        } catch {
            throw APIError(.badGateway, "UnreadableAnswer", "\(error)")
        }
    }

    /// Keeps the tags, and the team among them, that IAM's answer shows.
    private func noteTags(_ answer: JSONValue) async throws {
        guard let arn = answer["arn"]?.stringValue, let principal = try PrincipalReference(arn).principal,
            let members = answer["tags"]?.objectValue
        else { return }
        let tags = Dictionary(zip(members.keys, members.values.map { $0.stringValue ?? "" })) { $1 }
        try await enforcement.transact { try $0.noteTags(tags, of: principal.id) }
    }

    // MARK: Looking up

    private func describePrincipal(_ answer: JSONValue) async throws -> JSONValue {
        guard answer["arn"]?.stringValue != nil else { return answer }
        let account = try await knownBudget(answer)
        return answer.adding("budget", account.map { .object(rendering.budget($0)) } ?? .null)
    }

    /// The budget of whom IAM's answer is about; nil when there is none.
    private func knownBudget(_ answer: JSONValue) async throws -> BudgetAccount? {
        guard let arn = answer["arn"]?.stringValue else { return nil }
        return try await engine.read { transaction -> BudgetAccount? in
            guard let principal = try PrincipalReference(arn).principal else { return nil }
            return try BudgetCommands.getBudget(of: principal.id, transaction)
        }
    }

    // MARK: Changing

    private func createPrincipalKey(
        _ name: String, _ request: Request, _ desk: IdentityDesk
    ) async throws -> JSONAnswer {
        let body = try await request.jsonObject(upTo: Self.bodyLimit, known: ["days"])
        var input: JSONObject = ["name": .string(name)]
        if let value = body["days"], !value.isNull {
            guard let days = value.intValue, (1...36_600).contains(days) else {
                throw APIError.invalidRequest("days must be a whole number from 1 to 36600, not \(value)")
            }
            input["days"] = .int(days)
        }
        try await requireUnrestricted(name)
        let answer = try await change("principal.create-key", name, desk, input, by: request.actor)
        return JSONAnswer(answer, status: .created)
    }

    private func tagPrincipal(_ name: String, _ request: Request, _ desk: IdentityDesk) async throws -> JSONAnswer {
        let body = try await request.jsonObject(
            upTo: Self.bodyLimit, known: ["kind", "team", "tier", "purpose", "tags", "remove"])
        let input: JSONObject = [
            "name": .string(name), "kind": body["kind"] ?? .null, "tags": .object(try Self.tags(body)),
            "remove": body["remove"] ?? [],
        ]
        let tier = try Self.tierLimit(body, desk)
        let answer = try await change("principal.tag", name, desk, input, by: request.actor)
        var limitStays = false
        if let tier { limitStays = try await !giveTier(tier, answer, desk, by: request.actor) }
        try await noteTags(answer)
        return JSONAnswer(try await describePrincipal(answer).adding("limitStays", .bool(limitStays)))
    }

    /// Gives the limit of a tier, before the tags that name it are noted.
    /// - Returns: false when the limit that somebody has set stays.
    private func giveTier(
        _ limit: NanoDollars, _ answer: JSONValue, _ desk: IdentityDesk, by actor: String
    ) async throws -> Bool {
        let principal = try Self.principal(of: answer)
        let tiers = desk.tiers()
        let isGiven = try await enforcement.transact { desk in
            try BudgetCommands.giveTier(limit, of: tiers, to: principal, by: "operator:\(actor)", desk)
        }
        wakeDelivery()
        return isGiven
    }

    private func deletePrincipal(
        _ name: String, _ request: Request, _ desk: IdentityDesk
    ) async throws -> JSONAnswer {
        let body = try await request.jsonObject(upTo: Self.bodyLimit, known: ["yes"])
        guard body["yes"] == true else {
            throw APIError.invalidRequest("nothing was deleted: \"yes\" must be true", hint: "Give --yes.")
        }
        let answer = try await change("principal.delete", name, desk, ["name": .string(name)], by: request.actor)
        let actor = "operator:\(request.actor)"
        // A user who was gone already has no ARN in the answer; the IAM that was asked is that of Steward's own account.
        let told = try answer["arn"]?.stringValue.flatMap { try PrincipalReference($0).principal?.id.account }
        let account = told ?? enforcement.settings.ownIdentity.principal?.id.account
        try await engine.transact { [settings = enforcement.settings] work in
            let users = try work.transaction.principals(named: name, limit: 100).map(\.principal.id)
                .filter { $0.kind == .user }
            // Where nobody knows which account it is, only a name without a second meaning will do.
            guard account != nil || users.count == 1 else { return }
            let desk = Desk(work, settings)
            for user in users where account == nil || user.account == account {
                try AccessCommands.close(user, by: actor, desk)
            }
        }
        return JSONAnswer(answer)
    }

    /// A person gives up what could not be given back; the restorations that wait for it go on.
    private func acceptLoss(_ name: String, _ request: Request) async throws -> JSONAnswer {
        let principal = try await engine.read { transaction in
            guard let principal = try PrincipalReference(name).find(in: transaction) else {
                throw PrincipalReference.notFound(name)
            }
            return principal
        }
        let actor = "operator:\(request.actor)"
        let letters: [DeadLetterID]
        do {
            letters = try await engine.transact { [settings = enforcement.settings] work in
                try AccessCommands.acceptLoss(of: principal.id, by: actor, Desk(work, settings))
            }
        } catch let refusal as AccessCommands.Refusal {
            throw APIError(.conflict, "NothingWaits", refusal.description)
        }
        for letter in letters { try await engine.redriveDeadLetter(letter, by: actor) }
        return JSONAnswer([
            "principal": .string(principal.id.description),
            "redriven": .array(letters.map { .int($0.rawValue) }),
        ])
    }
}

extension AdminAPI {
    /// Asks IAM without changing it.
    func ask(_ desk: IdentityDesk, _ operation: String, _ input: JSONObject) async throws -> JSONValue {
        do {
            return try await desk.perform(operation, input)
        } catch let failure as TaskFailure {
            throw APIError(failure)
        }
    }

    /// Changes IAM, with an audit entry before and after. A secret in the answer goes to the caller and nowhere else.
    func change(
        _ action: String, _ subject: String, _ desk: IdentityDesk, _ input: JSONObject, by actor: String,
        detail: JSONObject = [:]
    ) async throws -> JSONValue {
        try desk.requireChange(action)
        let actor = "operator:\(actor)"
        var asked = input
        for (name, value) in detail { asked[name] = value }
        try await audit("\(action).requested", actor, subject, .object(asked))
        let answer: JSONValue
        do {
            answer = try await desk.perform(action, input)
        } catch let failure as TaskFailure {
            try await audit(
                "\(action).failed", actor, subject, ["error": .string(failure.error), "cause": .string(failure.cause)])
            throw APIError(failure)
        }
        var told = answer.objectValue ?? [:]
        told["secret"] = nil
        try await audit("\(action).done", actor, subject, .object(told))
        return answer
    }

    private func audit(_ action: String, _ actor: String, _ subject: String, _ detail: JSONValue) async throws {
        try await engine.transact { work in
            try work.transaction.appendAudit(
                AuditEntry(at: work.now, actor: actor, action: action, subject: subject, detail: detail))
        }
    }

    /// The limit that a request names, or else that of its tier; nil for neither.
    /// - Throws: `APIError` for an unknown tier, also beside a limit: it would stand in the tags.
    fileprivate static func limit(_ body: JSONObject, _ desk: IdentityDesk) throws -> NanoDollars? {
        let ofTier = try tierLimit(body, desk)
        guard let text = try body.text("limit") else { return ofTier }
        guard let amount = NanoDollars(dollars: text), !amount.isNegative else {
            throw APIError.invalidRequest("limit must be dollars such as \"25.00\", not \"\(text)\"")
        }
        return amount
    }

    /// The limit of the tier that a request names; nil when it names none.
    fileprivate static func tierLimit(_ body: JSONObject, _ desk: IdentityDesk) throws -> NanoDollars? {
        guard let tier = try body.text("tier") else { return nil }
        let tiers = desk.tiers()
        guard let amount = tiers[tier] else {
            throw APIError.invalidRequest(
                "\"\(tier)\" is no tier", hint: "Known: \(tiers.keys.sorted().joined(separator: ", ")).")
        }
        return amount
    }

    /// The tags that the words of a request stand for, besides those that it spells out.
    fileprivate static func tags(_ body: JSONObject) throws -> JSONObject {
        var tags: JSONObject = [:]
        if let team = try body.text("team") {
            tags["Steward:Team"] = .string(team)
            tags["CostAllocation:Team"] = .string(team)
        }
        if let purpose = try body.text("purpose") {
            tags["Steward:Purpose"] = .string(purpose)
            tags["CostAllocation:Purpose"] = .string(purpose)
        }
        if let tier = try body.text("tier") { tags["Steward:BudgetTier"] = .string(tier) }
        for (name, value) in body["tags"]?.objectValue ?? [:] {
            guard let text = value.stringValue, !name.hasPrefix("aws:"), (1...128).contains(name.count),
                text.count <= 256
            else { throw APIError.invalidRequest("the tag \"\(name)\" must have a text of at most 256 characters") }
            guard name != "Steward:Provisioned" else {
                throw APIError.invalidRequest("Steward:Provisioned is Steward's own tag")
            }
            tags[name] = .string(text)
        }
        return tags
    }
}

extension JSONValue {
    fileprivate func adding(_ name: String, _ value: JSONValue) -> JSONValue {
        guard var object = objectValue else { return self }
        object[name] = value
        return .object(object)
    }
}
