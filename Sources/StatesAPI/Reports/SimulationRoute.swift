import Budgets
import Engine
import Enforcement
import Hummingbird
import JSONModel
import StatesLanguage
import WallTime

extension AdminAPI {
    /// Plays recorded usage against the body's budgets. Changes nothing.
    func simulation(_ request: Request) async throws -> JSONAnswer {
        let now = engine.now
        let (from, to) = try Self.span(request, now)
        let bytes = try await request.bytes(upTo: Self.budgetFileLimit)
        let (file, diagnostics) = BudgetFileReader.read(bytes: bytes, file: request.query("file"))
        guard let file else {
            throw APIError(
                .unprocessableContent, "InvalidInput", "the budgets can't be read", diagnostics: diagnostics)
        }
        let played = try await budgets(of: file)
        let result = try await Simulation.run(
            played, from: from, to: to, policy: enforcement.settings.policy, in: engine)
        return JSONAnswer(rendering.simulation(result))
    }

    private func budgets(of file: BudgetFile) async throws -> [FurtherBudget] {
        try await Self.refusing {
            try await enforcement.read { desk in
                try BudgetFileCommands.budgets(file, desk) { text in
                    let reference = try PrincipalReference(text)
                    return try reference.find(in: desk.transaction) ?? reference.principal
                }
            }
        }
    }

    private static func span(_ request: Request, _ now: Instant) throws -> (from: Instant, to: Instant) {
        if let from = request.query("from") {
            let start = try ReportQuery.moment(from, "from", now, .utc)
            let end = try request.query("to").map { try ReportQuery.moment($0, "to", now, .utc) } ?? now
            guard start < end, end - start <= Simulation.longest else {
                throw APIError.invalidRequest("from has to lie before to, at most 396 days")
            }
            return (start, end)
        }
        let text = request.query("replay") ?? "30d"
        guard let span = DurationText.parse(text), span > .zero, span <= Simulation.longest else {
            throw APIError.invalidRequest("replay must be a time such as 30d, at most 396d, not \"\(text)\"")
        }
        return (now - span, now)
    }
}

extension Rendering {
    func simulation(_ result: Simulation.Result) -> JSONValue {
        let replay = result.replay
        var answer: JSONObject = [
            "from": .string(result.from.iso8601), "to": .string(result.to.iso8601),
            "precision": result.isSingle ? "use" : "hour",
            "recorded": outcome(replay.recorded), "spent": outcome(replay.spent),
            "saved": .string(
                NanoDollars(rawValue: replay.recorded.cost.rawValue - replay.spent.cost.rawValue).description),
            "budgets": .array(replay.lines.map { .object(line($0)) }),
        ]
        if result.hours == 0 { answer["note"] = "no usage was recorded in this time: nothing can be said" }
        return .object(answer)
    }

    private func outcome(_ outcome: Replay.Outcome) -> JSONValue {
        ["cost": .string(outcome.cost.description), "requests": .int(outcome.requests)]
    }

    private func line(_ line: Replay.Line) -> JSONObject {
        let budget = line.budget
        let spared = line.spared.sorted { $0.key.rawValue < $1.key.rawValue }.map {
            ($0.key.rawValue, JSONValue.int(Int64($0.value.count)))
        }
        return [
            "id": .string(budget.id.rawValue), "scope": .string(budget.scope.description),
            "unit": .string(budget.unit.rawValue), "limit": amount(budget.limit, budget.unit),
            "period": .string(budget.periodRule.description), "mode": .string(budget.mode.rawValue),
            "crossings": .array(
                line.crossings.map { crossing in
                    [
                        "threshold": .string(crossing.threshold.rawValue), "at": .string(crossing.at.iso8601),
                        "principal": .string(crossing.principal.description),
                        "spent": amount(crossing.spent, budget.unit),
                    ]
                }),
            "furtherCrossings": .int(Int64(line.furtherCrossings)),
            "suspensions": .array(
                line.suspensions.map { suspension in
                    [
                        "principal": .string(suspension.principal.description),
                        "from": .string(suspension.from.iso8601), "until": .string(suspension.until.iso8601),
                    ]
                }),
            "furtherSuspensions": .int(Int64(line.furtherSuspensions)), "saved": .string(line.saved.cost.description),
            "savedRequests": .int(line.saved.requests), "overshoot": .string(line.overshoot.description),
            "spared": .object(JSONObject(spared)),
        ]
    }
}
