import Interpreter
import StatesLanguage

/// Tasks of activities that no step of this process performs are on offer to workers elsewhere until one takes them.
extension EngineCore {
    /// The tasks of an execution that are on offer, and where each stands.
    func offers(of state: ExecutionState, _ execution: ExecutionID) -> [TaskID: OfferedTask.Place] {
        var places: [TaskID: OfferedTask.Place] = [:]
        for order in state.openTasks {
            places[order.task] = place(of: order, in: state, execution)
        }
        return places
    }

    /// Nil when no worker elsewhere is waited for.
    private func place(
        of order: TaskOrder, in state: ExecutionState, _ execution: ExecutionID
    ) -> OfferedTask.Place? {
        guard let since = state.waitsForWorkerSince(order.task), let activity = activity(of: order) else { return nil }
        return OfferedTask.Place(activity: activity, since: since, execution: execution, task: order.task)
    }

    /// Brings the rows of offers in line with the state.
    func settleOffers(_ turn: inout Turn, in work: Work<Transaction>) throws {
        guard !turn.forWorkers.isEmpty || !turn.execution.offered.isEmpty else { return }
        let (id, state) = (turn.execution.id, turn.execution.state)
        // Once the execution has ended, nothing is on offer, whatever its branches were in.
        let ended = state.outcome == nil ? turn.settledTasks : Set(turn.execution.offered.keys)
        for task in ended {
            guard let place = turn.execution.offered.removeValue(forKey: task) else { continue }
            try work.transaction.withdrawTask(place)
        }
        guard state.outcome == nil else { return }
        for order in turn.forWorkers {
            guard let place = place(of: order, in: state, id) else { continue }
            let offer = OfferedTask(place: place, input: order.input)
            try work.transaction.offerTask(offer)
            turn.execution.offered[order.task] = place
            work.effects.append(.offered(offer))
        }
    }

    /// Gives tasks that were just scheduled to workers who wait for one; they never are on offer.
    func handOut(_ turn: inout Turn, by handOuts: HandOuts) throws {
        guard !turn.forWorkers.isEmpty, turn.execution.state.outcome == nil else { return }
        var left: [TaskOrder] = []
        for order in turn.forWorkers where turn.execution.state.waitsForWorkerSince(order.task) != nil {
            let task = HandedTask(execution: turn.execution.id, task: order.task, input: order.input)
            guard let activity = activity(of: order), let worker = handOuts.give(task, of: activity) else {
                left.append(order)
                continue
            }
            let answer = try advance(.taskStarted(order.task, worker: worker.name), &turn)
            precondition(answer == .taken, "a task that waits for a worker can be started")
        }
        turn.forWorkers = left
    }

    /// The activity that workers elsewhere serve; nil for any other task.
    func activity(of order: TaskOrder) -> String? {
        guard case .activity(let name) = order.resource.kind, case .external = route(order.resource) else { return nil }
        return name
    }
}
