/// How long uses took, as their records say it: Bedrock's own time, from the request to the last of the answer. Most records
/// have it only when the log is delivered with bodies, so it is known of some uses and not of others.
package struct LatencySums: Sendable, Hashable {
    /// Uses whose record told it.
    package var count: Int64
    /// Of all of them together.
    package var milliseconds: Int64
    /// Of the one that took longest.
    package var longestMilliseconds: Int64

    package init(count: Int64 = 0, milliseconds: Int64 = 0, longestMilliseconds: Int64 = 0) {
        self.count = count
        self.milliseconds = milliseconds
        self.longestMilliseconds = longestMilliseconds
    }

    package mutating func add(milliseconds latency: Int64) {
        add(LatencySums(count: 1, milliseconds: latency, longestMilliseconds: latency))
    }

    package mutating func add(_ other: LatencySums) {
        count = saturated(count, other.count)
        milliseconds = saturated(milliseconds, other.milliseconds)
        longestMilliseconds = max(longestMilliseconds, other.longestMilliseconds)
    }

    /// Rounded half up; nil when nothing told it.
    package var meanMilliseconds: Int64? {
        guard count > 0 else { return nil }
        let (whole, rest) = milliseconds.quotientAndRemainder(dividingBy: count)
        return whole + (rest >= count - rest ? 1 : 0)
    }
}

/// Where a latency is counted: an hour (UTC), a principal and a model.
package struct LatencySlot: Sendable, Hashable {
    /// Hours since 1970-01-01T00:00Z.
    package var hour: Int64
    package var principal: PrincipalID
    /// The model's text as the log had it.
    package var model: String

    package init(hour: Int64, principal: PrincipalID, model: String) {
        self.hour = hour
        self.principal = principal
        self.model = model
    }

    init(_ slot: UsageSlot) { self.init(hour: slot.hour, principal: slot.principal, model: slot.model) }
}

/// The latencies of one slot.
package struct LatencyHour: Sendable, Hashable {
    package var slot: LatencySlot
    /// Of the slot's principal, as they were when its uses were charged.
    package var tags: CostTags
    package var sums: LatencySums

    package init(slot: LatencySlot, tags: CostTags = CostTags(), sums: LatencySums) {
        self.slot = slot
        self.tags = tags
        self.sums = sums
    }
}
