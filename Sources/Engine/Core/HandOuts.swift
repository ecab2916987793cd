import Interpreter
import JSONModel

/// A task of an execution that goes to a worker elsewhere.
struct HandedTask: Sendable {
    let execution: ExecutionID
    let task: TaskID
    let input: JSONValue
}

/// A worker elsewhere who waits for nothing but a task, and was chosen for one.
struct ChosenWorker: Sendable {
    let name: String?
    /// To be called once: with the task when its start is durable, with nil when it could not be recorded.
    let hand: @Sendable (HandedTask?) -> Void
}

/// Tasks that decisions give to workers who wait for one: their start is in the record that schedules them, and the
/// workers are told once that is durable. Made for one transaction.
package final class HandOuts: Sendable {
    private struct Pair {
        let worker: ChosenWorker
        let task: HandedTask
    }

    private let choose: @Sendable (_ activity: String) -> ChosenWorker?
    private let pairs = LockedBox<[Pair]>([])

    /// - Parameter choose: the worker who has waited longest for a task of the activity; nil where none waits, or a task
    ///   that has waited longer is on offer.
    init(choose: @escaping @Sendable (_ activity: String) -> ChosenWorker?) { self.choose = choose }

    /// Where nobody waits: shared, since it chooses nobody.
    package static let none = HandOuts { _ in nil }

    /// Chooses a worker for the task.
    func give(_ task: HandedTask, of activity: String) -> ChosenWorker? {
        guard let worker = choose(activity) else { return nil }
        pairs.withLock { $0.append(Pair(worker: worker, task: task)) }
        return worker
    }

    var count: Int { pairs.withLock { $0.count } }

    /// It is durable: the workers have their tasks.
    func end() {
        for pair in pairs.withLock({ take(&$0, from: 0) }) { pair.worker.hand(pair.task) }
    }

    /// What was done since `mark` is undone: those who were chosen go on waiting.
    /// - Parameter mark: an earlier `count`.
    func undo(to mark: Int = 0) {
        for pair in pairs.withLock({ take(&$0, from: mark) }) { pair.worker.hand(nil) }
    }

    private func take(_ pairs: inout [Pair], from mark: Int) -> ArraySlice<Pair> {
        guard mark < pairs.count else { return [] }
        defer { pairs.removeSubrange(mark...) }
        return pairs[mark...]
    }
}
