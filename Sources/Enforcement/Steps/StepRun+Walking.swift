import Budgets
import JSONModel

/// Accounts read at a time, and pages that one run looks at: one transaction may not hold up all others for long.
private let pageSize = 200
private let pagesAtOnce = 10

/// What the monitor or the refresh looks at, one after the other.
protocol WatchPart: RawRepresentable<String>, CaseIterable, Equatable {}

/// Where a run of the monitor or the refresh goes on, as the run before it has left it in the workflow's data.
struct WatchCursor<Part: WatchPart> {
    var part: Part
    /// The last budget of the part that was looked at; nil at its beginning.
    var after: BudgetID?

    /// - Parameter progress: what the run before returned; nil for the first.
    /// - Throws: `InvalidRequest`.
    init(progress: JSONValue?) throws {
        guard let cursor = progress?["cursor"], !cursor.isNull else {
            guard let first = Part.allCases.first else {
                throw InvalidRequest(member: "cursor", problem: "has no parts to go through")
            }
            (part, after) = (first, nil)
            return
        }
        guard let part = cursor["part"]?.stringValue.flatMap(Part.init(rawValue:)) else {
            throw InvalidRequest(member: "cursor", problem: "names no part that is looked at: \(cursor.jsonString)")
        }
        (self.part, after) = (part, cursor["after"]?.stringValue.map(BudgetID.init(rawValue:)))
    }

    /// The part's next page, or the part after it; nil after the last.
    fileprivate func followed(by next: BudgetID?) -> WatchCursor? {
        var cursor = self
        cursor.after = next
        if next != nil { return cursor }
        let parts = Array(Part.allCases)
        guard let place = parts.firstIndex(of: part), place + 1 < parts.count else { return nil }
        cursor.part = parts[place + 1]
        return cursor
    }

    var json: JSONValue {
        ["part": .string(part.rawValue), "after": after.map { .string($0.rawValue) } ?? .null]
    }
}

extension StepRun {
    /// Looks at the parts page by page until all are done, or as many as one transaction may.
    /// - Parameter visit: looks at the page after a budget, and returns the last one of it; nil when the part is done.
    /// - Returns: where the next run goes on; nil when all was looked at.
    func walk<Part>(
        from start: WatchCursor<Part>, _ visit: (Part, BudgetID?) throws -> BudgetID?
    ) throws -> WatchCursor<Part>? {
        var cursor: WatchCursor? = start
        var pages = 0
        while let place = cursor, pages < pagesAtOnce {
            let next = try visit(place.part, place.after)
            // An empty part costs next to nothing; it is a full page that counts.
            if next != nil { pages += 1 }
            cursor = place.followed(by: next)
        }
        return cursor
    }

    /// - Returns: the last account of a full page; nil when there are no more.
    func accounts(
        _ selection: AccountQuery.Selection, after: BudgetID?, _ body: (inout BudgetAccount) throws -> Void
    ) throws -> BudgetID? {
        let page = try desk.transaction.accounts(AccountQuery(selection, after: after, limit: pageSize))
        for var account in page { try body(&account) }
        return page.count == pageSize ? page.last?.id : nil
    }

    /// The same for further budgets.
    func furtherBudgets(
        _ selection: FurtherQuery.Selection, after: BudgetID?, _ body: (FurtherAccount) throws -> Void
    ) throws -> BudgetID? {
        let page = try desk.transaction.furtherBudgets(FurtherQuery(selection, after: after, limit: pageSize))
        for account in page { try body(account) }
        return page.count == pageSize ? page.last?.id : nil
    }
}
