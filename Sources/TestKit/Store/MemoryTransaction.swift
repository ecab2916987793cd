package import Engine
package import WallTime

/// A transaction of a `MemoryStore`. Valid only while the closure that it was given to runs.
package final class MemoryTransaction: ExecutionTransaction {
    var tables: MemoryTables
    var isReadOnly = false
    /// Rows of tests' own, written by steps under test and undone like all others.
    package private(set) var notes: [String: Int] = [:]

    init(tables: MemoryTables) { self.tables = tables }

    /// Counts something in the transaction, such as how often a step was recorded.
    package func count(_ key: String) throws {
        try requireWriting()
        notes[key, default: 0] += 1
        tables.remember { [unowned self] in notes[key, default: 0] -= 1 }
    }

    package func atomically<Result>(_ body: () throws -> Result) throws -> Result {
        let mark = tables.mark
        do {
            return try body()
        } catch {
            tables.rollBack(to: mark)
            throw error
        }
    }

    func requireWriting() throws {
        if isReadOnly { throw StoreError.unavailable("a read transaction cannot write") }
    }
}

extension MemoryTransaction {
    package func stateMachine(named name: String) throws -> StateMachineRecord? { tables.machines[name] }

    package func currentVersion(ofStateMachine name: String) throws -> StateMachineVersionID? {
        tables.machines[name]?.current.id
    }

    package func stateMachines() throws -> [StateMachineRecord] {
        tables.machines.values.sorted { $0.name < $1.name }
    }

    package func saveStateMachine(
        name: String, definition: MachineDefinition, settings: MachineSettings?, at: Instant
    ) throws -> StateMachineVersion {
        try requireWriting()
        let known = tables.machines[name]
        let settings = settings ?? known?.current.settings ?? .standard
        if let current = known?.current, current.definition.hash == definition.hash, current.settings == settings {
            return current
        }
        let number = tables.resources.lastNumber[name, default: 0] + 1
        tables.lastVersion += 1
        let version = StateMachineVersion(
            id: StateMachineVersionID(rawValue: tables.lastVersion), stateMachine: name,
            number: number, definition: definition, settings: settings, createdAt: at)
        tables.set(\.versions[version.id], version)
        tables.set(\.resources.lastNumber[name], number)
        tables.set(
            \.machines[name],
            StateMachineRecord(
                name: name, createdAt: known?.createdAt ?? at, current: version,
                firstNumber: known?.firstNumber ?? number))
        return version
    }

    package func stateMachineVersion(_ id: StateMachineVersionID) throws -> StateMachineVersion? {
        tables.versions[id]
    }
}

extension MemoryTransaction {
    package func scheduleState(_ workflow: String) throws -> ScheduleState? { tables.schedules[workflow] }

    package func saveScheduleState(_ state: ScheduleState) throws {
        try requireWriting()
        tables.set(\.schedules[state.workflow], state)
    }

    package func scheduledWorkflows() throws -> [String] { tables.schedules.keys.sorted() }

    package func insertFire(_ fire: ScheduleFire) throws -> Bool {
        try requireWriting()
        let key = MemoryTables.FireKey(workflow: fire.workflow, nominal: fire.nominal)
        if let known = tables.fires[key], known.result != .skippedMissed || known.firedAt <= fire.firedAt {
            return false
        }
        tables.set(\.fires[key], fire)
        return true
    }

    package func settleFire(
        of workflow: String, at nominal: Instant, _ result: ScheduleFire.Result, execution: String?, reason: String?
    ) throws {
        try requireWriting()
        let key = MemoryTables.FireKey(workflow: workflow, nominal: nominal)
        guard var fire = tables.fires[key] else { return }
        (fire.result, fire.execution, fire.reason) = (result, execution, reason)
        tables.set(\.fires[key], fire)
    }

    package func fires(of workflow: String, limit: Int) throws -> [ScheduleFire] {
        let all = tables.fires.values.filter { $0.workflow == workflow }
        return Array(all.sorted { $0.nominal > $1.nominal }.prefix(limit))
    }
}

extension MemoryTransaction {
    package func insertDeadLetter(_ letter: NewDeadLetter) throws -> DeadLetterID {
        try requireWriting()
        tables.set(\.lastDeadLetter, tables.lastDeadLetter + 1)
        let id = DeadLetterID(rawValue: tables.lastDeadLetter)
        tables.set(
            \.deadLetters[id], DeadLetter(id: id, letter: letter, status: .open, attempts: 0, updatedAt: letter.at))
        return id
    }

    package func deadLetter(_ id: DeadLetterID) throws -> DeadLetter? { tables.deadLetters[id] }

    package func deadLetters(_ query: DeadLetterQuery) throws -> [DeadLetter] {
        let matching = tables.deadLetters.values.filter { letter in
            (query.kind == nil || letter.letter.kind == query.kind)
                && (query.status == nil || letter.status == query.status)
                && (query.execution == nil || letter.letter.execution == query.execution)
        }
        return Array(matching.sorted { $0.id.rawValue > $1.id.rawValue }.prefix(query.limit))
    }

    package func openDeadLetters(upTo limit: Int) throws -> Int {
        min(max(0, limit), tables.deadLetters.values.count { $0.status == .open })
    }

    package func setDeadLetter(
        _ id: DeadLetterID, status: DeadLetterStatus, attempts: Int, nextRedrive: Instant?, at: Instant
    ) throws {
        try requireWriting()
        guard var letter = tables.deadLetters[id] else { throw MissingRow(description: "dead letter \(id.rawValue)") }
        letter.status = status
        letter.attempts = attempts
        letter.letter.nextRedrive = nextRedrive
        letter.updatedAt = at
        tables.set(\.deadLetters[id], letter)
    }

    package func redriveTimes(limit: Int) throws -> [Instant] {
        let open = tables.deadLetters.values.filter { $0.status == .open }
        return Array(open.compactMap(\.letter.nextRedrive).sorted().prefix(limit))
    }

    package func dueDeadLetters(at now: Instant, limit: Int) throws -> [DeadLetter] {
        let due = tables.deadLetters.values.filter { letter in
            letter.status == .open && letter.letter.nextRedrive.map { $0 <= now } == true
        }
        let order = due.sorted {
            ($0.letter.nextRedrive ?? now, $0.id.rawValue) < ($1.letter.nextRedrive ?? now, $1.id.rawValue)
        }
        return Array(order.prefix(limit))
    }

    package func appendAudit(_ entry: AuditEntry) throws {
        try requireWriting()
        tables.appendAudit(entry)
    }

    package func auditEntries(subject: String?, limit: Int) throws -> [AuditEntry] {
        Array(tables.audit.reversed().lazy.filter { subject == nil || $0.subject == subject }.prefix(limit))
    }
}

/// A change to a row that does not exist.
package struct MissingRow: Error, Equatable, CustomStringConvertible {
    package let description: String
}

/// A row that is there already, as SQLite's keys would refuse it.
struct RepeatedRow: Error, Equatable, CustomStringConvertible {
    let description: String
}
