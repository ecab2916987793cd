import Enforcement

/// Finds what is due for channels that have room behind what waits for the others, which may be a million notices: a
/// stretch at each look, and always the newest, so that nobody waits for a whole pass with something new.
struct OutboxPass {
    /// Places read at a look: of the newest, and of those further back.
    static let newest = 1000
    static let stretch = 10_000

    /// How far the pass has come; nil at its beginning.
    private(set) var position: OutboxPlace?

    mutating func begin() { position = nil }

    /// Chooses from two lists of places, both the last due first.
    /// - Parameters:
    ///   - older: what stands behind `position`; the pass has come to its end when these are fewer than a stretch.
    ///   - limit: how many are wanted at most.
    /// - Returns: the chosen ones, the longest due first.
    mutating func choose(
        newest: [OutboxPlace], older: [OutboxPlace], stretch: Int = Self.stretch, past full: Set<String>, limit: Int
    ) -> [OutboxItemID] {
        var chosen: [OutboxItemID: OutboxPlace] = [:]
        // In the order in which they came: whoever reads a channel is told of an end after its beginning.
        for place in newest.reversed() where chosen.count < limit && !full.contains(place.channel) {
            chosen[place.id] = place
        }
        var seen = 0
        for place in older where chosen.count < limit {
            seen += 1
            position = place
            if !full.contains(place.channel) { chosen[place.id] = place }
        }
        if seen == older.count, older.count < stretch { position = nil }
        return chosen.values.sorted { ($0.nextTry, $0.id.rawValue) < ($1.nextTry, $1.id.rawValue) }.map(\.id)
    }
}
