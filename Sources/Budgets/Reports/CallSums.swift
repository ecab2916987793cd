package import WallTime

/// What calls add up to that CloudTrail tells of. Neither tokens nor cost: those stand in the invocation log, which in turn
/// knows nothing of who called from where by what.
package struct CallSums: Sendable, Hashable {
    /// All calls, failed ones included.
    package var requests: Int64
    package var errors: Int64
    package var firstAt: Instant
    package var lastAt: Instant

    package init(requests: Int64, errors: Int64, firstAt: Instant, lastAt: Instant) {
        self.requests = requests
        self.errors = errors
        self.firstAt = firstAt
        self.lastAt = lastAt
    }

    package mutating func add(_ other: CallSums) {
        requests = saturated(requests, other.requests)
        errors = saturated(errors, other.errors)
        firstAt = min(firstAt, other.firstAt)
        lastAt = max(lastAt, other.lastAt)
    }
}

/// Where a call is counted: an hour (UTC), who called, by what, from where, and which operation.
package struct CallSlot: Sendable, Hashable {
    /// Slots of one principal's hour, the one for all that find no room among the others included (one more for each
    /// further operation of those): somebody who calls from another address each time fills no database.
    package static let mostOfPrincipal = 200
    /// The user agent and address of what finds no room within `mostOfPrincipal`.
    package static let other = "other"
    /// The user agent or address that CloudTrail did not tell.
    package static let unknown = "unknown"
    /// The address where addresses are not to be kept.
    package static let notKept = "not-kept"

    /// Hours since 1970-01-01T00:00Z.
    package var hour: Int64
    package var principal: PrincipalID
    /// Product and version family, such as `Boto3/1.34`.
    package var agent: String
    package var address: String
    package var operation: String

    package init(hour: Int64, principal: PrincipalID, agent: String, address: String, operation: String) {
        self.hour = hour
        self.principal = principal
        self.agent = agent
        self.address = address
        self.operation = operation
    }
}

/// The calls of one slot.
package struct CallHour: Sendable, Hashable {
    package var slot: CallSlot
    package var sums: CallSums

    package init(slot: CallSlot, sums: CallSums) {
        self.slot = slot
        self.sums = sums
    }
}

/// Adds up the calls of a batch, so that it costs as many rows as it has slots.
package struct CallRollup: Sendable {
    private var slots: [CallSlot: CallSums] = [:]

    package init() {}

    package mutating func add(_ slot: CallSlot, at: Instant, isFailed: Bool) {
        let call = CallSums(requests: 1, errors: isFailed ? 1 : 0, firstAt: at, lastAt: at)
        guard slots[slot] != nil else { return slots[slot] = call }
        slots[slot]?.add(call)
    }

    /// In the order of their slots, so that a batch always does the same.
    package var hours: [CallHour] {
        slots.map { CallHour(slot: $0.key, sums: $0.value) }.sorted { left, right in
            let (a, b) = (left.slot, right.slot)
            return (a.hour, a.principal, a.agent, a.address, a.operation)
                < (b.hour, b.principal, b.agent, b.address, b.operation)
        }
    }
}
