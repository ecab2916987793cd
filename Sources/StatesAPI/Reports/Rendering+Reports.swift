import Budgets
import Enforcement
import JSONModel
import WallTime

extension Rendering {
    func budgetReport(_ report: BudgetReport, at now: Instant) -> JSONObject {
        var object = budget(report.account)
        object["explanation"] = .string(report.account.explanation(at: now))
        object["burnRatePerHour"] = .optional(report.burnRate?.description)
        object["forecast"] = forecast(report.forecast, in: .money)
        object["further"] = .array(report.further.map { .object(further($0)) })
        return object
    }

    func further(_ report: BudgetReport.Further) -> JSONObject {
        let (budget, standing) = (report.account.budget, report.account.standing)
        let unit = budget.unit
        let spent = NanoDollars(rawValue: standing.spent)
        return [
            "id": .string(report.account.id.rawValue), "scope": .string(budget.scope.description),
            "unit": .string(unit.rawValue), "limit": amount(budget.limit, unit), "spent": amount(standing.spent, unit),
            "percent": .int(Int64(clamping: spent.perMille(of: NanoDollars(rawValue: budget.limit)) / 10)),
            "threshold": .string(report.account.state.rawValue), "mode": .string(budget.mode.rawValue),
            "period": [
                "kind": .string(budget.periodRule.description), "start": .string(standing.period.start.iso8601),
                "end": .string(standing.period.end.iso8601),
            ],
            "burnRatePerHour": report.burnRate.map { amount($0, unit) } ?? .null,
            "forecast": forecast(report.forecast, in: unit),
        ]
    }

    /// Null where there is no data to say anything from.
    private func forecast(_ forecast: Forecast, in unit: BudgetUnit) -> JSONValue {
        guard !forecast.projections.isEmpty else { return .null }
        var object: JSONObject = [:]
        for method in Forecast.Method.allCases {
            let projection = method == .linear ? forecast.linear : forecast.recent
            object[method.rawValue] =
                projection.map { projection in
                    [
                        "total": amount(projection.total.rawValue, unit),
                        "percent": .int(Int64(clamping: projection.perMille / 10)),
                        "reachesLimitAt": .optional(projection.reachesLimitAt?.iso8601),
                    ]
                } ?? .null
        }
        return .object(object)
    }

    /// Dollars as a text, tokens and requests as a number.
    func amount(_ amount: Int64, _ unit: BudgetUnit) -> JSONValue {
        unit == .money ? .string(NanoDollars(rawValue: amount).description) : .int(amount)
    }
}
