import Engine
import WallTime

extension ExecutionStoreConformance {
    static var journals: [Case] {
        [
            Case("a journal gives back its records, byte for byte and in order") { store in
                let long = (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
                let records: [[UInt8]] = [[0], Array(0...255), long, [7], [0, 0, 0]]
                let (one, two) = try await store.write { transaction in
                    let one = try seedExecution(transaction, name: "one")
                    let two = try seedExecution(transaction, name: "two")
                    for record in records {
                        try transaction.appendJournal(one, record: record)
                        try transaction.appendJournal(two, record: record.reversed())
                    }
                    return (one, two)
                }
                try await store.read { transaction in
                    try requireEqual(try transaction.journal(one), records, "first journal")
                    try requireEqual(try transaction.journal(two), records.map { $0.reversed() }, "second journal")
                }
            },
            Case("a record whose number is taken is refused") { store in
                let id = try await store.write { transaction in
                    let id = try seedExecution(transaction)
                    try transaction.appendJournal(id, number: 1, record: [1])
                    try transaction.appendJournal(id, number: 2, record: [2])
                    try transaction.appendJournal(id, record: [3])
                    return id
                }
                try await store.write { transaction in
                    _ = try requireThrows("a third record, which there is already") {
                        try transaction.atomically { try transaction.appendJournal(id, number: 3, record: [4]) }
                    }
                }
                let records = try await store.read { try $0.journal(id) }
                try requireEqual(records, [[1], [2], [3]], "journal")
            },
            Case("a journal goes on after its execution was redriven") { store in
                try await store.write { transaction in
                    let id = try seedExecution(transaction)
                    try transaction.appendJournal(id, record: [1])
                    try transaction.finishExecution(id, status: .failed, at: start, error: "E", cause: nil)
                    try transaction.reopenExecution(id, redriveCount: 1, at: start)
                    try transaction.appendJournal(id, record: [2])
                    try requireEqual(try transaction.journal(id), [[1], [2]], "journal")
                }
            },
        ]
    }

    static var parking: [Case] {
        [
            Case("a parked execution is not live, and shows when it wakes") { store in
                try await store.write { transaction in
                    let timed = try seedExecution(transaction, name: "timed")
                    let untimed = try seedExecution(transaction, name: "untimed")
                    let live = try seedExecution(transaction, name: "live")
                    try transaction.parkExecution(timed, wakeAt: start + .seconds(9))
                    try transaction.parkExecution(untimed, wakeAt: nil)

                    try requireEqual(try transaction.liveExecutions(), [live], "live executions")
                    try requireEqual(try transaction.execution(timed)?.isParked, true, "timed is parked")
                    try requireEqual(try transaction.execution(timed)?.wakeAt, start + .seconds(9), "its wake")
                    try requireEqual(try transaction.execution(untimed)?.isParked, true, "untimed is parked")
                    try requireEqual(try transaction.execution(untimed)?.wakeAt, nil, "its wake")
                    try requireEqual(try transaction.execution(live)?.isParked, false, "live is not parked")
                    try requireEqual(try transaction.earliestWake(), start + .seconds(9), "earliest wake")
                }
            },
            Case("due executions come longest due first, never early, up to the limit") { store in
                try await store.write { transaction in
                    try requireEqual(try transaction.earliestWake(), nil, "earliest wake of nothing")
                    let late = try seedExecution(transaction, name: "late")
                    let later = try seedExecution(transaction, name: "later")
                    let future = try seedExecution(transaction, name: "future")
                    try transaction.parkExecution(future, wakeAt: start + .milliseconds(1))
                    try transaction.parkExecution(late, wakeAt: start)
                    try transaction.parkExecution(later, wakeAt: start - .seconds(5))

                    try requireEqual(try transaction.dueExecutions(at: start, limit: 10), [later, late], "due")
                    try requireEqual(try transaction.dueExecutions(at: start, limit: 1), [later], "due, limited")
                    try requireEqual(try transaction.earliestWake(), start - .seconds(5), "earliest wake")
                }
            },
            Case("many may wake in the same instant") { store in
                try await store.write { transaction in
                    let ids = try (0..<50).map { number in
                        let id = try seedExecution(transaction, name: "run-\(number)")
                        try transaction.parkExecution(id, wakeAt: start)
                        return id
                    }
                    let due = try transaction.dueExecutions(at: start, limit: 100)
                    try requireEqual(due.sorted(), ids, "due executions")
                }
            },
            Case("parking again moves the wake, unparking removes it") { store in
                try await store.write { transaction in
                    let id = try seedExecution(transaction)
                    try transaction.parkExecution(id, wakeAt: start)
                    try transaction.parkExecution(id, wakeAt: start + .seconds(1))
                    try requireEqual(try transaction.dueExecutions(at: start, limit: 10), [], "due at first time")
                    try requireEqual(
                        try transaction.dueExecutions(at: start + .seconds(1), limit: 10), [id], "due once")
                    try transaction.parkExecution(id, wakeAt: nil)
                    try requireEqual(try transaction.earliestWake(), nil, "earliest wake without a time")
                    try transaction.parkExecution(id, wakeAt: start)
                    try transaction.unparkExecution(id)
                    try requireEqual(try transaction.liveExecutions(), [id], "live executions")
                    try requireEqual(try transaction.earliestWake(), nil, "earliest wake after unparking")
                    try requireEqual(try transaction.execution(id)?.isParked, false, "parked")
                }
            },
            Case("unparking what is live changes nothing") { store in
                try await store.write { transaction in
                    let id = try seedExecution(transaction)
                    try transaction.unparkExecution(id)
                    try requireEqual(try transaction.liveExecutions(), [id], "live executions")
                }
            },
        ]
    }
}
