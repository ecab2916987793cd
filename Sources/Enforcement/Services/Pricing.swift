package import Budgets
import Engine
import JSONModel
import WallTime

/// Why a command about prices can't be carried out.
package enum PriceError: Error, Equatable, Sendable, CustomStringConvertible {
    case unknownPrice(Int64)
    case notQuarantined(Int64, PriceStatus)
    case free(String)

    package var description: String {
        switch self {
        case .unknownPrice(let number):
            "there is no price \(number); `workflowctl price list` shows what there is"
        case .notQuarantined(let number, let status):
            "price \(number) is \(status.rawValue): only a quarantined one can be accepted"
        case .free(let model):
            "a price of nothing for \(model) would leave its use uncounted; give what it costs"
        }
    }
}

// MARK: - What metering notices

extension Desk {
    /// A model without a price was used. Told once for each; an id whose model AWS can tell starts the question.
    func noteUnpriced(_ event: UsageEvent) throws {
        let name = event.model.text
        try tell(
            Notice(
                id: "unknown-model/\(name)", kind: .unknownModel, principal: event.principal.id,
                data: ["model": .string(name), "principalId": .string(event.principal.id.description)], at: now))
        guard try transaction.modelName(name) == nil else { return }
        try transaction.saveModelName(ModelName(name: name, firstSeenAt: now))
        guard event.model.opaqueID != nil else { return }
        let detail: JSONValue = [
            "modelId": .string(name), "region": .string(event.key.region), "account": .string(event.key.account),
        ]
        _ = try publish(
            BusEvent(
                id: "model-seen/\(name)", source: Self.eventSource, detailType: "Unresolved Model Used", at: now,
                account: settings.account, region: settings.region, resources: [name], detail: detail))
    }

    /// One use that costs more than any should: a wrong price or a wrong count looks like this, and so does a real one.
    func tellImplausible(_ event: UsageEvent, _ charge: Charge) throws {
        if try settings.prices.book(in: transaction).row(for: event.model, in: event.key.region, at: event.at) == nil {
            try noteUnpriced(event)
        }
        let data: JSONValue = [
            "model": .string(event.model.text), "principalId": .string(event.principal.id.description),
            "amount": .string(charge.amount.description), "requestId": .string(event.key.requestID),
            "usedAt": .string(event.at.iso8601), "tokens": .int(event.tokens.total), "images": .int(event.images),
        ]
        let key = event.key
        try tell(
            Notice(
                id: "implausible-cost/\(key.account)/\(key.region)/\(key.requestID)", kind: .implausibleCost,
                principal: event.principal.id, data: data, at: now))
    }
}

// MARK: - What people say

extension Desk {
    /// A price by a person's word, in force from its date on, above what any other source says.
    /// - Throws: `PriceError.free`.
    package func setPrice(_ row: PriceRow, by actor: String) throws -> StoredPrice {
        guard !row.rates.isFree else { throw PriceError.free(row.model) }
        var row = row
        row.origin = .operator
        let price = try record(row, status: .inForce, problem: nil, by: actor)
        try audit("price.set", by: actor, subject: row.model, .object(row.json))
        return price
    }

    /// Lets a quarantined price count.
    /// - Throws: `PriceError`.
    package func acceptPrice(_ id: PriceID, by actor: String) throws -> StoredPrice {
        let price = try price(id)
        guard price.status == .quarantined else { throw PriceError.notQuarantined(id.rawValue, price.status) }
        return try move(price, to: .inForce, "price.accepted", by: actor)
    }

    /// Takes a price back, or says that a quarantined one is wrong: it is not offered again.
    /// - Throws: `PriceError`.
    package func withdrawPrice(_ id: PriceID, by actor: String) throws -> StoredPrice {
        try move(price(id), to: .withdrawn, "price.withdrawn", by: actor)
    }

    /// Says what an id stands for, in a person's name.
    package func nameModel(_ name: String, as model: ModelID, by actor: String) throws -> ModelName {
        var known = try transaction.modelName(name) ?? ModelName(name: name, firstSeenAt: now)
        known.model = model.canonicalText
        known.source = actor
        known.checkedAt = now
        known.problem = nil
        try transaction.saveModelName(known)
        try audit("model.named", by: actor, subject: name, ["model": .string(model.canonicalText)])
        return known
    }

    private func price(_ id: PriceID) throws -> StoredPrice {
        guard let price = try transaction.price(id) else { throw PriceError.unknownPrice(id.rawValue) }
        return price
    }

    private func move(
        _ price: StoredPrice, to status: PriceStatus, _ action: String, by actor: String
    ) throws -> StoredPrice {
        try transaction.setStatus(status, ofPrice: price.id)
        try audit(action, by: actor, subject: price.row.model, .object(price.row.json))
        var price = price
        price.status = status
        return price
    }

    func record(_ row: PriceRow, status: PriceStatus, problem: String?, by actor: String) throws -> StoredPrice {
        var price = StoredPrice(
            id: PriceID(rawValue: 0), row: row, status: status, problem: problem, recordedAt: now, recordedBy: actor,
            confirmedAt: now)
        price.id = try transaction.insertPrice(price)
        return price
    }
}

extension TokenCounts {
    /// All of them; a real use is far from the end.
    var total: Int64 {
        [input, output, cacheRead, cacheWrite5m, cacheWrite1h].reduce(0) { $0.addingReportingOverflow($1).partialValue }
    }
}
