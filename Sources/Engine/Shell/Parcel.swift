import Interpreter
import WallTime

/// A delivery on its way to an execution, and who wants to hear of it.
struct Parcel: Sendable {
    let delivery: Delivery
    var reply: (@Sendable (Result<DeliveryAnswer, any Error>) -> Void)?
    /// Whether a store that refuses the commit is told to the one who waits, who then tries again or doesn't. Any other
    /// delivery is kept until it is recorded.
    var isGivenBack = false

    /// The task that this process has carried out, if the delivery is what came of one.
    var order: TaskOrder? {
        switch delivery {
        case .performed(let order, _, _), .failed(let order, _, _), .submitted(let order, _, _): order
        case .stimulus, .asked, .takeUp, .handOut, .nestedEnded, .redrive: nil
        }
    }

    /// The state it concerns, if one: names a fault point.
    var state: String? { order?.state }
}

/// Where deliveries to one execution meet: those that arrive while a commit is under way share the next one.
///
/// A class, since a step touches it several times, and a dictionary would move the whole state out and in each time.
/// Touched only under the lock of the `LiveExecutions` that it is part of.
final class Mailbox {
    /// Nil until it has been folded from its journal.
    var execution: LoadedExecution?
    /// While its next commit is under way: who runs, as of the one before.
    var committing: (facts: LoadedExecution.Facts, redriveCount: Int)?
    var pending: [Parcel] = []
    /// Whether a task is bringing the deliveries to the execution. Only one does at a time.
    var isPumping = false
    /// The tasks that this process carries out.
    var steps: [TaskID: StepHandle] = [:]
    /// The deadline for which a timer is set.
    var armed: Instant?

    init(execution: LoadedExecution? = nil, isPumping: Bool = false) {
        self.execution = execution
        self.isPumping = isPumping
    }
}
