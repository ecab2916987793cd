package import Interpreter
import JSONModel
import StatesLanguage
package import WallTime

extension EngineCore {
    /// Brings deliveries to an execution: decides, appends one journal record with all that follows, and brings the
    /// execution's row up to date.
    ///
    /// Late results are answered as such and change nothing. Nothing is written when nothing follows.
    package func deliver(
        _ deliveries: [Delivery], to execution: consuming LoadedExecution, in work: Work<Transaction>
    ) throws -> Progress {
        let now = max(work.now, execution.lastEventAt)
        var turn = Turn(execution: consume execution, now: now)
        for delivery in deliveries { turn.answers.append(try apply(delivery, to: &turn, in: work)) }
        try handOut(&turn, by: work.handOuts)
        return try settle(&turn, in: work)
    }

    /// Decides without a transaction what follows from the deliveries, so that the store's writer has only to write
    /// it down with `commit`. Only for deliveries that need no transaction of their own.
    /// - Throws: `EngineError.unreadableHistory`.
    package func decide(
        _ deliveries: [Delivery], on execution: consuming LoadedExecution, at now: Instant, handOuts: HandOuts
    ) throws -> Turn {
        let now = max(now, execution.lastEventAt)
        var turn = Turn(execution: consume execution, now: now)
        for delivery in deliveries {
            if let answer = try decide(delivery, &turn) { turn.answers.append(answer) }
        }
        try handOut(&turn, by: handOuts)
        turn.encode()
        return turn
    }

    /// Whether the delivery can be decided only inside the transaction that writes it down.
    package func needsTransaction(_ delivery: Delivery, to state: ExecutionState) -> Bool {
        switch delivery {
        case .redrive: true
        case .performed(let order, _, _): step(for: order.resource)?.record != nil
        case .stimulus(.taskSucceeded(let task, _)):
            recordsReports && state.resource(of: task).flatMap(step(for:))?.record != nil
        case .stimulus, .asked, .takeUp, .handOut, .nestedEnded, .failed, .submitted: false
        }
    }

    /// Writes down what was decided. Nobody else may have brought anything to the execution since.
    package func commit(_ turn: consuming Turn, in work: Work<Transaction>) throws -> Progress {
        try settle(&turn, in: work)
    }

    private func apply(
        _ delivery: Delivery, to turn: inout Turn, in work: Work<Transaction>
    ) throws -> DeliveryAnswer {
        if !needsTransaction(delivery, to: turn.execution.state), let answer = try decide(delivery, &turn) {
            return answer
        }
        switch delivery {
        case .redrive(let actor): return try redrive(by: actor, &turn, in: work)
        case .performed(let order, let output, let startedAt):
            guard turn.execution.state.isOpen(order.task) else { return .late }
            try begin(order, at: startedAt, &turn)
            return try record(order, performed: output, &turn, in: work)
        case .stimulus(.taskSucceeded(let task, let output)):
            guard let order = turn.execution.state.openTask(task) else { return .late }
            return try record(order, performed: output, &turn, in: work)
        case .stimulus, .asked, .takeUp, .handOut, .nestedEnded, .failed, .submitted:
            preconditionFailure("these are decided without a transaction")
        }
    }

    /// Of a delivery that needs no transaction.
    /// - Returns: nil for one that always needs one.
    private func decide(_ delivery: Delivery, _ turn: inout Turn) throws -> DeliveryAnswer? {
        switch delivery {
        case .stimulus(let stimulus): return try advance(stimulus, &turn)
        case .asked(let stimulus, let note):
            let answer = try advance(stimulus, &turn)
            if answer == .taken { turn.write(note) }
            return answer
        case .takeUp: return .taken
        case .handOut(let task, let worker):
            guard turn.execution.state.waitsForWorkerSince(task) != nil else { return .late }
            return try advance(.taskStarted(task, worker: worker), &turn)
        case .nestedEnded(let task, let end):
            guard let order = turn.execution.state.openTask(task), turn.execution.state.isSubmitted(task) else {
                return .late
            }
            return try advance(end.stimulus(for: order), &turn)
        case .redrive: return nil
        case .performed(let order, let output, let startedAt):
            return try end(order, .taskSucceeded(order.task, output: output), startedAt, &turn)
        case .failed(let order, let failure, let startedAt):
            return try end(order, .taskFailed(order.task, failure), startedAt, &turn)
        case .submitted(let order, let output, let startedAt):
            return try end(order, .taskSubmitted(order.task, output: output), startedAt, &turn)
        }
    }

    private func end(
        _ order: TaskOrder, _ stimulus: Stimulus, _ startedAt: Instant, _ turn: inout Turn
    ) throws -> DeliveryAnswer {
        guard turn.execution.state.isOpen(order.task) else { return .late }
        try begin(order, at: startedAt, &turn)
        return try advance(stimulus, &turn)
    }

    /// Records that the task was started, at the time when it was: together with its result, so that a step costs one
    /// commit. A task with a heartbeat has been recorded as started before.
    private func begin(_ order: TaskOrder, at startedAt: Instant, _ turn: inout Turn) throws {
        // Without a word of it, the interpreter records the start at the time of the result.
        guard order.heartbeat == nil, startedAt < turn.now else { return }
        let now = turn.now
        turn.now = min(max(startedAt, turn.execution.lastEventAt), now)
        defer { turn.now = now }
        _ = try advance(.taskStarted(order.task, worker: nil), &turn)
    }

    /// Runs the step's own transaction inside this one. When it fails, only its changes are undone, and its failure is
    /// the task's.
    private func record(
        _ order: TaskOrder, performed: JSONValue, _ turn: inout Turn, in work: Work<Transaction>
    ) throws -> DeliveryAnswer {
        guard let record = step(for: order.resource)?.record else {
            return try advance(.taskSucceeded(order.task, output: performed), &turn)
        }
        let context = context(of: order, in: turn.execution.facts, at: turn.now)
        let stimulus: Stimulus
        do {
            let output = try work.atomically { try record(work, context, order.input, performed) }
            stimulus = .taskSucceeded(order.task, output: output)
        } catch let failure as TaskFailure {
            stimulus = .taskFailed(order.task, failure)
        } catch let error as EngineError {
            // What the step asked of the engine cannot be done: trying the commit again would not help.
            stimulus = .taskFailed(order.task, TaskFailure(error: "States.TaskFailed", cause: "\(error)"))
        }
        return try advance(stimulus, &turn)
    }

    func advance(_ stimulus: Stimulus, _ turn: inout Turn) throws -> DeliveryAnswer {
        let facts = turn.execution.facts
        do {
            let decision = try decision(stimulus, &turn)
            for order in decision.orders where activity(of: order) != nil { turn.forWorkers.append(order) }
            turn.take(decision)
            return .taken
        } catch {
            switch error {
            case .taskNotOpen, .alreadyEnded, .mapRunNotOpen: return .late
            case .notRedrivable(let reason): return .refused(.notRedrivable(name: facts.name, reason: reason))
            case .illegal, .notStarted, .alreadyStarted, .unknownState, .tooMuchForTrial:
                throw EngineError.unreadableHistory(execution: facts.name, reason: error.description)
            }
        }
    }

    /// Starts and redrives are decided by the store's writer, for whom everybody waits: what takes long to evaluate is left
    /// to the next decision, which is made elsewhere. Of a redrive only what comes after the first state that does.
    private func decision(_ stimulus: Stimulus, _ turn: inout Turn) throws(InterpreterError) -> Decision {
        switch stimulus {
        case .start: break
        case .redrive: return try decision(stimulus, &turn, .short)
        default: return try decision(stimulus, &turn, .standard)
        }
        do { return try decision(stimulus, &turn, .trial) } catch {
            guard error == .tooMuchForTrial else { throw error }
            turn.execution.state = .empty
            return try decision(stimulus, &turn, .noState)
        }
    }

    private func decision(
        _ stimulus: Stimulus, _ turn: inout Turn, _ limits: DecisionLimits
    ) throws(InterpreterError) -> Decision {
        let facts = turn.execution.facts
        return try Interpreter.advance(
            facts.machine, &turn.execution.state, stimulus, now: turn.now, identity: facts.identity,
            seed: seed(for: facts.id), limits: limits)
    }

    private func redrive(
        by actor: String?, _ turn: inout Turn, in work: Work<Transaction>
    ) throws -> DeliveryAnswer {
        let id = turn.execution.id
        // By itself only for a letter that is open: since it was read, somebody may have discarded or redriven it.
        if actor == nil, try openLetters(of: id, in: work.transaction).isEmpty { return .late }
        let answer = try advance(.redrive, &turn)
        guard answer == .taken else { return answer }
        try work.transaction.reopenExecution(
            id, redriveCount: turn.execution.state.redriveCount,
            at: turn.execution.state.redrivenAt ?? work.now)
        turn.execution.parking = .live
        let letters = try closeLetters(of: id, countingAttempt: true, in: work)
        if let actor {
            let detail: JSONObject = [
                "redriveCount": .int(Int64(turn.execution.state.redriveCount)),
                "deadLetters": .array(letters.map { .int($0.rawValue) }),
            ]
            turn.write(AuditNote(actor: actor, action: "execution.redriven", detail: detail))
        }
        return .taken
    }

    /// What a step is told. The heartbeat is the engine's to fill in.
    package func context(
        of order: TaskOrder, in execution: LoadedExecution.Facts, at now: Instant,
        heartbeat: @escaping @Sendable () async -> Void = {}
    ) -> TaskContext {
        TaskContext(order, of: execution, now: now, heartbeat: heartbeat)
    }

    /// Brings the rows in line with the state: journal, end, parking.
    private func settle(_ turn: inout Turn, in work: Work<Transaction>) throws -> Progress {
        let id = turn.execution.id
        turn.encode()
        if let record = turn.record {
            try work.transaction.appendJournal(id, number: turn.execution.records + 1, record: record)
            turn.execution.records += 1
        }
        for entry in turn.audit { try work.transaction.appendAudit(entry) }
        let ended = try settleRow(&turn, in: work)
        try settleOffers(&turn, in: work)
        try settleNested(turn, hasEnded: ended != nil, in: work)
        for run in turn.mapRuns {
            try work.transaction.insertMapRun(
                MapRunRecord(arn: run.arn, label: run.machineAndLabel, execution: id))
        }
        return turn.progress(ended: ended)
    }

    /// Whether nothing but the journal changes, as in most steps: then the writer needs no more than the record.
    package func needsOnlyJournal(_ turn: borrowing Turn) -> Bool {
        turn.forWorkers.isEmpty && turn.execution.offered.isEmpty && turn.cancelled.isEmpty && turn.submitted.isEmpty
            && turn.mapRuns.isEmpty && turn.audit.isEmpty && turn.execution.parking != .ended
            && turn.execution.state.outcome == nil && parking(of: turn.execution.state) == turn.execution.parking
    }

    /// - Returns: the record, when the execution ended.
    private func settleRow(_ turn: inout Turn, in work: Work<Transaction>) throws -> ExecutionRecord? {
        let id = turn.execution.id
        guard turn.execution.parking != .ended else { return nil }
        if let outcome = turn.execution.state.outcome {
            turn.execution.parking = .ended
            return try finish(turn.execution, outcome, at: turn.now, in: work)
        }
        let parking = parking(of: turn.execution.state)
        guard parking != turn.execution.parking else { return nil }
        turn.execution.parking = parking
        switch parking {
        case .parked(let wakeAt):
            try work.transaction.parkExecution(id, wakeAt: wakeAt)
            if let wakeAt { work.effects.append(.dueAt(wakeAt)) }
        case .live, .ended: try work.transaction.unparkExecution(id)
        }
        return nil
    }

    /// Parked when nothing but deadlines and callbacks is outstanding.
    private func parking(of state: ExecutionState) -> LoadedExecution.Parking {
        state.hasOpenTask(where: isUnderWay) ? .live : .parked(wakeAt: state.nextDue)
    }
}
