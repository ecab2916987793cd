import Interpreter
import JSONModel
import WallTime

/// The decisions that share one commit.
package struct Turn: Sendable {
    var execution: LoadedExecution
    var now: Instant
    /// For each delivery, in order, what became of it.
    var answers: [DeliveryAnswer] = []
    private(set) var orders: [TaskOrder] = []
    private(set) var cancelled: [TaskID] = []
    /// The events of these decisions as the journal keeps them; nil when there are none.
    private(set) var record: [UInt8]?
    private var events: [HistoryEvent] = []
    /// Map Runs that were started.
    private(set) var mapRuns: [MapRun] = []
    /// Tasks whose request was accepted.
    private(set) var submitted: [TaskID] = []
    /// Tasks that were scheduled for workers elsewhere, and tasks that need no worker any more.
    var forWorkers: [TaskOrder] = []
    private(set) var settledTasks: Set<TaskID> = []
    /// What the audit log is told in the transaction of these decisions.
    private(set) var audit: [AuditEntry] = []

    init(execution: consuming LoadedExecution, now: Instant) {
        self.execution = execution
        self.now = now
    }

    /// Takes a decision that `execution.state` shows already.
    mutating func take(_ decision: Decision) {
        if events.isEmpty { events = decision.events } else { events += decision.events }
        for event in decision.events { note(event.kind) }
        if !execution.offered.isEmpty { settledTasks.formUnion(decision.cancelled) }
        record = nil
        if let last = decision.events.last { execution.lastEventAt = last.at }
        cancelled += decision.cancelled
        if !orders.isEmpty, !decision.cancelled.isEmpty {
            let gone = Set(decision.cancelled)
            orders.removeAll { gone.contains($0.task) }
        }
        orders += decision.orders
    }

    /// Has the audit log told of what was asked for, at the time of the decision.
    mutating func write(_ note: AuditNote) {
        audit.append(
            AuditEntry(
                at: now, actor: note.actor, action: note.action,
                subject: note.subject ?? execution.facts.identity.executionARN, detail: .object(note.detail)))
    }

    private mutating func note(_ event: HistoryEvent.Kind) {
        switch event {
        case .taskStarted(let task, _), .taskTimedOut(let task, _), .taskFailed(let task, _),
            .taskSucceeded(let task, _):
            if !execution.offered.isEmpty || !forWorkers.isEmpty { settledTasks.insert(task) }
        case .taskSubmitted(let task, _): submitted.append(task)
        case .mapRunStarted(let arn): mapRuns.append(MapRun(arn: arn))
        default: break
        }
    }

    /// What the shell is told, once this is written down.
    /// - Parameter ended: the record, when the execution ended.
    func progress(ended: ExecutionRecord?) -> Progress {
        Progress(execution: execution, orders: orders, cancelled: cancelled, answers: answers, ended: ended)
    }

    /// Makes the journal's record, which costs more than anything else in a commit but the disk.
    mutating func encode() {
        if record == nil, !events.isEmpty { record = HistoryCodec.encode(events) }
    }
}
