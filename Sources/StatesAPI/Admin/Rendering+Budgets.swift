import Budgets
import Enforcement
import JSONModel
import WallTime

extension Rendering {
    func budget(_ account: BudgetAccount) -> JSONObject {
        let (budget, standing, principal) = (account.budget, account.standing, account.principal)
        let access = standing.access
        return [
            "id": .string(account.id.rawValue),
            "principal": [
                "id": .string(principal.id.description), "arn": .string(principal.arn),
                "kind": .string(principal.id.kind.rawValue), "account": .string(principal.id.account),
                "userName": principal.id.kind == .user ? .string(principal.id.name) : .null,
            ],
            "limit": .string(budget.limit.description),
            "spent": .string(standing.spending.total.description),
            "percent": .int(Int64(standing.spending.total.perMille(of: budget.limit) / 10)),
            "threshold": .string(account.state.rawValue),
            "requests": .int(standing.spending.requests),
            "status": .string(access.status.rawValue),
            "statusSince": .string(access.since.iso8601),
            "reason": .optional(access.reason),
            "declinedSince": .optional(account.declinedSince?.iso8601),
            "mode": .string(budget.mode.rawValue),
            "enforcement": .string(budget.enforcement.rawValue),
            "warning": .percent(budget.thresholds.warningPerMille),
            "critical": .percent(budget.thresholds.criticalPerMille),
            "protected": .bool(budget.isProtected || account.protection != nil),
            "protection": account.protection?.json ?? .null,
            "block": account.block?.json ?? .null,
            "team": .optional(account.team),
            "ownTerms": .bool(account.hasOwnTerms),
            "graceSeconds": .int(Int64(budget.graceSeconds)),
            "graceUntil": .optional(access.graceUntil?.iso8601),
            "period": [
                "kind": .string(budget.periodRule.description), "start": .string(standing.period.start.iso8601),
                "end": .string(standing.period.end.iso8601),
            ],
            "refreshCount": .int(Int64(standing.refreshCount)),
            "executions": .array(account.workflows.map(JSONValue.string)),
        ]
    }

    func ingestReport(_ report: IngestReport, source: String) -> JSONObject {
        [
            "source": .string(source),
            "records": .int(Int64(report.received)),
            "charged": .int(Int64(report.recorded)),
            "duplicates": .int(Int64(report.duplicates)),
            "ignored": .int(Int64(report.ignored)),
            "unreadable": .int(Int64(report.unreadable)),
            "principalEvents": .int(Int64(report.events)),
            "fallbackPriced": .int(Int64(report.atFallbackPrices)),
            "unmetered": .int(Int64(report.unmetered)),
            "newPrincipals": .int(Int64(report.newPrincipals)),
            "crossings": .int(Int64(report.crossings)),
            "cost": .string(report.charged.description),
            "costNanoDollars": .int(report.charged.rawValue),
        ]
    }
}
