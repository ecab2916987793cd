import Budgets
import Engine
import JSONModel
import WallTime

/// Principals come, change and go.
extension TrailBatch {
    mutating func create(_ event: PrincipalEvent, _ uniqueID: String?, _ tags: [String: String]) throws {
        let settings = desk.settings.trail
        guard try concerns(event) || settings.isProvisioned(tags) else { return }
        let id = event.principal.id
        if try isOvertaken(event) { return }
        var trail = try desk.transaction.trail(of: id) ?? PrincipalTrail(principal: id)
        let tier = settings.tierLimit(tags)
        try provision(event.principal, since: event.at, tags: tags, tier: tier, by: actor(event))
        guard var record = try desk.transaction.principal(id) else { return }
        // Only this event tells the path.
        record.principal = Principal(
            id: id, partition: event.principal.partition, path: event.principal.path)
        if trail.taggedAt.map({ $0 <= event.at }) ?? true {
            record.tags = tags
            record.team = settings.team(tags) ?? record.team
            trail.taggedAt = event.at
        }
        try desk.save(record)
        trail.uniqueID = uniqueID ?? trail.uniqueID
        trail.createdAt = max(trail.createdAt ?? event.at, event.at)
        // A key that was told of before its user looked like nobody's.
        if settings.isProvisioned(tags) { trail.rogueSince = nil }
        try desk.transaction.saveTrail(trail)
        try reopen(event)
        try giveTier(tier, event)
        try audit("principal.created", event, ["tags": Self.json(tags), "uniqueId": .optional(uniqueID)])
    }

    func close(_ event: PrincipalEvent) throws {
        let id = event.principal.id
        guard try desk.transaction.principal(id) != nil else {
            // What happened before may be told of afterwards.
            return try desk.transaction.noteDeletion(of: id, at: event.at)
        }
        var trail = try desk.transaction.trail(of: id) ?? PrincipalTrail(principal: id)
        trail.deletedAt = max(trail.deletedAt ?? event.at, event.at)
        try desk.transaction.saveTrail(trail)
        let isMadeAnew = trail.createdAt.map { $0 > event.at } ?? false
        let backup = try desk.transaction.openBackup(of: id)
        // From whoever was made anew nothing was taken yet: only what was taken from the one before stands in the way.
        if isMadeAnew, backup == nil { return }
        guard var account = try desk.transaction.account(BudgetScope.principal(id).budgetID),
            account.standing.access.status != .closed
        else { return }
        // What was backed up since is of somebody who was there after the deletion. Logs tell time in whole seconds.
        if let backup, backup.backup.takenAt > event.at + .seconds(1) { return }
        let before = account.standing.access.status
        try desk.close(&account, by: actor(event))
        try desk.save(account)
        try audit(
            "principal.closed", event,
            [
                "budgetId": .string(account.id.rawValue), "from": .string(before.rawValue), "reason": "deleted",
                "backupId": backup.map { .int($0.id.rawValue) } ?? .null, "deletedAt": .string(event.at.iso8601),
            ])
        // Whoever was told that access is taken, or being taken, learns how it ended.
        if before != .active {
            try desk.tell(
                Notice(
                    id: account.goneNoticeID, kind: .principalGone, principal: id,
                    data: SuspensionRequest(account, reason: .budgetExceeded).json, at: desk.now))
        }
        if isMadeAnew { try reopen(event) }
    }

    /// Without a new name only the path is another.
    func rename(_ event: PrincipalEvent, to name: String, path: String?) throws {
        let id = event.principal.id
        guard id.kind == .user, name != id.name else {
            guard let path, var record = try desk.transaction.principal(id) else { return }
            record.principal = Principal(id: id, partition: record.principal.partition, path: path)
            return try desk.save(record)
        }
        try desk.transaction.noteOwner(NameOwner(name: id, userName: name, at: event.at))
        // The next name may have been told of first.
        let named = PrincipalID(account: id.account, kind: .user, name: name)
        var owners = try NameOwners(desk: desk)
        let last = try owners.latestName(of: named, since: event.at)
        guard last != id else { return }
        let renaming = Renaming(
            before: id, after: last, at: event.at, path: last == named ? path : nil, actor: actor(event),
            evidence: ["event": .string(event.id)])
        guard try desk.carryOver(renaming), try desk.isDeleted(last, since: event.at),
            var account = try desk.transaction.account(BudgetScope.principal(last).budgetID)
        else { return }
        // So may its deletion.
        try desk.close(&account, by: actor(event))
        try desk.save(account)
        try desk.audit(
            "principal.closed", by: actor(event), subject: last.description,
            ["budgetId": .string(account.id.rawValue), "reason": "deleted", "event": .string(event.id)])
    }

    mutating func note(_ credential: Credential, _ event: PrincipalEvent) throws {
        guard try credential.kind == .bedrockKey || concerns(event), try !isOvertaken(event) else { return }
        let id = event.principal.id
        try provision(event.principal, since: event.at, by: actor(event))
        try audit(
            "principal.credential-created", event,
            ["credential": .string(credential.id), "kind": .string(credential.kind.rawValue)])
        try desk.askForComparison(event)
        let tags = try desk.transaction.principal(id)?.tags ?? [:]
        guard !isTrusted(event.actor), !desk.settings.trail.isProvisioned(tags) else { return }
        counts["rogue-keys", default: 0] += 1
        var trail = try desk.transaction.trail(of: id) ?? PrincipalTrail(principal: id)
        trail.rogueSince = trail.rogueSince ?? event.at
        try desk.transaction.saveTrail(trail)
        try desk.tell(
            Notice(
                id: "rogue-key/\(id)/\(credential.id)", kind: .rogueKey, principal: id,
                data: facts(
                    event,
                    ["credential": .string(credential.id), "credentialKind": .string(credential.kind.rawValue)]),
                at: desk.now))
    }
}
