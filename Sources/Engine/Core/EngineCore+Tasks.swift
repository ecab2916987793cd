package import Interpreter
package import StatesLanguage

/// Who carries out a task.
package enum TaskRoute<Transaction: ExecutionTransaction>: Sendable {
    /// A step with work outside transactions.
    case perform(Step<Transaction>)
    /// A step that is a transaction and nothing else.
    case record
    case resource(any ResourceHandler)
    /// A worker or a person elsewhere, by its token.
    case external
    /// Nobody.
    case nobody
}

extension EngineCore {
    package func route(_ resource: Resource) -> TaskRoute<Transaction> {
        if case .activity(let name) = resource.kind {
            guard let step = steps[name], !step.isPerformedElsewhere else { return .external }
            return step.perform == nil ? .record : .perform(step)
        }
        return resources.first { $0.handles(resource) }.map { .resource($0) } ?? .nobody
    }

    /// Whether this process has something to do for an open task, rather than to wait for someone elsewhere.
    func isUnderWay(_ resource: Resource, isSubmitted: Bool) -> Bool {
        if case .external = route(resource) { return false }
        return !isSubmitted
    }

    /// The tasks that this process carries out, as they are taken up after a restart.
    package func tasksUnderWay(_ state: ExecutionState) -> [TaskOrder] {
        state.openTasks.filter { isUnderWay($0.resource, isSubmitted: state.isSubmitted($0.task)) }
    }

    func step(for resource: Resource) -> Step<Transaction>? {
        guard case .activity(let name) = resource.kind else { return nil }
        return steps[name]
    }
}
