import Testing

@testable import SQLiteStore

/// What is asked at a start, or again and again, reads what it is about and not all that there is beside it.
@Suite struct PlanTests {
    private static func plan(_ sql: String, _ values: [SQLValue]) async throws -> [String] {
        try await withStore { store in
            try await store.read { try $0.rows("EXPLAIN QUERY PLAN " + sql, values) { $0.text(3) } }
        }
    }

    /// A million executions may run; those that others have to do with are few.
    @Test(arguments: [
        SQLiteTransaction.nestedThatEnded.description, SQLiteTransaction.nestedToEnd.description,
        SQLiteTransaction.nestedAwaited.description,
    ])
    func nestedExecutionsAreFoundWithoutTheOthers(_ sql: String) async throws {
        let plan = try await Self.plan(sql, sql.contains("?") ? [.integer(0), .integer(1)] : [])
        #expect(plan.first == "SCAN n", "\(plan)")
        #expect(plan.dropFirst().allSatisfy { $0.contains("USING INTEGER PRIMARY KEY") }, "\(plan)")
    }

    /// Whoever starts, or asks for the metrics, reads an index that tells the parked from the others.
    @Test(arguments: [
        SQLiteTransaction.liveInOrder.description, SQLiteTransaction.live.description,
        SQLiteTransaction.parked.description,
    ])
    func liveExecutionsAreFoundWithoutTheParked(_ sql: String) async throws {
        let plan = try await Self.plan(sql, [])
        #expect(plan.first?.hasPrefix("SCAN m") == true, "\(plan)")
        #expect(
            plan.dropFirst().first
                == "SEARCH e USING COVERING INDEX executionByMachine (stateMachine=? AND status=? AND parked=?)",
            "\(plan)")
    }

    /// Each page of what is due begins where the last one ended: SQLite seeks by the first bound that it is given.
    @Test func pagesOfTheOutboxAreSought() async throws {
        let sql = SQLiteTransaction.duePlaces.description
        let plan = try await Self.plan(sql, [.integer(9), .integer(9), .integer(9)])
        #expect(plan == ["SEARCH outboxItem USING INDEX outboxDue (nextTry<?)"])
        #expect(sql.split(separator: "?").count { $0.contains("nextTry") && $0.contains("<") } == 1)
    }

    /// Of a principal's uses those are read that a page shows; what is sorted is the tail.
    @Test(arguments: [SQLiteTransaction.placesOfPrincipal, SQLiteTransaction.sessionsOfPrincipal])
    func usesOfAPrincipalAreReadInTheirOrder(_ sql: String) async throws {
        let count = sql.contains("?5") ? 5 : 4
        let plan = try await Self.plan(sql, Array(repeating: .integer(1), count: count))
        let merged = try #require(plan.firstIndex { $0.hasPrefix("MERGE") }, "\(plan)")
        let left = plan[merged...].prefix { $0 != "RIGHT" }
        #expect(left.contains { $0.contains("SEARCH o USING PRIMARY KEY (principal=? AND at>?") }, "\(plan)")
        #expect(left.contains { $0.contains("SEARCH u USING INTEGER PRIMARY KEY") }, "\(plan)")
        #expect(!left.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
        #expect(plan.contains { $0.contains("SEARCH usage USING INTEGER PRIMARY KEY (rowid>?)") }, "\(plan)")
    }

    /// Of a part of an hour those are read that are in it, and the tail.
    @Test func aPrincipalsUsesOfATimeAreSought() async throws {
        let plan = try await Self.plan(
            SQLiteTransaction.chargesOfPrincipal, Array(repeating: .integer(1), count: 3))
        #expect(
            plan.contains { $0.contains("SEARCH o USING PRIMARY KEY (principal=? AND at>? AND at<?)") }, "\(plan)")
        #expect(plan.count { $0.contains("SEARCH usage USING INTEGER PRIMARY KEY") } == 2, "\(plan)")
        #expect(!plan.contains { $0.hasPrefix("SCAN") && !$0.hasPrefix("SCAN usageRun") }, "\(plan)")
    }

    /// A queue is read from its front, however long it is.
    @Test func offersAreReadInTheirOrder() async throws {
        let plan = try await Self.plan(SQLiteTransaction.offersOfActivity.description, [.text("a"), .integer(9)])
        #expect(plan == ["SEARCH offeredTask USING PRIMARY KEY (activity=?)"])
    }

    /// What was given back is never read.
    @Test func aBackupIsLookedForAmongTheOpenOnes() async throws {
        let plan = try await Self.plan(SQLiteTransaction.openByEntity, [.text("AIDA1")])
        #expect(plan.first == "SCAN policyBackup USING INDEX policyBackupOpen", "\(plan)")
    }
}
