import Budgets
import Engine
import Enforcement
import Hummingbird
import JSONModel
import StatesLanguage

extension AdminAPI {
    /// Bytes of the largest file of budgets: as many entries as one may have, each with all that it may say.
    static var budgetFileLimit: Int { 4 << 20 }

    /// Makes the ledger's budgets those of the file in the body, in one transaction; with `dryRun=true` only says what
    /// would change.
    func addBudgetFileRoutes(to api: Routes) {
        api.post("budget-file", query: ["dryRun", "prune", "file"]) { request, _ in
            try await applyBudgetFile(request)
        }
        api.get("budget-file", query: []) { _, _ in try await exportBudgetFile() }
    }

    /// The ledger's budgets in the form of the file.
    private func exportBudgetFile() async throws -> JSONAnswer {
        let export = try await enforcement.read { desk in try BudgetFileCommands.export(desk) }
        return JSONAnswer([
            "budgets": .array(export.file.entries.map(\.json)),
            "leftOut": .array(export.leftOut.map { .string($0.rawValue) }),
        ])
    }

    private func applyBudgetFile(_ request: Request) async throws -> JSONAnswer {
        let (isDryRun, prunes) = (try request.flag("dryRun"), try request.flag("prune"))
        let bytes = try await request.bytes(upTo: Self.budgetFileLimit)
        let (file, diagnostics) = BudgetFileReader.read(bytes: bytes, file: request.query("file"))
        guard let file else {
            throw APIError(
                .unprocessableContent, "InvalidInput", "the budgets can't be read", diagnostics: diagnostics)
        }
        let actor = "operator:\(request.actor)"
        let work: @Sendable (Desk<Store.Transaction>) throws -> [BudgetFileDifference] = { desk in
            let find: (String) throws -> Principal? = { text in
                let reference = try PrincipalReference(text)
                return try reference.find(in: desk.transaction) ?? reference.principal
            }
            return isDryRun
                ? try BudgetFileCommands.differences(file, prunes: prunes, desk, find: find)
                : try BudgetFileCommands.apply(file, prunes: prunes, by: actor, desk, find: find)
        }
        let found = try await Self.refusing {
            isDryRun ? try await enforcement.read(work) : try await enforcement.transact(work)
        }
        if !isDryRun { wakeDelivery() }
        return JSONAnswer([
            "applied": .bool(!isDryRun),
            "budgets": .array(
                found.map { found in
                    [
                        "change": .string(found.kind.rawValue), "target": .string(found.target),
                        "before": found.before, "after": found.after,
                    ]
                }),
        ])
    }

    /// What a file asks for and can't be is the file's fault.
    static func refusing<Result>(_ work: () async throws -> Result) async throws -> Result {
        do {
            return try await work()
        } catch let error
            where error is BudgetFileCommands.UnknownTarget || error is BudgetFileCommands.RenamedTarget
            || error is BudgetFileCommands.MisplacedThreshold || error is BudgetFileCommands.NamedTwice
            || error is BudgetError
        {
            throw APIError(.unprocessableContent, "InvalidInput", "\(error)")
        }
    }
}

extension Request {
    /// `true` or `false`.
    func flag(_ name: String, default standard: Bool = false) throws -> Bool {
        switch query(name) {
        case nil: standard
        case "false": false
        case "true": true
        case let other?: throw APIError.invalidRequest("\(name) must be true or false, not \"\(other)\"")
        }
    }
}
