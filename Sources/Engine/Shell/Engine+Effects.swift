import Interpreter
import JSONModel
import Logging
import StatesLanguage
import WallTime

/// Carrying out what a durable commit has decided.
extension Engine {
    func carryOut(_ effects: [Effect]) {
        for effect in effects {
            switch effect {
            case .started(let progress): adopt(progress)
            case .stop(let id, let error, let cause): post(.stimulus(.stop(error: error, cause: cause)), to: id)
            case .dueAt(let due): alarm.note(due)
            case .letterDueAt(let due):
                live.withLock { _ = $0.letterDue.insert(due) }
                alarm.note(due)
            case .offered(let offer):
                offers.note(offer)
                pollers.wakeOne(of: offer.activity)
            case .nestedEnded(let nested): Task { await report(nested) }
            }
        }
    }

    var announce: @Sendable (ExecutionID) -> Void {
        { [live] id in live.withLock { $0.announce(id) } }
    }

    /// Takes over an execution that was started in a transaction.
    private func adopt(_ progress: Progress) {
        let id = progress.execution.id
        guard progress.execution.parking == .live else {
            live.withLock { $0.adoptParked(progress.execution) }
            if let record = progress.ended { tellWaiters(record) }
            return
        }
        guard live.withLock({ $0.adopt(progress.execution) }) else { return }
        apply(progress)
        let hasMail = live.withLock { live in
            guard live.mailboxes[id]?.pending.isEmpty == true else { return true }
            _ = live.take(id)
            return false
        }
        if hasMail { Task { await pump(id) } }
    }

    /// Brings memory up to date with a commit: timers, steps, those who wait for the end.
    /// - Returns: the step that is next, when it is the only one and is to be left to the caller.
    @discardableResult
    func apply(_ progress: Progress, leavesStep: Bool = false) -> AdmittedStep? {
        let id = progress.execution.id
        let due = progress.execution.state.nextDue
        let (steps, deadline) = live.withLock { live in
            live.update(progress.execution, nextDue: due)
            return (live.takeSteps(progress.ended == nil ? progress.cancelled : nil, of: id), live.mailboxes[id]?.armed)
        }
        for step in steps { step.cancel() }
        if let deadline { alarm.note(deadline) }
        if let record = progress.ended {
            tellWaiters(record)
            return nil
        }
        var next: AdmittedStep?
        let isOne = progress.orders.count == 1
        for order in progress.orders {
            next = dispatch(order, of: progress.execution.facts, isLeft: leavesStep && isOne)
        }
        if let due, due <= clock.now() {
            live.withLock { $0.append(Parcel(delivery: .stimulus(.wake)), to: id) }
        }
        return next
    }

    /// The execution has ended.
    private func tellWaiters(_ record: ExecutionRecord) {
        for waiter in live.withLock({ $0.takeWaiters(for: record.id) }) { waiter.end.give(record) }
    }

    /// Sees to it that a task is carried out, here or elsewhere.
    /// - Returns: a step that is left to the caller to start.
    private func dispatch(_ order: TaskOrder, of execution: LoadedExecution.Facts, isLeft: Bool) -> AdmittedStep? {
        if live.withLock({ $0.isDraining || $0.isInHand(order.task, of: execution.id) }) { return nil }
        switch core.route(order.resource) {
        case .external: break
        case .record:
            let delivery = Delivery.performed(order, output: .null, startedAt: clock.now())
            live.withLock { $0.append(Parcel(delivery: delivery), to: execution.id) }
        case .nobody:
            let cause =
                "Nothing here carries out the resource '\(order.resource.text)': no handler for it is configured."
            let failure = TaskFailure(error: "States.TaskFailed", cause: cause)
            let delivery = Delivery.failed(order, failure, startedAt: clock.now())
            live.withLock { $0.append(Parcel(delivery: delivery), to: execution.id) }
        case .perform(let step):
            guard let perform = step.perform else { break }
            return start(order, of: execution, on: runner, isLeft: isLeft) { context in
                try await perform(context, order.input)
            }
        case .resource(let handler):
            return start(order, of: execution, on: requests, isLeft: isLeft) { context in
                try await handler.perform(order.resource, context, order.input)
            }
        }
        return nil
    }
}
