import Budgets
import Enforcement
import JSONModel
import WallTime

@testable import Notifications

/// 2026-11-20T10:00:00Z.
let now = Instant(milliseconds: 1_795_168_800_000)

/// A notice with the data that enforcement and the shipped state machines give it.
func makeNotice(
    _ kind: Notice.Kind, id: String = "budget-warning/b/1/0", name: String = "ana", spent: String = "0.92",
    limit: String = "1", graceSeconds: Int = 300, reason: SuspensionRequest.Reason = .budgetExceeded,
    severity: Notice.Severity? = nil, adding extra: JSONObject = [:]
) throws -> Notice {
    let principal = Principal(id: PrincipalID(account: "111122223333", kind: .user, name: name))
    let period = Period(start: now - .seconds(86_400), end: now + .seconds(29 * 86_400))
    let budget = try Budget(
        scope: .principal(principal.id), limit: NanoDollars(dollars: limit) ?? .zero, graceSeconds: graceSeconds)
    let account = BudgetAccount(
        budget: budget,
        standing: Standing(
            budget: budget.id, period: period, spending: Spending(total: NanoDollars(dollars: spent) ?? .zero),
            access: Access(status: .active, since: now)),
        principal: principal, createdAt: now, updatedAt: now)
    var data = SuspensionRequest(account, reason: reason).json.objectValue ?? [:]
    for (name, value) in extra { data[name] = value }
    return Notice(id: id, kind: kind, severity: severity, principal: principal.id, data: .object(data), at: now)
}
