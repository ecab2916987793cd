import Budgets
import Engine
import WallTime

/// The rows of a `MemoryStore`, with a log of how to undo what was done since the last commit.
struct MemoryTables {
    struct Execution {
        var record: ExecutionRecord
        var journal: [[UInt8]] = []
    }

    struct ExecutionKey: Hashable {
        var stateMachine: String
        var name: String
    }

    struct Wake: Hashable, Comparable {
        var at: Instant
        var execution: ExecutionID

        static func < (left: Wake, right: Wake) -> Bool {
            (left.at, left.execution) < (right.at, right.execution)
        }
    }

    struct FireKey: Hashable {
        var workflow: String
        var nominal: Instant
    }

    var machines: [String: StateMachineRecord] = [:]
    var versions: [StateMachineVersionID: StateMachineVersion] = [:]
    var executions: [ExecutionID: Execution] = [:]
    var executionsByName: [ExecutionKey: ExecutionID] = [:]
    var live: Set<ExecutionID> = []
    var wakes: Set<Wake> = []
    var schedules: [String: ScheduleState] = [:]
    var fires: [FireKey: ScheduleFire] = [:]
    var deadLetters: [DeadLetterID: DeadLetter] = [:]
    var audit: [AuditEntry] = []
    var lastExecution: Int64 = 0
    var lastDeadLetter: Int64 = 0
    /// Not undone: the id of a version is not given again.
    var lastVersion: Int64 = 0
    var ledger = LedgerTables()
    var resources = ResourceRows()
    var ingest = IngestTables()

    private var undoLog: [(inout MemoryTables) -> Void] = []

    init() {}

    /// A place to which `rollBack` returns.
    var mark: Int { undoLog.count }

    /// Changes one part, remembering what was there.
    mutating func set<Part>(_ path: WritableKeyPath<MemoryTables, Part>, _ value: Part) {
        let before = self[keyPath: path]
        undoLog.append { $0[keyPath: path] = before }
        self[keyPath: path] = value
    }

    /// Adds a member; remembers how to take it out again.
    mutating func insert<Member>(_ path: WritableKeyPath<MemoryTables, Set<Member>>, _ member: Member) {
        guard self[keyPath: path].insert(member).inserted else { return }
        undoLog.append { $0[keyPath: path].remove(member) }
    }

    mutating func remove<Member>(_ path: WritableKeyPath<MemoryTables, Set<Member>>, _ member: Member) {
        guard self[keyPath: path].remove(member) != nil else { return }
        undoLog.append { $0[keyPath: path].insert(member) }
    }

    mutating func appendJournal(_ id: ExecutionID, _ record: [UInt8]) {
        executions[id]?.journal.append(record)
        undoLog.append { $0.executions[id]?.journal.removeLast() }
    }

    mutating func appendAudit(_ entry: AuditEntry) {
        audit.append(entry)
        undoLog.append { $0.audit.removeLast() }
    }

    mutating func appendUse(_ key: UsageKey) {
        ledger.prices.useOrder.append(key)
        undoLog.append { $0.ledger.prices.useOrder.removeLast() }
    }

    mutating func setRecord(_ id: ExecutionID, _ record: ExecutionRecord) {
        guard let before = executions[id]?.record else { return }
        undoLog.append { $0.executions[id]?.record = before }
        executions[id]?.record = record
    }

    /// Remembers how to undo something that is kept elsewhere.
    mutating func remember(_ undo: @escaping () -> Void) { undoLog.append { _ in undo() } }

    mutating func rollBack(to mark: Int) {
        while undoLog.count > mark { undoLog.removeLast()(&self) }
    }

    mutating func commit() { undoLog.removeAll(keepingCapacity: true) }
}
