package import Enforcement
package import WallTime

extension MemoryTransaction {
    package func mute(_ id: OutboxItemID, at: Instant, why: String) throws {
        try requireWriting()
        guard var item = tables.ledger.outbox[id] else { throw MissingRow(description: "outbox item \(id.rawValue)") }
        item.status = .muted
        item.isClaimed = false
        item.nextTry = nil
        item.lastError = why
        tables.set(\.ledger.outbox[id], item)
    }

    package func outboxStandings() throws -> [OutboxStanding] {
        Dictionary(grouping: tables.ledger.outbox.values, by: \.channel).map { channel, items in
            let items = items.sorted { $0.id.rawValue < $1.id.rawValue }
            let waiting = items.filter { $0.status == .waiting }
            let lastSent = items.last { $0.status == .sent }?.id.rawValue ?? 0
            let refused = items.filter { item in
                item.lastError != nil
                    && (item.status == .waiting || (item.status == .abandoned && item.id.rawValue > lastSent))
            }
            return OutboxStanding(
                channel: channel, waiting: waiting.count, oldest: waiting.map(\.notice.at).min(),
                muted: items.count { $0.status == .muted }, lastError: refused.last?.lastError)
        }
        .sorted { $0.channel < $1.channel }
    }

    package func outboxItems(_ query: OutboxQuery) throws -> [OutboxItem] {
        let found = tables.ledger.outbox.values.filter { item in
            (query.channel == nil || item.channel == query.channel)
                && (query.status == nil || item.status == query.status)
        }
        return Array(found.sorted { $0.id.rawValue > $1.id.rawValue }.prefix(query.limit))
    }
}
