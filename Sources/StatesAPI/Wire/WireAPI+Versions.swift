import Engine
import JSONModel
import WallTime

/// Published versions, and aliases that share executions out between them.
extension WireAPI {
    func versionOperation(_ name: String) -> Operation? {
        switch name {
        case "PublishStateMachineVersion": publishVersion
        case "ListStateMachineVersions": listVersions
        case "DeleteStateMachineVersion": deleteVersion
        case "CreateStateMachineAlias": createAlias
        case "DescribeStateMachineAlias": describeAlias
        case "UpdateStateMachineAlias": updateAlias
        case "DeleteStateMachineAlias": deleteAlias
        case "ListStateMachineAliases": listAliases
        default: nil
        }
    }

    // MARK: Versions

    private func publishVersion(_ parameters: WireParameters) async throws -> JSONObject {
        let text = parameters.string("stateMachineArn", max: 256)
        let wanted = parameters.optionalString("revisionId")
        let description = parameters.optionalString("description", max: 256)
        try parameters.check()
        let name = try machineName(WireARN(text))
        let actor = asker(parameters)
        return try await engine.transact { work in
            let record = try self.machine(name, text, in: work.transaction)
            let current = record.current.revisionID(since: record.firstNumber)
            if let wanted, wanted != current ?? "INITIAL" {
                throw WireError.conflict(
                    "Failed to publish the State Machine version for revision \(wanted). The current State Machine "
                        + "revision is \(current ?? "INITIAL").")
            }
            let published = try self.publish(record.current, description, by: actor, in: work)
            return [
                "stateMachineVersionArn": .string("\(text):\(published.number)"),
                "creationDate": .timestamp(published.createdAt),
            ]
        }
    }

    /// A revision that is published already is not published again.
    func publish(
        _ revision: StateMachineVersion, _ description: String?, by actor: String, in work: Work<Store.Transaction>
    ) throws -> PublishedVersion {
        let known = try work.transaction.publishedVersions(of: revision.stateMachine)
        if let published = known.first(where: { $0.revision == revision.id }) { return published }
        guard known.count < quotas.versions else {
            throw WireError(
                "ServiceQuotaExceededException",
                "The number of published versions of the state machine exceeds the limit of \(quotas.versions)")
        }
        let published = try work.transaction.publishVersion(
            of: revision.stateMachine, revision: revision.id, description: description, at: work.now)
        var detail: JSONObject = [
            "revision": .int(Int64(revision.number)), "digest": .string(revision.definition.hash),
        ]
        detail["description"] = description.map { .string($0) }
        try work.audit(
            "version.published", by: actor, subject: "\(machineARN(revision.stateMachine)):\(published.number)", detail)
        return published
    }

    private func listVersions(_ parameters: WireParameters) async throws -> JSONObject {
        let text = parameters.string("stateMachineArn", max: 256)
        let size = Self.pageSize(parameters)
        let token = parameters.optionalString("nextToken", min: 1, max: 1024)
        try parameters.check()
        let name = try machineName(WireARN(text))
        let pages = PageToken(list: "ListStateMachineVersions \(text)")
        let position = try pages.position(in: token)
        let versions = try await engine.read { transaction in
            guard try transaction.stateMachine(named: name) != nil else { throw WireError.noStateMachine(text) }
            return try transaction.publishedVersions(of: name)
        }
        let page = versions.page(
            after: position, limit: size, key: { String($0.number) },
            precedes: { (Int($0) ?? 0) > (Int($1) ?? 0) })
        var answer: JSONObject = [
            "stateMachineVersions": .array(
                page.elements.map { version in
                    [
                        "stateMachineVersionArn": .string("\(text):\(version.number)"),
                        "creationDate": .timestamp(version.createdAt),
                    ]
                })
        ]
        answer["nextToken"] = page.next.map { .string(pages.text(after: $0)) }
        return answer
    }

    private func deleteVersion(_ parameters: WireParameters) async throws -> JSONObject {
        let text = parameters.string("stateMachineVersionArn", max: 2000)
        try parameters.check()
        let arn = try WireARN(text)
        guard case .version(let name, let number) = arn.resource else {
            throw WireError.validation("Invalid ARN: '\(text)' is not the ARN of a state machine version")
        }
        guard isLocal(arn) else { return [:] }
        let actor = asker(parameters)
        try await engine.transact { work in
            let users = try work.transaction.aliases(of: name).filter { alias in
                alias.routes.contains { $0.version == number }
            }
            guard users.isEmpty else {
                throw WireError.conflict(
                    "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this "
                        + "version: [\(users.map(\.name).joined(separator: ", "))]")
            }
            guard try work.transaction.publishedVersion(number, of: name) != nil else { return }
            try work.transaction.deletePublishedVersion(number, of: name)
            try work.audit("version.deleted", by: actor, subject: "\(self.machineARN(name)):\(number)")
        }
        return [:]
    }

    // MARK: Aliases

    private func createAlias(_ parameters: WireParameters) async throws -> JSONObject {
        let name = parameters.string("name", max: 80, pattern: .aliasName)
        let description = parameters.optionalString("description", max: 256)
        let routing = AliasRouting(parameters)
        if routing == nil { parameters.requireMember("routingConfiguration") }
        try parameters.check()
        guard let routing else { throw WireError.validation("routingConfiguration is missing") }
        let (machine, routes) = try routing.checked(isLocal)
        let actor = asker(parameters)
        return try await engine.transact { work in
            try self.requireVersions(routes, of: machine, in: work.transaction)
            if let existing = try work.transaction.alias(named: name, of: machine) {
                guard existing.description == description, existing.routes == routes else {
                    throw WireError.conflict(
                        "Failed to create alias because an alias with the same name and a different routing "
                            + "configuration already exists.")
                }
                return self.created(existing)
            }
            let all = try work.transaction.aliases(of: machine)
            guard all.count < self.quotas.aliases else {
                throw WireError(
                    "ServiceQuotaExceededException",
                    "The number of aliases of the state machine exceeds the limit of \(self.quotas.aliases)")
            }
            let alias = StateMachineAlias(
                stateMachine: machine, name: name, description: description, routes: routes, createdAt: work.now,
                updatedAt: work.now)
            try work.transaction.saveAlias(alias)
            try work.audit("alias.created", by: actor, subject: self.aliasARN(alias), alias.audited)
            return self.created(alias)
        }
    }

    private func created(_ alias: StateMachineAlias) -> JSONObject {
        [
            "stateMachineAliasArn": .string(aliasARN(alias)), "creationDate": .timestamp(alias.createdAt),
        ]
    }

    private func describeAlias(_ parameters: WireParameters) async throws -> JSONObject {
        let text = parameters.string("stateMachineAliasArn", max: 256)
        try parameters.check()
        let (machine, name) = try aliasName(text)
        guard let alias = try await engine.read({ try $0.alias(named: name, of: machine) }) else {
            throw WireError.resourceMissing
        }
        var answer: JSONObject = [
            "stateMachineAliasArn": .string(text), "name": .string(alias.name),
            "creationDate": .timestamp(alias.createdAt), "updateDate": .timestamp(alias.updatedAt),
            "routingConfiguration": .array(
                alias.routes.map { route in
                    [
                        "stateMachineVersionArn": .string("\(machineARN(machine)):\(route.version)"),
                        "weight": .int(Int64(route.weight)),
                    ]
                }),
        ]
        answer["description"] = alias.description.map { .string($0) }
        return answer
    }

    private func updateAlias(_ parameters: WireParameters) async throws -> JSONObject {
        let text = parameters.string("stateMachineAliasArn", max: 256)
        let description = parameters.optionalString("description", max: 256)
        let routing = AliasRouting(parameters)
        try parameters.check()
        let (machine, name) = try aliasName(text)
        guard description != nil || routing != nil else {
            throw WireError.validation("Either the description or the routing configuration must be specified")
        }
        let checked = try routing?.checked(isLocal)
        if let checked, checked.machine != machine {
            throw WireError.validation("Routing configuration must be of the alias's own state machine")
        }
        let actor = asker(parameters)
        return try await engine.transact { work in
            guard var alias = try work.transaction.alias(named: name, of: machine) else {
                // A machine that is being deleted has lost its aliases already.
                try self.refuseDeleting(machine, in: work.transaction)
                throw WireError.resourceMissing
            }
            let before = alias.audited
            if let checked {
                try self.requireVersions(checked.routes, of: machine, in: work.transaction)
                alias.routes = checked.routes
            }
            alias.description = description ?? alias.description
            alias.updatedAt = work.now
            try work.transaction.saveAlias(alias)
            if alias.audited != before {
                try work.audit("alias.updated", by: actor, subject: self.aliasARN(alias), alias.audited)
            }
            return ["updateDate": .timestamp(work.now)]
        }
    }

    private func deleteAlias(_ parameters: WireParameters) async throws -> JSONObject {
        let text = parameters.string("stateMachineAliasArn", max: 256)
        try parameters.check()
        let (machine, name) = try aliasName(text)
        let actor = asker(parameters)
        try await engine.transact { work in
            guard let alias = try work.transaction.alias(named: name, of: machine) else { return }
            try work.transaction.deleteAlias(named: name, of: machine)
            try work.audit("alias.deleted", by: actor, subject: self.aliasARN(alias))
        }
        return [:]
    }

    private func listAliases(_ parameters: WireParameters) async throws -> JSONObject {
        let text = parameters.string("stateMachineArn", max: 256)
        let size = Self.pageSize(parameters)
        let token = parameters.optionalString("nextToken", min: 1, max: 1024)
        try parameters.check()
        let arn = try WireARN(text)
        guard let machine = arn.machine else { throw arn.misplaced() }
        let pages = PageToken(list: "ListStateMachineAliases \(text)")
        let position = try pages.position(in: token)
        let aliases = try await engine.read { transaction in
            guard self.isLocal(arn) else { throw WireError.noStateMachine(text) }
            _ = try self.machine(machine, text, in: transaction)
            let all = try transaction.aliases(of: machine)
            guard case .version(_, let number) = arn.resource else { return all }
            guard try transaction.publishedVersion(number, of: machine) != nil else {
                throw WireError.resourceMissing
            }
            return all.filter { alias in alias.routes.contains { $0.version == number } }
        }
        let page = aliases.page(after: position, limit: size, key: { $0.name }, precedes: <)
        var answer: JSONObject = ["stateMachineAliases": .array(page.elements.map { .object(created($0)) })]
        answer["nextToken"] = page.next.map { .string(pages.text(after: $0)) }
        return answer
    }

    // MARK: Rules

    func aliasARN(_ alias: StateMachineAlias) -> String { "\(machineARN(alias.stateMachine)):\(alias.name)" }

    private func aliasName(_ text: String) throws(WireError) -> (machine: String, name: String) {
        let arn = try WireARN(text)
        guard case .alias(let machine, let name) = arn.resource else {
            throw .validation("Invalid ARN: '\(text)' is not the ARN of a state machine alias")
        }
        return (machine, name)
    }

    private func refuseDeleting(_ machine: String, in transaction: Store.Transaction) throws {
        guard try transaction.deletingStateMachine(named: machine) == nil else {
            throw WireError.stateMachineDeleting(machineARN(machine))
        }
    }

    private func requireVersions(
        _ routes: [StateMachineAlias.Route], of machine: String, in transaction: Store.Transaction
    ) throws {
        try refuseDeleting(machine, in: transaction)
        for route in routes where try transaction.publishedVersion(route.version, of: machine) == nil {
            throw WireError.resourceMissing
        }
    }
}

extension StateMachineAlias {
    /// What the audit log says of it.
    fileprivate var audited: JSONObject {
        var detail: JSONObject = [
            "routes": .array(
                routes.map { ["version": .int(Int64($0.version)), "weight": .int(Int64($0.weight))] })
        ]
        detail["description"] = description.map { .string($0) }
        return detail
    }
}

/// The routing of an alias in a request.
struct AliasRouting {
    private var entries: [(arn: String, weight: Int)]

    /// Nil when the request has none.
    init?(_ parameters: WireParameters) {
        guard let items = parameters.structures("routingConfiguration") else { return nil }
        entries = items.map { item in
            let arn = item.string("stateMachineVersionArn", max: 256)
            let weight = item.integer("weight", in: 0...100)
            if weight == nil { item.requireMember("weight") }
            return (arn, Int(weight ?? 0))
        }
        let range = 1...2
        guard !range.contains(entries.count) else { return }
        let shown = entries.map {
            "RoutingConfigurationListItem(stateMachineVersionArn=\($0.arn), weight=\($0.weight))"
        }
        parameters.violate(
            "routingConfiguration", "[\(shown.joined(separator: ", "))]",
            entries.isEmpty
                ? "Member must have length greater than or equal to 1"
                : "Member must have length less than or equal to 2")
    }

    /// - Throws: `ValidationException` where AWS's rules are broken, `ResourceNotFound` for another account's ARN.
    func checked(
        _ isLocal: (WireARN) -> Bool
    ) throws(WireError) -> (machine: String, routes: [StateMachineAlias.Route]) {
        let received = "[\(entries.map(\.arn).joined(separator: ", "))]"
        var machines: Set<String> = []
        var routes: [StateMachineAlias.Route] = []
        for entry in entries {
            let arn = try WireARN(entry.arn)
            guard case .version(let machine, let number) = arn.resource else {
                throw .validation(
                    "Routing configuration must contain state machine version ARNs. Received: \(received)")
            }
            guard isLocal(arn) else { throw .resourceMissing }
            machines.insert(machine)
            routes.append(StateMachineAlias.Route(version: number, weight: entry.weight))
        }
        guard let machine = machines.first, machines.count == 1 else {
            throw .validation(
                "Routing configuration must contain versions of one state machine. Received: \(received)")
        }
        guard Set(routes.map(\.version)).count == routes.count else {
            throw .validation(
                "Routing configuration must contain distinct state machine version ARNs. Received: \(received)")
        }
        let weights = routes.map(\.weight)
        guard weights.reduce(0, +) == 100 else {
            throw .validation("Sum of routing configuration weights must equal 100. Received: \(weights)")
        }
        return (machine, routes)
    }
}
