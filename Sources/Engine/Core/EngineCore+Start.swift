import Interpreter
import JSONModel
import StatesLanguage
import WallTime

extension EngineCore {
    /// Starts an execution: its row, and its first decision.
    ///
    /// A running execution of the same name and input is returned instead (AWS: `StartExecution` is idempotent so far).
    /// - Throws: `EngineError.executionExists` when the name is taken otherwise.
    func start(
        stateMachine: String, name: String?, input: JSONValue, workflow: String?,
        version: StateMachineVersionID? = nil, qualifier: ExecutionQualifier = ExecutionQualifier(),
        in work: Work<Transaction>
    ) throws -> ExecutionRecord {
        if let name { try ExecutionNames.validate(name) }
        let size = input.jsonBytes.count
        guard size <= options.payloadLimit else {
            throw EngineError.payloadTooLarge(bytes: size, limit: options.payloadLimit)
        }
        guard let current = try work.transaction.currentVersion(ofStateMachine: stateMachine) else {
            throw EngineError.noSuchStateMachine(stateMachine)
        }
        let version = version ?? current
        var name = name ?? executionName(at: work.now)
        // Any number of express executions may have one name.
        if try machines.revision(version, in: work.transaction).settings.type == .express { name += ":" + randomName() }
        let new = NewExecution(
            stateMachine: stateMachine, version: version, name: name, workflow: workflow,
            startedAt: work.now, qualifier: qualifier)
        let id: ExecutionID
        do {
            id = try work.transaction.insertExecution(new)
        } catch let duplicate as DuplicateExecution {
            return try resolve(duplicate, input: input, in: work)
        }
        work.announce(id)
        return try begin(id, new, input: input, in: work)
    }

    private func resolve(
        _ duplicate: DuplicateExecution, input: JSONValue, in work: Work<Transaction>
    ) throws -> ExecutionRecord {
        let existing = duplicate.existing
        guard existing.status == .running, try load(existing.id, in: work.transaction).state.input == input else {
            throw EngineError.executionExists(name: existing.name)
        }
        return existing
    }

    private func begin(
        _ id: ExecutionID, _ new: NewExecution, input: JSONValue, in work: Work<Transaction>
    ) throws -> ExecutionRecord {
        let record = ExecutionRecord(
            id: id, stateMachine: new.stateMachine, version: new.version, name: new.name, workflow: new.workflow,
            status: .running, startedAt: new.startedAt, qualifier: new.qualifier)
        let execution = LoadedExecution(
            facts: try facts(of: record, in: work.transaction), state: .empty, parking: .live,
            records: 0, lastEventAt: work.now)
        let progress = try deliver([.stimulus(.start(input: input))], to: execution, in: work)
        if case .refused(let error)? = progress.answers.first { throw error }
        work.effects.append(.started(progress))
        return progress.ended ?? record.parked(as: progress.execution.parking)
    }
}

extension ExecutionRecord {
    fileprivate func parked(as parking: LoadedExecution.Parking) -> ExecutionRecord {
        var record = self
        if case .parked(let wakeAt) = parking {
            record.isParked = true
            record.wakeAt = wakeAt
        }
        return record
    }
}
