import Budgets
import Engine
import Enforcement
import HTTPTypes
import Hummingbird
import JSONModel
import WallTime

extension AdminAPI {
    /// Blocks and protections: a person's word about one principal.
    func addHoldRoutes(to api: Routes) {
        api.get("holds", query: ["limit", "after"]) { request, _ in try await listHolds(request) }
        api.group("blocks").put("**") { request, context in try await block(context, request) }
        api.group("blocks").delete("**", query: ["reason", "protect"]) { request, context in
            try await unblock(context, request)
        }
        api.group("protections").put("**") { request, context in try await protect(context, request) }
        api.group("protections").delete("**", query: ["reason"]) { request, context in
            try await unprotect(context, request)
        }
    }

    private func listHolds(_ request: Request) async throws -> JSONAnswer {
        let (limit, after) = (try request.limit(), request.query("after").map(BudgetID.init(rawValue:)))
        let page = try await engine.read { transaction in
            try BudgetCommands.listBudgets(.held, after: after, limit: limit, transaction)
        }
        return JSONAnswer([
            "holds": .array(page.accounts.map { .object(rendering.budget($0)) }),
            "next": .optional(page.next?.rawValue),
        ])
    }

    private func block(_ context: APIContext, _ request: Request) async throws -> JSONAnswer {
        let (end, reason) = try await order(request)
        return try await change(context, request) { principal, actor, desk in
            try HoldCommands.block(principal, until: end(desk.now), reason: reason, by: actor, desk)
        }
    }

    private func unblock(_ context: APIContext, _ request: Request) async throws -> JSONAnswer {
        let reason = try request.reason()
        let protecting = try request.flag("protect")
        // Who may lift a block may not therefore protect.
        if protecting, let caller = Caller.current, !caller.role.includes(.admin) {
            throw APIError(
                .forbidden, "NotAllowed", "only administrators protect: \(caller.name) is no administrator",
                hint: "Lift the block without --protect, or ask an administrator.")
        }
        return try await change(context, request) { principal, actor, desk in
            try HoldCommands.unblock(principal, reason: reason, protecting: protecting, by: actor, desk)
        }
    }

    private func protect(_ context: APIContext, _ request: Request) async throws -> JSONAnswer {
        let (end, reason) = try await order(request)
        return try await change(context, request) { principal, actor, desk in
            try HoldCommands.protect(principal, until: end(desk.now), reason: reason, by: actor, desk)
        }
    }

    private func unprotect(_ context: APIContext, _ request: Request) async throws -> JSONAnswer {
        let reason = try request.reason()
        return try await change(context, request) { principal, actor, desk in
            try HoldCommands.unprotect(principal, reason: reason, by: actor, desk)
        }
    }

    /// What the body orders: when it ends, counted from the transaction's now, and why.
    private func order(_ request: Request) async throws -> (end: @Sendable (Instant) -> HoldEnd, reason: String) {
        let body = try await request.jsonObject(upTo: Self.bodyLimit, known: ["for", "until", "reason"])
        guard let reason = try body.text("reason"), !reason.isEmpty else {
            throw APIError.invalidRequest("reason is missing", hint: "Whoever reads the audit log needs it.")
        }
        let (span, until) = (try body.text("for"), try body.text("until"))
        switch (span, until) {
        case (nil, let text?):
            guard let instant = Instant(iso8601: text) else {
                throw APIError.invalidRequest("until must be a time such as 2026-12-01T08:00:00Z, not \"\(text)\"")
            }
            return ({ _ in .at(instant) }, reason)
        case (let text?, nil):
            if text == "permanent" { return ({ _ in .never }, reason) }
            if text == "reset" { return ({ _ in .nextReset }, reason) }
            guard let duration = DurationText.parse(text), duration > .zero else {
                throw APIError.invalidRequest("for must be a time span such as 1h, 1d or 1w, reset, or permanent")
            }
            return ({ .at($0 + duration) }, reason)
        default: throw APIError.invalidRequest("give for or until, and not both")
        }
    }

    private func change(
        _ context: APIContext, _ request: Request,
        _ body: @escaping @Sendable (Principal, String, Desk<Store.Transaction>) throws -> BudgetAccount
    ) async throws -> JSONAnswer {
        let reference = try Self.principalReference(context)
        let actor = "operator:\(request.actor)"
        do {
            let account = try await enforcement.transact { desk in
                let reference = try PrincipalReference(reference)
                guard let principal = try reference.find(in: desk.transaction) ?? reference.principal else {
                    throw PrincipalReference.notFound(reference.text)
                }
                return try body(principal, actor, desk)
            }
            wakeDelivery()
            return JSONAnswer(.object(rendering.budget(account)))
        } catch let error as HoldError {
            throw APIError(.conflict, "Refused", error.description)
        } catch let error as RenamedPrincipal {
            throw APIError(.conflict, "Refused", error.description)
        }
    }
}

extension Request {
    fileprivate func reason() throws -> String {
        guard let reason = query("reason") else {
            throw APIError.invalidRequest("reason is missing", hint: "Whoever reads the audit log needs it.")
        }
        return reason
    }
}
