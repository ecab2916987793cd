import Budgets
import Enforcement
import WallTime

/// A label that goes with the uses that name it.
struct PassingLabel {
    let text: String
    let number: Int64
    /// Its row stays as long as there is a use of this number or a lower one; the largest number for one that always stays.
    let keptTo: Int64
}

/// Labels that the last use named, each with its number.
struct UseLabels {
    let account: String
    let region: String
    let model: String
    let operation: String
    let accountNumber: Int64
    let regionNumber: Int64
    let modelNumber: Int64
    let operationNumber: Int64

    /// Whether a use names the same.
    func areThose(of event: UsageEvent) -> Bool {
        model == event.model.text && operation == event.operation && region == event.key.region
            && account == event.key.account
    }
}

/// What a connection has looked up before: row numbers of what every use names (labels, principals and their budgets),
/// which a row keeps for life, and on the writer's connection the accounts themselves, as only it changes them. Bounded,
/// since names come from outside.
struct KnownRows {
    private static let limit = 10_000
    /// About a kibibyte each.
    private static let mostAccounts = 5000

    private(set) var labels: [String: Int64] = [:]
    /// The next use most often names the same as the last: to compare is cheaper than to look up.
    var lastUse: UseLabels?
    /// Those that go with the uses that name them (`SQLiteTransaction.passingLabel`).
    private var passing: [String: PassingLabel] = [:]
    /// The last one, as the next use most often comes from the same source.
    private var lastPassing: PassingLabel?
    private var tagSets: [CostTags: Int64] = [:]
    private var lastTagSet: (tags: CostTags, number: Int64)?
    private(set) var principals: [PrincipalID: Int64] = [:]
    /// The row of each principal's own budget.
    private(set) var budgets: [PrincipalID: Int64] = [:]
    private(set) var accounts: [BudgetID: BudgetAccount] = [:]
    /// Uses before this instant (UTC milliseconds) may have been removed; nil when it wasn't looked up yet.
    var usageMark: Int64?
    /// The same of CloudTrail's calls.
    var callMark: Int64?

    mutating func note(label: String, _ number: Int64) {
        if labels.count >= Self.limit { labels = [:] }
        labels[label] = number
    }

    mutating func note(_ label: PassingLabel) {
        if passing.count >= Self.limit { passing = [:] }
        passing[label.text] = label
        lastPassing = label
    }

    mutating func passing(_ text: String) -> PassingLabel? {
        if let lastPassing, lastPassing.text == text { return lastPassing }
        guard let label = passing[text] else { return nil }
        lastPassing = label
        return label
    }

    /// Rows of such labels may be gone, or are.
    mutating func forgetPassing() { (passing, lastPassing) = ([:], nil) }

    mutating func note(tagSet: CostTags, _ number: Int64) {
        if tagSets.count >= Self.limit { tagSets = [:] }
        tagSets[tagSet] = number
        lastTagSet = (tagSet, number)
    }

    mutating func tagSet(_ tags: CostTags) -> Int64? {
        if let lastTagSet, lastTagSet.tags == tags { return lastTagSet.number }
        guard let number = tagSets[tags] else { return nil }
        lastTagSet = (tags, number)
        return number
    }

    mutating func note(principal: PrincipalID, _ number: Int64) {
        if principals.count >= Self.limit { principals = [:] }
        principals[principal] = number
    }

    mutating func note(budgetOf principal: PrincipalID, _ number: Int64) {
        if budgets.count >= Self.limit { budgets = [:] }
        budgets[principal] = number
    }

    mutating func note(_ account: BudgetAccount) {
        if accounts.count >= Self.mostAccounts { accounts = [:] }
        accounts[account.id] = account
    }

    /// The account has been charged, and nothing else.
    mutating func note(charged id: BudgetID, _ spending: Spending, at instant: Instant) {
        guard let index = accounts.index(forKey: id) else { return }
        accounts.values[index].standing.spending = spending
        accounts.values[index].updatedAt = instant
    }

    /// Its row, or its principal's, is written anew.
    mutating func forget(accountOf principal: PrincipalID) {
        accounts[BudgetScope.principal(principal).budgetID] = nil
    }
}
