import Engine
import GRDB
import GRDBSQLite
import TestKit
import Testing
import WallTime

@testable import SQLiteStore

@Suite struct ListTests {
    @Test func pagesNeitherRepeatNorSkipWhileExecutionsAreAdded() async throws {
        try await withStore { store in
            let old = try await store.write { transaction in
                try (0..<100).map {
                    try seedExecution(transaction, name: "run-\($0)", startedAt: start + .seconds($0 / 10))
                }
            }
            var found: [ExecutionID] = []
            var after: ExecutionID?
            repeat {
                let query = ExecutionQuery(after: after, limit: 7)
                let page = try await store.read { try $0.executions(query) }
                found += page.executions.map(\.id)
                after = page.next
                let count = found.count
                _ = try await store.write {
                    try seedExecution($0, name: "new-\(count)", startedAt: start + .seconds(60))
                }
            } while after != nil
            #expect(found == old.reversed())
        }
    }

    @Test func theOrderIsByStartAndThenByArrival() async throws {
        try await withStore { store in
            let ids = try await store.write { transaction in
                try [5, 1, 5, 9, 1].enumerated().map { number, second in
                    try seedExecution(
                        transaction, machine: "m\(number % 2)", name: "run-\(number)",
                        startedAt: start + .seconds(second))
                }
            }
            let expected = [ids[3], ids[2], ids[0], ids[4], ids[1]]
            for limit in 1...5 {
                var found: [ExecutionID] = []
                var after: ExecutionID?
                repeat {
                    let query = ExecutionQuery(after: after, limit: limit)
                    let page = try await store.read { try $0.executions(query) }
                    found += page.executions.map(\.id)
                    after = page.next
                } while after != nil
                #expect(found == expected, "pages of \(limit)")
            }
        }
    }

    @Test func everyCombinationOfFiltersFindsWhatAFilterInMemoryFinds() async throws {
        try await withStore { store in
            let all = try await store.write { transaction in
                var all: [ExecutionRecord] = []
                for number in 0..<120 {
                    let id = try seedExecution(
                        transaction, machine: "m\(number % 3)", name: "\(number % 2 == 0 ? "a" : "b")-\(number)",
                        workflow: number % 4 == 0 ? nil : "w\(number % 3)", startedAt: start + .seconds(number))
                    let status = ExecutionStatus.allCases[number % 5]
                    if status != .running {
                        try transaction.finishExecution(id, status: status, at: start, error: nil, cause: nil)
                    } else if number.isMultiple(of: 2) {
                        try transaction.parkExecution(id, wakeAt: nil)
                    }
                    if let record = try transaction.execution(id) { all.insert(record, at: 0) }
                }
                return all
            }
            for query in Self.combinations {
                let expected = all.filter(query.matches).prefix(10).map(\.id)
                let found = try await store.read { try $0.executions(query) }
                #expect(found.executions.map(\.id) == expected, "\(query)")
            }
        }
    }

    /// A hundred machines, pages of a thousand: what is read is not as many times as much as is shown.
    @Test func aListOfManyMachinesIsReadOnce() async throws {
        try await withStore { store in
            let ids = try await store.write { transaction in
                try (0..<3000).map {
                    let begun = start + .seconds($0 * 7 % 3000)
                    return try seedExecution(transaction, machine: "m\($0 % 100)", name: "run-\($0)", startedAt: begun)
                }
            }
            let expected = ids.indices.sorted { ($0 * 7 % 3000, $0) > ($1 * 7 % 3000, $1) }.map { ids[$0] }
            var found: [ExecutionID] = []
            var after: ExecutionID?
            repeat {
                let query = ExecutionQuery(after: after, limit: 1000)
                let (page, work) = try await store.read { transaction in
                    try Self.counting(transaction) { try transaction.executions(query) }
                }
                #expect(work < 2000, "hundreds of SQLite's instructions")
                found += page.executions.map(\.id)
                after = page.next
            } while after != nil
            #expect(found == expected)
        }
    }

    /// What `body` gives, and how many hundreds of instructions SQLite took for it.
    private static func counting<Result>(
        _ transaction: SQLiteTransaction, _ body: () throws -> Result
    ) rethrows -> (Result, work: Int) {
        let count = UnsafeMutablePointer<Int>.allocate(capacity: 1)
        count.initialize(to: 0)
        defer { count.deallocate() }
        sqlite3_progress_handler(
            transaction.database.sqliteConnection, 100,
            { context in
                context?.assumingMemoryBound(to: Int.self).pointee += 1
                return 0
            }, count)
        defer { sqlite3_progress_handler(transaction.database.sqliteConnection, 0, nil, nil) }
        let result = try body()
        return (result, count.pointee)
    }

    @Test func merging() {
        let places = Array((0..<9).map { ExecutionPlace(startedAt: Int64($0 / 2), id: Int64($0)) }.reversed())
        for limit in 1...10 {
            for mask in 0..<512 {
                let one = places.enumerated().filter { mask >> $0.offset & 1 == 1 }.map(\.element)
                let other = places.enumerated().filter { mask >> $0.offset & 1 == 0 }.map(\.element)
                let merged = SQLiteTransaction.merged(one, other, limit: limit)
                #expect(merged == Array(places.prefix(limit)))
            }
        }
    }

    @Test func aPrefixOfManyNamesIsAsRightAsOneOfFew() async throws {
        try await withStore { store in
            try await store.write { transaction in
                for number in 0..<2500 {
                    _ = try seedExecution(transaction, name: "run-\(number)", startedAt: start + .seconds(number))
                }
            }
            for (prefix, expected) in [("run-", 2499), ("run-24", 2499), ("run-7", 799), ("run-2499", 2499)] {
                let page = try await store.read { try $0.executions(ExecutionQuery(namePrefix: prefix, limit: 3)) }
                #expect(page.executions.first?.name == "run-\(expected)", "\(prefix)")
            }
        }
    }

    @Test func noListReadsMoreThanItShows() async throws {
        try await withStore { store in
            for query in Self.combinations {
                let plan = try await store.read { transaction in
                    var list = ExecutionList(query, limit: 11)
                    if let names = NameRange(prefix: query.namePrefix ?? "") { list.isNamed(in: names, few: true) }
                    let statements =
                        list.isOfAllMachines
                        ? list.places.map { (list.sql(at: $0), list.values(machine: 1, newerThan: .oldest)) }
                        : [(list.sql, list.values)]
                    return try statements.flatMap { sql, values in
                        try transaction.rows("EXPLAIN QUERY PLAN " + sql, values) { $0.text(3) }
                    }
                }
                let steps = plan.filter { $0.hasPrefix("SEARCH execution") || $0.hasPrefix("SCAN execution") }
                #expect(!steps.isEmpty)
                #expect(steps.allSatisfy { $0.hasPrefix("SEARCH execution USING") }, "\(query): \(plan)")
                // What is read at a place is in order already: only what is shown of it is sorted.
                let own = plan.filter { !$0.hasPrefix("SCALAR") && !$0.hasPrefix("SEARCH stateMachine") }
                let isSorted = zip(own, own.dropFirst()).contains {
                    $0.hasPrefix("SEARCH execution") && $1.hasPrefix("USE TEMP B-TREE")
                }
                #expect(!isSorted, "\(query): \(plan)")
            }
        }
    }

    @Test(arguments: [
        ("a", "b"), ("az", "a{"), ("ru", "rv"), ("\u{D7FF}", "\u{E000}"), ("a\u{10FFFF}", "b"), ("é", "ê"),
    ])
    func aPrefixIsARangeOfNames(prefix: String, upper: String) {
        let range = NameRange(prefix: prefix)
        #expect(range?.lower == prefix)
        #expect(range?.upper == upper)
    }

    @Test func thePrefixesAtTheEdgesHaveOpenRanges() {
        #expect(NameRange(prefix: "") == nil)
        #expect(NameRange(prefix: "\u{10FFFF}")?.upper == nil)
    }

    static var combinations: [ExecutionQuery] {
        var queries: [ExecutionQuery] = []
        for machine in [nil, "m1"] {
            for workflow in [nil, "w1"] {
                for statuses in [[], [.running], [.failed, .aborted]] as [Set<ExecutionStatus>] {
                    for prefix in [nil, "a-"] {
                        for window in [nil, (start + .seconds(20), start + .seconds(90))] {
                            queries.append(
                                ExecutionQuery(
                                    stateMachine: machine, workflow: workflow, statuses: statuses,
                                    startedAfter: window?.0, startedBefore: window?.1, namePrefix: prefix, limit: 10))
                        }
                    }
                }
            }
        }
        return queries
    }
}

extension ExecutionQuery {
    fileprivate func matches(_ record: ExecutionRecord) -> Bool {
        (stateMachine == nil || stateMachine == record.stateMachine)
            && (workflow == nil || workflow == record.workflow)
            && (statuses.isEmpty || statuses.contains(record.status))
            && startedAfter.map { record.startedAt > $0 } ?? true
            && startedBefore.map { record.startedAt < $0 } ?? true
            && namePrefix.map { record.name.hasPrefix($0) } ?? true
    }
}
