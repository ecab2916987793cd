package import WallTime

/// Where executions live. A store runs closures in transactions; what they do there is said by `ExecutionTransaction`.
package protocol ExecutionStore<Transaction>: Sendable {
    associatedtype Transaction: ExecutionTransaction

    /// Runs `body` on the store's writer, in order of arrival, in a transaction that it may share with whatever else has
    /// queued up (group commit). It may run twice, the first time undone: it changes nothing but the transaction.
    ///
    /// Returns only once the commit that holds the changes is durable. When `body` throws, its changes are undone, the
    /// others' are kept, and the error is thrown on. `body` runs on a thread of its own: it may block, never long.
    /// - Throws: what `body` throws, or `StoreError` when the commit failed.
    func write<Result: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result

    /// The same for a change of few rows, which may be made on the caller's thread when nothing else waits.
    func writeSmall<Result: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result

    /// Runs `body` on a reader: a consistent snapshot of what was committed, concurrent with the writer. Writing in it
    /// throws.
    func read<Result: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result

    /// The same for what may look through very much, as reports do. It may have to wait for others of its kind, and no
    /// `read` waits for it.
    func survey<Result: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result

    /// The process is about to end: surveys that wait or are under way end with an error, and so does any further one.
    /// Everything else goes on.
    func endSurveys()
}

extension ExecutionStore {
    /// Where a survey takes no longer than a read, it is waited for.
    package func endSurveys() {}

    /// Where no thread has to be woken, a small change is like any other.
    package func writeSmall<Result: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        try await write(body)
    }

    /// Where reads don't wait for one another, a survey is a read.
    package func survey<Result: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        try await read(body)
    }
}

/// Why the store could not do its work. The execution is unharmed: nothing of the transaction was kept.
package enum StoreError: Error, Equatable, Sendable {
    /// No space left on the device.
    case full(String)
    /// The database is damaged.
    case damaged(String)
    /// Written by a newer version of Steward.
    case newerSchema(found: Int, supported: Int)
    /// Another process has the data directory.
    case locked(by: String)
    case unavailable(String)
}

/// What can be done in one transaction with the engine's rows. Synchronous: it runs on the store's thread.
package protocol ExecutionTransaction: ResourceTables, SendableMetatype {
    /// Undoes the changes that `body` made when it throws, and only those (a savepoint).
    func atomically<Result>(_ body: () throws -> Result) throws -> Result

    // State machines and their versions
    func stateMachine(named name: String) throws -> StateMachineRecord?
    /// The version that a start takes when it names none; nil when there is no such machine.
    func currentVersion(ofStateMachine name: String) throws -> StateMachineVersionID?
    func stateMachines() throws -> [StateMachineRecord]
    /// Adds the next version of the machine, which is made when it is new. A definition equal (by hash) to the newest
    /// version's, with equal settings, adds nothing and returns that version. Settings that are nil are left as they are.
    /// While the store is open no two versions get one id, not even where the first one was undone: whoever has read a
    /// version keeps it by its id (`MachineCatalog`).
    func saveStateMachine(
        name: String, definition: MachineDefinition, settings: MachineSettings?, at: Instant
    ) throws -> StateMachineVersion
    func stateMachineVersion(_ id: StateMachineVersionID) throws -> StateMachineVersion?

    // Executions
    /// - Throws: `DuplicateExecution` when the machine already has an execution of that name.
    func insertExecution(_ execution: NewExecution) throws -> ExecutionID
    func execution(_ id: ExecutionID) throws -> ExecutionRecord?
    func execution(named name: String, of stateMachine: String) throws -> ExecutionRecord?
    func executions(_ query: ExecutionQuery) throws -> ExecutionPage
    /// Appends one record (what one decision recorded) to the execution's journal.
    func appendJournal(_ id: ExecutionID, record: [UInt8]) throws
    /// The same for who knows how many records there are: then none is looked for.
    /// - Parameter number: the record's, counted from 1.
    /// - Throws: when there is one of that number already. Then the caller's copy of the execution is out of date.
    func appendJournal(_ id: ExecutionID, number: Int, record: [UInt8]) throws
    /// All records in order.
    func journal(_ id: ExecutionID) throws -> [[UInt8]]
    /// One end of the journal; nil when it is empty.
    func journal(_ id: ExecutionID, end: JournalEnd) throws -> [UInt8]?
    /// The execution has ended.
    func finishExecution(_ id: ExecutionID, status: ExecutionStatus, at: Instant, error: String?, cause: String?) throws
    /// The execution runs again after a redrive.
    func reopenExecution(_ id: ExecutionID, redriveCount: Int, at: Instant) throws

    // Parking. A running execution is live (in memory, its tasks under way) or parked (rows only, to be woken).
    /// Parks the execution; at `wakeAt` it is due, nil means that only a callback wakes it.
    func parkExecution(_ id: ExecutionID, wakeAt: Instant?) throws
    /// The execution is live again: its wake time, if any, is removed.
    func unparkExecution(_ id: ExecutionID) throws
    /// Running executions that are not parked: those that a restart has to take up again.
    func liveExecutions() throws -> [ExecutionID]
    /// Parked executions that are due at `now`, the longest due first.
    func dueExecutions(at now: Instant, limit: Int) throws -> [ExecutionID]
    func earliestWake() throws -> Instant?

    // Schedules
    func scheduleState(_ workflow: String) throws -> ScheduleState?
    func saveScheduleState(_ state: ScheduleState) throws
    /// The workflows that have a schedule's state, by name, in that order.
    func scheduledWorkflows() throws -> [String]
    /// Records a fire; false when that slot (workflow and nominal time) was recorded before. One that was recorded as missed
    /// at a later time than this one's, while the clock was ahead, counts for nothing.
    func insertFire(_ fire: ScheduleFire) throws -> Bool
    /// Says what has become of a slot that was recorded, since then; nothing of one whose record is gone.
    func settleFire(
        of workflow: String, at nominal: Instant, _ result: ScheduleFire.Result, execution: String?, reason: String?
    ) throws
    /// Newest first.
    func fires(of workflow: String, limit: Int) throws -> [ScheduleFire]

    // Dead letters
    func insertDeadLetter(_ letter: NewDeadLetter) throws -> DeadLetterID
    func deadLetter(_ id: DeadLetterID) throws -> DeadLetter?
    func deadLetters(_ query: DeadLetterQuery) throws -> [DeadLetter]
    /// How many are open, at most `limit`; nothing of what they hold is read.
    func openDeadLetters(upTo limit: Int) throws -> Int
    func setDeadLetter(_ id: DeadLetterID, status: DeadLetterStatus, attempts: Int, nextRedrive: Instant?, at: Instant)
        throws
    /// Open letters whose own redrive is due.
    func dueDeadLetters(at now: Instant, limit: Int) throws -> [DeadLetter]
    /// When open letters are to be redriven by themselves, the earliest first; nothing of what they hold is read.
    func redriveTimes(limit: Int) throws -> [Instant]

    // Audit
    func appendAudit(_ entry: AuditEntry) throws
    /// Newest first.
    func auditEntries(subject: String?, limit: Int) throws -> [AuditEntry]
}

/// An execution of that name exists already.
package struct DuplicateExecution: Error, Equatable, Sendable {
    package let existing: ExecutionRecord
    package init(existing: ExecutionRecord) { self.existing = existing }
}

/// An end of an execution's journal.
package enum JournalEnd: Sendable { case first, last }
