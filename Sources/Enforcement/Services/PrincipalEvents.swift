import Budgets
import Engine
import JSONModel
import WallTime

extension Desk {
    /// Does what CloudTrail's records of principals ask for, each once, whatever order they come in.
    func note(_ events: [PrincipalEvent], _ report: inout IngestReport) throws {
        guard !events.isEmpty else { return }
        var batch = TrailBatch(desk: self)
        for event in events.inOrder { try batch.take(event) }
        try batch.finish()
        // Who calls for the first time is known by now.
        try count(events)
        report.events += events.count
        report.duplicates += batch.duplicates
        report.newPrincipals += batch.newPrincipals
    }

    /// Whether the clock is wrong by which something happened.
    func isTooFarAhead(_ instant: Instant) -> Bool { instant > now + settings.maximumClockSkew }

    /// The event as of now when it lies far in the future: a deletion or a change of tags that is said to happen in years
    /// would speak against all that happens until then, and a job has to be paid by who made it. A dead letter tells of the
    /// first of a source each day.
    func broughtToNow(_ event: PrincipalEvent) throws -> PrincipalEvent {
        guard isTooFarAhead(event.at) else { return event }
        if try transaction.insertTrailEvent("future/\(event.source)/\(now.iso8601.prefix(10))", at: now) {
            let facts: JSONValue = [
                "eventID": .string(event.id), "eventTime": .string(event.at.iso8601),
                "principal": .string(event.principal.id.description), "awsRegion": .string(event.region),
            ]
            _ = try transaction.insertDeadLetter(
                NewDeadLetter(
                    kind: .usage, subject: "\(event.source), event \(event.id)", source: event.source,
                    error: "Steward.EventInTheFuture",
                    cause:
                        "it lies in the future (\(event.at.iso8601)), and was taken as of now, like all others of the day "
                        + "from there; check the clock of its source, and who may write to it",
                    payload: facts.jsonBytes, at: now))
        }
        var event = event
        event.at = now
        return event
    }
}

extension [PrincipalEvent] {
    /// As they happened, so that what comes in one batch need not be mended afterwards. Logs tell time in whole
    /// seconds, and who is made and given a key within one was made first.
    fileprivate var inOrder: [PrincipalEvent] {
        func rank(_ event: PrincipalEvent) -> Int { if case .created = event.occurrence { 0 } else { 1 } }
        return enumerated().sorted { left, right in
            (left.element.at, rank(left.element), left.offset) < (right.element.at, rank(right.element), right.offset)
        }.map(\.element)
    }
}

/// One batch: what is only counted is written once at its end.
struct TrailBatch<Transaction: ExecutionTransaction & BudgetLedger> {
    let desk: Desk<Transaction>
    var newPrincipals = 0
    private(set) var duplicates = 0
    private var sightings: [SightingKey: Sighting] = [:]
    private var callers: [PrincipalID: Principal] = [:]
    var counts: [String: Int64] = [:]
    /// Sessions of GetFederationToken, by name and by user, in which Bedrock was called.
    private var sessions: [PrincipalID: [String: Instant]] = [:]

    private struct SightingKey: Hashable {
        let principal: PrincipalID
        let endpoint: String
        let region: String
    }

    init(desk: Desk<Transaction>) { self.desk = desk }

    mutating func take(_ event: PrincipalEvent) throws {
        // Calls come in thousands, and seeing one twice does no harm. One that failed shows nobody who has access.
        if case .called(let call) = event.occurrence {
            noteSession(of: event)
            if call.errorCode == nil { see(event, call) }
            return
        }
        guard try desk.transaction.insertTrailEvent(event.id, at: event.at) else {
            duplicates += 1
            return
        }
        switch event.occurrence {
        case .called: break
        case .jobStarted(let job):
            see(event, job.call)
            try note(job, event)
        case .agentRuntime(let change):
            guard desk.settings.agents.isEnabled else { return counts["agentcore-off", default: 0] += 1 }
            try desk.note(change, event)
        case .unknownOperation(let call, let record):
            see(event, call)
            try note(call, record, event)
        case .created(let uniqueID, let tags): try create(event, uniqueID, tags)
        case .deleted: try close(event)
        case .renamed(let name, let path): try rename(event, to: name, path: path)
        case .sessionIssued(let name):
            let id = event.principal.id
            let session = PrincipalID(account: id.account, kind: .federatedUser, name: name)
            try desk.noteSession(NameOwner(name: session, userName: id.name, at: event.at))
        case .credentialCreated(let credential): try note(credential, event)
        case .credentialChanged(let id, let operation):
            guard try concerns(event) else { return }
            try audit(
                "principal.credential-changed", event, ["credential": .string(id), "operation": .string(operation)])
            try desk.askForComparison(event)
        case .policyChanged(let change):
            guard try concerns(event) else { return }
            try audit(
                "principal.policy-changed", event,
                ["operation": .string(change.operation), "policy": .string(change.policy)])
            try desk.askForComparison(event)
        case .tagged(let tags): try retag(event, setting: tags, removing: [])
        case .untagged(let keys): try retag(event, setting: [:], removing: keys)
        }
    }

    /// Only a session of GetFederationToken is a user's; that of a role is its role's.
    private mutating func noteSession(of event: PrincipalEvent) {
        let id = event.principal.id
        guard id.kind == .user, let name = event.principal.session else { return }
        let session = PrincipalID(account: id.account, kind: .federatedUser, name: name)
        let last = sessions[session]?[id.name] ?? event.at
        sessions[session, default: [:]][id.name] = max(last, event.at)
    }

    mutating func finish() throws {
        for (session, users) in sessions.sorted(by: { $0.key < $1.key }) {
            for (user, at) in users.sorted(by: { $0.key < $1.key }) {
                try desk.noteSession(NameOwner(name: session, userName: user, at: at))
            }
        }
        for principal in callers.values.sorted(by: { $0.id < $1.id }) {
            let seen = sightings.values.filter { $0.principal == principal.id }
            let lastUsed = seen.map(\.lastAt).max() ?? desk.now
            // Calls of somebody who was deleted since make nobody known.
            if try desk.transaction.principal(principal.id) == nil, try desk.isDeleted(principal.id, since: lastUsed) {
                continue
            }
            try provision(principal, since: seen.map(\.firstAt).min() ?? desk.now, by: "steward:cloudtrail")
            for sighting in seen { try desk.transaction.noteSighting(sighting) }
            try lookForLeak(principal.id, lastUsed: lastUsed)
        }
        for (name, count) in counts { try desk.transaction.countIngest(name, by: count) }
    }
}

// MARK: - Bedrock is used

extension TrailBatch {
    /// A call that succeeded, by somebody who is suspended: CloudTrail often knows it before the log does. It is the
    /// same leak that metering tells of, and told once.
    private func lookForLeak(_ id: PrincipalID, lastUsed: Instant) throws {
        guard let account = try desk.transaction.account(BudgetScope.principal(id).budgetID) else { return }
        let access = account.standing.access
        guard access.status == .suspended, lastUsed > access.since + desk.settings.leakAfter else { return }
        let data = SuspensionRequest(account, reason: .budgetExceeded).json
            .setting("usedAt", .string(lastUsed.iso8601)).setting("suspendedAt", .string(access.since.iso8601))
        try desk.tell(
            Notice(
                id: "enforcement-leak/\(account.id)/\(access.since.milliseconds)", kind: .enforcementLeak,
                principal: id, data: data, at: desk.now))
    }

    private mutating func see(_ event: PrincipalEvent, _ call: BedrockCall) {
        let id = event.principal.id
        callers[id] = event.principal
        let key = SightingKey(principal: id, endpoint: call.endpoint, region: event.region)
        var sighting =
            sightings[key]
            ?? Sighting(
                principal: id, endpoint: call.endpoint, region: event.region, operation: call.operation, count: 0,
                firstAt: event.at, lastAt: event.at)
        sighting.count += 1
        sighting.firstAt = min(sighting.firstAt, event.at)
        if event.at >= sighting.lastAt {
            sighting.lastAt = event.at
            sighting.operation = call.operation
        }
        sightings[key] = sighting
    }

    private mutating func note(_ job: BedrockJob, _ event: PrincipalEvent) throws {
        counts["jobs-\(job.kind.rawValue)", default: 0] += 1
        let detail: JSONObject = [
            "operation": .string(job.call.operation), "kind": .string(job.kind.rawValue),
            "job": .optional(job.arn), "model": .optional(job.model), "region": .string(event.region),
            "at": .string(event.at.iso8601),
        ]
        try audit("bedrock.job-started", event, detail)
        let type: String
        switch job.kind {
        case .batch: type = "Batch Job Submitted"
        case .invocation: type = "Async Invocation Started"
        case .throughput, .other: return
        }
        var about = detail
        about["principalId"] = .string(event.principal.id.description)
        _ = try desk.publish(
            BusEvent(
                id: "trail/\(event.id)", source: Desk<Transaction>.eventSource, detailType: type, at: desk.now,
                account: desk.settings.account, region: desk.settings.region, resources: [event.principal.arn],
                detail: .object(about)))
    }

    /// One dead letter a day and operation holds an example; people are told of each operation once.
    private mutating func note(_ call: BedrockCall, _ record: [UInt8], _ event: PrincipalEvent) throws {
        counts["unknown-operations", default: 0] += 1
        let name = "\(call.endpoint)/\(call.operation)"
        let day = event.at.milliseconds / 86_400_000
        guard try desk.transaction.insertTrailEvent("unknown-operation/\(name)/\(day)", at: event.at) else { return }
        _ = try desk.transaction.insertDeadLetter(
            NewDeadLetter(
                kind: .usage, subject: "\(call.endpoint) \(call.operation), event \(event.id)", source: event.source,
                error: "Steward.UnknownOperation",
                cause: "this version doesn't know the operation, nor whether it spends; its record is kept here",
                payload: record, at: desk.now))
        try desk.tell(
            Notice(
                id: "unknown-operation/\(name)", kind: .unknownOperation, principal: event.principal.id,
                data: facts(event, ["endpoint": .string(call.endpoint), "operation": .string(call.operation)]),
                at: desk.now))
    }
}

// MARK: - What all of them do

extension TrailBatch {
    /// Whether the event is about somebody with a budget, or who is to get one.
    func concerns(_ event: PrincipalEvent) throws -> Bool {
        let id = event.principal.id
        return try desk.settings.trail.isKey(id) || desk.transaction.principal(id) != nil
    }

    /// Whether it is about somebody who was deleted afterwards: told of late, it gives nobody a budget, and says
    /// nothing of who has the name now.
    func isOvertaken(_ event: PrincipalEvent) throws -> Bool {
        try desk.isDeleted(event.principal.id, since: event.at)
    }

    /// Gives the principal its budget, unless it has one: with the tier's limit, else the default.
    mutating func provision(
        _ principal: Principal, since: Instant, tags: [String: String] = [:], tier: NanoDollars? = nil, by actor: String
    ) throws {
        let id = principal.id
        guard try desk.transaction.account(BudgetScope.principal(id).budgetID) == nil else { return }
        newPrincipals += 1
        let settings = desk.settings.trail
        var budget = try desk.settings.defaultBudget.budget(for: id)
        if let tier { budget.limit = tier }
        var account = try desk.openAccount(
            budget, principal: principal, firstUse: min(since, desk.now), isDiscovered: true, by: actor)
        if tier != nil {
            account.hasOwnTerms = true
            try desk.save(account)
        }
        guard !tags.isEmpty, var record = try desk.transaction.principal(id) else { return }
        record.tags = tags
        record.team = settings.team(tags)
        try desk.save(record)
    }

    /// Gives the tier's limit to a principal that something else told of first, and that has the budget that everybody
    /// gets. What a person has set, or a tier before, stays.
    func giveTier(_ tier: NanoDollars?, _ event: PrincipalEvent) throws {
        let id = BudgetScope.principal(event.principal.id).budgetID
        guard let tier, let account = try desk.transaction.account(id), !account.hasOwnTerms else { return }
        _ = try BudgetCommands.setBudget(of: event.principal, BudgetChange(limit: tier), by: actor(event), desk)
    }

    /// A name that was closed and is made anew has access again.
    func reopen(_ event: PrincipalEvent) throws {
        guard var account = try desk.transaction.account(BudgetScope.principal(event.principal.id).budgetID),
            account.standing.access.status == .closed
        else { return }
        try desk.reopen(&account, reason: "created anew", by: actor(event))
        if account.standing.access.status.rollsOver { try desk.rollOver(&account) }
        // A person's block is of the name.
        if account.block.inForce(at: desk.now) != nil { try desk.suspendOrSpare(&account) }
        try desk.save(account)
    }

    func isTrusted(_ actor: Principal?) -> Bool {
        guard let actor else { return false }
        return actor.id == desk.settings.policy.own || desk.settings.trail.trusted.contains(actor.id)
    }

    func actor(_ event: PrincipalEvent) -> String {
        event.actor.map { "cloudtrail:\($0.id)" } ?? "cloudtrail"
    }

    func audit(_ action: String, _ event: PrincipalEvent, _ detail: JSONObject) throws {
        var detail = detail
        detail["event"] = .string(event.id)
        try desk.audit(action, by: actor(event), subject: event.principal.id.description, .object(detail))
    }

    func facts(_ event: PrincipalEvent, _ more: JSONObject) -> JSONValue {
        var facts: JSONObject = [
            "principalId": .string(event.principal.id.description), "principalName": .string(event.principal.id.name),
            "by": .optional(event.actor?.id.description), "region": .string(event.region),
            "happenedAt": .string(event.at.iso8601), "event": .string(event.id),
        ]
        for (name, value) in more { facts[name] = value }
        return .object(facts)
    }

    static func json(_ tags: [String: String]) -> JSONValue {
        .object(JSONObject(tags.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }
}
