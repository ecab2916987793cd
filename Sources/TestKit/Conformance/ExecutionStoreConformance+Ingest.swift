import Budgets
import Enforcement
import Engine
import WallTime

extension ExecutionStoreConformance where Store.Transaction: BudgetLedger {
    static var ingest: [Case] { ingestSources + ingestCursors + trails + sightings + jobs }

    private static var ingestSources: [Case] {
        [
            Case("an ingest source comes back as it was saved last") { store in
                var bare = IngestSource(origin: IngestOrigin(name: "b", kind: .firehose), since: start)
                var full = IngestSource(
                    origin: IngestOrigin(name: "a", kind: .sqs, detail: "https://queue"), since: start)
                full.lastReceivedAt = start + .seconds(5)
                full.lastRecordAt = start + .seconds(4)
                full.counts.records = 1
                full.counts.recorded = 2
                full.counts.duplicates = 3
                full.counts.ignored = 4
                full.counts.unreadable = 5
                full.counts.events = 6
                full.lastErrorAt = start + .seconds(6)
                full.lastError = "throttled"
                try await store.write { [bare, full] transaction in
                    try transaction.saveIngestSource(bare)
                    try transaction.saveIngestSource(full)
                }
                bare.counts.records = 9
                try await store.write { [bare] in try $0.saveIngestSource(bare) }
                let (all, one, none) = try await store.read {
                    (try $0.ingestSources(), try $0.ingestSource("a"), try $0.ingestSource("c"))
                }
                try requireEqual(all, [full, bare], "by name")
                try requireEqual(one, full, "one")
                try requireEqual(none, nil, "an unknown source")
            },
            Case("counters only grow") { store in
                try await store.write { transaction in
                    try transaction.countIngest("b", by: 2)
                    try transaction.countIngest("a", by: 1)
                    try transaction.countIngest("b", by: 3)
                    try requireEqual(
                        try transaction.ingestCounts(),
                        [IngestCount(name: "a", count: 1), IngestCount(name: "b", count: 5)], "counts")
                }
            },
        ]
    }

    private static var ingestCursors: [Case] {
        [
            Case("a cursor is kept for each source and item, and forgotten oldest first") { store in
                try await store.write { transaction in
                    func cursor(_ source: String, _ item: String, _ second: Int, done: Bool = false) -> IngestCursor {
                        IngestCursor(
                            source: source, item: item, version: "v\(second)", records: second, isDone: done,
                            movedAt: start + .seconds(second))
                    }
                    for (item, second) in [("x", 3), ("y", 1), ("z", 2)] {
                        try transaction.saveIngestCursor(cursor("s", item, second))
                    }
                    try transaction.saveIngestCursor(cursor("other", "x", 0))
                    try transaction.saveIngestCursor(cursor("s", "x", 4, done: true))
                    try requireEqual(
                        try transaction.ingestCursor("s", item: "x"), cursor("s", "x", 4, done: true), "the last")
                    let before = start + .seconds(4)
                    try requireEqual(
                        try transaction.forgetIngestCursors(of: "s", movedBefore: before, limit: 1), 1, "one")
                    try requireEqual(try transaction.ingestCursor("s", item: "y"), nil, "the oldest is gone")
                    try requireEqual(
                        try transaction.forgetIngestCursors(of: "s", movedBefore: before, limit: 9), 1, "the rest")
                    try requireEqual(try transaction.ingestCursor("s", item: "x")?.records, 4, "moved in time")
                    try requireEqual(try transaction.ingestCursor("other", item: "x")?.records, 0, "another source's")
                }
            }
        ]
    }

    private static var trails: [Case] {
        [
            Case("a trail event is known until it is forgotten") { store in
                try await store.write { transaction in
                    try requireEqual(try transaction.insertTrailEvent("e", at: start), true, "new")
                    try requireEqual(try transaction.insertTrailEvent("e", at: start + .seconds(9)), false, "known")
                    try requireEqual(try transaction.insertTrailEvent("f", at: start + .seconds(1)), true, "another")
                    try requireEqual(
                        try transaction.forgetTrailEvents(before: start + .seconds(1), limit: 9), 1, "the old one")
                    try requireEqual(try transaction.insertTrailEvent("e", at: start), true, "forgotten")
                    try requireEqual(try transaction.insertTrailEvent("f", at: start), false, "not forgotten")
                }
            },
            Case("the latest deletion of somebody unknown is remembered until it is forgotten") { store in
                try await store.write { transaction in
                    let ana = ledgerID("ana")
                    try requireEqual(try transaction.deletion(of: ana), nil, "none yet")
                    try transaction.noteDeletion(of: ana, at: start + .seconds(5))
                    try transaction.noteDeletion(of: ana, at: start + .seconds(3))
                    try requireEqual(try transaction.deletion(of: ana), start + .seconds(5), "the later one")
                    try transaction.noteDeletion(of: ana, at: start + .seconds(7))
                    try requireEqual(try transaction.deletion(of: ana), start + .seconds(7), "a still later one")
                    try requireEqual(try transaction.deletion(of: ledgerID("bob")), nil, "another's")
                    try requireEqual(
                        try transaction.forgetTrailEvents(before: start + .seconds(8), limit: 9), 1, "forgotten")
                    try requireEqual(try transaction.deletion(of: ana), nil, "none any more")
                }
            },
            Case("whose the uses under a name are is remembered until it is forgotten") { store in
                try await store.write { transaction in
                    let ana = ledgerID("ana")
                    func owner(_ user: String, _ second: Int) -> NameOwner {
                        NameOwner(name: ana, userName: user, at: start + .seconds(second))
                    }
                    try requireEqual(try transaction.hasNameOwners(), false, "nothing yet")
                    try requireEqual(try transaction.owners(of: ana), [], "none yet")
                    for (user, second) in [("bob", 5), ("carol", 4), ("bob", 3), ("carol", 6)] {
                        try transaction.noteOwner(owner(user, second))
                    }
                    try transaction.noteOwner(NameOwner(name: ledgerID("anabel"), userName: "dan", at: start))
                    try requireEqual(
                        try transaction.owners(of: ana), [owner("bob", 5), owner("carol", 6)], "the later ones")
                    try requireEqual(try transaction.hasNameOwners(), true, "something")
                    _ = try transaction.forgetTrailEvents(before: start + .seconds(6), limit: 9)
                    try requireEqual(try transaction.owners(of: ana), [owner("carol", 6)], "the old one is forgotten")
                }
            },
            Case("a principal's trail is kept and replaced") { store in
                try await store.write { transaction in
                    try requireThrows("a trail of nobody") {
                        try transaction.atomically {
                            try transaction.saveTrail(PrincipalTrail(principal: ledgerID("ana")))
                        }
                    }
                    try transaction.savePrincipal(ledgerPrincipal("ana"))
                    try requireEqual(try transaction.trail(of: ledgerID("ana")), nil, "none yet")
                    var trail = PrincipalTrail(principal: ledgerID("ana"))
                    try transaction.saveTrail(trail)
                    try requireEqual(try transaction.trail(of: ledgerID("ana")), trail, "a bare one")
                    trail = PrincipalTrail(
                        principal: ledgerID("ana"), uniqueID: "AIDA1", createdAt: start, deletedAt: start + .seconds(1),
                        taggedAt: start + .seconds(2), rogueSince: start + .seconds(3))
                    try transaction.saveTrail(trail)
                    try requireEqual(try transaction.trail(of: ledgerID("ana")), trail, "a full one")
                }
            },
        ]
    }

    private static var sightings: [Case] {
        [
            Case("sightings add up by principal, endpoint and Region") { store in
                try await store.write { transaction in
                    for name in ["ana", "bob"] { try transaction.savePrincipal(ledgerPrincipal(name)) }
                    func seen(_ name: String, _ endpoint: String, _ second: Int, _ operation: String) throws {
                        try transaction.noteSighting(
                            Sighting(
                                principal: ledgerID(name), endpoint: endpoint, region: "us-east-1",
                                operation: operation, count: 2, firstAt: start + .seconds(second),
                                lastAt: start + .seconds(second + 1)))
                    }
                    try seen("ana", "bedrock", 10, "Converse")
                    try seen("ana", "bedrock", 2, "InvokeModel")
                    try seen("bob", "bedrock-mantle", 5, "CreateInference")

                    let ana = Sighting(
                        principal: ledgerID("ana"), endpoint: "bedrock", region: "us-east-1", operation: "Converse",
                        count: 4, firstAt: start + .seconds(2), lastAt: start + .seconds(11))
                    let all = try transaction.sightings(SightingQuery())
                    try requireEqual(all.first, ana, "the last seen")
                    try requireEqual(all.map(\.principal.name), ["ana", "bob"], "all")
                    func names(_ query: SightingQuery) throws -> [String] {
                        try transaction.sightings(query).map(\.principal.name)
                    }
                    try requireEqual(try names(SightingQuery(endpoint: "bedrock-mantle")), ["bob"], "an endpoint's")
                    try requireEqual(try names(SightingQuery(principal: ledgerID("ana"))), ["ana"], "a principal's")
                    try requireEqual(try names(SightingQuery(since: start + .seconds(7))), ["ana"], "recent ones")
                    try requireEqual(try names(SightingQuery(limit: 1)), ["ana"], "limited")
                }
            }
        ]
    }
}
