import Budgets
import Engine
import Enforcement
import Foundation
import HTTPTypes
import Hummingbird
import JSONModel
import WallTime

extension AdminAPI {
    func addBudgetRoutes(to api: Routes) {
        let group = api.group("budgets")
        group.get(query: ["status", "limit", "after"]) { request, _ in try await listBudgets(request) }
        group.get("**") { _, context in try await describeBudget(Self.principalReference(context)) }
        group.put("**") { request, context in try await setBudget(Self.principalReference(context), request) }
        api.get("audit", query: ["subject", "limit"]) { request, _ in try await listAudit(request) }
        api.get("notices", query: ["limit"]) { request, _ in try await listNotices(request) }
    }

    /// The rest of the path: a principal's id has slashes.
    static func principalReference(_ context: some RequestContext) throws -> String {
        guard let text = context.parameters.getCatchAll().joined(separator: "/").removingPercentEncoding, !text.isEmpty
        else { throw APIError.invalidRequest("the path lacks its principal") }
        return text
    }

    private func listBudgets(_ request: Request) async throws -> JSONAnswer {
        var selection = AccountQuery.Selection.all
        if let text = request.query("status") {
            guard let status = AccessStatus(rawValue: text) else {
                let known = AccessStatus.allCases.map(\.rawValue).joined(separator: ", ")
                throw APIError.invalidRequest("\"\(text)\" is no status of a budget", hint: "Known: \(known).")
            }
            selection = .status(status)
        }
        let (limit, after) = (try request.limit(), request.query("after").map(BudgetID.init(rawValue:)))
        let page = try await engine.read { [selection] transaction in
            try BudgetCommands.listBudgets(selection, after: after, limit: limit, transaction)
        }
        return JSONAnswer([
            "budgets": .array(page.accounts.map { .object(rendering.budget($0)) }),
            "next": .optional(page.next?.rawValue),
        ])
    }

    private func describeBudget(_ reference: String) async throws -> JSONAnswer {
        let (account, further) = try await enforcement.read { desk in
            guard let principal = try PrincipalReference(reference).find(in: desk.transaction),
                let account = try BudgetCommands.getBudget(of: principal.id, desk.transaction)
            else { throw PrincipalReference.notFound(reference) }
            return (account, try desk.furtherBudgets(of: account))
        }
        var budget = rendering.budget(account)
        budget["furtherBudgets"] = .array(further.map { .object(rendering.furtherBudget($0)) })
        return JSONAnswer(.object(budget))
    }

    private func setBudget(_ reference: String, _ request: Request) async throws -> JSONAnswer {
        let body = try await request.jsonObject(
            upTo: Self.bodyLimit,
            known: [
                "limit", "warning", "critical", "graceSeconds", "mode", "enforcement", "period", "protected",
            ])
        let change: BudgetChange
        do {
            change = try BudgetChange(body)
        } catch let error as BudgetError {
            throw APIError(.unprocessableContent, "InvalidInput", error.description)
        }
        let actor = "operator:\(request.actor)"
        let principal = try await engine.read { transaction in
            let reference = try PrincipalReference(reference)
            guard let principal = try reference.find(in: transaction) ?? reference.principal else {
                throw PrincipalReference.notFound(reference.text)
            }
            return principal
        }
        do {
            let account = try await enforcement.setBudget(of: principal, change, by: actor)
            wakeDelivery()
            return JSONAnswer(.object(rendering.budget(account)))
        } catch let error as BudgetError {
            throw APIError(.unprocessableContent, "InvalidInput", error.description)
        } catch let error as RenamedPrincipal {
            throw APIError(.conflict, "Refused", error.description)
        }
    }

    private func listAudit(_ request: Request) async throws -> JSONAnswer {
        let (subject, limit) = (request.query("subject"), try request.limit())
        let entries = try await engine.read { try $0.auditEntries(subject: subject, limit: limit) }
        return JSONAnswer([
            "entries": .array(
                entries.map { entry in
                    [
                        "at": .string(entry.at.iso8601), "actor": .string(entry.actor), "action": .string(entry.action),
                        "subject": .string(entry.subject), "detail": entry.detail,
                    ]
                })
        ])
    }

    private func listNotices(_ request: Request) async throws -> JSONAnswer {
        let limit = try request.limit()
        let notices = try await engine.read { try $0.notices(limit: limit) }
        return JSONAnswer([
            "notices": .array(
                notices.map { notice in
                    [
                        "id": .string(notice.id), "kind": .string(notice.kind.rawValue),
                        "severity": .string(notice.severity.rawValue),
                        "principal": .optional(notice.principal?.description), "at": .string(notice.at.iso8601),
                        "data": notice.data,
                    ]
                })
        ])
    }
}

/// How people name a principal: its id `ACCOUNT/KIND/NAME`, its ARN, or the name of a user that is known already.
struct PrincipalReference {
    let text: String
    /// What the text says by itself; nil for a bare name.
    let principal: Principal?

    init(_ text: String) throws {
        self.text = text
        if text.hasPrefix("arn:") {
            do {
                principal = try Principal(arn: text)
            } catch {
                throw APIError.invalidRequest("\"\(text)\": \(error)")
            }
        } else {
            principal = PrincipalID(text).map { Principal(id: $0) }
        }
        if let account = principal?.id.account { try Self.requireAccount(account, text) }
    }

    /// A slip in the account would make a budget of nobody, and whoever was meant would keep the old one.
    private static func requireAccount(_ account: String, _ text: String) throws {
        guard account.utf8.count == 12, account.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw APIError.invalidRequest("\"\(text)\": an account has twelve digits, which \"\(account)\" has not")
        }
    }

    /// The principal with a budget that is meant; nil when there is none.
    /// - Throws: `APIError` `Ambiguous` when a name fits several.
    func find(in transaction: some BudgetLedger) throws -> Principal? {
        if let principal { return try transaction.principal(principal.id)?.principal }
        let found = try transaction.principals(named: text, limit: 3)
        guard found.count <= 1 else {
            throw APIError(
                .conflict, "Ambiguous",
                "\"\(text)\" fits \(found.map(\.principal.id.description).joined(separator: ", "))",
                hint: "Give the id or the ARN.")
        }
        return found.first?.principal
    }

    static func notFound(_ text: String) -> APIError {
        APIError(
            .notFound, "NoSuchBudget", "there is no budget of \"\(text)\"",
            hint: "workflowctl budget list shows what there is; name someone new by ARN.")
    }
}

extension BudgetChange {
    fileprivate init(_ body: JSONObject) throws {
        self.init()
        limit = try BudgetTerms.limit(body, .money).map(NanoDollars.init(rawValue:))
        thresholds = try BudgetTerms.thresholds(body)
        graceSeconds = try BudgetTerms.grace(body)
        if let value = body["protected"] {
            guard let flag = value.boolValue else {
                throw APIError.invalidRequest("protected must be true or false, not \(value)")
            }
            isProtected = flag
        }
        mode = try BudgetTerms.choice(body, "mode")
        enforcement = try BudgetTerms.choice(body, "enforcement")
        if let text = try body.text("period") {
            guard let rule = PeriodRule(text) else { throw BudgetTerms.noPeriod(text) }
            periodRule = rule
        }
    }
}
