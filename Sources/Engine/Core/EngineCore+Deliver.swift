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
        _ deliveries: [Delivery], to execution: LoadedExecution, in work: Work<Transaction>
    ) throws -> Progress {
        var turn = Turn(execution: execution, now: max(work.now, execution.lastEventAt))
        for delivery in deliveries { turn.answers.append(try apply(delivery, to: &turn, in: work)) }
        return try settle(&turn, in: work)
    }

    /// Decides without a transaction what follows from the deliveries, so that the store's writer has only to write
    /// it down with `commit`. Nil when the decision needs the transaction: then `deliver` takes it.
    package func decide(_ deliveries: [Delivery], on execution: LoadedExecution, at now: Instant) -> Turn? {
        var turn = Turn(execution: execution, now: max(now, execution.lastEventAt))
        for delivery in deliveries {
            guard let answer = decide(delivery, &turn) else { return nil }
            turn.answers.append(answer)
        }
        turn.encode()
        return turn
    }

    /// Writes down what was decided. Nobody else may have brought anything to the execution since.
    package func commit(_ turn: Turn, in work: Work<Transaction>) throws -> Progress {
        var turn = turn
        return try settle(&turn, in: work)
    }

    private func apply(
        _ delivery: Delivery, to turn: inout Turn, in work: Work<Transaction>
    ) throws -> DeliveryAnswer {
        if let answer = decide(delivery, &turn) { return answer }
        switch delivery {
        case .redrive: return try redrive(&turn, in: work)
        case .performed(let order, let output, let startedAt):
            guard turn.execution.state.isOpen(order.task) else { return .late }
            begin(order, at: startedAt, &turn)
            return try record(order, performed: output, &turn, in: work)
        case .stimulus, .takeUp, .failed, .submitted:
            preconditionFailure("these are decided without a transaction")
        }
    }

    /// Nil when the delivery needs a transaction.
    private func decide(_ delivery: Delivery, _ turn: inout Turn) -> DeliveryAnswer? {
        switch delivery {
        case .stimulus(let stimulus): return advance(stimulus, &turn)
        case .takeUp: return .taken
        case .redrive: return nil
        case .performed(let order, let output, let startedAt):
            if step(for: order.resource)?.record != nil { return nil }
            return end(order, .taskSucceeded(order.task, output: output), startedAt, &turn)
        case .failed(let order, let failure, let startedAt):
            return end(order, .taskFailed(order.task, failure), startedAt, &turn)
        case .submitted(let order, let output, let startedAt):
            return end(order, .taskSubmitted(order.task, output: output), startedAt, &turn)
        }
    }

    private func end(
        _ order: TaskOrder, _ stimulus: Stimulus, _ startedAt: Instant, _ turn: inout Turn
    ) -> DeliveryAnswer {
        guard turn.execution.state.isOpen(order.task) else { return .late }
        begin(order, at: startedAt, &turn)
        return advance(stimulus, &turn)
    }

    /// Records that the task was started, at the time when it was: together with its result, so that a step costs one
    /// commit. A task with a heartbeat has been recorded as started before.
    private func begin(_ order: TaskOrder, at startedAt: Instant, _ turn: inout Turn) {
        // Without a word of it, the interpreter records the start at the time of the result.
        guard order.heartbeat == nil, startedAt < turn.now else { return }
        let now = turn.now
        turn.now = min(max(startedAt, turn.execution.lastEventAt), now)
        defer { turn.now = now }
        _ = advance(.taskStarted(order.task, worker: nil), &turn)
    }

    /// Runs the step's own transaction inside this one. When it fails, only its changes are undone, and its failure is
    /// the task's.
    private func record(
        _ order: TaskOrder, performed: JSONValue, _ turn: inout Turn, in work: Work<Transaction>
    ) throws -> DeliveryAnswer {
        guard let record = step(for: order.resource)?.record else {
            return advance(.taskSucceeded(order.task, output: performed), &turn)
        }
        let context = context(of: order, in: turn.execution, at: turn.now)
        do {
            let output = try work.atomically { try record(work, context, order.input, performed) }
            return advance(.taskSucceeded(order.task, output: output), &turn)
        } catch let failure as TaskFailure {
            return advance(.taskFailed(order.task, failure), &turn)
        } catch let error as EngineError {
            // What the step asked of the engine cannot be done: trying the commit again would not help.
            let failure = TaskFailure(error: "States.TaskFailed", cause: "\(error)")
            return advance(.taskFailed(order.task, failure), &turn)
        }
    }

    private func advance(_ stimulus: Stimulus, _ turn: inout Turn) -> DeliveryAnswer {
        let facts = turn.execution.facts
        do {
            let decision = try Interpreter.advance(
                facts.machine, turn.execution.state, stimulus, now: turn.now, identity: facts.identity,
                seed: seed(for: facts.id))
            turn.take(decision)
            return .taken
        } catch {
            switch error {
            case .taskNotOpen, .alreadyEnded: return .late
            case .notRedrivable(let reason):
                return .refused(.notRedrivable(name: facts.name, reason: reason))
            case .illegal, .notStarted, .alreadyStarted, .unknownState:
                return .refused(.unreadableHistory(execution: facts.name, reason: error.description))
            }
        }
    }

    private func redrive(
        _ turn: inout Turn, in work: Work<Transaction>
    ) throws -> DeliveryAnswer {
        let answer = advance(.redrive, &turn)
        guard answer == .taken else { return answer }
        let id = turn.execution.id
        try work.transaction.reopenExecution(id, redriveCount: turn.execution.state.redriveCount)
        turn.execution.parking = .live
        try closeLetters(of: id, countingAttempt: true, in: work)
        return .taken
    }

    /// What a step is told. The heartbeat is the engine's to fill in.
    package func context(
        of order: TaskOrder, in execution: LoadedExecution, at now: Instant,
        heartbeat: @escaping @Sendable () async -> Void = {}
    ) -> TaskContext {
        TaskContext(
            execution: execution.id, executionARN: execution.facts.identity.executionARN,
            executionName: execution.facts.name, stateMachine: execution.facts.stateMachine, state: order.state,
            resource: order.resource.text, retryCount: order.retryCount,
            idempotencyKey: execution.idempotencyKey(order), now: now, deadline: order.deadline, heartbeat: heartbeat)
    }

    /// Brings the rows in line with the state: journal, end, parking.
    private func settle(_ turn: inout Turn, in work: Work<Transaction>) throws -> Progress {
        let id = turn.execution.id
        turn.encode()
        if let record = turn.record { try work.transaction.appendJournal(id, record: record) }
        let ended = try settleRow(&turn, in: work)
        return Progress(
            execution: turn.execution, orders: turn.orders, cancelled: turn.cancelled, answers: turn.answers,
            ended: ended)
    }

    /// - Returns: the status, when the execution ended.
    private func settleRow(_ turn: inout Turn, in work: Work<Transaction>) throws -> ExecutionStatus? {
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
