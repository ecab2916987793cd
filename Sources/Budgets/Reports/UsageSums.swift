package import WallTime

/// What uses add up to, for reports.
///
/// Sums stop at the largest number instead of failing, and stay there: a report that says "at least" is better than none, and
/// what a sum has not counted can't be taken from it again. The sums that decide over access are a budget's own (`Spending`),
/// which refuse what does not fit.
package struct UsageSums: Sendable, Hashable {
    /// All uses that were recorded, failed ones included.
    package var requests: Int64
    /// Uses that ended with an error.
    package var errors: Int64
    /// Uses whose record had no counts: their cost is unknown, and counted as nothing.
    package var unmetered: Int64
    /// Uses that were charged at safe rates for want of a price.
    package var fallbackRequests: Int64
    package var tokens: TokenCounts
    package var images: Int64
    package var cost: NanoDollars
    /// The part of the cost that was charged at safe rates.
    package var fallbackCost: NanoDollars

    package init(
        requests: Int64 = 0, errors: Int64 = 0, unmetered: Int64 = 0, fallbackRequests: Int64 = 0,
        tokens: TokenCounts = TokenCounts(), images: Int64 = 0, cost: NanoDollars = .zero,
        fallbackCost: NanoDollars = .zero
    ) {
        self.requests = requests
        self.errors = errors
        self.unmetered = unmetered
        self.fallbackRequests = fallbackRequests
        self.tokens = tokens
        self.images = images
        self.cost = cost
        self.fallbackCost = fallbackCost
    }

    /// More tokens than any use has: what a damaged record says beyond it would drown all others.
    package static let mostTokens: Int64 = 1_000_000_000_000_000

    package init(_ event: UsageEvent, _ charge: Charge) {
        self.init(charge: charge, isFailed: event.errorCode != nil, tokens: event.tokens, images: event.images)
    }

    /// Those of one use.
    package init(charge: Charge, isFailed: Bool, tokens counts: TokenCounts, images: Int64) {
        func bounded(_ count: Int64) -> Int64 { min(max(0, count), Self.mostTokens) }
        self.init(
            requests: 1, errors: isFailed ? 1 : 0, unmetered: charge.basis == .unmetered ? 1 : 0,
            fallbackRequests: charge.basis == .fallback ? 1 : 0,
            tokens: TokenCounts(
                input: bounded(counts.input), output: bounded(counts.output), cacheRead: bounded(counts.cacheRead),
                cacheWrite5m: bounded(counts.cacheWrite5m), cacheWrite1h: bounded(counts.cacheWrite1h)),
            images: bounded(images), cost: charge.amount,
            fallbackCost: charge.basis == .fallback ? charge.amount : .zero)
    }

    /// The sums without others that are part of them; nothing is less than nothing.
    package func without(_ part: UsageSums) -> UsageSums {
        func rest(_ count: KeyPath<UsageSums, Int64>) -> Int64 {
            max(0, saturated(self[keyPath: count], -part[keyPath: count]))
        }
        return UsageSums(
            requests: rest(\.requests), errors: rest(\.errors), unmetered: rest(\.unmetered),
            fallbackRequests: rest(\.fallbackRequests),
            tokens: TokenCounts(
                input: rest(\.tokens.input), output: rest(\.tokens.output), cacheRead: rest(\.tokens.cacheRead),
                cacheWrite5m: rest(\.tokens.cacheWrite5m), cacheWrite1h: rest(\.tokens.cacheWrite1h)),
            images: rest(\.images), cost: NanoDollars(rawValue: rest(\.cost.rawValue)),
            fallbackCost: NanoDollars(rawValue: rest(\.fallbackCost.rawValue)))
    }

    package mutating func add(_ other: UsageSums) {
        requests = saturated(requests, other.requests)
        errors = saturated(errors, other.errors)
        unmetered = saturated(unmetered, other.unmetered)
        fallbackRequests = saturated(fallbackRequests, other.fallbackRequests)
        tokens = TokenCounts(
            input: saturated(tokens.input, other.tokens.input), output: saturated(tokens.output, other.tokens.output),
            cacheRead: saturated(tokens.cacheRead, other.tokens.cacheRead),
            cacheWrite5m: saturated(tokens.cacheWrite5m, other.tokens.cacheWrite5m),
            cacheWrite1h: saturated(tokens.cacheWrite1h, other.tokens.cacheWrite1h))
        images = saturated(images, other.images)
        cost = NanoDollars(rawValue: saturated(cost.rawValue, other.cost.rawValue))
        fallbackCost = NanoDollars(rawValue: saturated(fallbackCost.rawValue, other.fallbackCost.rawValue))
    }

    /// Tokens of all classes.
    package var allTokens: Int64 {
        [tokens.input, tokens.output, tokens.cacheRead, tokens.cacheWrite5m, tokens.cacheWrite1h].reduce(0, saturated)
    }

    /// Nil when no request succeeded.
    package var costPerRequest: NanoDollars? { share(of: cost.rawValue, times: 1, among: requests - errors) }

    /// Nil without tokens.
    package var costPerThousandTokens: NanoDollars? { share(of: cost.rawValue, times: 1000, among: allTokens) }

    /// How much of the prompt was read from the cache, in per mille; nil without a prompt.
    package var cacheReadPerMille: Int? {
        let prompt = [tokens.input, tokens.cacheRead, tokens.cacheWrite5m, tokens.cacheWrite1h].reduce(0, saturated)
        guard prompt > 0 else { return nil }
        return NanoDollars(rawValue: tokens.cacheRead).perMille(of: NanoDollars(rawValue: prompt))
    }
}

/// Where a use is counted in the rollup: an hour (UTC), and what it was.
package struct UsageSlot: Sendable, Hashable {
    package static let millisecondsPerHour: Int64 = 3_600_000

    /// Hours since 1970-01-01T00:00Z.
    package var hour: Int64
    package var principal: PrincipalID
    /// The model's text as the log had it.
    package var model: String
    package var region: String
    package var operation: String

    package init(hour: Int64, principal: PrincipalID, model: String, region: String, operation: String) {
        self.hour = hour
        self.principal = principal
        self.model = model
        self.region = region
        self.operation = operation
    }

    package init(_ event: UsageEvent) {
        self.init(
            hour: event.at.hour, principal: event.principal.id, model: event.model.text, region: event.key.region,
            operation: event.operation)
    }
}

/// The uses of one slot.
package struct UsageHour: Sendable, Hashable {
    package var slot: UsageSlot
    /// Of the slot's principal, as they were when it was charged.
    package var tags: CostTags
    package var sums: UsageSums

    package init(slot: UsageSlot, tags: CostTags = CostTags(), sums: UsageSums) {
        self.slot = slot
        self.tags = tags
        self.sums = sums
    }
}

/// Adds up the uses of a batch, so that it costs as many rows as it has slots.
package struct UsageRollup: Sendable {
    private struct Sums {
        var usage = UsageSums()
        var latency = LatencySums()

        mutating func add(_ event: UsageEvent, _ charge: Charge) {
            usage.add(UsageSums(event, charge))
            if let latency = event.latencyMilliseconds { self.latency.add(milliseconds: latency) }
        }
    }

    private var slots: [UsageSlot: Sums] = [:]

    package init() {}

    package mutating func add(_ event: UsageEvent, _ charge: Charge) {
        slots[UsageSlot(event), default: Sums()].add(event, charge)
    }

    package var isEmpty: Bool { slots.isEmpty }

    /// In no particular order.
    /// - Parameter tags: those of a principal.
    package func hours(_ tags: (PrincipalID) -> CostTags) -> [UsageHour] {
        slots.map { UsageHour(slot: $0.key, tags: tags($0.key.principal), sums: $0.value.usage) }
    }

    /// How long those uses took that told it, whatever their Region and operation. In no particular order.
    package func latencies(_ tags: (PrincipalID) -> CostTags) -> [LatencyHour] {
        var sums: [LatencySlot: LatencySums] = [:]
        for (slot, added) in slots where added.latency.count > 0 {
            sums[LatencySlot(slot), default: LatencySums()].add(added.latency)
        }
        return sums.map { LatencyHour(slot: $0.key, tags: tags($0.key.principal), sums: $0.value) }
    }
}

/// `left + right`, or the largest (smallest) number when that does not fit. A sum that has stopped at the largest stays there.
package func saturated(_ left: Int64, _ right: Int64) -> Int64 {
    guard left != .max, right != .max else { return .max }
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? (right < 0 ? .min : .max) : sum
}

/// `amount × factor ÷ parts`, rounded half up; nil without parts, and when it does not fit.
func share(of amount: Int64, times factor: Int64, among parts: Int64) -> NanoDollars? {
    guard parts > 0, amount >= 0, factor > 0 else { return nil }
    return multiplied(amount, by: factor, over: parts).map(NanoDollars.init(rawValue:))
}

/// `value × factor ÷ divisor` for numbers of zero or more, rounded half up; nil when it does not fit.
func multiplied(_ value: Int64, by factor: Int64, over divisor: Int64) -> Int64? {
    let product = UInt64(value).multipliedFullWidth(by: UInt64(factor))
    guard product.high < UInt64(divisor) else { return nil }
    let (quotient, remainder) = UInt64(divisor).dividingFullWidth(product)
    let rounded = quotient + (remainder >= UInt64(divisor) - remainder ? 1 : 0)
    return Int64(exactly: rounded)
}

extension Instant {
    /// The hour since 1970-01-01T00:00Z that holds it.
    package var hour: Int64 {
        let (hours, rest) = milliseconds.quotientAndRemainder(dividingBy: UsageSlot.millisecondsPerHour)
        return rest < 0 ? hours - 1 : hours
    }

    /// The beginning of an hour since 1970-01-01T00:00Z.
    package init(hour: Int64) { self.init(milliseconds: hour * UsageSlot.millisecondsPerHour) }
}
