import Engine
import Interpreter
import JSONModel
import WallTime

extension Checkers {
    /// What a client was told is there, under the number that it was told, once; it has ended, once for each time that
    /// it was (re)driven; and one that failed has a letter.
    package static func endsOnce(_ run: RunRecord) -> [Finding] {
        let promise = "every acknowledged start ends exactly once"
        var findings: [Finding] = []
        let byName = Dictionary(grouping: run.executions) { "\($0.record.stateMachine)/\($0.record.name)" }
        for (name, same) in byName where same.count > 1 { findings.append(Finding(promise, "\(name) is there twice")) }
        for start in run.starts {
            guard let id = start.acknowledged else { continue }
            let name = "\(start.machine)/\(start.name)"
            guard let found = byName[name]?.first else {
                findings.append(Finding(promise, "\(name) was acknowledged and is not there"))
                continue
            }
            if found.record.id != id {
                findings.append(
                    Finding(promise, "\(name) was acknowledged as \(id.rawValue), is \(found.record.id.rawValue)"))
            }
            if found.record.status == .running { findings.append(Finding(promise, "\(name) still runs")) }
        }
        let lettered = Set(run.letters.compactMap(\.letter.execution))
        for execution in run.executions {
            let (ends, redrives) = (
                execution.history.count(where: \.isEnd), execution.history.count(where: \.isRedrive)
            )
            let isOver = execution.record.status != .running
            if ends != redrives + (isOver ? 1 : 0) {
                findings.append(Finding(promise, "\(execution) ended \(ends) times with \(redrives) redrives"))
            }
            if [.failed, .timedOut].contains(execution.record.status), !lettered.contains(execution.record.id) {
                findings.append(Finding(promise, "\(execution) failed and no dead letter says so"))
            }
        }
        return findings
    }

    /// Whoever waits for an execution that it started has heard of its end, and what nobody waits for has been stopped.
    package static func nestedAreSettled(_ run: RunRecord) -> [Finding] {
        run.nested.map { row in
            Finding(
                "nested executions end with those who wait for them",
                "\(row.child.rawValue), of task \(row.task) of \(row.parent.rawValue), is not settled")
        }
    }

    /// Numbers without a gap, times that never go back, nothing after the end, states that are left once.
    package static func historyIsLegal(_ run: RunRecord) -> [Finding] {
        run.executions.flatMap { execution in
            illegalities(execution.history).map { Finding("history is contiguous and legal", "\(execution): \($0)") }
        }
    }

    private static func illegalities(_ history: [HistoryEvent]) -> [String] {
        var found: [String] = []
        var (last, previous, isOver) = (0, Instant(milliseconds: .min), false)
        var (entered, aborted): ([FrameID: [String]], [FrameID: [String]]) = ([:], [:])
        guard case .executionStarted? = history.first?.kind else { return ["it does not begin with its start"] }
        for event in history {
            if event.id > 0 {
                if event.id != last + 1 { found.append("event \(event.id) follows \(last)") }
                last = event.id
            }
            if event.previousID >= event.id, event.id > 0 { found.append("event \(event.id) follows a later one") }
            if event.at < previous { found.append("event \(event.id) is earlier than the one before") }
            previous = event.at
            if isOver, !event.isRedrive { found.append("event \(event.id) comes after the end") }
            isOver = event.isEnd
            switch event.kind {
            case .stateEntered(_, let name, _): entered[event.frame, default: []].append(name)
            // A redrive takes up what was aborted where it was. What the one before it took up has gone on since.
            case .executionRedriven:
                for (frame, names) in aborted { entered[frame, default: []] += names }
                aborted = [:]
            case .stateAborted(_, let name) where entered[event.frame]?.last == name:
                entered[event.frame]?.removeLast()
                aborted[event.frame] = [name]
            case .stateExited(_, let name, _, _), .stateAborted(_, let name):
                guard entered[event.frame]?.last == name else {
                    found.append("event \(event.id) leaves \(name), which was not entered")
                    continue
                }
                entered[event.frame]?.removeLast()
            default: break
            }
        }
        return found
    }

    /// The row that lists show says what the fold of the history says.
    package static func rowAgreesWithHistory(_ run: RunRecord) -> [Finding] {
        let promise = "the stored row is the fold of the history"
        return run.executions.flatMap { execution -> [Finding] in
            let state: ExecutionState
            do {
                state = try ExecutionState.fold(execution.history)
            } catch {
                return [Finding(promise, "\(execution) cannot be folded: \(error)")]
            }
            let (row, found) = (execution.record, described(state.outcome))
            var findings: [Finding] = []
            if row.status != found.status || row.error != found.error {
                findings.append(Finding(promise, "\(execution) is \(row.status), its history \(found.status)"))
            }
            if row.redriveCount != state.redriveCount {
                findings.append(
                    Finding(promise, "\(execution) counts \(row.redriveCount) redrives, not \(state.redriveCount)"))
            }
            if row.status == .running, row.isParked, row.wakeAt != state.nextDue {
                findings.append(Finding(promise, "\(execution) wakes at another time than its history has it"))
            }
            if row.status != .running, row.stoppedAt != state.endedAt {
                findings.append(Finding(promise, "\(execution) stopped at another time than its history has it"))
            }
            return findings
        }
    }

    private static func described(_ outcome: Outcome?) -> (status: ExecutionStatus, error: String?) {
        switch outcome {
        case nil: (.running, nil)
        case .succeeded: (.succeeded, nil)
        case .failed(let failure): (.failed, failure.error)
        case .timedOut(let failure): (.timedOut, failure.error)
        case .aborted(let error, _): (.aborted, error)
        }
    }

    /// Every state that an execution enters is one of the definition that it was started with.
    package static func versionsArePinned(_ run: RunRecord) -> [Finding] {
        run.executions.flatMap { execution in
            execution.history.compactMap { event in
                guard case .stateEntered(_, let name, _) = event.kind, execution.states[name] == nil else { return nil }
                return Finding("an execution finishes on its own definition", "\(execution) entered \(name)")
            }
        }
    }
}

extension RunRecord.Execution: CustomStringConvertible {
    package var description: String { "execution \(record.id.rawValue) (\(record.stateMachine)/\(record.name))" }
}

extension HistoryEvent {
    var isEnd: Bool {
        switch kind {
        case .executionSucceeded, .executionFailed, .executionAborted, .executionTimedOut: true
        default: false
        }
    }

    var isRedrive: Bool { if case .executionRedriven = kind { true } else { false } }
}
