import Interpreter
import JSONModel
package import WallTime

/// Starting what waited for the end of another execution, and what people ask of a schedule.
extension EngineCore {
    /// An execution of the workflow has ended: the first slot that waits may start.
    func startBuffered(_ workflow: Workflow, in work: Work<Transaction>) throws {
        guard !work.isStartingWaiting, workflow.isScheduled,
            [.bufferOne, .bufferAll, .cancelOther].contains(workflow.overlap),
            var state = try work.transaction.scheduleState(workflow.name), !state.buffered.isEmpty,
            state.pausedAt == nil
        else { return }
        try startWaiting(workflow, &state, in: work)
    }

    /// Starts the first slot that waits, if nothing of the workflow runs; and the next, should that one end at once.
    /// Its end comes back here from within, where the row has to show that it waits no more, and nothing is left to do.
    func startWaiting(_ workflow: Workflow, _ state: inout ScheduleState, in work: Work<Transaction>) throws {
        work.isStartingWaiting = true
        defer { work.isStartingWaiting = false }
        while let slot = state.buffered.first, try running(workflow, in: work.transaction).isEmpty {
            state.buffered.removeFirst()
            try work.transaction.saveScheduleState(state)
            let name = ExecutionNames.name(of: workflow.name, slot: slot)
            _ = try startExecution(workflow, slot: slot, name: name, isCatchUp: false, in: work)
        }
    }

    /// What waits is not started any more: once the schedule is in force again it goes on with its next slot, and makes up
    /// for none.
    func dropWaiting(
        _ state: inout ScheduleState, as result: ScheduleFire.Result, reason: String?, in work: Work<Transaction>
    ) throws {
        for slot in state.buffered {
            try work.transaction.settleFire(of: state.workflow, at: slot, result, execution: nil, reason: reason)
        }
        state.buffered = []
    }

    /// Asks again for what a crash may have kept from being asked: that the executions which newer ones replace end.
    func stopSuperseded(_ workflow: Workflow, _ state: ScheduleState, in work: Work<Transaction>) throws {
        switch workflow.overlap {
        case .cancelOther:
            guard let waiting = state.buffered.first else { return }
            let name = ExecutionNames.name(of: workflow.name, slot: waiting)
            stop(try running(workflow, in: work.transaction), inFavourOf: name, in: work)
        case .terminateOther:
            // What was started by hand beside a slot's execution replaces none.
            for record in try running(workflow, in: work.transaction) {
                guard let nested = try work.transaction.nested(record.id), nested.task == NestedExecution.superseded,
                    let newer = try work.transaction.execution(nested.parent)
                else { continue }
                work.effects.append(supersession(of: record, by: newer.name))
            }
        case .skip, .bufferOne, .bufferAll, .allowAll: return
        }
    }

    /// Starts the execution of a slot that was recorded. One that cannot be started leaves a dead letter, and the slot's
    /// record says so: it is used up all the same.
    /// - Returns: nil when it could not be started.
    func startExecution(
        _ workflow: Workflow, slot: Instant, name: String, isCatchUp: Bool, in work: Work<Transaction>
    ) throws -> ExecutionRecord? {
        let envelope = slotEvent(workflow, slot: slot, isCatchUp: isCatchUp, at: work.now).envelope
        do {
            return try work.atomically {
                try start(
                    stateMachine: workflow.stateMachine, name: name, input: try workflow.input(for: envelope),
                    workflow: workflow.name, in: work)
            }
        } catch let error where error is EngineError || error is InputTemplateError {
            _ = try work.transaction.insertDeadLetter(
                NewDeadLetter(
                    kind: .event, subject: name, source: workflow.name, error: "Workflow.NotStarted",
                    cause: "\(error)", payload: envelope.jsonBytes, at: work.now))
            try work.transaction.settleFire(
                of: workflow.name, at: slot, .failed, execution: nil, reason: "\(error)")
            return nil
        }
    }

    /// What a scheduled execution is told, shaped like EventBridge's own scheduled event.
    private func slotEvent(_ workflow: Workflow, slot: Instant, isCatchUp: Bool, at now: Instant) -> BusEvent {
        BusEvent(
            id: ExecutionNames.name(of: workflow.name, slot: slot), source: BusEvent.scheduler,
            detailType: "Scheduled Event", at: now, account: options.account, region: options.region,
            detail: [
                "workflow": .string(workflow.name), "nominalTime": .string(slot.iso8601),
                "firedTime": .string(now.iso8601), "isCatchUp": .bool(isCatchUp),
            ])
    }

    /// Makes the schedule's row, or brings it up to date with its file.
    package func prepareSchedule(of workflow: Workflow, in work: Work<Transaction>) throws {
        guard let schedule = workflow.schedule, let zone = schedule.zone else { return }
        _ = try scheduleState(of: workflow, schedule, zone, in: work)
    }

    /// No schedule of the workflow is in force: slots that come by until it is again were not missed, and nothing makes
    /// up for them.
    func retireSchedule(of workflow: String, in work: Work<Transaction>) throws {
        guard var state = try work.transaction.scheduleState(workflow),
            state.nextFire != nil || !state.buffered.isEmpty
        else { return }
        let reason = "it waited for the end of another execution, and the schedule was disabled or taken away first"
        try dropWaiting(&state, as: .skippedOverlap, reason: reason, in: work)
        state.expression = ""
        state.nextFire = nil
        try work.transaction.saveScheduleState(state)
    }

    // MARK: By hand

    /// Starts the workflow now, whatever its schedule and its overlap policy say.
    package func trigger(_ workflow: Workflow, by actor: String, in work: Work<Transaction>) throws -> ExecutionRecord {
        guard let schedule = workflow.schedule, let zone = schedule.zone else {
            throw EngineError.noSchedule(workflow.name)
        }
        var slot = work.now
        // In the very millisecond of a slot that was not acted upon yet, the row is the slot's own.
        if let next = try work.transaction.scheduleState(workflow.name)?.nextFire, next <= slot,
            schedule.expression.next(after: slot - .milliseconds(1), in: zone) == slot
        {
            slot = slot + .milliseconds(1)
        }
        while true {
            let name = ExecutionNames.name(of: "\(workflow.name)-manual", slot: slot)
            let fire = ScheduleFire(
                workflow: workflow.name, nominal: slot, firedAt: work.now, result: .manual, execution: name)
            // A slot of the schedule may stand at the very same millisecond.
            if try work.transaction.insertFire(fire) {
                let envelope = slotEvent(workflow, slot: slot, isCatchUp: false, at: work.now).envelope
                let record = try start(
                    stateMachine: workflow.stateMachine, name: name, input: try workflow.input(for: envelope),
                    workflow: workflow.name, in: work)
                try work.audit(
                    "schedule.triggered", by: actor, subject: workflow.name,
                    ["stateMachine": .string(record.stateMachine), "execution": .string(record.name)])
                return record
            }
            slot = slot + .milliseconds(1)
        }
    }

    /// - Parameter reason: why it is paused; nil resumes it, from the next slot on.
    package func setPaused(
        _ workflow: Workflow, _ isPaused: Bool, reason: String?, by actor: String, in work: Work<Transaction>
    ) throws {
        guard let schedule = workflow.schedule, let zone = schedule.zone else {
            throw EngineError.noSchedule(workflow.name)
        }
        var state = try scheduleState(of: workflow, schedule, zone, in: work)
        let before = state
        if isPaused {
            state.pausedAt = state.pausedAt ?? work.now
            state.pauseReason = reason
            try dropWaiting(&state, as: .skippedPaused, reason: reason, in: work)
        } else if state.pausedAt != nil {
            // One that is not paused goes on where it is: slots that are due and not yet acted upon are not skipped.
            state.pausedAt = nil
            state.pauseReason = nil
            state.nextFire = schedule.expression.next(after: work.now, in: zone)
        }
        guard state != before else { return }
        try work.transaction.saveScheduleState(state)
        var detail: JSONObject = [:]
        if isPaused {
            detail["reason"] = state.pauseReason.map { .string($0) }
        } else {
            detail["pausedAt"] = before.pausedAt.map { .string($0.iso8601) }
            detail["nextFire"] = state.nextFire.map { .string($0.iso8601) }
        }
        try work.audit(
            isPaused ? "schedule.paused" : "schedule.resumed", by: actor, subject: workflow.name, detail)
    }

    package func status(
        of workflow: Workflow, in transaction: Transaction, at now: Instant
    ) throws -> ScheduleStatus? {
        guard let schedule = workflow.schedule, let zone = schedule.zone else { return nil }
        let state = try transaction.scheduleState(workflow.name)
        return ScheduleStatus(
            workflow: workflow.name, expression: schedule.expression.text, timeZone: schedule.timeZone,
            enabled: workflow.enabled, pausedAt: state?.pausedAt, pauseReason: state?.pauseReason,
            nextFires: workflow.enabled ? schedule.expression.next(5, after: now, in: zone) : [],
            lastFires: try transaction.fires(of: workflow.name, limit: 10), buffered: state?.buffered ?? [])
    }
}
