package import Interpreter
package import JSONModel
import StatesLanguage
package import WallTime

/// What is asked of executions and state machines.
extension Engine {
    /// Saves a definition as the machine's next version, unless it is the current one's.
    /// - Throws: `EngineError.invalidDefinition` with everything that is wrong, `EngineError.invalidName`.
    package func applyStateMachine(
        name: String, source: String, file: String? = nil, by actor: String = AuditEntry.unnamedActor
    ) async throws -> StateMachineVersion {
        try ExecutionNames.validate(name)
        let machine = try MachineCatalog.read(source, file: file)
        let definition = MachineDefinition(
            source: source, json: machine.document, hash: SHA256.hexadecimalHash(machine.document.jsonBytes),
            file: file)
        return try await transact { work in
            try work.saveStateMachine(name: name, definition: definition, by: actor)
        }
    }

    /// Starts an execution. A running one of the same name and input is returned instead.
    /// - Throws: `EngineError.executionExists` when the name is taken otherwise, `EngineError.noSuchStateMachine`,
    ///   `EngineError.invalidName`, `EngineError.payloadTooLarge`, `EngineError.draining`.
    package func startExecution(
        stateMachine: String, name: String?, input: JSONValue, workflow: String? = nil
    ) async throws -> ExecutionRecord {
        try admitStart()
        return try await transact(isSmall: true) { work in
            try work.startExecution(stateMachine: stateMachine, name: name, input: input, workflow: workflow)
        }
    }

    /// Starts a workflow by hand: its state machine, under its deadline and its dead-letter policy.
    package func startWorkflow(
        _ workflow: String, name: String? = nil, input: JSONValue
    ) async throws -> ExecutionRecord {
        guard let known = core.workflow(named: workflow) else { throw EngineError.noSuchWorkflow(workflow) }
        return try await startExecution(
            stateMachine: known.stateMachine, name: name, input: input, workflow: known.name)
    }

    /// Ends a running execution as aborted.
    /// - Throws: `EngineError.executionNotRunning`, `EngineError.noSuchExecution`.
    package func stopExecution(
        _ id: ExecutionID, error: String? = nil, cause: String? = nil, by actor: String = AuditEntry.unnamedActor
    ) async throws -> ExecutionRecord {
        var note = AuditNote(actor: actor, action: "execution.stopped")
        note.detail["error"] = error.map { .string($0) }
        note.detail["cause"] = cause.map { .string($0) }
        let answer = try await ask(.asked(.stop(error: error, cause: cause), note), of: id)
        let record = try await execution(id)
        if answer == .late { throw EngineError.executionNotRunning(name: record.name, status: record.status) }
        return record
    }

    /// Lets an execution go on from where it failed, and marks its dead letters as redriven.
    /// - Throws: `EngineError.notRedrivable`, `EngineError.noSuchExecution`.
    package func redriveExecution(
        _ id: ExecutionID, by actor: String = AuditEntry.unnamedActor
    ) async throws -> ExecutionRecord {
        try refuseWhileDraining()
        _ = try await ask(.redrive(by: actor), of: id)
        return try await execution(id)
    }

    /// Whether it is known without a read of the store that the execution which began then still runs, and was redriven
    /// so often. A commit counts from the moment at which those who asked for it are told.
    package func runs(
        _ id: ExecutionID, arn: String, startedAt: Instant, redriveCount: Int
    ) -> Bool {
        live.withLock { live in
            guard let execution = live.running(id) else { return false }
            let identity = execution.facts.identity
            return identity.executionARN == arn && identity.startedAt == startedAt
                && execution.redriveCount == redriveCount
        }
    }

    package func execution(_ id: ExecutionID) async throws -> ExecutionRecord {
        guard let record = try await store.read({ try $0.execution(id) }) else {
            throw EngineError.noSuchExecution(String(id.rawValue))
        }
        return record
    }

    package func execution(named name: String, of stateMachine: String) async throws -> ExecutionRecord {
        guard let record = try await store.read({ try $0.execution(named: name, of: stateMachine) }) else {
            throw EngineError.noSuchExecution("\(stateMachine)/\(name)")
        }
        return record
    }

    package func executions(_ query: ExecutionQuery) async throws -> ExecutionPage {
        try await store.read { try $0.executions(query) }
    }

    /// Everything recorded about an execution, in order, notes included.
    package func history(_ id: ExecutionID) async throws -> [HistoryEvent] {
        let core = core
        return try await store.read { transaction in
            guard let record = try transaction.execution(id) else {
                throw EngineError.noSuchExecution(String(id.rawValue))
            }
            return try core.history(of: record, in: transaction)
        }
    }

    /// Where an execution stands: the fold of its history.
    package func state(_ id: ExecutionID) async throws -> ExecutionState {
        let core = core
        return try await store.read { try core.load(id, in: $0).state }
    }

    /// Changes what bounds a Map Run that is under way.
    /// - Throws: `EngineError.taskGone` when it is not under way.
    package func updateMapRun(
        _ run: MapRun, of execution: ExecutionID, _ bounds: MapRunBounds, by actor: String = AuditEntry.unnamedActor
    ) async throws {
        var note = AuditNote(actor: actor, action: "mapRun.updated", subject: run.arn)
        note.detail["maxConcurrency"] = bounds.maxConcurrency.map { .int(Int64($0)) }
        note.detail["toleratedFailureCount"] = bounds.toleratedFailureCount.map { .int(Int64($0)) }
        note.detail["toleratedFailurePercentage"] = bounds.toleratedFailurePercentage.map { .double($0) }
        let answer = try await ask(.asked(.mapRunUpdated(run, bounds), note), of: execution)
        if answer == .late { throw EngineError.taskGone }
    }

    // MARK: Tasks that are carried out elsewhere

    /// Ends the task of a token.
    /// - Throws: `EngineError.invalidToken`, `EngineError.taskGone`.
    package func completeTask(token: String, _ result: Result<JSONValue, TaskFailure>) async throws {
        try await deliver(token) { task in
            switch result {
            case .success(let output): .taskSucceeded(task, output: output)
            case .failure(let failure): .taskFailed(task, failure)
            }
        }
    }

    /// - Throws: `EngineError.invalidToken`, `EngineError.taskGone`.
    package func heartbeatTask(token: String) async throws { try await deliver(token) { .taskHeartbeat($0) } }

    private func deliver(_ token: String, _ stimulus: (TaskID) -> Stimulus) async throws {
        guard let (execution, task) = core.tokens.read(token) else { throw EngineError.invalidToken }
        let answer: DeliveryAnswer
        do {
            answer = try await ask(.stimulus(stimulus(task)), of: execution)
        } catch EngineError.noSuchExecution {
            throw EngineError.invalidToken
        }
        if answer == .late { throw EngineError.taskGone }
    }

    private func refuseWhileDraining() throws(EngineError) {
        if live.withLock({ $0.isDraining }) { throw .draining }
    }
}
