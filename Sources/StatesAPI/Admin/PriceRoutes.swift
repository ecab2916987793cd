import Budgets
import Engine
import Enforcement
import Foundation
import HTTPTypes
import Hummingbird
import JSONModel
import WallTime

/// Prices: what is in force and why, what waits for a person, and corrections of what was charged.
extension AdminAPI {
    private var prices: PriceService<Store> { PriceService(engine: engine, settings: enforcement.currentSettings) }

    /// What limits a correction.
    private static var repriced: [String] { ["from", "to", "model", "principal"] }

    func addPriceRoutes(to group: Routes) {
        group.get(query: ["model", "status"]) { request, _ in try await listPrices(request) }
        group.post { request, _ in try await setPrice(request) }
        group.get("models/**", query: ["region", "at"]) { request, context in
            try await describePrice(request, context)
        }
        group.post("names") { request, _ in try await nameModel(request) }
        group.get("reprice", query: Self.repriced) { request, _ in try await previewRepricing(request) }
        group.post("reprice") { request, _ in try await startRepricing(request) }
        group.post("sync") { request, _ in
            let record = try await engine.triggerSchedule("price-sync", by: "operator:\(request.actor)")
            return JSONAnswer(.object(try await rendered(record)), status: .created)
        }
        group.post(":number/accept") { request, context in
            let (id, actor) = (try Self.priceID(context), "operator:\(request.actor)")
            return try await answering { try await prices.accept(id, by: actor) }
        }
        group.post(":number/withdraw") { request, context in
            let (id, actor) = (try Self.priceID(context), "operator:\(request.actor)")
            return try await answering { try await prices.withdraw(id, by: actor) }
        }
    }

    private static func priceID(_ context: some RequestContext) throws -> PriceID {
        let text = try context.parameter("number")
        guard let number = Int64(text) else { throw APIError.invalidRequest("\"\(text)\" is no number of a price") }
        return PriceID(rawValue: number)
    }

    private func answering(_ work: () async throws -> StoredPrice) async throws -> JSONAnswer {
        do {
            return JSONAnswer(.object(rendering.price(try await work())))
        } catch let error as PriceError {
            switch error {
            case .unknownPrice: throw APIError(.notFound, "NoSuchPrice", error.description)
            case .notQuarantined: throw APIError(.conflict, "NotQuarantined", error.description)
            case .free: throw APIError(.unprocessableContent, "InvalidInput", error.description)
            }
        }
    }

    // MARK: Looking

    private func listPrices(_ request: Request) async throws -> JSONAnswer {
        var statuses: Set<PriceStatus> = [.inForce, .quarantined]
        if let text = request.query("status") {
            guard let status = PriceStatus(rawValue: text) else {
                let known = PriceStatus.allCases.map(\.rawValue).joined(separator: ", ")
                throw APIError.invalidRequest("\"\(text)\" is no status of a price", hint: "Known: \(known).")
            }
            statuses = [status]
        }
        let (wanted, model, limit) = (statuses, request.query("model"), 10_000)
        let (stored, unknown, names) = try await engine.read { transaction in
            (
                try transaction.prices(statuses: wanted, limit: limit), try transaction.unresolvedNames(limit: limit),
                try transaction.resolvedNames(limit: limit)
            )
        }
        let book = enforcement.settings.prices.book
        // Static rows have no number: they come with the program.
        let documented = wanted.contains(.inForce) ? book.allRows.filter { $0.origin == .documented } : []
        func fits(_ row: PriceRow) -> Bool { model.map { row.model.contains($0) } ?? true }
        let last = stored.filter { $0.row.origin == .priceList }.map(\.confirmedAt).max()
        return JSONAnswer([
            "prices": .array(
                stored.filter { fits($0.row) }.map { .object(rendering.price($0)) }
                    + documented.filter(fits).map { .object(rendering.documented($0)) }),
            // A price may have come since.
            "unknown": .array(
                unknown.map { rendering.modelName($0, book) }.filter { $0["priced"] != true }.map(JSONValue.object)),
            "names": .array(names.map { .object(rendering.modelName($0, book)) }),
            "priceListConfirmedAt": .optional(last?.iso8601),
            "fallback": .object(rendering.rates(book.fallback)),
        ])
    }

    private func describePrice(_ request: Request, _ context: some RequestContext) async throws -> JSONAnswer {
        guard let text = context.parameters.getCatchAll().joined(separator: "/").removingPercentEncoding, !text.isEmpty
        else { throw APIError.invalidRequest("the path lacks its model") }
        let region = request.query("region") ?? enforcement.settings.region
        let at = try request.instant("at") ?? engine.now
        let book = enforcement.settings.prices.book
        let model = ModelID(text)
        let resolved = book.resolve(model)
        let listing = book.listing(of: model, in: region)
        let row = listing.row(at: at)
        let effective = try row?.effectiveRates(for: listing.scope, in: region) ?? book.fallback
        return JSONAnswer([
            "model": .string(text), "chargedAs": .string(resolved.base), "scope": .optional(resolved.scope.label),
            "region": .string(region), "at": .string(at.iso8601),
            "basis": .string(row == nil ? "fallback" : "listed"), "rates": .object(rendering.rates(effective)),
            "row": row.map { .object($0.json) } ?? .null,
            "others": .array(listing.rows.filter { $0 != row }.map { .object($0.json) }),
        ])
    }

    // MARK: Changing

    private func setPrice(_ request: Request) async throws -> JSONAnswer {
        var body = try await request.jsonObject(
            upTo: Self.bodyLimit,
            known: [
                "model", "scope", "region", "effectiveFrom", "input", "output", "cacheRead", "cacheWrite5m",
                "cacheWrite1h", "more", "reason",
            ])
        let actor = "operator:\(request.actor)"
        let model = ModelID(try body.text("model") ?? "")
        guard !model.base.isEmpty else { throw APIError.invalidRequest("model is missing") }
        // A geography in front says the scope, unless it is said apart.
        if let label = model.scope.label, body["scope"] == nil { body["scope"] = .string(label) }
        body["model"] = .string(model.base)
        body["origin"] = .string(PriceSource.operator.rawValue)
        body["source"] = .string(try body.text("reason") ?? "set by \(actor)")
        body["effectiveFrom"] = .string(try body.text("effectiveFrom") ?? engine.now.iso8601)
        let row: PriceRow
        do { row = try PriceRow(.object(body)) } catch { throw APIError.invalidRequest(error.description) }
        return try await answering { try await prices.set(row, by: actor) }
    }

    private func nameModel(_ request: Request) async throws -> JSONAnswer {
        let body = try await request.jsonObject(upTo: Self.bodyLimit, known: ["name", "model"])
        guard let name = try body.text("name"), let model = try body.text("model"), !name.isEmpty, !model.isEmpty else {
            throw APIError.invalidRequest("name and model are needed")
        }
        let known = try await prices.name(name, as: ModelID(model), by: "operator:\(request.actor)")
        return JSONAnswer(.object(rendering.modelName(known, enforcement.settings.prices.book)))
    }

    // MARK: Re-pricing

    private func previewRepricing(_ request: Request) async throws -> JSONAnswer {
        var asked: JSONObject = [:]
        for name in Self.repriced { asked[name] = .optional(request.query(name)) }
        let report = try await prices.preview(try await repricing(asked))
        return JSONAnswer(.object(try rendering.repricing(report)))
    }

    private func startRepricing(_ request: Request) async throws -> JSONAnswer {
        let body = try await request.jsonObject(upTo: Self.bodyLimit, known: ["from", "to", "model", "principal"])
        var input = try await repricing(body).json
        input["requestedBy"] = .string("operator:\(request.actor)")
        let record = try await engine.startExecution(stateMachine: "reprice", name: nil, input: .object(input))
        return JSONAnswer(.object(try await rendered(record)), status: .created)
    }

    /// A principal may be given as people name it.
    private func repricing(_ asked: JSONObject) async throws -> RepricingRequest {
        var asked = asked
        if let text = try asked.text("principal") {
            let found = try await engine.read { try PrincipalReference(text).find(in: $0) }
            guard let found else { throw PrincipalReference.notFound(text) }
            asked["principal"] = .string(found.id.description)
        }
        do { return try RepricingRequest(.object(asked)) } catch { throw APIError.invalidRequest(error.description) }
    }
}

extension Request {
    /// An instant as a query parameter.
    fileprivate func instant(_ name: String) throws -> Instant? {
        guard let text = query(name) else { return nil }
        guard let instant = Instant(iso8601: text) else {
            throw APIError.invalidRequest("\(name) must be a time such as 2026-11-20T10:15:42Z, not \"\(text)\"")
        }
        return instant
    }
}
