package import Interpreter
package import JSONModel
package import StatesLanguage
package import WallTime

/// A running execution in memory: the fold of its journal with what does not change about it.
package struct LoadedExecution: Sendable {
    /// What is the same for the whole life of an execution.
    package final class Facts: Sendable {
        package let id: ExecutionID
        package let name: String
        package let stateMachine: String
        package let workflow: String?
        package let machine: StateMachine
        package let identity: ExecutionIdentity
        package let type: StateMachineType
        package let version: StateMachineVersionID
        package let qualifier: ExecutionQualifier

        init(
            id: ExecutionID, name: String, stateMachine: String, workflow: String?, machine: StateMachine,
            identity: ExecutionIdentity, type: StateMachineType, version: StateMachineVersionID,
            qualifier: ExecutionQualifier
        ) {
            self.id = id
            self.name = name
            self.stateMachine = stateMachine
            self.workflow = workflow
            self.machine = machine
            self.identity = identity
            self.type = type
            self.version = version
            self.qualifier = qualifier
        }
    }

    package enum Parking: Sendable, Equatable {
        /// In memory, with tasks under way.
        case live
        case parked(wakeAt: Instant?)
        /// It has ended.
        case ended
    }

    package let facts: Facts
    package var state: ExecutionState
    package var parking: Parking
    /// Records in its journal.
    package var records: Int
    /// When its last event happened: no later one may be earlier, whatever the wall clock does.
    package var lastEventAt: Instant
    /// Tasks of activities that wait for a worker elsewhere, as the rows have them.
    package var offered: [TaskID: OfferedTask.Place] = [:]

    package var id: ExecutionID { facts.id }
}

extension EngineCore {
    /// Folds an execution's journal.
    /// - Throws: `EngineError.unreadableHistory` when the journal cannot be folded.
    package func load(_ id: ExecutionID, in transaction: Transaction) throws -> LoadedExecution {
        guard let record = try transaction.execution(id) else {
            throw EngineError.noSuchExecution(String(id.rawValue))
        }
        let journal = try transaction.journal(record.id)
        let events = try journal.flatMap { try decode($0, of: record) }
        let state: ExecutionState
        do {
            state = try ExecutionState.fold(events)
        } catch {
            throw EngineError.unreadableHistory(execution: record.name, reason: error.description)
        }
        let parking: LoadedExecution.Parking =
            record.status != .running ? .ended : record.isParked ? .parked(wakeAt: record.wakeAt) : .live
        return LoadedExecution(
            facts: try facts(of: record, in: transaction), state: state, parking: parking,
            records: journal.count, lastEventAt: events.last?.at ?? record.startedAt, offered: offers(of: state, id))
    }

    /// Everything that was recorded about an execution, notes included.
    package func history(of record: ExecutionRecord, in transaction: Transaction) throws -> [HistoryEvent] {
        try transaction.journal(record.id).flatMap { try decode($0, of: record) }
    }

    /// What an execution was given, and what came of it if it has succeeded: read from the ends of its journal, since
    /// clients ask for these again and again.
    package func payloads(
        of record: ExecutionRecord, in transaction: Transaction
    ) throws -> (input: JSONValue, output: JSONValue?) {
        let first = try transaction.journal(record.id, end: .first).map { try decode($0, of: record) }
        guard case .executionStarted(let input, _)? = first?.first?.kind else {
            throw EngineError.unreadableHistory(execution: record.name, reason: "it does not begin with a start")
        }
        guard record.status == .succeeded else { return (input, nil) }
        if let last = try transaction.journal(record.id, end: .last),
            let output = Self.output(in: try decode(last, of: record))
        {
            return (input, output)
        }
        // Notes may follow the end.
        return (input, Self.output(in: try history(of: record, in: transaction)))
    }

    private static func output(in events: [HistoryEvent]) -> JSONValue? {
        for event in events.reversed() { if case .executionSucceeded(let output) = event.kind { return output } }
        return nil
    }

    private func decode(_ bytes: [UInt8], of record: ExecutionRecord) throws -> [HistoryEvent] {
        do {
            return try HistoryCodec.decode(bytes)
        } catch {
            throw EngineError.unreadableHistory(execution: record.name, reason: "\(error)")
        }
    }

    func facts(of record: ExecutionRecord, in transaction: Transaction) throws -> LoadedExecution.Facts {
        let (tokens, id) = (tokens, record.id)
        var (machine, settings) = try machines.revision(record.version, in: transaction)
        let identity = ExecutionIdentity(
            executionARN: executionARN(record.name, of: record.stateMachine),
            executionName: ExecutionNames.given(record.name),
            stateMachineARN: machineARN(record.stateMachine), stateMachineName: record.stateMachine,
            roleARN: settings.roleARN ?? options.roleARN, startedAt: record.startedAt,
            taskToken: { tokens.token(execution: id, task: $0) },
            isDoneHere: { self.isUnderWay($0, isSubmitted: false) })
        if settings.type == .express { machine = machine.limited(toSeconds: Self.expressSeconds) }
        if let limit = record.workflow.flatMap(workflow(named:))?.deadline {
            let seconds = Int((limit.wholeMilliseconds + 999) / 1000)
            machine = machine.limited(toSeconds: seconds)
        }
        return LoadedExecution.Facts(
            id: record.id, name: record.name, stateMachine: record.stateMachine, workflow: record.workflow,
            machine: machine, identity: identity, type: settings.type, version: record.version,
            qualifier: record.qualifier)
    }

    /// How long an express execution may last (AWS: five minutes).
    static var expressSeconds: Int { 300 }
}
