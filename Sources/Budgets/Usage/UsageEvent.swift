package import WallTime

/// One use of a model, as a meter reported it.
package struct UsageEvent: Sendable, Hashable {
    package var key: UsageKey
    package var at: Instant
    package var principal: Principal
    package var model: ModelID
    /// The API operation, such as `Converse`.
    package var operation: String
    package var tokens: TokenCounts
    /// Images that were made.
    package var images: Int64
    package var tier: ServiceTier
    /// Set when the call failed.
    package var errorCode: String?
    /// Whether the counts were in the record. A record without any can't be priced, which is not the same as free.
    package var isMetered: Bool
    /// Whether the record left open for how long the cache was written: `cacheWrite5m` holds all of it, and some of it,
    /// or all, may be for an hour.
    package var isCacheSplitUnknown: Bool
    /// How long it took, where the record tells it. Only added up: the ledger's single uses do not keep it.
    package var latencyMilliseconds: Int64?
    /// Where it was read: an ingest source's name.
    package var source: String

    package init(
        key: UsageKey, at: Instant, principal: Principal, model: ModelID, operation: String, tokens: TokenCounts,
        images: Int64 = 0, tier: ServiceTier = .standard, errorCode: String? = nil, isMetered: Bool = true,
        isCacheSplitUnknown: Bool = false, latencyMilliseconds: Int64? = nil, source: String
    ) {
        self.key = key
        self.at = at
        self.principal = principal
        self.model = model
        self.operation = operation
        self.tokens = tokens
        self.images = images
        self.tier = tier
        self.errorCode = errorCode
        self.isMetered = isMetered
        self.isCacheSplitUnknown = isCacheSplitUnknown
        self.latencyMilliseconds = latencyMilliseconds
        self.source = source
    }
}

/// What makes a use unique, however often it is reported: AWS numbers requests per account and Region.
package struct UsageKey: Sendable, Hashable {
    package let account: String
    /// The Region that was called, which is also the one that bills.
    package let region: String
    package let requestID: String

    package init(account: String, region: String, requestID: String) {
        self.account = account
        self.region = region
        self.requestID = requestID
    }
}

/// Tokens of one use by price class. `input` excludes what was read from or written to the prompt cache.
package struct TokenCounts: Sendable, Hashable {
    package var input: Int64
    package var output: Int64
    package var cacheRead: Int64
    /// Written to the cache for five minutes.
    package var cacheWrite5m: Int64
    /// Written to the cache for an hour.
    package var cacheWrite1h: Int64

    package init(
        input: Int64 = 0, output: Int64 = 0, cacheRead: Int64 = 0, cacheWrite5m: Int64 = 0, cacheWrite1h: Int64 = 0
    ) {
        self.input = input
        self.output = output
        self.cacheRead = cacheRead
        self.cacheWrite5m = cacheWrite5m
        self.cacheWrite1h = cacheWrite1h
    }

    package var isEmpty: Bool { self == TokenCounts() }

    /// Prompt, cache and output together; `Int64.max` when they don't fit.
    package var all: Int64 {
        let (sum, overflow) = prompt.addingReportingOverflow(output)
        return overflow ? Int64.max : sum
    }

    var hasNegative: Bool { min(input, output, cacheRead, cacheWrite5m, cacheWrite1h) < 0 }

    /// All tokens of the prompt, as the long-context thresholds count them; `Int64.max` when they don't fit.
    var prompt: Int64 {
        var sum: Int64 = 0
        for count in [input, cacheRead, cacheWrite5m, cacheWrite1h] {
            let (next, overflow) = sum.addingReportingOverflow(count)
            guard !overflow else { return Int64.max }
            sum = next
        }
        return sum
    }
}

/// How Bedrock was asked to serve a call; each has its own price.
package enum ServiceTier: String, Sendable, Hashable, CaseIterable {
    case standard
    case batch
    case flex
    case priority
    /// Optimized for latency ("Optimize model inference for latency").
    case optimized

    /// The factor on standard prices (measured over the published rows: batch and flex a half, priority seven fourths,
    /// optimized for latency a quarter more).
    package var factor: Ratio {
        switch self {
        case .standard: .one
        case .batch, .flex: Ratio(1, 2)
        case .priority: Ratio(7, 4)
        case .optimized: Ratio(5, 4)
        }
    }
}
