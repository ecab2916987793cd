import Budgets
package import Engine
import Interpreter
package import JSONModel
import WallTime

/// The steps about prices. Each but `reprice-usage` has a half that asks AWS, which the composition root adds: what it
/// returns is what the half here records.
///
/// | activity | AWS's half returns | result |
/// | --- | --- | --- |
/// | `sync-prices` | `rows`, `unmapped`, `unreadable`, `excluded` | counts |
/// | `look-up-model` | `models` (ARNs), or `problem` | `resolved`, `model` |
/// | `reprice-usage` | – | `done`, `position`, counts |
package enum PriceSteps {
    package static func all<Transaction: ExecutionTransaction & BudgetLedger>(
        _ settings: CurrentSettings
    ) -> [String: Step<Transaction>] {
        func step(
            _ run: @escaping @Sendable (StepRun<Transaction>, JSONValue) throws -> JSONValue
        ) -> Step<Transaction> {
            Step(record: { work, context, input, performed in
                try failingTask { try run(StepRun(Desk(work, settings), context, input), performed) }
            })
        }
        return [
            "sync-prices": step { try $0.recordPrices($1) },
            "look-up-model": step { try $0.recordModel($1) },
            "reprice-usage": step { run, _ in try run.repriceUsage() },
        ]
    }
}

extension StepRun {
    /// `sync-prices`: takes over the prices that were read.
    func recordPrices(_ performed: JSONValue) throws -> JSONValue {
        guard let list = performed["rows"]?.arrayValue else {
            throw InvalidRequest(member: "rows", problem: "is missing in what the Price List's reader returned")
        }
        let rows = try list.map { try PriceRow($0) }
        let result = try desk.importPrices(rows, by: actor)
        return [
            "offered": .int(Int64(result.offered)), "added": .int(Int64(result.added)),
            "confirmed": .int(Int64(result.confirmed)), "quarantined": .int(Int64(result.quarantined)),
            "held": .int(Int64(result.held)), "superseded": .int(Int64(result.superseded)),
            "unmapped": performed["unmapped"] ?? [], "unreadable": performed["unreadable"] ?? [],
            "excluded": performed["excluded"] ?? 0,
        ]
    }

    /// `look-up-model`: remembers what an id stands for, or why that is not known.
    func recordModel(_ performed: JSONValue) throws -> JSONValue {
        let name = try reader.text("modelId")
        var known = try desk.transaction.modelName(name) ?? ModelName(name: name, firstSeenAt: now)
        if known.model != nil, known.source != "bedrock" {
            // A person's word is not overruled.
            return [
                "since": .string(known.firstSeenAt.iso8601), "resolved": true,
                "model": known.model.map { .string($0) } ?? .null,
            ]
        }
        let arns = performed["models"]?.arrayValue?.compactMap(\.stringValue) ?? []
        let candidates = ModelTarget.candidates(arns)
        let book = try desk.settings.prices.book(in: desk.transaction)
        let model =
            candidates.count == 1
            ? candidates[0] : book.dearest(of: candidates, in: input["region"]?.stringValue, at: now)
        known.checkedAt = now
        known.model = model?.canonicalText
        known.source = model == nil ? nil : "bedrock"
        known.problem = model == nil ? problem(performed, candidates) : nil
        try desk.transaction.saveModelName(known)
        try desk.audit(
            model == nil ? "model.unresolved" : "model.resolved", by: actor, subject: name,
            ["model": known.model.map { .string($0) } ?? .null, "problem": known.problem.map { .string($0) } ?? .null])
        return [
            "since": .string(known.firstSeenAt.iso8601), "resolved": .bool(model != nil),
            "model": known.model.map { .string($0) } ?? .null,
            "problem": known.problem.map { .string($0) } ?? .null,
        ]
    }

    private func problem(_ performed: JSONValue, _ candidates: [ModelID]) -> String {
        if let problem = performed["problem"]?.stringValue { return problem }
        let names = candidates.map(\.canonicalText).joined(separator: ", ")
        return names.isEmpty ? "AWS names no model for it" : "not all of its models have a price: \(names)"
    }

    /// `reprice-usage`: one window of uses; `progress` is what the window before returned.
    func repriceUsage() throws -> JSONValue {
        let request = try RepricingRequest(input)
        let progress = input["progress"] ?? .null
        let by = input["requestedBy"]?.stringValue ?? actor
        let (report, next) = try desk.reprice(request, after: UsePosition(progress["position"] ?? .null), by: by)
        let sums = report.total
        func total(_ name: String, _ more: Int64) -> Int64 { saturated(progress[name]?.intValue ?? 0, more) }
        let sumBefore = total("beforeNanos", sums.before.rawValue)
        let sumAfter = total("afterNanos", sums.after.rawValue)
        return [
            "done": .bool(next == nil), "position": next?.json ?? .null,
            "looked": .int(total("looked", Int64(report.looked))),
            "changed": .int(total("changed", Int64(report.changed))),
            "unpriceable": .int(total("unpriceable", Int64(report.unpriceable))),
            "beforeNanos": .int(sumBefore), "afterNanos": .int(sumAfter),
            "before": .string(NanoDollars(rawValue: sumBefore).description),
            "after": .string(NanoDollars(rawValue: sumAfter).description),
        ]
    }
}

extension UsePosition {
    package var json: JSONValue { ["at": .int(at), "number": .int(number)] }

    package init?(_ json: JSONValue) {
        guard let number = json["number"]?.intValue else { return nil }
        self.init(at: json["at"]?.intValue ?? 0, number: number)
    }
}
