import Interpreter
import WallTime

/// What is asked of workflows, schedules and dead letters.
extension Engine {
    package var workflows: [Workflow] { core.workflows }

    /// Puts these workflows in force in place of those before. A schedule whose expression is unchanged goes on where
    /// it was; a new one starts from now, and so does one that was disabled or taken away meanwhile, be it while the daemon
    /// was down.
    /// - Parameter digests: of the workflows' definitions, by name; with them, the audit log says what changed.
    /// - Parameter unbound: workflows that are missing only because their definitions can't be bound at present, by name: their
    ///   schedules are left as they are. Nil when not all of their names are known: then so are those of all workflows that
    ///   this engine has not had in force.
    /// - Parameter off: workflows that are turned off, by name: their schedules are not in force, whatever else is known.
    /// - Throws: `EngineError.noSuchStateMachine` when one names a machine that does not exist, and
    ///   `EngineError.invalidName` when two have one name; then nothing is changed.
    package func applyWorkflows(
        _ workflows: [Workflow], digests: [String: String]? = nil, unbound: Set<String>? = [], off: Set<String> = [],
        by actor: String = AuditEntry.unnamedActor
    ) async throws {
        var names: Set<String> = []
        for workflow in workflows where !names.insert(workflow.name).inserted {
            throw EngineError.invalidName("two workflows are named '\(workflow.name)'")
        }
        let core = core
        try await transact { [names] work in
            for workflow in workflows {
                guard try work.transaction.stateMachine(named: workflow.stateMachine) != nil else {
                    throw EngineError.noSuchStateMachine(workflow.stateMachine)
                }
                let before = core.workflow(named: workflow.name)
                if !workflow.isScheduled || before?.isScheduled == false {
                    try core.retireSchedule(of: workflow.name, in: work)
                }
                if workflow.enabled { try core.prepareSchedule(of: workflow, in: work) }
            }
            let known = unbound == nil ? core.workflows.map(\.name) : try work.transaction.scheduledWorkflows()
            for name in known + off where !names.contains(name) && unbound?.contains(name) != true {
                try core.retireSchedule(of: name, in: work)
            }
            if let digests { try work.auditWorkflows(digests, by: actor) }
        }
        core.replaceWorkflows(workflows)
        let now = clock.now()
        live.withLock { live in
            live.scheduleDue = [:]
            for workflow in workflows where workflow.isScheduled { live.scheduleDue[workflow.name] = now }
        }
        alarm.note(now)
    }

    // MARK: Schedules

    package func schedules() async throws -> [ScheduleStatus] {
        let (core, now) = (core, clock.now())
        return try await store.read { transaction in
            try core.workflows.compactMap { try core.status(of: $0, in: transaction, at: now) }
        }
    }

    /// The slots of a paused schedule are skipped, and recorded as such; so are those that wait already.
    package func pauseSchedule(
        _ workflow: String, reason: String? = nil, by actor: String = AuditEntry.unnamedActor
    ) async throws {
        let (core, workflow) = (core, try scheduled(workflow))
        try await transact { try core.setPaused(workflow, true, reason: reason, by: actor, in: $0) }
    }

    /// Goes on with the next slot; those that were skipped are not made up for.
    package func resumeSchedule(_ workflow: String, by actor: String = AuditEntry.unnamedActor) async throws {
        let (core, workflow) = (core, try scheduled(workflow))
        try await transact { try core.setPaused(workflow, false, reason: nil, by: actor, in: $0) }
        live.withLock { $0.scheduleDue[workflow.name] = clock.now() }
        alarm.note(clock.now())
    }

    /// Starts a scheduled workflow now, whatever its schedule and its overlap policy say.
    package func triggerSchedule(
        _ workflow: String, by actor: String = AuditEntry.unnamedActor
    ) async throws -> ExecutionRecord {
        let (core, workflow) = (core, try scheduled(workflow))
        return try await transact { try core.trigger(workflow, by: actor, in: $0) }
    }

    private func scheduled(_ name: String) throws(EngineError) -> Workflow {
        guard let workflow = core.workflow(named: name) else { throw .noSuchWorkflow(name) }
        guard workflow.schedule != nil else { throw .noSchedule(name) }
        return workflow
    }

    // MARK: Dead letters

    /// Tries again what failed: redrives an execution, publishes an event again, hands anything else to its redriver.
    /// - Throws: `EngineError.noSuchDeadLetter`, `EngineError.deadLetterNotOpen`, and why it failed again.
    package func redriveDeadLetter(
        _ id: DeadLetterID, by actor: String = AuditEntry.unnamedActor
    ) async throws {
        let core = core
        try await redrive(store.read { try core.openLetter(id, in: $0) }, by: actor)
    }

    /// - Throws: `EngineError.noSuchDeadLetter`, `EngineError.deadLetterNotOpen`.
    package func discardDeadLetter(
        _ id: DeadLetterID, reason: String, by actor: String = AuditEntry.unnamedActor
    ) async throws {
        let core = core
        try await transact { try core.discard(id, reason: reason, by: actor, in: $0) }
    }
}
