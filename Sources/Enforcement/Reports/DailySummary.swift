import Budgets
package import Engine
import Interpreter
import JSONModel
package import WallTime

/// The step `summarise-day`: tells what was spent in a day, by whom, and who has no access.
///
/// The report is read beside all writing, since a day of many principals takes a while to add up; only the notice is
/// written in the transaction that records the step. Its id holds the day: nobody is told one twice.
package enum DailySummary {
    /// Names that a summary lists of each kind.
    private static let listed = 10
    /// Budgets that are looked through for those that will not last, the nearest to their limit first.
    private static let lookedThrough = 1000

    /// - Parameter zone: whose day it is, unless the step's input has another `zone`.
    package static func step<Store: ExecutionStore>(
        reading store: Store, _ settings: CurrentSettings, zone: CivilZone
    ) -> Step<Store.Transaction> where Store.Transaction: BudgetLedger {
        Step(
            perform: { context, input in
                let day = try day(input, zone, before: context.now)
                return try await store.survey { try summary(of: day, at: context.now, $0) }
            },
            record: { work, _, _, summary in
                guard let id = summary["id"]?.stringValue else { return summary }
                try Desk(work, settings).tell(
                    Notice(id: id, kind: .dailySummary, principal: nil, data: summary, at: work.now))
                return summary
            })
    }

    private struct Day {
        let date: CivilDate
        let window: ReportWindow
        var name: String { "\(date.text)/\(window.zone.identifier)" }
    }

    /// The input's `date`, or the day before the schedule's slot, so that one that is made up for tells of its own day;
    /// without either, the day before this one.
    private static func day(_ input: JSONValue, _ standard: CivilZone, before now: Instant) throws -> Day {
        var zone = standard
        if let name = input["zone"]?.stringValue {
            guard let other = CivilZone(identifier: name) else {
                throw TaskFailure(error: StepError.invalidInput, cause: "'zone' of the input is no time zone: \(name)")
            }
            zone = other
        }
        var slot = now
        if let text = input["detail"]?["nominalTime"]?.stringValue {
            guard let nominal = Instant(iso8601: text) else {
                throw TaskFailure(
                    error: StepError.invalidInput, cause: "'nominalTime' of the input's 'detail' is no time: \(text)")
            }
            slot = nominal
        }
        var date = CivilDate(daysSinceEpoch: zone.date(at: slot).daysSinceEpoch - 1)
        if let text = input["date"]?.stringValue {
            guard text.utf8.count == 10, let midnight = Instant(iso8601: text + "T00:00:00Z") else {
                throw TaskFailure(
                    error: StepError.invalidInput, cause: "'date' of the input has to be a day such as 2026-11-20")
            }
            date = CivilDate(daysSinceEpoch: midnight.milliseconds / 86_400_000)
        }
        let next = CivilDate(daysSinceEpoch: date.daysSinceEpoch + 1)
        return Day(
            date: date, window: ReportWindow(from: zone.startOfDay(date), to: zone.startOfDay(next), zone: zone))
    }

    private static func summary<Transaction: ExecutionTransaction & BudgetLedger>(
        of day: Day, at now: Instant, _ transaction: Transaction
    ) throws -> JSONValue {
        func report(_ dimension: UsageDimension) throws -> UsageReport {
            try UsageReport.read(
                UsageReport.Request(
                    window: day.window, dimensions: [dimension], limit: listed, comparesBefore: dimension == .model),
                transaction)
        }
        let (models, principals) = (try report(.model), try report(.principal))
        let naming = try Naming(transaction)
        let total = models.total
        return [
            "id": .string("daily-summary/\(day.name)"), "date": .string(day.date.text),
            "zone": .string(day.window.zone.identifier), "hasData": .bool(total != nil),
            "cost": .string((total?.cost ?? .zero).description), "requests": .int(total?.requests ?? 0),
            "tokens": .int(total?.allTokens ?? 0), "errors": .int(total?.errors ?? 0),
            "fallbackCost": .string((total?.fallbackCost ?? .zero).description),
            "costBefore": models.totalBefore.map { .string($0.cost.description) } ?? .null,
            "spenders": .array(
                principals.rows.map { row in
                    [
                        "name": .string(naming.name(row.group.principal?.id)),
                        "principalId": .string(row.group.principal?.id.description ?? ""),
                        "cost": .string(row.group.sums.cost.description), "requests": .int(row.group.sums.requests),
                    ]
                }),
            "models": .array(
                models.rows.map { row in
                    ["name": .string(row.group.model ?? ""), "cost": .string(row.group.sums.cost.description)]
                }),
            "suspended": try names(.status(.suspended), by: naming, in: transaction),
            "grace": try names(.status(.grace), by: naming, in: transaction),
            "failed": try names(.status(.suspensionFailed), .status(.restorationFailed), by: naming, in: transaction),
            "held": try names(.held, by: naming, in: transaction),
            "forecasts": .array(try forecasts(at: now, by: naming, transaction)),
        ]
    }

    /// Names, and `…` where there are more.
    private static func names<Transaction: BudgetLedger>(
        _ selections: AccountQuery.Selection..., by naming: Naming, in transaction: Transaction
    ) throws -> JSONValue {
        let accounts = try selections.flatMap { try transaction.accounts(AccountQuery($0, limit: listed + 1)) }
        let names = accounts.prefix(listed).map { JSONValue.string(naming.name($0.principal.id)) }
        return .array(names + (accounts.count > listed ? ["…"] : []))
    }

    /// Budgets that will be used up before their period ends, if it goes on as it did of late.
    private static func forecasts<Transaction: ExecutionTransaction & BudgetLedger>(
        at now: Instant, by naming: Naming, _ transaction: Transaction
    ) throws -> [JSONValue] {
        var found: [JSONValue] = []
        for account in try transaction.topAccounts(.percent, limit: lookedThrough, at: now) where found.count < listed {
            let report = try BudgetReport.own(account, at: now, transaction)
            // What is used up already is no forecast, and hides none.
            guard report.account.state != .exceeded, let at = report.forecast.recent?.reachesLimitAt else { continue }
            found.append([
                "name": .string(naming.name(account.principal.id)), "reachesLimitAt": .string(at.iso8601),
                "spent": .string(report.account.standing.spending.total.description),
                "limit": .string(account.budget.limit.description),
            ])
        }
        return found
    }

    /// How principals are named: by their IAM name, and with their account where principals of several are known, since
    /// the same name may be somebody else's there.
    private struct Naming {
        private let namesAccounts: Bool

        init<Transaction: BudgetLedger>(_ transaction: Transaction) throws {
            // Budgets come by their ids, in which the account stands first.
            let first = try transaction.accounts(AccountQuery(limit: 1)).first?.principal.id.account
            let last = first.map { BudgetID(rawValue: "principal:\($0)/~") }
            namesAccounts = try !transaction.accounts(AccountQuery(after: last, limit: 1)).isEmpty && last != nil
        }

        /// Nothing for nobody.
        func name(_ id: PrincipalID?) -> String {
            guard let id else { return "" }
            return namesAccounts ? "\(id.account)/\(id.name)" : id.name
        }
    }
}
