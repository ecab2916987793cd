import Budgets
import Engine
import Enforcement
import HTTPTypes
import Hummingbird
import JSONModel
import WallTime

extension AdminAPI {
    /// Budgets of teams, of the pool and of everyone, and quotas beside a principal's own budget.
    func addFurtherBudgetRoutes(to group: Routes) {
        group.get(query: ["limit", "after"]) { request, _ in try await listFurtherBudgets(request) }
        group.put { request, _ in try await setFurtherBudget(request) }
        group.delete(query: ["id"]) { request, _ in
            guard let id = request.query("id") else {
                throw APIError.invalidRequest("id is missing")
            }
            let actor = "operator:\(request.actor)"
            do {
                try await enforcement.transact {
                    try FurtherBudgetCommands.remove(BudgetID(rawValue: id), by: actor, $0)
                }
            } catch let error as FurtherBudgetError {
                throw APIError(.notFound, "NoSuchBudget", error.description)
            }
            return JSONAnswer(["removed": .string(id)])
        }
    }

    private func listFurtherBudgets(_ request: Request) async throws -> JSONAnswer {
        let (limit, after) = (try request.limit(), request.query("after").map(BudgetID.init(rawValue:)))
        let (accounts, next) = try await enforcement.read {
            try FurtherBudgetCommands.list(after: after, limit: limit, $0)
        }
        return JSONAnswer([
            "budgets": .array(accounts.map { .object(rendering.furtherBudget($0)) }), "next": .optional(next?.rawValue),
        ])
    }

    private func setFurtherBudget(_ request: Request) async throws -> JSONAnswer {
        let body = try await request.jsonObject(
            upTo: Self.bodyLimit,
            known: ["scope", "unit", "period", "limit", "warning", "critical", "mode", "graceSeconds"])
        let unit: BudgetUnit = try BudgetTerms.choice(body, "unit") ?? .money
        let change = FurtherBudgetChange(
            limit: try BudgetTerms.limit(body, unit), thresholds: try BudgetTerms.thresholds(body),
            mode: try BudgetTerms.choice(body, "mode"), graceSeconds: try BudgetTerms.grace(body))
        let period = try body.text("period") ?? "month"
        guard let rule = PeriodRule(period) else { throw BudgetTerms.noPeriod(period) }
        guard let scopeText = try body.text("scope") else { throw APIError.invalidRequest("scope is missing") }
        let actor = "operator:\(request.actor)"
        do {
            let account = try await enforcement.transact { desk in
                let scope = try Self.scope(scopeText, desk.transaction)
                try desk.requireName(of: scope)
                return try FurtherBudgetCommands.set(
                    FurtherBudgetKey(scope: scope, unit: unit, periodRule: rule), change, by: actor, desk)
            }
            wakeDelivery()
            return JSONAnswer(.object(rendering.furtherBudget(account)))
        } catch let error as BudgetError {
            throw APIError(.unprocessableContent, "InvalidInput", error.description)
        } catch let error as FurtherBudgetError {
            throw APIError(.unprocessableContent, "InvalidInput", error.description)
        } catch let error as RenamedPrincipal {
            throw APIError(.conflict, "Refused", error.description)
        }
    }

    /// `team:NAME`, `pool`, `everyone`, or a principal as people name it.
    static func scope(_ text: String, _ transaction: some BudgetLedger) throws -> FurtherScope {
        if let scope = FurtherScope(text) { return scope }
        let reference = try PrincipalReference(text)
        guard let principal = try reference.find(in: transaction) ?? reference.principal else {
            throw APIError(
                .notFound, "NoSuchBudget",
                "\"\(text)\" is no team:NAME, pool or everyone, and no principal that is known",
                hint: "Name a principal that is new by its ARN.")
        }
        return .principal(principal.id)
    }
}

/// Members of a body that say what a budget's terms are.
enum BudgetTerms {
    static func limit(_ body: JSONObject, _ unit: BudgetUnit) throws -> Int64? {
        guard let value = body["limit"], !value.isNull else { return nil }
        switch unit {
        case .money:
            guard let amount = value.stringValue.flatMap(NanoDollars.init(dollars:)) else {
                throw APIError.invalidRequest("limit must be dollars such as \"25.00\", not \(value)")
            }
            return amount.rawValue
        case .tokens, .requests:
            guard let count = value.intValue else {
                throw APIError.invalidRequest("limit must be a whole number of \(unit.rawValue), not \(value)")
            }
            return count
        }
    }

    /// `warning` and `critical` in per cent of the limit; both or neither.
    static func thresholds(_ body: JSONObject) throws -> Thresholds? {
        let percent = ["warning", "critical"].map { body[$0].flatMap { $0.isNull ? nil : $0 } }
        guard percent.contains(where: { $0 != nil }) else { return nil }
        guard let warning = percent[0]?.intValue, let critical = percent[1]?.intValue,
            (1...99).contains(warning), (1...99).contains(critical)
        else { throw APIError.invalidRequest("warning and critical go together, as whole per cent from 1 to 99") }
        return try Thresholds(warningPerMille: Int(warning) * 10, criticalPerMille: Int(critical) * 10)
    }

    static func grace(_ body: JSONObject) throws -> Int? {
        guard let value = body["graceSeconds"], !value.isNull else { return nil }
        guard let seconds = value.intValue.flatMap(Int.init(exactly:)) else {
            throw APIError.invalidRequest("graceSeconds must be a whole number, not \(value)")
        }
        return seconds
    }

    static func choice<Value: RawRepresentable & CaseIterable>(
        _ body: JSONObject, _ name: String
    ) throws -> Value? where Value.RawValue == String {
        guard let text = try body.text(name) else { return nil }
        guard let value = Value(rawValue: text) else {
            let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw APIError.invalidRequest("\(name) must be one of \(known), not \"\(text)\"")
        }
        return value
    }

    static func noPeriod(_ text: String) -> APIError {
        .invalidRequest("period must be day, month, day@ZONE, month@ZONE, or a span such as 30d, not \"\(text)\"")
    }
}

extension Rendering {
    func furtherBudget(_ account: FurtherAccount) -> JSONObject {
        let (budget, standing) = (account.budget, account.standing)
        func amount(_ count: Int64) -> JSONValue {
            budget.unit == .money ? .string(NanoDollars(rawValue: count).description) : .int(count)
        }
        let percent = NanoDollars(rawValue: standing.spent).perMille(of: NanoDollars(rawValue: budget.limit)) / 10
        return [
            "id": .string(account.id.rawValue), "scope": .string(budget.scope.description),
            "unit": .string(budget.unit.rawValue), "limit": amount(budget.limit), "spent": amount(standing.spent),
            "percent": .int(Int64(percent)), "threshold": .string(account.state.rawValue),
            "warning": .percent(budget.thresholds.warningPerMille),
            "critical": .percent(budget.thresholds.criticalPerMille), "mode": .string(budget.mode.rawValue),
            "graceSeconds": .int(Int64(budget.graceSeconds)),
            "period": [
                "kind": .string(budget.periodRule.description), "start": .string(standing.period.start.iso8601),
                "end": .string(standing.period.end.iso8601),
            ],
        ]
    }
}
