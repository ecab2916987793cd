package import Engine
package import WallTime

extension MemoryTransaction {
    package func insertExecution(_ execution: NewExecution) throws -> ExecutionID {
        try requireWriting()
        let key = MemoryTables.ExecutionKey(stateMachine: execution.stateMachine, name: execution.name)
        if let taken = tables.executionsByName[key], let existing = tables.executions[taken] {
            throw DuplicateExecution(existing: existing.record)
        }
        guard tables.versions[execution.version] != nil else {
            throw MissingRow(description: "state machine version \(execution.version.rawValue)")
        }
        tables.set(\.lastExecution, tables.lastExecution + 1)
        let id = ExecutionID(rawValue: tables.lastExecution)
        let record = ExecutionRecord(
            id: id, stateMachine: execution.stateMachine, version: execution.version, name: execution.name,
            workflow: execution.workflow, status: .running, startedAt: execution.startedAt,
            qualifier: execution.qualifier)
        tables.set(\.executions[id], MemoryTables.Execution(record: record))
        tables.set(\.executionsByName[key], id)
        tables.insert(\.live, id)
        return id
    }

    package func execution(_ id: ExecutionID) throws -> ExecutionRecord? { tables.executions[id]?.record }

    package func execution(named name: String, of stateMachine: String) throws -> ExecutionRecord? {
        let key = MemoryTables.ExecutionKey(stateMachine: stateMachine, name: name)
        return tables.executionsByName[key].flatMap { tables.executions[$0]?.record }
    }

    package func executions(_ query: ExecutionQuery) throws -> ExecutionPage {
        let matching = tables.executions.values.map(\.record).filter(query.matches).sorted { $0.id > $1.id }
        let page = Array(matching.prefix(query.limit))
        return ExecutionPage(executions: page, next: matching.count > page.count ? page.last?.id : nil)
    }

    package func appendJournal(_ id: ExecutionID, record: [UInt8]) throws {
        try requireWriting()
        _ = try row(id)
        tables.appendJournal(id, record)
    }

    package func appendJournal(_ id: ExecutionID, number: Int, record: [UInt8]) throws {
        let count = try row(id).journal.count
        guard number == count + 1 else {
            throw StoreError.unavailable("record \(number) of execution \(id.rawValue) would come after \(count)")
        }
        try appendJournal(id, record: record)
    }

    package func journal(_ id: ExecutionID) throws -> [[UInt8]] { tables.executions[id]?.journal ?? [] }

    package func journal(_ id: ExecutionID, end: JournalEnd) throws -> [UInt8]? {
        let records = tables.executions[id]?.journal ?? []
        return end == .first ? records.first : records.last
    }

    package func finishExecution(
        _ id: ExecutionID, status: ExecutionStatus, at: Instant, error: String?, cause: String?
    ) throws {
        try update(id) { record in
            record.status = status
            record.stoppedAt = at
            record.error = error
            record.cause = cause
            record.isParked = false
            record.wakeAt = nil
        }
    }

    package func reopenExecution(_ id: ExecutionID, redriveCount: Int, at now: Instant) throws {
        try update(id) { record in
            record.status = .running
            record.stoppedAt = nil
            record.error = nil
            record.cause = nil
            record.redriveCount = redriveCount
            record.redrivenAt = now
        }
    }

    package func parkExecution(_ id: ExecutionID, wakeAt: Instant?) throws {
        try update(id) { record in
            record.isParked = true
            record.wakeAt = wakeAt
        }
    }

    package func unparkExecution(_ id: ExecutionID) throws {
        try update(id) { record in
            record.isParked = false
            record.wakeAt = nil
        }
    }

    package func liveExecutions() throws -> [ExecutionID] { tables.live.sorted() }

    package func dueExecutions(at now: Instant, limit: Int) throws -> [ExecutionID] {
        tables.wakes.filter { $0.at <= now }.sorted().prefix(limit).map(\.execution)
    }

    package func earliestWake() throws -> Instant? { tables.wakes.min()?.at }

    private func row(_ id: ExecutionID) throws -> MemoryTables.Execution {
        guard let row = tables.executions[id] else { throw MissingRow(description: "execution \(id.rawValue)") }
        return row
    }

    /// Changes the record of an execution and keeps the two indexes, live executions and wake times, in step.
    private func update(_ id: ExecutionID, _ change: (inout ExecutionRecord) -> Void) throws {
        try requireWriting()
        let before = try row(id).record
        var after = before
        change(&after)
        tables.setRecord(id, after)
        if let wake = before.wakeAt { tables.remove(\.wakes, MemoryTables.Wake(at: wake, execution: id)) }
        if let wake = after.wakeAt { tables.insert(\.wakes, MemoryTables.Wake(at: wake, execution: id)) }
        if after.status == .running && !after.isParked {
            tables.insert(\.live, id)
        } else {
            tables.remove(\.live, id)
        }
    }
}

extension ExecutionQuery {
    fileprivate func matches(_ record: ExecutionRecord) -> Bool {
        (stateMachine == nil || record.stateMachine == stateMachine)
            && (workflow == nil || record.workflow == workflow)
            && (statuses.isEmpty || statuses.contains(record.status))
            && startedAfter.map { record.startedAt > $0 } ?? true
            && startedBefore.map { record.startedAt < $0 } ?? true
            && namePrefix.map { record.name.hasPrefix($0) } ?? true
            && (version == nil || record.qualifier.version == version)
            && (alias == nil || record.qualifier.alias == alias)
            && after.map { record.id < $0 } ?? true
    }
}
