package import Budgets
import Foundation
import WallTime

/// The price book in force. Whoever prices a batch takes it once; rows that change make a new one.
///
/// The book is the documented table with the stored rows laid over it.
package final class CurrentPrices: @unchecked Sendable {
    // Sendable because `state` is touched only while `lock` is held, and holds values only.
    private var state: State
    private let lock = NSLock()
    private let base: PriceBook
    package let policy: PricePolicy

    private struct State {
        var book: PriceBook
        /// The stored rows' revision that `book` was made of; 0 is that of none.
        var revision: Int64 = 0
    }

    package init(_ base: PriceBook = .standard, policy: PricePolicy = PricePolicy()) {
        self.base = base
        self.policy = policy
        state = State(book: base)
    }

    package var book: PriceBook {
        lock.lock()
        defer { lock.unlock() }
        return state.book
    }

    /// The book with the revision that it was made of.
    package var snapshot: (book: PriceBook, revision: Int64) {
        lock.lock()
        defer { lock.unlock() }
        return (state.book, state.revision)
    }

    /// The book as the rows of a transaction make it, those that it has written itself included.
    package func book(in transaction: some PriceLedger) throws -> PriceBook {
        let (book, revision) = snapshot
        return try transaction.priceRevision() == revision ? book : assembled(transaction)
    }

    /// Puts the book of a transaction's rows in force, when they have changed. Only for a transaction that reads: what one
    /// has written is not durable yet.
    /// - Returns: whether there was something new.
    @discardableResult
    package func refresh(from transaction: some PriceLedger) throws -> Bool {
        let current = try transaction.priceRevision()
        guard current != snapshot.revision else { return false }
        let book = try assembled(transaction)
        lock.lock()
        defer { lock.unlock() }
        // Of two readers the one that saw more wins.
        guard current > state.revision else { return false }
        state = State(book: book, revision: current)
        return true
    }

    private func assembled(_ transaction: some PriceLedger) throws -> PriceBook {
        let stored = try transaction.prices(statuses: [.inForce], limit: StoredPrice.mostRows)
        let names = try transaction.resolvedNames(limit: ModelName.mostRows)
        let profiles = names.compactMap { name in name.model.map { (name.name, ModelID($0)) } }
        return PriceBook(
            rows: base.allRows + stored.map(\.row),
            profiles: base.profiles.merging(profiles) { _, stored in stored }, fallback: base.fallback,
            implausibleCost: base.implausibleCost, takesUnknownWritesForHours: base.takesUnknownWritesForHours)
    }
}

/// What prices are believed, and for how long.
package struct PricePolicy: Sendable, Hashable {
    package var sanity: PriceSanity
    /// How old the Price List's last confirmation may be before people are told.
    package var maximumAge: Duration

    package init(sanity: PriceSanity = PriceSanity(), maximumAge: Duration = .seconds(7 * 86_400)) {
        self.sanity = sanity
        self.maximumAge = maximumAge
    }
}
