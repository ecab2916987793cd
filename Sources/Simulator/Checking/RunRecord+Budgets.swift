package import Budgets
package import WallTime

extension RunRecord {
    /// A use as the ledger has it.
    package struct Use: Sendable {
        package var user: String
        package var request: String
        package var tokens: Int64
        package var at: Instant
        package var recordedAt: Instant
        /// What it was charged first, and what was added later and when.
        package var charge: Int64
        package var corrections: [(at: Instant, amount: Int64)]

        package init(
            user: String, request: String, tokens: Int64, at: Instant, recordedAt: Instant, charge: Int64,
            corrections: [(at: Instant, amount: Int64)] = []
        ) {
            self.user = user
            self.request = request
            self.tokens = tokens
            self.at = at
            self.recordedAt = recordedAt
            self.charge = charge
            self.corrections = corrections
        }

        package var current: Int64 { corrections.reduce(charge) { $0 + $1.amount } }
    }

    /// Any budget: a principal's own, a quota, one that is shared. Its periods are of one length.
    package struct Purse: Sendable {
        package var id: String
        /// Those who spend from it.
        package var users: Set<String>
        /// 0 a principal's own or its quota, 1 a team's, 2 the pool's, 3 everyone's.
        package var rank: Int
        package var unit: BudgetUnit
        package var limit: Int64
        package var mode: BudgetMode
        /// One of its boundaries, and the time from each to the next, in milliseconds.
        package var origin: Int64
        package var length: Int64
        /// What the ledger says was spent, by the start of the period.
        package var spent: [Instant: Int64]

        package init(
            id: String, users: Set<String>, rank: Int, unit: BudgetUnit, limit: Int64, mode: BudgetMode,
            origin: Int64, length: Int64, spent: [Instant: Int64] = [:]
        ) {
            self.id = id
            self.users = users
            self.rank = rank
            self.unit = unit
            self.limit = limit
            self.mode = mode
            self.origin = origin
            self.length = length
            self.spent = spent
        }

        /// The start of the period that contains an instant.
        package func start(at instant: Instant) -> Instant {
            let distance = instant.milliseconds - origin
            return Instant(milliseconds: instant.milliseconds - (distance % length + length) % length)
        }

        package func end(at instant: Instant) -> Instant { start(at: instant) + .milliseconds(length) }

        /// What was spent in the period that begins at `start`, of what was known when.
        /// - Parameter isCorrected: which corrections were known; nil for those that `isKnown` takes.
        package func sum(
            of uses: [Use], in start: Instant, knownBy isKnown: @escaping (Instant) -> Bool = { _ in true },
            correctedBy isCorrected: ((Instant) -> Bool)? = nil
        ) -> Int64 {
            let isCorrected = isCorrected ?? isKnown
            var sum: Int64 = 0
            for use in uses where users.contains(use.user) && self.start(at: use.at) == start && isKnown(use.recordedAt)
            {
                switch unit {
                case .requests: sum += 1
                case .tokens: sum += use.tokens
                case .money:
                    sum += use.corrections.filter { isCorrected($0.at) }.reduce(use.charge) { $0 + $1.amount }
                }
            }
            return sum
        }
    }
}
