import Engine
import WallTime

extension ExecutionStoreConformance {
    static var machines: [Case] {
        [
            Case("an unknown machine or version is nil") { store in
                try await store.read { transaction in
                    try require(try transaction.stateMachine(named: "none") == nil, "machine")
                    try require(
                        try transaction.stateMachineVersion(StateMachineVersionID(rawValue: 77)) == nil, "version")
                    try requireEqual(try transaction.stateMachines(), [], "machines")
                }
            },
            Case("saving a definition makes the next version, the same one again makes none") { store in
                try await store.write { transaction in
                    let first = try transaction.saveStateMachine(name: "m", definition: definition("a"), at: start)
                    let again = try transaction.saveStateMachine(
                        name: "m", definition: definition("a"), at: start + .seconds(1))
                    let second = try transaction.saveStateMachine(
                        name: "m", definition: definition("b"), at: start + .seconds(2))
                    let back = try transaction.saveStateMachine(
                        name: "m", definition: definition("a"), at: start + .seconds(3))

                    try requireEqual(first.number, 1, "first version")
                    try requireEqual(first.stateMachine, "m", "its machine")
                    try requireEqual(first.definition, definition("a"), "its definition")
                    try requireEqual(again, first, "the same definition again")
                    try requireEqual(second.number, 2, "second version")
                    try requireEqual(second.createdAt, start + .seconds(2), "its time")
                    try requireEqual(back.number, 3, "an older definition brought back")
                    try requireEqual(try transaction.stateMachineVersion(first.id), first, "first by id")
                    try requireEqual(try transaction.stateMachineVersion(second.id), second, "second by id")
                }
                let record = try await store.read { try $0.stateMachine(named: "m") }
                try requireEqual(record?.current.number, 3, "current version")
                try requireEqual(record?.createdAt, start, "creation")
            },
            Case("the id of a version that was undone is not given again") { store in
                let ids = Guarded<[StateMachineVersionID]>([])
                let save: @Sendable (Store.Transaction, String) throws -> Void = { transaction, text in
                    let version = try transaction.saveStateMachine(
                        name: "m", definition: definition(text), at: start)
                    ids.withLock { $0.append(version.id) }
                }
                try await store.write { try save($0, "a") }
                do {
                    try await store.write { transaction in
                        try save(transaction, "b")
                        throw DefinitionUndone()
                    }
                } catch is DefinitionUndone {}
                try await store.write { transaction in
                    do {
                        try transaction.atomically {
                            try save(transaction, "c")
                            throw DefinitionUndone()
                        }
                    } catch is DefinitionUndone {}
                    try save(transaction, "d")
                }
                let given = ids.withLock(\.self)
                try requireEqual(Set(given).count, given.count, "ids that differ")
            },
            Case("two machines have versions of their own") { store in
                try await store.write { transaction in
                    let one = try transaction.saveStateMachine(name: "b", definition: definition("x"), at: start)
                    let two = try transaction.saveStateMachine(name: "a", definition: definition("x"), at: start)

                    try require(one.id != two.id, "ids differ")
                    try requireEqual([one.number, two.number], [1, 1], "numbers")
                    try requireEqual(try transaction.stateMachines().map(\.name).sorted(), ["a", "b"], "machines")
                }
            },
        ]
    }

    static var executions: [Case] { insertingExecutions + endingExecutions + listingExecutions }

    private static var insertingExecutions: [Case] {
        [
            Case("a new execution runs, is live, and keeps what it was given") { store in
                let id = try await store.write { try seedExecution($0, name: "über/run", workflow: "wf") }

                let (byID, byName, live) = try await store.read { transaction in
                    (
                        try transaction.execution(id), try transaction.execution(named: "über/run", of: "machine"),
                        try transaction.liveExecutions()
                    )
                }
                let version = try await store.read { try $0.stateMachine(named: "machine")?.current.id }
                let expected = ExecutionRecord(
                    id: id, stateMachine: "machine", version: version ?? StateMachineVersionID(rawValue: -1),
                    name: "über/run", workflow: "wf", status: .running, startedAt: start)
                try requireEqual(byID, expected, "by id")
                try requireEqual(byName, expected, "by name")
                try requireEqual(live, [id], "live executions")
            },
            Case("a name is taken once per machine, also after its execution ended") { store in
                try await store.write { transaction in
                    let id = try seedExecution(transaction)
                    try transaction.finishExecution(id, status: .succeeded, at: start, error: nil, cause: nil)
                    let error = try requireThrows("the second insert") { _ = try seedExecution(transaction) }
                    guard let duplicate = error as? DuplicateExecution else { throw error }
                    try requireEqual(duplicate.existing, try transaction.execution(id), "the existing execution")
                    let other = try seedExecution(transaction, machine: "other")
                    try require(other > id, "ids grow")
                }
            },
            Case("an unknown execution is nil, and nothing can be done to it") { store in
                let nobody = ExecutionID(rawValue: 4711)
                try await store.read { transaction in
                    try require(try transaction.execution(nobody) == nil, "by id")
                    try require(try transaction.execution(named: "x", of: "y") == nil, "by name")
                    try requireEqual(try transaction.journal(nobody), [], "journal")
                    try requireEqual(try transaction.journal(nobody, end: .last), nil, "last record")
                }
                _ = try await store.write { transaction in
                    try requireThrows("an append to nothing") {
                        try transaction.atomically { try transaction.appendJournal(nobody, record: [1]) }
                    }
                }
            },
        ]
    }

    private static var endingExecutions: [Case] {
        [
            Case("finishing sets status, time, error and cause, and takes it off the live and the due") { store in
                try await store.write { transaction in
                    for (number, status) in ExecutionStatus.allCases.filter({ $0 != .running }).enumerated() {
                        let id = try seedExecution(transaction, name: status.rawValue)
                        if number.isMultiple(of: 2) { try transaction.parkExecution(id, wakeAt: start) }
                        try transaction.finishExecution(
                            id, status: status, at: start + .seconds(5), error: "E", cause: "because")
                        let record = try transaction.execution(id)
                        try requireEqual(record?.status, status, "status")
                        try requireEqual(record?.stoppedAt, start + .seconds(5), "end")
                        try requireEqual(record?.error, "E", "error")
                        try requireEqual(record?.cause, "because", "cause")
                        try requireEqual(record?.wakeAt, nil, "wake time")
                    }
                    try requireEqual(try transaction.liveExecutions(), [], "live executions")
                    try requireEqual(try transaction.dueExecutions(at: start, limit: 10), [], "due executions")
                    try requireEqual(try transaction.earliestWake(), nil, "earliest wake")
                }
            },
            Case("reopening makes it run again, live, without end or error") { store in
                try await store.write { transaction in
                    let id = try seedExecution(transaction)
                    try transaction.finishExecution(id, status: .failed, at: start, error: "E", cause: "c")
                    try transaction.reopenExecution(id, redriveCount: 2, at: start + .seconds(9))

                    let record = try transaction.execution(id)
                    try requireEqual(record?.status, .running, "status")
                    try requireEqual(record?.stoppedAt, nil, "end")
                    try requireEqual(record?.error, nil, "error")
                    try requireEqual(record?.cause, nil, "cause")
                    try requireEqual(record?.redriveCount, 2, "redrives")
                    try requireEqual(record?.redrivenAt, start + .seconds(9), "last redrive")
                    try requireEqual(try transaction.liveExecutions(), [id], "live executions")
                }
            },
        ]
    }

    private static var listingExecutions: [Case] {
        [
            Case("lists are newest first and go on page by page") { store in
                let ids = try await store.write { transaction in
                    try (0..<7).map { number in
                        try seedExecution(transaction, name: "run-\(number)", startedAt: start + .seconds(number))
                    }
                }
                var found: [ExecutionID] = []
                var after: ExecutionID?
                var pages = 0
                repeat {
                    let query = ExecutionQuery(after: after, limit: 3)
                    let page = try await store.read { try $0.executions(query) }
                    found += page.executions.map(\.id)
                    after = page.next
                    pages += 1
                } while after != nil && pages < 10

                try requireEqual(found, ids.reversed(), "executions")
                try requireEqual(pages, 3, "pages")
            },
            Case("a page that ends the list exactly has no next") { store in
                try await store.write { transaction in
                    for number in 0..<4 { _ = try seedExecution(transaction, name: "run-\(number)") }
                    let page = try transaction.executions(ExecutionQuery(limit: 4))
                    try requireEqual(page.executions.count, 4, "executions")
                    try requireEqual(page.next, nil, "next")
                }
            },
            Case("lists filter by machine, workflow, status, time and the beginning of the name") { store in
                try await store.write { transaction in
                    let one = try seedExecution(transaction, machine: "m1", name: "a%1", workflow: "w1")
                    let two = try seedExecution(
                        transaction, machine: "m1", name: "a_2", startedAt: start + .seconds(60))
                    let three = try seedExecution(
                        transaction, machine: "m2", name: "b1", workflow: "w1", startedAt: start + .seconds(120))
                    try transaction.finishExecution(two, status: .failed, at: start, error: nil, cause: nil)
                    try transaction.finishExecution(three, status: .aborted, at: start, error: nil, cause: nil)
                    let window = ExecutionQuery(
                        startedAfter: start + .seconds(30), startedBefore: start + .seconds(90))
                    let expectations: [(ExecutionQuery, [ExecutionID])] = [
                        (ExecutionQuery(), [three, two, one]),
                        (ExecutionQuery(stateMachine: "m1"), [two, one]),
                        (ExecutionQuery(workflow: "w1"), [three, one]),
                        (ExecutionQuery(statuses: [.running]), [one]),
                        (ExecutionQuery(statuses: [.failed, .aborted]), [three, two]),
                        (ExecutionQuery(stateMachine: "m1", statuses: [.aborted]), []),
                        (window, [two]),
                        (ExecutionQuery(namePrefix: "a"), [two, one]),
                        (ExecutionQuery(namePrefix: "a%"), [one]),
                        (ExecutionQuery(namePrefix: "a_"), [two]),
                        (ExecutionQuery(namePrefix: "A"), []),
                        (ExecutionQuery(after: three, limit: 1), [two]),
                    ]
                    for (query, expected) in expectations {
                        let found = try transaction.executions(query).executions.map(\.id)
                        try requireEqual(found, expected, "executions for \(query)")
                    }
                }
            },
        ]
    }
}

private struct DefinitionUndone: Error {}
