import Interpreter
import StatesLanguage

/// Tasks of activities that no step of this process performs are on offer to workers elsewhere until one takes them.
extension EngineCore {
    /// The tasks of a state that are on offer.
    func offers(of state: ExecutionState) -> Set<TaskID> {
        Set(
            state.openTasks.filter { activity(of: $0) != nil && state.isWaitingForWorker($0.task) }.map(\.task))
    }

    /// Brings the rows of offers in line with the state.
    func settleOffers(_ turn: inout Turn, in work: Work<Transaction>) throws {
        guard !turn.forWorkers.isEmpty || !turn.execution.offered.isEmpty else { return }
        let (id, state) = (turn.execution.id, turn.execution.state)
        // Once the execution has ended, nothing is on offer, whatever its branches were in.
        let ended = state.outcome == nil ? turn.settledTasks : turn.execution.offered
        for task in ended where turn.execution.offered.remove(task) != nil {
            try work.transaction.withdrawTask(task, of: id)
        }
        guard state.outcome == nil else { return }
        for order in turn.forWorkers where state.isWaitingForWorker(order.task) {
            guard let activity = activity(of: order) else { continue }
            let offer = OfferedTask(activity: activity, execution: id, task: order.task, input: order.input)
            try work.transaction.offerTask(offer)
            turn.execution.offered.insert(order.task)
            work.effects.append(.offered(offer))
        }
    }

    /// The activity that workers elsewhere serve; nil for any other task.
    func activity(of order: TaskOrder) -> String? {
        guard case .activity(let name) = order.resource.kind, case .external = route(order.resource) else { return nil }
        return name
    }
}
