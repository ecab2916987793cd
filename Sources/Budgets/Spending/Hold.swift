package import WallTime

/// When a person's word ends.
package enum HoldEnd: Sendable, Hashable {
    /// With the next daily reset.
    case nextReset
    case at(Instant)
    /// Until somebody lifts it.
    case never

    /// The last instant that a hold may end at: those of later years are written with five digits, and nothing reads them.
    package static let latest = Instant(milliseconds: 253_402_300_799_999)
}

extension HoldEnd: CustomStringConvertible {
    /// `reset`, `never`, or an instant.
    package var description: String {
        switch self {
        case .nextReset: "reset"
        case .at(let instant): instant.iso8601
        case .never: "never"
        }
    }

    /// Reads what `description` writes; nil for anything else. An end of the year 10000 or later was once taken, and kept a
    /// ledger from being read: it is as good as none.
    package init?(_ text: String) {
        switch text {
        case "reset": self = .nextReset
        case "never": self = .never
        default:
            if let instant = Instant(iso8601: text) {
                self = .at(instant)
            } else if text.wholeMatch(of: /[0-9]{5,}-[0-9-]+T[0-9:.]+Z/) != nil {
                self = .never
            } else {
                return nil
            }
        }
    }
}

/// A person's word about one principal that stands against the budgets: a block or a protection.
package struct Hold: Sendable, Hashable {
    package var end: HoldEnd
    package var reason: String
    /// Such as `operator:ana`.
    package var by: String
    package var since: Instant

    package init(end: HoldEnd, reason: String, by: String, since: Instant) {
        self.end = end
        self.reason = reason
        self.by = by
        self.since = since
    }

    /// Exactly at its end it is over.
    package func isInForce(at now: Instant) -> Bool {
        if case .at(let end) = end { now < end } else { true }
    }
}
