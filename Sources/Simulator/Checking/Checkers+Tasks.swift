import Engine
import Interpreter
import JSONModel
import WallTime

extension Checkers {
    /// A step that only touches the store has left its row exactly once for each of its tasks that succeeded, and none
    /// for one that did not.
    package static func recordedOnce(_ run: RunRecord) -> [Finding] {
        let promise = "a transactional step is done exactly once"
        var expected: Set<String> = []
        for execution in run.executions {
            var booked: Set<Int> = []
            for event in execution.history {
                switch event.kind {
                case .taskScheduled(let task) where ["book", "mixed"].contains(activity(task.resource)):
                    booked.insert(event.id)
                case .taskSucceeded(let task, _) where booked.contains(task):
                    expected.insert("\(execution.record.id.rawValue)/\(task)")
                default: break
                }
            }
        }
        var findings: [Finding] = []
        let counted = Dictionary(run.recorded.map { ($0, 1) }, uniquingKeysWith: +)
        for (subject, count) in counted.sorted(by: { $0.key < $1.key }) {
            if count > 1 { findings.append(Finding(promise, "\(subject) was recorded \(count) times")) }
            if !expected.contains(subject) {
                findings.append(Finding(promise, "\(subject) was recorded and did not succeed"))
            }
        }
        for subject in expected.subtracting(counted.keys).sorted() {
            findings.append(Finding(promise, "\(subject) succeeded and was not recorded"))
        }
        return findings
    }

    private static func activity(_ resource: String) -> String {
        String(resource.split(separator: ":").last ?? "")
    }

    /// All calls of one entry of a state, retries and repetitions after a crash among them, carry one key, and no other
    /// entry's calls carry it. Which entry a task belongs to is read from the history.
    package static func keysAreStable(_ run: RunRecord) -> [Finding] {
        let promise = "calls carry one stable idempotency key"
        var findings: [Finding] = []
        let entries = Dictionary(
            run.executions.map { ($0.record.id, entriesByTask($0.history)) }, uniquingKeysWith: { first, _ in first })
        var (keys, owners): ([String: String], [String: String]) = ([:], [:])
        for call in run.calls {
            // A call whose task is in no history was made for something that is not durable.
            guard let entry = entries[call.execution]?[call.task] else {
                findings.append(
                    Finding(promise, "task \(call.task) of \(call.execution.rawValue) was called and is not there"))
                continue
            }
            let owner = "\(call.execution.rawValue)/\(entry)"
            if let known = keys[owner], known != call.key {
                findings.append(Finding(promise, "\(owner) was called with \(known) and with \(call.key)"))
            }
            if let known = owners[call.key], known != owner {
                findings.append(Finding(promise, "\(known) and \(owner) were both called with \(call.key)"))
            }
            keys[owner] = call.key
            owners[call.key] = owner
        }
        return findings
    }

    /// For each task, the event that entered its state.
    private static func entriesByTask(_ history: [HistoryEvent]) -> [Int: Int] {
        var (entered, entries): ([FrameID: Int], [Int: Int]) = ([:], [:])
        for event in history {
            switch event.kind {
            case .stateEntered: entered[event.frame] = event.id
            case .taskScheduled: entries[event.id] = entered[event.frame]
            default: break
            }
        }
        return entries
    }

    /// A task is scheduled before it starts, starts at most once, and has at most one result.
    package static func tasksAreAnsweredOnce(_ run: RunRecord) -> [Finding] {
        let promise = "a task has one result"
        var findings: [Finding] = []
        for execution in run.executions {
            var (scheduled, started, ended): (Set<Int>, Set<Int>, Set<Int>) = ([], [], [])
            for event in execution.history {
                switch event.kind {
                case .taskScheduled: scheduled.insert(event.id)
                case .taskStarted(let task, _):
                    if !scheduled.contains(task) {
                        findings.append(Finding(promise, "\(execution): \(task) starts unscheduled"))
                    }
                    if !started.insert(task).inserted {
                        findings.append(Finding(promise, "\(execution): \(task) starts twice"))
                    }
                    if ended.contains(task) {
                        findings.append(Finding(promise, "\(execution): \(task) starts after its end"))
                    }
                case .taskSucceeded(let task, _), .taskFailed(let task, _), .taskTimedOut(let task, _),
                    .taskStartFailed(let task, _):
                    if !scheduled.contains(task) {
                        findings.append(Finding(promise, "\(execution): \(task) ends unscheduled"))
                    }
                    if !ended.insert(task).inserted {
                        findings.append(Finding(promise, "\(execution): \(task) ends twice"))
                    }
                default: break
                }
            }
        }
        return findings
    }
}
