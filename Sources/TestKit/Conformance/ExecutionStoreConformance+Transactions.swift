import Engine

extension ExecutionStoreConformance {
    static var transactions: [Case] {
        [
            Case("a write returns what its body returns and is seen by later reads") { store in
                let id = try await store.write { try seedExecution($0) }

                let found = try await store.read { try $0.execution(id) }
                try requireEqual(found?.id, id, "the execution written")
            },
            Case("a write whose body throws leaves nothing behind and throws that error") { store in
                do {
                    try await store.write { transaction in
                        _ = try seedExecution(transaction)
                        throw Deliberate()
                    }
                    throw ConformanceFailure(description: "the error of the body was swallowed")
                } catch is Deliberate {}

                let machines = try await store.read { try $0.stateMachines() }
                try requireEqual(machines.count, 0, "state machines after the failed write")
            },
            Case("a body that throws does not undo the writes that share its commit") { store in
                _ = try await store.write { try seedExecution($0, name: "first") }
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<20 {
                        group.addTask {
                            do {
                                try await store.write { transaction in
                                    _ = try seedExecution(transaction, name: "run-\(number)")
                                    if number.isMultiple(of: 3) { throw Deliberate() }
                                }
                            } catch {}  // A write that failed and was not meant to is missing below.
                        }
                    }
                }
                let names = try await store.read { try $0.executions(ExecutionQuery()).executions.map(\.name) }
                let expected = ["first"] + (0..<20).filter { !$0.isMultiple(of: 3) }.map { "run-\($0)" }
                try requireEqual(names.sorted(), expected.sorted(), "executions")
            },
            Case("atomically undoes only what its body did") { store in
                try await store.write { transaction in
                    let kept = try seedExecution(transaction, name: "kept")
                    try transaction.appendJournal(kept, record: [1])
                    try requireThrows("the body") {
                        try transaction.atomically {
                            try transaction.appendJournal(kept, record: [2])
                            try transaction.parkExecution(kept, wakeAt: start)
                            _ = try seedExecution(transaction, name: "undone")
                            throw Deliberate()
                        }
                    }
                    try requireEqual(try transaction.journal(kept), [[1]], "journal")
                    try require(try transaction.execution(named: "undone", of: "machine") == nil, "insert not undone")
                    try requireEqual(try transaction.execution(kept)?.isParked, false, "parking not undone")
                    try requireEqual(try transaction.liveExecutions(), [kept], "live executions")
                }
                let names = try await store.read { try $0.executions(ExecutionQuery()).executions.map(\.name) }
                try requireEqual(names, ["kept"], "executions after the commit")
            },
            Case("atomically nests, returns what its body returns, and keeps what succeeded") { store in
                let journal = try await store.write { transaction in
                    let id = try seedExecution(transaction)
                    let inner = try transaction.atomically {
                        try transaction.appendJournal(id, record: [1])
                        try requireThrows("the inner body") {
                            try transaction.atomically {
                                try transaction.appendJournal(id, record: [2])
                                throw Deliberate()
                            }
                        }
                        return try transaction.atomically {
                            try transaction.appendJournal(id, record: [3])
                            return 7
                        }
                    }
                    try requireEqual(inner, 7, "result")
                    try requireEqual(try transaction.journal(id, end: .first), [1], "first record")
                    try requireEqual(try transaction.journal(id, end: .last), [3], "last record")
                    return try transaction.journal(id)
                }
                try requireEqual(journal, [[1], [3]], "journal")
            },
            Case("a read cannot write") { store in
                let id = try await store.write { try seedExecution($0) }
                do {
                    try await store.read { try $0.appendJournal(id, record: [9]) }
                    throw ConformanceFailure(description: "a read appended to a journal")
                } catch let failure as ConformanceFailure {
                    throw failure
                } catch {}  // Refused, in whatever words.

                let journal = try await store.read { try $0.journal(id) }
                try requireEqual(journal, [], "journal")
            },
            Case("writes run in the order of arrival, each seeing those before it") { store in
                let id = try await store.write { try seedExecution($0) }
                for number in 0..<50 {
                    try await store.write { transaction in
                        try requireEqual(try transaction.journal(id).count, number, "records before")
                        try transaction.appendJournal(id, record: [UInt8(number)])
                    }
                }
            },
        ]
    }
}
