import Engine
import Interpreter
import JSONModel
import StatesLanguage
import WallTime

extension Checkers {
    /// No wait, retry, timeout, heartbeat or deadline comes before its time, counted anew from the definition; and a
    /// retry follows a failure once.
    package static func timersAreExact(_ run: RunRecord) -> [Finding] {
        run.executions.flatMap { execution in
            var clock = TimerCheck(states: execution.states)
            for event in execution.history { clock.take(event) }
            return clock.found.map { Finding("a timer fires neither early nor twice", "\(execution): \($0)") }
        }
    }
}

/// Follows one history with a stopwatch for everything that takes time.
private struct TimerCheck {
    private struct Attempt {
        var state: String
        var at: Instant
        var frame: FrameID
        var task: ScheduledTask
    }

    let states: [String: JSONValue]
    private(set) var found: [String] = []
    private var entered: [FrameID: (name: String, at: Instant)] = [:]
    private var attempts: [Int: Attempt] = [:]
    /// The next try of a frame's state, and how many there have been for each retrier.
    private var planned: [FrameID: Instant] = [:]
    private var tries: [FrameID: [Int: Int]] = [:]
    private var failedAt: [FrameID: Instant] = [:]
    private var deadline: Instant?
    private var seen: [Int: Instant] = [:]

    init(states: [String: JSONValue]) { self.states = states }

    mutating func take(_ event: HistoryEvent) {
        switch event.kind {
        case .stateEntered(_, let name, _):
            entered[event.frame] = (name, event.at)
            planned[event.frame] = nil
            tries[event.frame] = nil
        case .stateExited(.wait, let name, _, _): wait(name, event)
        case .taskScheduled(let task): schedule(task, event)
        case .parallelStarted, .mapStarted, .mapRunStarted: begin(event)
        // A redrive gives back all retries (AWS: the retry attempt count is reset).
        case .executionRedriven: (tries, planned) = ([:], [:])
        case .taskHeartbeat(let task), .taskStarted(let task, _): seen[task] = event.at
        case .taskFailed(_, _), .parallelFailed, .mapFailed, .taskStartFailed: failedAt[event.frame] = event.at
        case .taskTimedOut(let task, _):
            timeOut(task, event)
            failedAt[event.frame] = event.at
        case .retryPlanned(let at, let retrier): plan(at, retrier, event)
        case .executionDeadline(let at): deadline = at
        case .executionTimedOut:
            if let deadline, event.at < deadline { found.append("it timed out before its deadline") }
        default: break
        }
    }

    private mutating func wait(_ name: String, _ event: HistoryEvent) {
        guard let began = entered[event.frame], began.name == name else { return }
        let seconds = states[name]?["Seconds"]?.intValue ?? 0
        if event.at < began.at + .seconds(seconds) {
            found.append("\(name) waited \(event.at - began.at) instead of \(seconds) s")
        }
        entered[event.frame] = nil
    }

    private mutating func schedule(_ task: ScheduledTask, _ event: HistoryEvent) {
        begin(event)
        let name = entered[event.frame]?.name ?? ""
        attempts[event.id] = Attempt(state: name, at: event.at, frame: event.frame, task: task)
        seen[event.id] = event.at
    }

    /// The first try of a state, or the next.
    private mutating func begin(_ event: HistoryEvent) {
        let name = entered[event.frame]?.name ?? ""
        if let due = planned[event.frame], event.at < due { found.append("\(name) was tried again before its time") }
        planned[event.frame] = nil
    }

    private mutating func timeOut(_ task: Int, _ event: HistoryEvent) {
        guard let attempt = attempts[task] else { return }
        let whole = attempt.task.timeoutSeconds.map { attempt.at + .seconds($0) }
        let beat = attempt.task.heartbeatSeconds.map { (seen[task] ?? attempt.at) + .seconds($0) }
        guard let due = [whole, beat].compactMap(\.self).min() else {
            return found.append("task \(task) has no timeout")
        }
        if event.at < due { found.append("task \(task) of \(attempt.state) timed out before its time") }
    }

    private mutating func plan(_ at: Instant, _ retrier: Int, _ event: HistoryEvent) {
        let name = entered[event.frame]?.name ?? ""
        if planned[event.frame] != nil { found.append("\(name) is to be tried again twice") }
        planned[event.frame] = at
        let before = tries[event.frame]?[retrier] ?? 0
        tries[event.frame, default: [:]][retrier] = before + 1
        guard let rule = states[name]?["Retry"]?[retrier] else {
            return found.append("\(name) has no retrier \(retrier)")
        }
        if before >= rule["MaxAttempts"]?.intValue ?? 3 { found.append("\(name) is tried more often than it may") }
        guard rule["JitterStrategy"]?.stringValue != "FULL", let failed = failedAt[event.frame] else { return }
        var delay = Double(rule["IntervalSeconds"]?.intValue ?? 1)
        for _ in 0..<before { delay *= rule["BackoffRate"]?.doubleValue ?? 2 }
        if let most = rule["MaxDelaySeconds"]?.doubleValue { delay = min(delay, most) }
        if at < failed + .milliseconds(Int64(delay * 1000)) { found.append("\(name) plans a retry too early") }
    }
}
