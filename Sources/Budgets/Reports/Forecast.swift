package import WallTime

/// Where spending will stand when its period ends, told in two ways, each with when it would reach the limit.
package struct Forecast: Sendable, Hashable {
    /// How the future is taken from the past.
    package enum Method: String, Sendable, Hashable, CaseIterable {
        /// It goes on as in the period so far.
        case linear
        /// It goes on as in the last hours.
        case recent
    }

    package struct Projection: Sendable, Hashable {
        package var method: Method
        /// At the end of the period.
        package var total: NanoDollars
        /// In per mille of the limit.
        package var perMille: Int
        /// When the limit is reached, if within the period; in the past when it is reached already.
        package var reachesLimitAt: Instant?

        package init(method: Method, total: NanoDollars, perMille: Int, reachesLimitAt: Instant?) {
            self.method = method
            self.total = total
            self.perMille = perMille
            self.reachesLimitAt = reachesLimitAt
        }
    }

    /// Nil where nothing can be said: no use yet, or too little time.
    package var linear: Projection?
    package var recent: Projection?

    package init(linear: Projection? = nil, recent: Projection? = nil) {
        self.linear = linear
        self.recent = recent
    }

    package var projections: [Projection] { [linear, recent].compactMap(\.self) }
}

/// What a forecast is made from.
package struct Course: Sendable, Hashable {
    /// Less of a period says nothing about its rest.
    package static let shortest = Duration.seconds(3600)

    package var limit: NanoDollars
    package var period: Period
    package var spent: NanoDollars
    /// Since when `spent` was counted: the beginning of the period, or later for a budget that was made within it.
    package var countedSince: Instant
    package var now: Instant
    /// What was spent since `recentSince`; nil when that is not known.
    package var recent: NanoDollars?
    package var recentSince: Instant

    package init(
        limit: NanoDollars, period: Period, spent: NanoDollars, now: Instant, recent: NanoDollars?,
        recentSince: Instant
    ) {
        self.limit = limit
        self.period = period
        self.spent = spent
        countedSince = period.start
        self.now = now
        self.recent = recent
        self.recentSince = recentSince
    }

    /// - Parameter hasData: whether anything was recorded in the period at all. Nothing recorded is no forecast of
    ///   nothing: perhaps the logs do not arrive.
    package func forecast(hasData: Bool) -> Forecast {
        guard hasData, period.contains(now) else { return Forecast() }
        return Forecast(
            linear: projection(.linear, amount: spent, since: countedSince),
            recent: recent.flatMap { projection(.recent, amount: $0, since: max(recentSince, period.start)) })
    }

    /// Money of an hour, as it was spent of late or else over the period; nil when neither is known.
    package var burnRate: NanoDollars? {
        let since = max(recentSince, period.start)
        let elapsed = now.milliseconds - since.milliseconds
        guard let recent, elapsed >= Self.shortest.wholeMilliseconds else { return nil }
        return share(of: recent.rawValue, times: UsageSlot.millisecondsPerHour, among: elapsed)
    }

    private func projection(_ method: Forecast.Method, amount: NanoDollars, since: Instant) -> Forecast.Projection? {
        let elapsed = now.milliseconds - since.milliseconds
        guard elapsed >= Self.shortest.wholeMilliseconds, !amount.isNegative else { return nil }
        let ahead = period.end.milliseconds - now.milliseconds
        // Beyond nine billion dollars it no longer matters by how much.
        let more = multiplied(amount.rawValue, by: ahead, over: elapsed) ?? .max
        let total = NanoDollars(rawValue: saturated(spent.rawValue, more))
        return Forecast.Projection(
            method: method, total: total, perMille: total.perMille(of: limit),
            reachesLimitAt: limitReached(amount: amount, elapsed: elapsed))
    }

    private func limitReached(amount: NanoDollars, elapsed: Int64) -> Instant? {
        if spent >= limit { return now }
        guard amount.rawValue > 0 else { return nil }
        guard let wait = multiplied(limit.rawValue - spent.rawValue, by: elapsed, over: amount.rawValue) else {
            return nil
        }
        let at = Instant(milliseconds: saturated(now.milliseconds, wait))
        return at < period.end ? at : nil
    }
}
