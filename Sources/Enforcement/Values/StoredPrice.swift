package import Budgets
package import WallTime

package struct PriceID: RawRepresentable, Sendable, Hashable {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

package enum PriceStatus: String, Sendable, Hashable, CaseIterable {
    case inForce = "in-force"
    /// Not believed: it waits for a person.
    case quarantined
    /// A person has taken it back, or does not want it.
    case withdrawn
    /// Its source has gone back to another price that this one would hide. Offered again, it is a new price.
    case superseded
}

/// A price that was read or said: its terms never change, its status may.
package struct StoredPrice: Sendable, Equatable {
    /// More than a price list has models and Regions.
    static let mostRows = 100_000

    package var id: PriceID
    package var row: PriceRow
    package var status: PriceStatus
    /// Why it is quarantined.
    package var problem: String?
    package var recordedAt: Instant
    package var recordedBy: String
    /// When its source last said the same.
    package var confirmedAt: Instant

    package init(
        id: PriceID, row: PriceRow, status: PriceStatus, problem: String? = nil, recordedAt: Instant,
        recordedBy: String, confirmedAt: Instant
    ) {
        self.id = id
        self.row = row
        self.status = status
        self.problem = problem
        self.recordedAt = recordedAt
        self.recordedBy = recordedBy
        self.confirmedAt = confirmedAt
    }
}

/// An id that named no priced model when it was first used, and what it stands for once that is known.
package struct ModelName: Sendable, Equatable {
    /// More profiles than one account may have.
    static let mostRows = 100_000

    /// The model id as uses bring it.
    package var name: String
    /// The model that it is charged as; nil while that is not known.
    package var model: String?
    /// Who says so: `bedrock`, or a person.
    package var source: String?
    package var firstSeenAt: Instant
    /// When somebody last asked.
    package var checkedAt: Instant?
    /// Why it is not known.
    package var problem: String?

    package init(
        name: String, model: String? = nil, source: String? = nil, firstSeenAt: Instant, checkedAt: Instant? = nil,
        problem: String? = nil
    ) {
        self.name = name
        self.model = model
        self.source = source
        self.firstSeenAt = firstSeenAt
        self.checkedAt = checkedAt
        self.problem = problem
    }
}

/// A place in the list of uses from which to go on.
package struct UsePosition: Sendable, Hashable {
    /// In milliseconds; 0 where the list goes by number alone.
    package var at: Int64
    package var number: Int64

    package init(at: Int64 = 0, number: Int64) {
        self.at = at
        self.number = number
    }
}

/// A use with what it is charged now: its first charge and all corrections since.
package struct ChargedUse: Sendable, Equatable {
    package var number: Int64
    package var usage: ChargedUsage
    package var current: Charge

    package init(number: Int64, usage: ChargedUsage, current: Charge) {
        self.number = number
        self.usage = usage
        self.current = current
    }
}

/// A stretch of the ledger.
package struct ChargedUsePage: Sendable, Equatable {
    /// Those that were asked for.
    package var uses: [ChargedUse]
    /// Where to go on; nil at the end.
    package var next: UsePosition?

    package init(uses: [ChargedUse], next: UsePosition?) {
        self.uses = uses
        self.next = next
    }
}

/// Which uses to look at.
package struct ChargedUseQuery: Sendable, Hashable {
    /// Uses from then on, and before then.
    package var from: Instant?
    package var to: Instant?
    /// Uses that were recorded from then on; some that were recorded before may be among them.
    package var recordedFrom: Instant?
    package var principal: PrincipalID?
    package var after: UsePosition?
    /// How many to look at, whether or not they are asked for, and how many to return.
    package var window: Int
    package var limit: Int

    package init(
        from: Instant? = nil, to: Instant? = nil, recordedFrom: Instant? = nil, principal: PrincipalID? = nil,
        after: UsePosition? = nil, window: Int = 10_000, limit: Int = 1000
    ) {
        self.from = from
        self.to = to
        self.recordedFrom = recordedFrom
        self.principal = principal
        self.after = after
        self.window = window
        self.limit = limit
    }

    package func asksFor(_ instant: Instant) -> Bool {
        (from.map { $0 <= instant } ?? true) && (to.map { instant < $0 } ?? true)
    }
}

/// A use's charge was wrong: what has to be added to it, and on what it rests now. A row that never changes.
package struct UsageCorrection: Sendable, Equatable {
    package var use: Int64
    /// Signed.
    package var amount: NanoDollars
    package var basis: Charge.Basis
    package var at: Instant
    package var actor: String
    /// Where the price was read by which it is charged now.
    package var priceSource: String

    package init(
        use: Int64, amount: NanoDollars, basis: Charge.Basis, at: Instant, actor: String, priceSource: String
    ) {
        self.use = use
        self.amount = amount
        self.basis = basis
        self.at = at
        self.actor = actor
        self.priceSource = priceSource
    }
}
