package import Budgets
package import Enforcement
package import WallTime

/// The rows of ingest sources and of principals' trails in memory.
struct IngestTables {
    struct CursorKey: Hashable {
        var source: String
        var item: String
    }

    struct SightingKey: Hashable {
        var principal: PrincipalID
        var endpoint: String
        var region: String
    }

    var sources: [String: IngestSource] = [:]
    var cursors: [CursorKey: IngestCursor] = [:]
    var counts: [String: Int64] = [:]
    var events: [String: Instant] = [:]
    var trails: [PrincipalID: PrincipalTrail] = [:]
    var sightings: [SightingKey: Sighting] = [:]
    var batchJobs: [String: BatchJob] = [:]
    var agentRuntimes: [String: AgentRuntime] = [:]
}

extension MemoryTransaction {
    package func ingestSource(_ name: String) throws -> IngestSource? { tables.ingest.sources[name] }

    package func saveIngestSource(_ source: IngestSource) throws {
        try requireWriting()
        tables.set(\.ingest.sources[source.origin.name], source)
    }

    package func ingestSources() throws -> [IngestSource] {
        tables.ingest.sources.values.sorted { $0.origin.name < $1.origin.name }
    }

    package func ingestCursor(_ source: String, item: String) throws -> IngestCursor? {
        tables.ingest.cursors[IngestTables.CursorKey(source: source, item: item)]
    }

    package func saveIngestCursor(_ cursor: IngestCursor) throws {
        try requireWriting()
        tables.set(\.ingest.cursors[IngestTables.CursorKey(source: cursor.source, item: cursor.item)], cursor)
    }

    package func forgetIngestCursors(of source: String, movedBefore instant: Instant, limit: Int) throws -> Int {
        try requireWriting()
        let old = tables.ingest.cursors.filter { $0.key.source == source && $0.value.movedAt < instant }
        let forgotten = old.sorted { $0.value.movedAt < $1.value.movedAt }.prefix(limit)
        for (key, _) in forgotten { tables.set(\.ingest.cursors[key], nil) }
        return forgotten.count
    }

    package func countIngest(_ name: String, by count: Int64) throws {
        try requireWriting()
        tables.set(\.ingest.counts[name], (tables.ingest.counts[name] ?? 0) + count)
    }

    package func ingestCounts() throws -> [IngestCount] {
        tables.ingest.counts.map { IngestCount(name: $0.key, count: $0.value) }.sorted { $0.name < $1.name }
    }
}

extension MemoryTransaction {
    package func insertTrailEvent(_ id: String, at: Instant) throws -> Bool {
        try requireWriting()
        guard tables.ingest.events[id] == nil else { return false }
        tables.set(\.ingest.events[id], at)
        return true
    }

    package func forgetTrailEvents(before instant: Instant, limit: Int) throws -> Int {
        try requireWriting()
        let old = tables.ingest.events.filter { $0.value < instant }.sorted { $0.value < $1.value }.prefix(limit)
        for (id, _) in old { tables.set(\.ingest.events[id], nil) }
        return old.count
    }

    package func noteDeletion(of principal: PrincipalID, at: Instant) throws {
        try requireWriting()
        let mark = principal.deletionMark
        tables.set(\.ingest.events[mark], max(tables.ingest.events[mark] ?? at, at))
    }

    package func deletion(of principal: PrincipalID) throws -> Instant? {
        tables.ingest.events[principal.deletionMark]
    }

    package func noteOwner(_ owner: NameOwner) throws {
        try requireWriting()
        let mark = owner.name.ownerMark + owner.userName
        tables.set(\.ingest.events[mark], max(tables.ingest.events[mark] ?? owner.at, owner.at))
    }

    package func owners(of name: PrincipalID) throws -> [NameOwner] {
        let mark = name.ownerMark
        return tables.ingest.events.filter { $0.key.hasPrefix(mark) }
            .map { NameOwner(name: name, userName: String($0.key.dropFirst(mark.count)), at: $0.value) }
            .sorted { ($0.at, $0.userName) < ($1.at, $1.userName) }
    }

    package func hasNameOwners() throws -> Bool {
        tables.ingest.events.keys.contains { $0.hasPrefix(PrincipalID.ownerMarks) }
    }

    package func trail(of principal: PrincipalID) throws -> PrincipalTrail? { tables.ingest.trails[principal] }

    package func saveTrail(_ trail: PrincipalTrail) throws {
        try requireWriting()
        try requirePresence(of: trail.principal)
        tables.set(\.ingest.trails[trail.principal], trail)
    }

    package func noteSighting(_ sighting: Sighting) throws {
        try requireWriting()
        try requirePresence(of: sighting.principal)
        let key = IngestTables.SightingKey(
            principal: sighting.principal, endpoint: sighting.endpoint, region: sighting.region)
        guard var known = tables.ingest.sightings[key] else { return tables.set(\.ingest.sightings[key], sighting) }
        known.count += sighting.count
        if sighting.lastAt >= known.lastAt { known.operation = sighting.operation }
        known.firstAt = min(known.firstAt, sighting.firstAt)
        known.lastAt = max(known.lastAt, sighting.lastAt)
        tables.set(\.ingest.sightings[key], known)
    }

    package func sightings(_ query: SightingQuery) throws -> [Sighting] {
        let matching = tables.ingest.sightings.values.filter { sighting in
            (query.principal.map { $0 == sighting.principal } ?? true)
                && (query.endpoint.map { $0 == sighting.endpoint } ?? true)
                && (query.since.map { $0 <= sighting.lastAt } ?? true)
        }
        let order = matching.sorted {
            $0.lastAt == $1.lastAt
                ? ($0.principal.name, $0.endpoint, $0.region) < ($1.principal.name, $1.endpoint, $1.region)
                : $0.lastAt > $1.lastAt
        }
        return Array(order.prefix(query.limit))
    }

    private func requirePresence(of id: PrincipalID) throws {
        guard tables.ledger.principals[id] != nil else { throw MissingRow(description: "principal \(id)") }
    }
}
