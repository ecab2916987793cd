import StatesLanguage
import WallTime

@testable import Interpreter

/// What the state keeps an index of, found by a walk through all that there is.
extension ExecutionState {
    var walkedDue: Instant? {
        guard outcome == nil, let startedAt else { return nil }
        let dues = frames.all.compactMap { frames.due(of: $0, startedAt: startedAt) }
        return (dues + (deadline.map { [$0] } ?? [])).min()
    }

    /// The resources of the open tasks, with whether their request was accepted.
    var walkedTasks: Set<String> { Set(openTasks.map { "\($0.resource.text) \(isSubmitted($0.task))" }) }

    var countedTasks: Set<String> {
        var found: Set<String> = []
        _ = hasOpenTask { resource, isSubmitted in
            found.insert("\(resource.text) \(isSubmitted)")
            return false
        }
        return found
    }
}
