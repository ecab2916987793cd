import Budgets
import Engine
import Interpreter
import JSONModel
import WallTime
import Words

/// Suspended accounts that one step compares with IAM: with their backups they have to fit into a state.
private let reconcilePage = 10

extension StepRun {
    /// `find-orphan-denies`: of those who carry Steward's deny in IAM (`denies`), those of whom no suspension is known.
    ///
    /// Returns `repair`: those whose deny may be removed, which is the case when the ledger knows the principal to have
    /// its access and holds no open backup; `reported`, how many only a person can judge; and `unknown`: of whom this
    /// ledger has never heard, which the next page of the scan is given, so that people are told of all at once, with the
    /// page that has no `next`. Removing Steward's own deny never grants more than there was without it. Whoever was
    /// suspended under another name, by IAM's stable id, is known under this one from now on.
    ///
    /// The `scan` also tells the tags of principals, which are noted of those of whom no tags are known.
    ///
    /// With `only`, a member of `repair`, in the input it is looked at once more, in the moment before its deny is removed:
    /// returns `orphan`.
    func findOrphanDenies() throws -> JSONValue {
        if let only = input["only"] { return ["orphan": .bool(try isOrphanStill(only))] }
        let scan = input["scan"] ?? input
        for entry in scan["tagged"]?.arrayValue ?? [] { try noteTags(entry) }
        var repair: [JSONValue] = []
        var reported: Int64 = 0
        var unknown: [String] = []
        for deny in scan["denies"]?.arrayValue ?? [] {
            guard let arn = deny["arn"]?.stringValue else { continue }
            let principal = try Self.principal(arn)
            if let id = deny["id"]?.stringValue, try isRenamed(principal, entity: id) { continue }
            guard let account = try desk.transaction.account(BudgetScope.principal(principal.id).budgetID) else {
                unknown.append(arn)
                continue
            }
            guard try isOrphan(account) else { continue }
            let mayRepair = desk.settings.access.reconcile == .repair
            try tellOrphan(account, isRepaired: mayRepair)
            if mayRepair {
                repair.append(SuspensionRequest(account, reason: .budgetExceeded).json)
            } else {
                reported += 1
            }
        }
        let allUnknown = try noteUnknown(unknown)
        if (scan["next"] ?? .null).isNull { try tellUnknown(allUnknown) }
        return [
            "repair": .array(repair), "reported": .int(reported + Int64(unknown.count)), "unknown": allUnknown.json,
        ]
    }

    /// Who was tagged before CloudTrail was listened to, and is found by its spending, has tags that nobody has told of.
    /// They say whose it is and its team; a tier counts only from somebody trusted.
    private func noteTags(_ entry: JSONValue) throws {
        guard let arn = entry["arn"]?.stringValue, let told = entry["tags"]?.objectValue else { return }
        let id = try Self.principal(arn).id
        guard let record = try desk.transaction.principal(id), record.tags.isEmpty, record.team == nil,
            try desk.transaction.trail(of: id)?.taggedAt == nil
        else { return }
        var tags: [String: String] = [:]
        for (name, value) in told { tags[name] = value.stringValue }
        try desk.noteTags(tags, of: id)
        try desk.audit("principal.tags-read", by: actor, subject: id.description, ["tags": .object(told)])
    }

    private func isOrphanStill(_ found: JSONValue) throws -> Bool {
        let id = BudgetID(rawValue: try RequestReader(json: found).text("budgetId"))
        guard desk.settings.access.reconcile == .repair, let account = try desk.transaction.account(id) else {
            return false
        }
        return try isOrphan(account)
    }

    /// Whether the holder of a deny is somebody whom the ledger knows under another name: nobody told that it was renamed.
    /// What is known goes on under the new name.
    private func isRenamed(_ principal: Principal, entity id: String) throws -> Bool {
        guard principal.id.kind == .user,
            try desk.transaction.openBackup(of: principal.id)?.entityID != id,
            let backup = try desk.transaction.openBackup(ofEntity: id)
        else { return false }
        let before = backup.backup.principal
        guard before.kind == .user, before.account == principal.id.account, before != principal.id else { return false }
        // Somebody made anew under the old name since is another: the name was given up before.
        let madeAt = try desk.transaction.trail(of: before)?.createdAt
        let at = madeAt.map { $0 > backup.backup.takenAt ? $0 - .seconds(1) : now } ?? now
        try desk.transaction.noteOwner(NameOwner(name: before, userName: principal.id.name, at: at))
        return try desk.carryOver(
            Renaming(
                before: before, after: principal.id, at: at, path: principal.path, actor: actor,
                evidence: ["uniqueId": .string(id)]))
    }

    private static func principal(_ arn: String) throws -> Principal {
        do {
            return try Principal(arn: arn)
        } catch {
            throw InvalidRequest(member: "denies", problem: "holds \(arn): \(error)")
        }
    }

    /// Whether nothing that is known explains a deny. A suspension or restoration under way explains it, and so does a
    /// backup that was not given back. Who got access back after this run began, in which IAM was read page by page, may
    /// have had the deny then: the next run looks again.
    private func isOrphan(_ account: BudgetAccount) throws -> Bool {
        let access = account.standing.access
        let began = try desk.transaction.execution(context.execution)?.startedAt
        if let began, access.since > began { return false }
        switch access.status {
        case .suspended, .restoring, .grace, .suspensionFailed, .restorationFailed: return false
        case .active, .closed:
            return try desk.transaction.openBackup(of: account.principal.id) == nil
                && !desk.hasRunningWorkflow(account)
        }
    }

    private func tellOrphan(_ account: BudgetAccount, isRepaired: Bool) throws {
        try tellDrift(
            account, reason: "orphan-deny",
            faults: [
                Wording(
                    "Steward's deny is in IAM, and the ledger says \(account.standing.access.status.rawValue)",
                    es: "la denegación de Steward está en IAM, y el libro de cuentas dice "
                        + "\(account.standing.access.status.rawValue)")
            ],
            action: isRepaired ? "repair" : "report")
    }

    /// Principals of which this ledger has never heard: another Steward's, or of a ledger that was lost. The audit log has
    /// all of them.
    /// - Returns: these, and those of the pages before.
    private func noteUnknown(_ arns: [String]) throws -> UnknownHolders {
        var all = UnknownHolders(input["unknown"])
        all.add(arns)
        guard !arns.isEmpty else { return all }
        try desk.audit(
            "access.drift", by: actor, subject: UnknownHolders.who.english,
            [
                "reason": "orphan-deny", "action": "report",
                "faults": .array(arns.map { .string(UnknownHolders.fault($0).english) }),
            ])
        return all
    }

    /// The same ones are told once a day.
    private func tellUnknown(_ unknown: UnknownHolders) throws {
        guard unknown.count > 0 else { return }
        let data = JSONValue.object(
            JSONObject(
                [("reason", "orphan-deny"), ("action", "report")]
                    + Wording.members("principalName", UnknownHolders.who) + Wording.members("faults", unknown.faults)))
        let what = desk.settings.digest(Array(unknown.json.jsonString.utf8))
        try desk.tell(
            Notice(
                id: "access-drift/unknown/\(now.iso8601.prefix(10))/\(what)", kind: .accessDrift, principal: nil,
                data: data, at: now))
    }

    /// `record-orphan-removed`: the deny of an orphan was removed, as the input's `removal` says.
    func recordOrphanRemoved() throws -> JSONValue {
        let account = try account()
        try desk.audit(
            "access.orphan-removed", by: actor, subject: account.principal.id.description, input["removal"] ?? .null)
        return ["recorded": true]
    }

    /// `list-suspended`: a page of suspended accounts with their backups, to be compared with IAM: those after the budget
    /// `after`, or `only` one budget. Returns `accounts`, and `after` for the next page, null on the last.
    func listSuspended() throws -> JSONValue {
        if let only = input["only"]?.stringValue {
            let account = try desk.transaction.account(BudgetID(rawValue: only))
            let isSuspended = account?.standing.access.status == .suspended
            return ["accounts": .array(try suspended(isSuspended ? [account].compactMap(\.self) : [])), "after": .null]
        }
        let after = input["after"]?.stringValue.map(BudgetID.init(rawValue:))
        let page = try desk.transaction.accounts(
            AccountQuery(.status(.suspended), after: after, limit: reconcilePage))
        let next = page.count == reconcilePage ? page.last?.id.rawValue : nil
        return ["accounts": .array(try suspended(page)), "after": next.map { .string($0) } ?? .null]
    }

    /// Those that a workflow is not at work on, with their backups.
    private func suspended(_ accounts: [BudgetAccount]) throws -> [JSONValue] {
        try accounts.compactMap { account -> JSONValue? in
            guard try !desk.hasRunningWorkflow(account),
                let backup = try desk.transaction.openBackup(of: account.principal.id)
            else { return nil }
            return try SuspensionRequest(account, reason: .budgetExceeded).json
                .setting("suspendedAt", .string(account.standing.access.since.iso8601))
                .setting("backup", result(backup, isNew: false))
                .setting("scope", scope(of: account))
        }
    }

    /// For a shared role, the sessions that its deny has to name. Where they can't be told any more, that it names some.
    private func scope(of account: BudgetAccount) throws -> JSONValue {
        guard desk.settings.access.isShared(account.principal) else { return ["sessions": .null] }
        if case .sessions(let names) = try desk.roleScope(of: account) {
            return ["sessions": .array(names.map { .string($0) })]
        }
        let sessions = try desk.transaction.sessions(
            of: account.principal.id, since: account.standing.period.start, amongLatest: RoleScope.latestUses, limit: 1)
        return [
            "sessions": sessions.isEmpty ? .null : .array(sessions.map { .string($0.session) }), "anySession": true,
        ]
    }

    /// `record-drift`: IAM does not show the suspension of an account any more, as `faults` say. Tells people, once for
    /// each way in which it differs. Returns `action`: `repair`, `report`, `close` for a principal that is gone, or
    /// `none` when the account has meanwhile moved on.
    func recordDrift() throws -> JSONValue {
        let account = try account()
        let since = try reader.instant("suspendedAt")
        let access = account.standing.access
        guard access.status == .suspended, access.since == since, try !desk.hasRunningWorkflow(account) else {
            return ["action": "none"]
        }
        if input["gone"]?.boolValue == true { return ["action": "close"] }
        // Who has the name now was never backed up, and what could not be read can't be repaired.
        if input["newSessionsOnly"]?.boolValue == true { return try recordNewSessions(account) }
        let isRepairable = input["replaced"]?.boolValue != true && input["failed"]?.boolValue != true
        let action = isRepairable && desk.settings.access.reconcile == .repair ? "repair" : "report"
        let faults = Wording.list("faults", in: input)
        try tellDrift(account, reason: "not-suspended-in-iam", faults: faults, action: action)
        return ["action": .string(action)]
    }

    /// Nobody has undone anything: sessions have begun to spend since the deny was put, and are to be in it. Not told
    /// here: what they spend is a leak, which is.
    private func recordNewSessions(_ account: BudgetAccount) throws -> JSONValue {
        try desk.audit(
            "access.sessions-to-deny", by: actor, subject: account.principal.id.description,
            ["faults": input["faults"] ?? []])
        return ["action": "repair"]
    }

    /// `record-repaired`: access was taken again. When the account has moved on meanwhile, a restoration has given back
    /// what has now been taken: `giveBack` says that it has to be given back once more.
    func recordRepaired() throws -> JSONValue {
        let account = try account()
        let access = account.standing.access
        let since = try reader.instant("suspendedAt")
        let isStillSuspended = access.status == .suspended && access.since == since
        let isVerified = input["verification"]?["verified"]?.boolValue == true
        let action =
            !isStillSuspended ? "access.repair-overtaken" : isVerified ? "access.repaired" : "access.repair-unverified"
        try desk.audit(
            action, by: actor, subject: account.principal.id.description,
            ["taken": input["taken"] ?? .null, "verification": input["verification"] ?? .null])
        let hasAccess = access.status == .active || access.status == .restoring || access.status == .grace
        return ["stillSuspended": .bool(isStillSuspended), "giveBack": .bool(!isStillSuspended && hasAccess)]
    }

    private func tellDrift(_ account: BudgetAccount, reason: String, faults: [Wording], action: String) throws {
        var data = SuspensionRequest(account, reason: .budgetExceeded).json
            .setting("reason", .string(reason)).setting("action", .string(action))
        for (name, value) in Wording.members("faults", faults) { data = data.setting(name, value) }
        // The same difference of the same suspension is told once a day, however often it is found.
        let what = desk.settings.digest(Array(faults.map(\.english).sorted().joined(separator: "\n").utf8))
        let since = account.standing.access.since.milliseconds
        try desk.tell(
            Notice(
                id: "access-drift/\(account.id)/\(since)/\(now.iso8601.prefix(10))/\(what)", kind: .accessDrift,
                principal: account.principal.id, data: data, at: now))
        try desk.audit(
            "access.drift", by: actor, subject: account.principal.id.description,
            [
                "budgetId": .string(account.id.rawValue), "reason": .string(reason), "action": .string(action),
                "faults": .array(faults.map { .string($0.english) }),
            ])
    }
}

/// Who carries Steward's deny and is not in the ledger: the first by name, the others counted, so that they fit into a state
/// and a message.
private struct UnknownHolders {
    /// With how many more there are, what a message lists.
    private static let mostNamed = 19

    private var named: [String]
    private(set) var count: Int64

    /// - Parameter before: the `json` of the pages before.
    init(_ before: JSONValue?) {
        named = (before?["named"]?.arrayValue ?? []).compactMap(\.stringValue)
        count = before?["count"]?.intValue ?? 0
    }

    mutating func add(_ arns: [String]) {
        named += arns.prefix(max(0, Self.mostNamed - named.count))
        count += Int64(arns.count)
    }

    var json: JSONValue { ["named": .array(named.map { .string($0) }), "count": .int(count)] }

    static var who: Wording {
        Wording("principals unknown to this ledger", es: "identidades que este libro de cuentas no conoce")
    }

    static func fault(_ arn: String) -> Wording {
        Wording("\(arn) carries Steward's deny", es: "\(arn) lleva la denegación de Steward")
    }

    var faults: [Wording] {
        let more = count - Int64(named.count)
        guard more > 0 else { return named.map(Self.fault) }
        return named.map(Self.fault) + [
            Wording(
                "and \(more) more (the audit log has all: access.drift)",
                es: "y \(SpanishNumber.text("\(more)")) más (el registro de auditoría las tiene todas: access.drift)")
        ]
    }
}
