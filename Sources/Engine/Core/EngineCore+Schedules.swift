import JSONModel
package import WallTime

/// The durable scheduler: one row per workflow that says which slot is next, one row per slot that says what became of
/// it, and the execution, all in one transaction. So a slot is acted upon once however often the daemon dies around it.
extension EngineCore {
    /// How late a slot may be and still count as on time: the precision that EventBridge Scheduler promises.
    private static var punctual: Duration { .seconds(60) }
    /// Slots that one tick looks at. A window that holds more is worked off by the next ticks.
    private static var slotsPerTick: Int { 10_000 }

    /// Acts upon the slots of a workflow that are due.
    /// - Returns: when to look again; nil when the schedule has no slot left, is disabled or is not there.
    package func tick(_ workflow: Workflow, in work: Work<Transaction>) throws -> Instant? {
        guard workflow.enabled, let schedule = workflow.schedule, let zone = schedule.zone else { return nil }
        var state = try scheduleState(of: workflow, schedule, zone, in: work)
        let before = state
        if state.pausedAt == nil {
            try startWaiting(workflow, &state, in: work)
        } else {
            // Paused by a version that let them wait on.
            try dropWaiting(&state, as: .skippedPaused, reason: state.pauseReason, in: work)
        }
        try stopSuperseded(workflow, state, in: work)
        let slots = try takeDueSlots(workflow, schedule, zone, &state, in: work)
        if let next = state.nextFire, schedule.due(next, of: workflow.name) <= work.now {
            try passOver(slots, workflow, &state, in: work)
        } else if !slots.isEmpty {
            try act(on: slots, workflow, &state, in: work)
        }
        if state != before { try work.transaction.saveScheduleState(state) }
        return state.nextFire.map { schedule.due($0, of: workflow.name) }
    }

    /// The row, made or brought up to date when the expression is new: a change never fires for the past.
    func scheduleState(
        of workflow: Workflow, _ schedule: WorkflowSchedule, _ zone: CivilZone, in work: Work<Transaction>
    ) throws -> ScheduleState {
        let known = try work.transaction.scheduleState(workflow.name)
        if let known, known.expression == schedule.identity {
            return try pulledBack(known, schedule, zone, in: work)
        }
        var nextFire = schedule.expression.next(after: work.now, in: zone)
        // A row from before the gap was part of it: what was missed by it over the upgrade is not of another schedule.
        if let known, known.expression == schedule.identityWithoutGap, let due = known.nextFire, due <= work.now {
            nextFire = due
        }
        let state = ScheduleState(
            workflow: workflow.name, expression: schedule.identity, nextFire: nextFire, pausedAt: known?.pausedAt,
            pauseReason: known?.pauseReason, buffered: known?.buffered ?? [])
        try work.transaction.saveScheduleState(state)
        return state
    }

    /// A next slot with others before it is of a time when the clock was ahead, and the schedule would be silent until
    /// then. Slots that were started meanwhile have their rows, and are not started again.
    private func pulledBack(
        _ state: ScheduleState, _ schedule: WorkflowSchedule, _ zone: CivilZone, in work: Work<Transaction>
    ) throws -> ScheduleState {
        guard let stored = state.nextFire, stored > work.now,
            let next = schedule.expression.next(after: work.now, in: zone), next < stored
        else { return state }
        var state = state
        state.nextFire = next
        try work.transaction.saveScheduleState(state)
        // By a single slot the clock is set back every now and then, and that had been started.
        guard let second = schedule.expression.next(after: next, in: zone), second < stored else { return state }
        try work.audit(
            "schedule.pulledBack", by: "scheduler", subject: state.workflow,
            ["from": .string(stored.iso8601), "to": .string(next.iso8601)])
        return state
    }

    /// The slots that are due, oldest first; moves the state past them. Those before the catch-up window are left out
    /// and recorded together, so that a long absence costs one row and not a million.
    private func takeDueSlots(
        _ workflow: Workflow, _ schedule: WorkflowSchedule, _ zone: CivilZone, _ state: inout ScheduleState,
        in work: Work<Transaction>
    ) throws -> [Instant] {
        let windowStart = work.now - max(workflow.catchUp.window, Self.punctual)
        if let first = state.nextFire, schedule.due(first, of: workflow.name) < windowStart {
            let resumed = firstSlot(of: workflow, schedule, zone, after: first, dueFrom: windowStart)
            let reason =
                "missed while the daemon was down, like every slot before \(windowStart.iso8601): "
                + "older than the catch-up window of \(DurationText.write(workflow.catchUp.window))"
            try record(first, of: workflow, .skippedMissed, reason: reason, in: work)
            state.nextFire = resumed
        }
        var slots: [Instant] = []
        while let slot = state.nextFire, schedule.due(slot, of: workflow.name) <= work.now,
            slots.count < Self.slotsPerTick + workflow.catchUp.starts
        {
            slots.append(slot)
            state.nextFire = schedule.expression.next(after: slot, in: zone)
        }
        return slots
    }

    /// The first slot behind `first` that is due at `start` or later. Its nominal time may be earlier: by the jitter.
    private func firstSlot(
        of workflow: Workflow, _ schedule: WorkflowSchedule, _ zone: CivilZone, after first: Instant,
        dueFrom start: Instant
    ) -> Instant? {
        let before = max(first, start - schedule.jitter - .milliseconds(1))
        var slot = schedule.expression.next(after: before, in: zone)
        while let early = slot, schedule.due(early, of: workflow.name) < start {
            slot = schedule.expression.next(after: early, in: zone)
        }
        return slot
    }

    /// Records slots as missed that more have followed than one tick looks at. The newest of them, which the catch-up policy
    /// may still start when all that follow are known, are left for the next tick.
    private func passOver(
        _ slots: [Instant], _ workflow: Workflow, _ state: inout ScheduleState, in work: Work<Transaction>
    ) throws {
        let missed = slots.dropLast(workflow.catchUp.starts)
        if let first = slots.dropFirst(missed.count).first { state.nextFire = first }
        try skip(missed, of: workflow, state, in: work)
    }

    private func skip(
        _ slots: ArraySlice<Instant>, of workflow: Workflow, _ state: ScheduleState, in work: Work<Transaction>
    ) throws {
        if state.pausedAt != nil {
            for slot in slots { try record(slot, of: workflow, .skippedPaused, reason: state.pauseReason, in: work) }
            return
        }
        let reason = "missed while the daemon was down; catch-up policy \(workflow.catchUp.policy.rawValue)"
        for slot in slots { try record(slot, of: workflow, .skippedMissed, reason: reason, in: work) }
    }

    /// Decides which of the due slots start something. The newest may be on time; the others were missed, and the
    /// catch-up policy says what becomes of them.
    private func act(
        on slots: [Instant], _ workflow: Workflow, _ state: inout ScheduleState, in work: Work<Transaction>
    ) throws {
        guard state.pausedAt == nil else { return try skip(slots[...], of: workflow, state, in: work) }
        let newest = slots[slots.count - 1]
        let isPunctual = work.now - newest <= Self.punctual + (workflow.schedule?.jitter ?? .zero)
        let started = max(workflow.catchUp.starts, isPunctual ? 1 : 0)
        try skip(slots.dropLast(started), of: workflow, state, in: work)
        for slot in slots.suffix(started) {
            let isCatchUp = !(slot == newest && isPunctual)
            try fire(slot, workflow, isCatchUp: isCatchUp, &state, in: work)
        }
    }

    /// One slot: it starts, waits, or is skipped, as the overlap policy has it.
    private func fire(
        _ slot: Instant, _ workflow: Workflow, isCatchUp: Bool, _ state: inout ScheduleState,
        in work: Work<Transaction>
    ) throws {
        let running = workflow.overlap == .allowAll ? [] : try running(workflow, in: work.transaction)
        let isFree = running.isEmpty && state.buffered.isEmpty
        switch workflow.overlap {
        case .allowAll, .terminateOther:
            guard let newer = try start(slot, workflow, isCatchUp: isCatchUp, in: work) else { return }
            try replace(running, by: newer, in: work)
        case .skip, .bufferOne, .bufferAll, .cancelOther:
            guard isFree else { return try hold(slot, workflow, running, &state, in: work) }
            _ = try start(slot, workflow, isCatchUp: isCatchUp, in: work)
        }
    }

    /// A slot that cannot start now, because an execution is still running.
    private func hold(
        _ slot: Instant, _ workflow: Workflow, _ running: [ExecutionRecord], _ state: inout ScheduleState,
        in work: Work<Transaction>
    ) throws {
        let others = running.first.map { "execution '\($0.name)' is still running" } ?? "another start waits already"
        let room: Int =
            switch workflow.overlap {
            case .bufferOne: 1
            case .bufferAll: options.bufferLimit
            case .cancelOther, .skip, .allowAll, .terminateOther: 0
            }
        let name = ExecutionNames.name(of: workflow.name, slot: slot)
        guard workflow.overlap == .cancelOther || state.buffered.count < room else {
            let reason = room == 0 ? others : "\(others), and \(state.buffered.count) starts wait already"
            try record(slot, of: workflow, .skippedOverlap, reason: reason, in: work)
            return
        }
        guard try record(slot, of: workflow, .buffered, execution: name, reason: others, in: work) else { return }
        if workflow.overlap == .cancelOther {
            stop(running, inFavourOf: name, in: work)
            let reason = "it waited for the end of another execution, and gave way to '\(name)'"
            try dropWaiting(&state, as: .skippedOverlap, reason: reason, in: work)
            state.buffered = [slot]
        } else {
            state.buffered.append(slot)
        }
    }

    /// Records the slot and starts its execution; not again, when the slot was recorded before.
    /// - Returns: nil when nothing was started.
    private func start(
        _ slot: Instant, _ workflow: Workflow, isCatchUp: Bool, in work: Work<Transaction>
    ) throws -> ExecutionRecord? {
        let name = ExecutionNames.name(of: workflow.name, slot: slot)
        let fire = ScheduleFire(
            workflow: workflow.name, nominal: slot, firedAt: work.now, result: .started, execution: name,
            reason: isCatchUp ? "catch-up" : nil)
        guard try work.transaction.insertFire(fire) else { return nil }
        return try startExecution(workflow, slot: slot, name: name, isCatchUp: isCatchUp, in: work)
    }

    /// - Returns: false when the slot was recorded before.
    @discardableResult
    func record(
        _ slot: Instant, of workflow: Workflow, _ result: ScheduleFire.Result, execution: String? = nil,
        reason: String?, in work: Work<Transaction>
    ) throws -> Bool {
        try work.transaction.insertFire(
            ScheduleFire(
                workflow: workflow.name, nominal: slot, firedAt: work.now, result: result, execution: execution,
                reason: reason))
    }
}

extension WorkflowSchedule {
    package var zone: CivilZone? { CivilZone(identifier: timeZone) }

    /// What a stored `nextFire` belongs to: all that decides when the next slot is. The jitter puts slots off and moves
    /// none.
    var identity: String {
        expression.gap == .skip ? identityWithoutGap : "\(identityWithoutGap) \(expression.gap.rawValue)"
    }

    /// The same as the versions wrote it that left the gap out.
    var identityWithoutGap: String { "\(expression.text) \(timeZone)" }

    /// When a slot fires: its nominal time, put off by a part of the jitter that only the workflow and the slot decide.
    /// Always before the next slot's time, however long the jitter: one put off beyond it would make that one late.
    package func due(_ slot: Instant, of workflow: String) -> Instant {
        var span = jitter.wholeMilliseconds
        guard span > 0 else { return slot }
        if let zone, let next = expression.next(after: slot, in: zone) {
            span = min(span, next.milliseconds - slot.milliseconds)
        }
        let hash = SplitMix.hash("\(workflow)@\(slot.milliseconds)")
        return slot + .milliseconds(Int64(hash % UInt64(span)))
    }
}

extension CatchUpPolicy {
    /// How many of the newest slots it starts however late they are.
    fileprivate var starts: Int {
        switch policy {
        case .skip: 0
        case .latest: 1
        case .all: max
        }
    }
}
