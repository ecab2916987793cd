import Budgets
package import Engine
import Interpreter
import JSONModel
import WallTime

/// The domain steps: activities that Steward's own workers serve. Each touches only Steward's tables, inside the
/// transaction that records its result, so that it happens exactly once.
package enum DomainSteps {
    /// Every step that needs nothing but Steward's tables, by the name of its activity.
    package static func all<Transaction: ExecutionTransaction & BudgetLedger>(
        _ settings: CurrentSettings
    ) -> [String: Step<Transaction>] {
        names.reduce(into: [:]) { steps, name in
            steps[name] = Step(record: { work, context, input, _ in
                try failingTask { try StepRun(Desk(work, settings), context, input).run(name) }
            })
        }
    }

    /// The activities served.
    package static let names = [
        "send-notice", "audit", "check-budget", "record-suspended", "record-spared", "record-suspension-failed",
        "validate-restoration", "load-backup", "reset-budget", "record-restoration-failed", "monitor-budgets",
        "refresh-budgets", "end-block", "fail-until-redriven", "scope-access", "widen-backup", "record-principal-gone",
        "record-unenforceable", "find-orphan-denies", "record-orphan-removed", "list-suspended", "record-drift",
        "record-repaired",
    ]

    /// The recording half of the backup step: the composition root joins it to the step that reads IAM, whose result is
    /// the snapshot.
    package static func recordBackup<Transaction: ExecutionTransaction & BudgetLedger>(
        _ settings: CurrentSettings
    ) -> Step<Transaction>.Record {
        { work, context, input, performed in
            try failingTask { try StepRun(Desk(work, settings), context, input).recordBackup(performed) }
        }
    }
}

extension DomainSteps {
    /// The recording half of the step that takes access away.
    package static func recordTaken<Transaction: ExecutionTransaction & BudgetLedger>(
        _ settings: CurrentSettings
    ) -> Step<Transaction>.Record {
        { work, context, input, performed in
            try failingTask { try StepRun(Desk(work, settings), context, input).recordTaken(performed) }
        }
    }
}

/// Turns the errors that a workflow can meet into failures with a name that it can catch. Anything else is the store's.
func failingTask<Result>(_ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as InvalidRequest {
        throw TaskFailure(error: StepError.invalidInput, cause: error.description)
    } catch let error as IllegalTransition {
        throw TaskFailure(error: StepError.illegalTransition, cause: error.description)
    }
}

/// Error names of domain steps, for `Retry` and `Catch`.
package enum StepError {
    package static let invalidInput = "Steward.InvalidInput"
    package static let unknownBudget = "Steward.UnknownBudget"
    package static let notVerified = "Steward.NotVerified"
    package static let illegalTransition = "Steward.IllegalTransition"
    package static let noBackup = "Steward.NoBackup"
    package static let backupDamaged = "Steward.BackupDamaged"
    package static let unscopableRole = "Steward.UnscopableRole"
    package static let otherAccount = "Steward.OtherAccount"
    package static let denyDoesNotFit = "Steward.DenyDoesNotFit"
    package static let principalGone = "Steward.PrincipalGone"
}

/// One run of a domain step: its transaction, its task, its input.
struct StepRun<Transaction: ExecutionTransaction & BudgetLedger> {
    let desk: Desk<Transaction>
    let context: TaskContext
    let input: JSONValue
    let reader: RequestReader

    init(_ desk: Desk<Transaction>, _ context: TaskContext, _ input: JSONValue) {
        self.desk = desk
        self.context = context
        self.input = input
        reader = RequestReader(json: input)
    }

    /// Runs the step that serves an activity of `DomainSteps.names`.
    func run(_ activity: String) throws -> JSONValue {
        switch activity {
        case "send-notice": try sendNotice()
        case "audit": try appendAudit()
        case "check-budget": try checkBudget()
        case "record-suspended": try recordSuspended()
        case "record-spared": try recordSpared()
        case "record-suspension-failed": try recordSuspensionFailed()
        case "validate-restoration": try validateRestoration()
        case "load-backup": try loadBackup()
        case "reset-budget": try resetBudget()
        case "record-restoration-failed": try recordRestorationFailed()
        case "monitor-budgets": try monitorBudgets()
        case "refresh-budgets": try refreshBudgets()
        case "end-block": try endBlock()
        case "fail-until-redriven": try failUntilRedriven()
        case "scope-access": try scopeAccess()
        case "widen-backup": try widenBackup()
        case "record-principal-gone": try recordPrincipalGone()
        case "record-unenforceable": try recordUnenforceable()
        default: try reconcile(activity)
        }
    }

    private func reconcile(_ activity: String) throws -> JSONValue {
        switch activity {
        case "find-orphan-denies": try findOrphanDenies()
        case "record-orphan-removed": try recordOrphanRemoved()
        case "list-suspended": try listSuspended()
        case "record-drift": try recordDrift()
        case "record-repaired": try recordRepaired()
        default: throw InvalidRequest(member: "Resource", problem: "names no step that is served here: \(activity)")
        }
    }

    var now: Instant { desk.now }
    /// Who acts, for the audit log.
    var actor: String { "workflow:\(context.stateMachine)/\(context.executionName)" }

    /// The account that the input names by `budgetId`, or by `principalId`.
    /// - Throws: `TaskFailure` `Steward.UnknownBudget` when there is none.
    func account() throws -> BudgetAccount {
        let id: BudgetID
        if input["budgetId"] == nil, let text = input["principalId"]?.stringValue {
            guard let principal = PrincipalID(text) else {
                throw InvalidRequest(member: "principalId", problem: "has to be ACCOUNT/KIND/NAME, and is \(text)")
            }
            id = BudgetScope.principal(principal).budgetID
        } else {
            id = BudgetID(rawValue: try reader.text("budgetId"))
        }
        guard let account = try desk.transaction.account(id) else {
            throw TaskFailure(
                error: StepError.unknownBudget, cause: "there is no budget \(id); it may have been removed")
        }
        return account
    }

    /// Moves the account's access and writes that down, with why.
    func move(_ account: inout BudgetAccount, to status: AccessStatus, reason: String?, _ action: String) throws {
        let before = account.standing.access.status
        account.standing.access = try account.standing.access.moved(to: status, at: now, reason: reason)
        // Also a crossing in the same period starts something new from here on.
        if status == .active { account.standing.arming += 1 }
        let detail: JSONValue = [
            "budgetId": .string(account.id.rawValue), "from": .string(before.rawValue), "to": .string(status.rawValue),
            "reason": reason.map { .string($0) } ?? .null,
            "spent": .string(account.standing.spending.total.description),
            "limit": .string(account.budget.limit.description),
        ]
        try desk.audit(action, by: actor, subject: account.principal.id.description, detail)
    }
}
