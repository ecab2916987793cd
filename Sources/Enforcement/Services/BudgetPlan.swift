package import Budgets
package import Engine
import Interpreter
package import JSONModel
import WallTime

/// What the next run of the monitor, or of the refresh, would do, found by letting it do it in a transaction that is
/// thrown away.
package struct BudgetPlan: Sendable, Equatable {
    package struct Action: Sendable, Equatable {
        package enum Kind: String, Sendable, Hashable, CaseIterable {
            /// People would be warned.
            case warn
            case suspend
            /// Over a limit, and left alone; the action's `reason` says why.
            case spare
            case restore
        }

        package var kind: Kind
        package var principal: PrincipalID?
        package var reason: String
        /// What the workflow or the message would be given.
        package var data: JSONValue
        /// Whom a suspension would be for, when several share the role.
        package var scope: Scope?
        /// The principal's backup that is open now: a suspension keeps to it as long as it stands.
        package var backup: PolicyBackup?
    }

    package enum Scope: Sendable, Equatable {
        case sessions([String])
        /// Nobody would be denied, and why.
        case declined(String)
    }

    package var actions: [Action]
    /// What the step itself would have answered.
    package var result: JSONValue

    /// Whether anybody's access would change.
    package var changesAccess: Bool { actions.contains { $0.kind == .suspend || $0.kind == .restore } }
    /// Whether nothing at all would be done: who is spared has nothing done to it.
    package var isEmpty: Bool { actions.allSatisfy { $0.kind == .spare } }

    /// Runs the monitor, or the refresh, in the transaction of `desk`, whose changes the caller must not keep.
    /// - Parameter isRefresh: the daily refresh instead of the monitor.
    package static func make<Transaction>(
        isRefresh: Bool, _ work: Work<Transaction>, _ settings: EnforcementSettings
    ) throws -> BudgetPlan where Transaction: BudgetLedger {
        let seen = Seen()
        var settings = settings
        let channels = settings.channels
        settings.channels = { notice in
            seen.note(notice)
            return channels(notice)
        }
        var desk = Desk(transaction: work.transaction, now: work.now, settings: settings) { event in
            seen.note(event)
            return ["plan"]
        }
        desk.noteSpared = { seen.note($0, spared: $1) }
        let name = isRefresh ? "refresh-budgets" : "monitor-budgets"
        let context = TaskContext(
            execution: ExecutionID(rawValue: 0), executionARN: "", executionName: "plan", stateMachine: name, state: "",
            resource: "activity:\(name)", retryCount: 0, idempotencyKey: "plan", now: work.now, deadline: nil,
            heartbeat: {})
        // As the state machine does: again with what the run before returned, until there is no more.
        let progress = isRefresh ? "refresh" : "monitor"
        var result = try StepRun(desk, context, [:]).run(name)
        while result["cursor"]?.isNull == false { result = try StepRun(desk, context, [progress: result]).run(name) }
        return BudgetPlan(actions: try seen.actions.map { try scoped($0, desk) }, result: result)
    }

    private static func scoped<Transaction>(_ action: Action, _ desk: Desk<Transaction>) throws -> Action {
        guard action.kind == .suspend, let id = action.principal else { return action }
        var action = action
        action.backup = try desk.transaction.openBackup(of: id)
        guard let account = try desk.transaction.account(BudgetScope.principal(id).budgetID),
            desk.settings.access.isShared(account.principal)
        else { return action }
        switch try desk.roleScope(of: account) {
        case .sessions(let sessions): action.scope = .sessions(sessions)
        case .unknown(let reason): action.scope = .declined(reason)
        }
        return action
    }

    /// Thrown to roll the transaction back.
    struct Made: Error {
        let plan: BudgetPlan
    }
}

extension EnforcementService {
    /// What the next run of the monitor, or of the refresh, would do. Nothing of it is kept.
    package func plan(isRefresh: Bool) async throws -> BudgetPlan {
        do {
            return try await engine.transact { [settings] work in
                throw BudgetPlan.Made(plan: try .make(isRefresh: isRefresh, work, settings))
            }
        } catch let made as BudgetPlan.Made {
            return made.plan
        }
    }
}

/// What went out while the plan was made, in its order.
private final class Seen: Sendable {
    private let seen = LockedBox<[BudgetPlan.Action]>([])

    var actions: [BudgetPlan.Action] { seen.withLock { $0 } }

    private func append(_ action: BudgetPlan.Action) { seen.withLock { $0.append(action) } }

    func note(_ account: BudgetAccount, spared reason: SuspensionDecision.Reason) {
        append(
            BudgetPlan.Action(
                kind: .spare, principal: account.principal.id, reason: reason.rawValue,
                data: SuspensionRequest(account, reason: .budgetExceeded).json))
    }

    func note(_ event: BusEvent) {
        let kind: BudgetPlan.Action.Kind? =
            switch event.detailType {
            case Threshold.exceeded.detailType, "Block Ordered": .suspend
            case "Budget Refreshed": .restore
            default: nil
            }
        guard let kind else { return }
        append(
            BudgetPlan.Action(
                kind: kind, principal: event.detail["principalId"]?.stringValue.flatMap(PrincipalID.init),
                reason: event.detail["cause"]?["text"]?.stringValue ?? event.detail["reason"]?.stringValue ?? "",
                data: event.detail))
    }

    func note(_ notice: Notice) {
        let kind: BudgetPlan.Action.Kind? =
            switch notice.kind {
            case .budgetWarning, .budgetCritical, .furtherBudgetExceeded: .warn
            default: nil
            }
        guard let kind else { return }
        append(
            BudgetPlan.Action(
                kind: kind, principal: notice.principal,
                reason: notice.data["text"]?.stringValue ?? notice.kind.rawValue, data: notice.data))
    }
}
