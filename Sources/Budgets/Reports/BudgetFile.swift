/// A file of budgets, as `budget apply -f` and `budget simulate -f` take it: what is wanted, before anyone looked whom it
/// is about.
package struct BudgetFile: Sendable, Equatable {
    /// Whose spending an entry limits.
    package enum Target: Sendable, Hashable {
        /// A principal's id, ARN or IAM name, as it was written.
        case principal(String)
        case team(String)
        /// All principals without a budget in dollars of their own, together.
        case pool
        /// All principals together: the cap above all others.
        case everyone
    }

    package enum Limit: Sendable, Hashable {
        case money(NanoDollars)
        case tokens(Int64)
        case requests(Int64)
    }

    package struct Entry: Sendable, Equatable {
        package var target: Target
        package var limit: Limit
        /// Nil where the file says nothing, as with all that follow: what that means is said where the file is applied.
        package var period: PeriodRule?
        package var thresholds: ThresholdsChange?
        package var mode: BudgetMode?
        package var enforcement: EnforcementMode?
        package var graceSeconds: Int?
        /// Where it begins in the file.
        package var line: Int?

        package init(
            target: Target, limit: Limit, period: PeriodRule? = nil, thresholds: ThresholdsChange? = nil,
            mode: BudgetMode? = nil, enforcement: EnforcementMode? = nil, graceSeconds: Int? = nil, line: Int? = nil
        ) {
            self.target = target
            self.limit = limit
            self.period = period
            self.thresholds = thresholds
            self.mode = mode
            self.enforcement = enforcement
            self.graceSeconds = graceSeconds
            self.line = line
        }
    }

    package var entries: [Entry]

    package init(entries: [Entry]) { self.entries = entries }
}

extension BudgetFile.Target: CustomStringConvertible {
    /// As messages name it, such as `team:data`.
    package var description: String {
        switch self {
        case .principal(let text): text
        case .team(let name): "team:\(name)"
        case .pool: "pool"
        case .everyone: "everyone"
        }
    }
}

extension BudgetFile.Limit: CustomStringConvertible {
    /// `$25.00`, `5000 tokens`, `350 requests`.
    package var description: String {
        switch self {
        case .money(let amount): "$\(amount)"
        case .tokens(let count): "\(count) tokens"
        case .requests(let count): "\(count) requests"
        }
    }

    /// `money`, `tokens` or `requests`.
    package var unit: String {
        switch self {
        case .money: "money"
        case .tokens: "tokens"
        case .requests: "requests"
        }
    }
}
