import Budgets
import Engine
package import JSONModel
import WallTime
import Words

extension Desk {
    /// Does what the event of a runtime asks for: its role gets a budget, the pool of all of them is made with the first.
    func note(_ change: AgentRuntimeChange, _ event: PrincipalEvent) throws {
        let isFirst = try transaction.agentRuntimes(ofRole: nil, limit: 1).isEmpty
        let before = try transaction.agentRuntime(change.id)
        var runtime = before ?? AgentRuntime(id: change.id, region: event.region, changedAt: event.at)
        runtime.arn = runtime.arn ?? change.arn
        runtime.name = runtime.name ?? change.name
        if let role = change.role, before?.role == nil || event.at >= runtime.changedAt {
            (runtime.role, runtime.changedAt) = (role, event.at)
        }
        if change.kind == .deleted { runtime.deletedAt = event.at }
        try transaction.saveAgentRuntime(runtime)
        try tellOf(change, runtime, event)
        guard runtime.deletedAt == nil, let role = runtime.role else { return }
        if isFirst, before == nil { try makeAgentPool() }
        guard role.id != before?.role?.id else { return }
        try provisionAgent(role)
        let sharing = try transaction.agentRuntimes(ofRole: role.id, limit: 100).filter { $0.id != runtime.id }
        guard !sharing.isEmpty else { return }
        try audit(
            "agentcore.role-shared", by: "steward:agentcore", subject: role.id.description,
            ["runtimes": .array(([runtime] + sharing).map { .string($0.id) })])
    }

    private func tellOf(_ change: AgentRuntimeChange, _ runtime: AgentRuntime, _ event: PrincipalEvent) throws {
        let detail: JSONValue = [
            "runtimeId": .string(runtime.id), "runtimeArn": .optional(runtime.arn), "name": .optional(runtime.name),
            "role": .optional(runtime.role?.id.description), "region": .string(runtime.region),
            "at": .string(event.at.iso8601), "event": .string(event.id),
        ]
        try audit(
            "agentcore.runtime-\(change.kind.rawValue)", by: event.actor.map { "cloudtrail:\($0.id)" } ?? "cloudtrail",
            subject: runtime.role?.id.description ?? runtime.id, detail)
        let word = change.kind.rawValue.prefix(1).uppercased() + change.kind.rawValue.dropFirst()
        _ = try publish(
            BusEvent(
                id: "trail/\(event.id)", source: Self.eventSource, detailType: "AgentCore Runtime \(word)", at: now,
                account: settings.account, region: settings.region,
                resources: [runtime.arn, runtime.role?.arn].compactMap(\.self), detail: detail))
    }

    /// A role that has only the budget that everybody gets, or none, gets the one of agents. What a person has set
    /// stays, and so does the budget of a role from which access was taken: whoever may make a runtime could name any
    /// role, and a higher limit would give it back.
    private func provisionAgent(_ role: Principal) throws {
        let account = try transaction.account(BudgetScope.principal(role.id).budgetID)
        if account?.hasOwnTerms != true, account?.standing.access.status.lacksAccess != true {
            _ = try BudgetCommands.setBudget(of: role, settings.agents.change, by: "steward:agentcore", self)
        }
        guard var record = try transaction.principal(role.id) else { return }
        // Without a limit of its own, a team that has none either would leave it without any: whoever may tag a role
        // could name such a team before its first runtime is told of.
        if let team = record.team, try hasLimit(team) { return }
        record.team = settings.agents.team
        try save(record)
    }

    private func hasLimit(_ team: String) throws -> Bool {
        try transaction.furtherBudgets(of: .team(team)).contains { $0.budget.mode == .enforce }
    }

    private func makeAgentPool() throws {
        guard let limit = settings.agents.poolLimit else { return }
        let key = FurtherBudgetKey(scope: .team(settings.agents.team), unit: .money, periodRule: .standard)
        let blank = try FurtherBudget(scope: key.scope, unit: key.unit, limit: 0, periodRule: key.periodRule)
        guard try transaction.furtherBudget(blank.id) == nil else { return }
        _ = try FurtherBudgetCommands.set(
            key,
            FurtherBudgetChange(
                limit: limit.rawValue, thresholds: settings.agents.thresholds,
                graceSeconds: settings.agents.graceSeconds), by: "steward:agentcore", self)
    }
}

/// What is known of AgentCore runtimes, with the budgets of their roles.
package enum AgentReport {
    private static let most = 1000

    package static func list<Transaction>(_ desk: Desk<Transaction>) throws -> JSONValue {
        let runtimes = try desk.transaction.agentRuntimes(ofRole: nil, limit: most)
        let counts = Dictionary(runtimes.compactMap { $0.role?.id }.map { ($0, 1) }, uniquingKeysWith: +)
        return .array(
            try runtimes.map { runtime in
                let account = try runtime.role.flatMap {
                    try desk.transaction.account(BudgetScope.principal($0.id).budgetID)
                }
                let limit = account.map(\.budget.limit)
                return [
                    "id": .string(runtime.id), "arn": .optional(runtime.arn), "name": .optional(runtime.name),
                    "region": .string(runtime.region), "role": .optional(runtime.role?.id.description),
                    "sharedRole": .bool(runtime.role.map { (counts[$0.id] ?? 0) > 1 } ?? false),
                    "status": .optional(account?.standing.access.status.rawValue),
                    "spent": .optional(account?.standing.spending.total.description),
                    "limit": .optional(limit == AgentSettings.unlimited ? nil : limit?.description),
                    "team": .optional(account?.team),
                ]
            })
    }
}

extension RadarProbe {
    /// Roles that several runtimes use: one of them may use up the budget of the others, and a suspension hits all.
    package static func sharedAgentRoles<Transaction: BudgetLedger>(
        read: @escaping LedgerReader<Transaction>
    ) -> RadarProbe {
        RadarProbe(Wording("AgentCore runtimes", es: "los runtimes de AgentCore")) { _ in
            try await read { transaction in
                let runtimes = try transaction.agentRuntimes(ofRole: nil, limit: 1000)
                let byRole = Dictionary(grouping: runtimes.filter { $0.role != nil }) { $0.role?.id }
                return byRole.compactMap { role, sharing in
                    guard let role, sharing.count > 1 else { return nil }
                    let names = sharing.map(\.id).joined(separator: ", ")
                    return RadarFinding(
                        .sharedAgentRole, .warning, subject: role.description,
                        Wording(
                            "\(sharing.count) AgentCore runtimes act as \(role.name): \(names). They share its budget, "
                                + "and a suspension stops all of them",
                            es:
                                "\(sharing.count) runtimes de AgentCore actúan como \(role.name): \(names). Comparten su "
                                + "presupuesto, y una suspensión los detiene a todos"),
                        advice: Wording(
                            "give each runtime an execution role of its own",
                            es: "dé a cada runtime un rol de ejecución propio"))
                }.sorted { $0.subject < $1.subject }
            }
        }
    }
}
