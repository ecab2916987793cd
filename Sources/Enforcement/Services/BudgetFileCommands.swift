package import Budgets
import Engine
package import JSONModel
import WallTime

/// One budget that a file of budgets wants, beside what there is.
package struct BudgetFileDifference: Sendable, Equatable {
    package enum Kind: String, Sendable, Hashable, CaseIterable { case create, change, remove, unchanged }

    package var kind: Kind
    /// As the file names it, such as `team:data`; the budget's id for one that is removed.
    package var target: String
    package var before: JSONValue
    package var after: JSONValue
}

/// A file of budgets against the ledger.
package enum BudgetFileCommands {
    /// An entry whose principal nobody knows.
    package struct UnknownTarget: Error, Sendable, Equatable, CustomStringConvertible {
        package let target: String
        package let line: Int?
        package var description: String {
            "\(line.map { "line \($0): " } ?? "")there is no principal \"\(target)\"; name someone new by ARN"
        }
    }

    /// An entry of a name that its principal no longer has: what it says would be nobody's.
    package struct RenamedTarget: Error, Sendable, Equatable, CustomStringConvertible {
        package let target: String
        package let line: Int?
        package let after: PrincipalID
        package var description: String {
            "\(line.map { "line \($0): " } ?? "")\(target) was renamed: it is \(after) now; name that one in the file"
        }
    }

    /// An entry that means the budget of another one, under another name or with a period that is left out there.
    package struct NamedTwice: Error, Sendable, Equatable, CustomStringConvertible {
        package let target: String
        package let line: Int?
        package let first: Int?
        package var description: String {
            let (place, other) = (line.map { "line \($0): " } ?? "", first.map { "line \($0)" } ?? "another entry")
            return "\(place)\(target) means the budget of \(other) again; a principal has one in dollars, and of "
                + "others a period that is left out is a month"
        }
    }

    /// An entry that moves one threshold beyond the other, which the budget has already.
    package struct MisplacedThreshold: Error, Sendable, Equatable, CustomStringConvertible {
        package let target: String
        package let line: Int?
        package let before: Thresholds
        package var description: String {
            let (warning, critical) = (Self.percent(before.warningPerMille), Self.percent(before.criticalPerMille))
            return "\(line.map { "line \($0): " } ?? "")\(BudgetError.thresholdsOutOfOrder); \(target) has warning "
                + "\(warning) and critical \(critical), where the file says nothing"
        }

        private static func percent(_ perMille: Int) -> String {
            perMille % 10 == 0 ? "\(perMille / 10)" : "\(perMille / 10).\(perMille % 10)"
        }
    }

    /// What would change, in the order of the file, and then what would be removed.
    /// - Parameters:
    ///   - prunes: whether further budgets that the file does not name are removed. A principal's own never is, nor one
    ///     in dollars beside it: no file can name that.
    ///   - find: the principal that a text of the file means; nil for nobody.
    /// - Throws: `UnknownTarget`, `RenamedTarget`, `NamedTwice`, `MisplacedThreshold`, `BudgetError`, and what `find` throws.
    package static func differences<Transaction>(
        _ file: BudgetFile, prunes: Bool, _ desk: Desk<Transaction>, find: (String) throws -> Principal?
    ) throws -> [BudgetFileDifference] {
        var named: Set<BudgetID> = []
        var found = try wishes(file, desk, find).map { entry, wish in
            switch wish {
            case .own(let principal, let change):
                return try difference(principal, change, target: entry.target.description, desk)
            case .further(let key, let change):
                let (id, difference) = try difference(key, change, target: entry.target.description, desk)
                named.insert(id)
                return difference
            }
        }
        guard prunes else { return found }
        for account in try allFurther(desk) where !named.contains(account.id) && account.budget.fitsInFile {
            found.append(
                BudgetFileDifference(
                    kind: .remove, target: account.id.rawValue, before: account.budget.json, after: .null))
        }
        return found
    }

    /// Makes it so, in the one transaction of `desk`.
    /// - Returns: what was changed, as `differences` says it beforehand.
    package static func apply<Transaction>(
        _ file: BudgetFile, prunes: Bool, by actor: String, _ desk: Desk<Transaction>,
        find: (String) throws -> Principal?
    ) throws -> [BudgetFileDifference] {
        let differences = try differences(file, prunes: prunes, desk, find: find)
        for (_, wish) in try wishes(file, desk, find) {
            switch wish {
            case .own(let principal, let change):
                _ = try BudgetCommands.setBudget(of: principal, change, by: actor, desk)
            case .further(let key, let change):
                _ = try FurtherBudgetCommands.set(key, change, by: actor, desk)
            }
        }
        for difference in differences where difference.kind == .remove {
            try FurtherBudgetCommands.remove(BudgetID(rawValue: difference.target), by: actor, desk)
        }
        return differences
    }

    /// The budgets that there would be of the file's entries once it is applied, in its order: `budget simulate` has to
    /// mean by a file what `apply` does. A term that an entry leaves out is as the ledger has it; of a new budget it is
    /// the default budget's where it is a principal's own, and `FurtherBudget`'s where it is a further one.
    /// - Throws: `UnknownTarget`, `RenamedTarget`, `NamedTwice`, `MisplacedThreshold`, `BudgetError`, and what `find` throws.
    package static func budgets<Transaction>(
        _ file: BudgetFile, _ desk: Desk<Transaction>, find: (String) throws -> Principal?
    ) throws -> [FurtherBudget] {
        try wishes(file, desk, find).map { _, wish in
            switch wish {
            case .own(let principal, let change):
                let own = try terms(principal, change, desk).after
                return try FurtherBudget(
                    scope: .principal(principal.id), unit: .money, limit: own.limit.rawValue,
                    periodRule: own.periodRule, thresholds: own.thresholds, mode: own.mode,
                    graceSeconds: own.graceSeconds)
            case .further(let key, let change): return try terms(key, change, desk).after
            }
        }
    }

    /// What the entries ask for, each of another budget.
    private static func wishes<Transaction>(
        _ file: BudgetFile, _ desk: Desk<Transaction>, _ find: (String) throws -> Principal?
    ) throws -> [(BudgetFile.Entry, Wish)] {
        var named: [BudgetID: BudgetFile.Entry] = [:]
        return try file.entries.map { entry in
            let wish = try Wish(entry, find)
            try requireName(of: wish, as: entry, desk)
            let id = try wish.budget
            if let first = named[id] {
                throw NamedTwice(target: entry.target.description, line: entry.line, first: first.line)
            }
            named[id] = entry
            return (entry, try settingThresholds(of: wish, as: entry, desk))
        }
    }

    private static func requireName<Transaction>(
        of wish: Wish, as entry: BudgetFile.Entry, _ desk: Desk<Transaction>
    ) throws {
        guard let principal = wish.principal,
            let account = try desk.transaction.account(BudgetScope.principal(principal).budgetID),
            let after = try desk.newName(of: account)
        else { return }
        throw RenamedTarget(target: entry.target.description, line: entry.line, after: after)
    }

    /// The wish with both thresholds, of which the entry may name one: the other stays where it is.
    private static func settingThresholds<Transaction>(
        of wish: Wish, as entry: BudgetFile.Entry, _ desk: Desk<Transaction>
    ) throws -> Wish {
        guard let wanted = entry.thresholds else { return wish }
        func thresholds(over before: Thresholds) throws -> Thresholds {
            do throws(BudgetError) { return try wanted.over(before) } catch {
                throw MisplacedThreshold(target: entry.target.description, line: entry.line, before: before)
            }
        }
        switch wish {
        case .own(let principal, var change):
            change.thresholds = try thresholds(over: terms(principal, change, desk).after.thresholds)
            return .own(principal, change)
        case .further(let key, var change):
            change.thresholds = try thresholds(over: terms(key, change, desk).after.thresholds)
            return .further(key, change)
        }
    }

    /// What an entry asks for: a principal's own budget when it is in dollars, a further one otherwise. Its thresholds are
    /// set afterwards.
    private enum Wish {
        case own(Principal, BudgetChange)
        case further(FurtherBudgetKey, FurtherBudgetChange)

        /// Whom it is about; nil for more than one.
        var principal: PrincipalID? {
            switch self {
            case .own(let principal, _): principal.id
            case .further(let key, _): if case .principal(let id) = key.scope { id } else { nil }
            }
        }

        /// The budget that it is about.
        var budget: BudgetID {
            get throws(BudgetError) {
                switch self {
                case .own(let principal, _): return BudgetScope.principal(principal.id).budgetID
                case .further(let key, _):
                    return try FurtherBudget(scope: key.scope, unit: key.unit, limit: 0, periodRule: key.periodRule).id
                }
            }
        }

        init(_ entry: BudgetFile.Entry, _ find: (String) throws -> Principal?) throws {
            let (unit, limit): (BudgetUnit, Int64) =
                switch entry.limit {
                case .money(let amount): (.money, amount.rawValue)
                case .tokens(let count): (.tokens, count)
                case .requests(let count): (.requests, count)
                }
            let scope: FurtherScope
            switch entry.target {
            case .team(let name): scope = .team(name)
            case .pool: scope = .pool
            case .everyone: scope = .everyone
            case .principal(let text):
                guard let principal = try find(text) else { throw UnknownTarget(target: text, line: entry.line) }
                guard unit != .money else {
                    self = .own(
                        principal,
                        BudgetChange(
                            limit: NanoDollars(rawValue: limit), periodRule: entry.period, mode: entry.mode,
                            enforcement: entry.enforcement, graceSeconds: entry.graceSeconds))
                    return
                }
                scope = .principal(principal.id)
            }
            self = .further(
                FurtherBudgetKey(scope: scope, unit: unit, periodRule: entry.period ?? .calendarMonth),
                FurtherBudgetChange(limit: limit, mode: entry.mode, graceSeconds: entry.graceSeconds))
        }
    }

    private static func difference<Transaction>(
        _ principal: Principal, _ change: BudgetChange, target: String, _ desk: Desk<Transaction>
    ) throws -> BudgetFileDifference {
        let (known, after) = try terms(principal, change, desk)
        guard let account = known else {
            return BudgetFileDifference(kind: .create, target: target, before: .null, after: after.json)
        }
        let isSame = account.budget == after && account.hasOwnTerms
        return BudgetFileDifference(
            kind: isSame ? .unchanged : .change, target: target, before: account.budget.json, after: after.json)
    }

    private static func difference<Transaction>(
        _ key: FurtherBudgetKey, _ change: FurtherBudgetChange, target: String, _ desk: Desk<Transaction>
    ) throws -> (BudgetID, BudgetFileDifference) {
        let (known, after) = try terms(key, change, desk)
        let kind: BudgetFileDifference.Kind = known == nil ? .create : known == after ? .unchanged : .change
        return (
            after.id,
            BudgetFileDifference(kind: kind, target: target, before: known?.json ?? .null, after: after.json)
        )
    }

    /// A principal's own budget as it is, and its terms as the change makes them.
    private static func terms<Transaction>(
        _ principal: Principal, _ change: BudgetChange, _ desk: Desk<Transaction>
    ) throws -> (account: BudgetAccount?, after: Budget) {
        let account = try desk.transaction.account(BudgetScope.principal(principal.id).budgetID)
        let before = try account?.budget ?? desk.settings.defaultBudget.budget(for: principal.id)
        return (account, try before.applying(change))
    }

    /// A further budget's terms as they are, and as the change makes them.
    private static func terms<Transaction>(
        _ key: FurtherBudgetKey, _ change: FurtherBudgetChange, _ desk: Desk<Transaction>
    ) throws -> (known: FurtherBudget?, after: FurtherBudget) {
        let blank = try FurtherBudget(scope: key.scope, unit: key.unit, limit: 0, periodRule: key.periodRule)
        let known = try desk.transaction.furtherBudget(blank.id)?.budget
        return (known, try (known ?? blank).applying(change))
    }

    static func allFurther<Transaction>(_ desk: Desk<Transaction>) throws -> [FurtherAccount] {
        var all: [FurtherAccount] = []
        while true {
            let page = try desk.transaction.furtherBudgets(FurtherQuery(after: all.last?.id, limit: 1000))
            all += page
            if page.count < 1000 { return all }
        }
    }
}
