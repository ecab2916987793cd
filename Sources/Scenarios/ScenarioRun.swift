import Interpreter
import JSONModel
import StatesLanguage
import WallTime

/// What happened in a scenario.
struct ScenarioResult {
    var outcome: Outcome?
    var history: [HistoryEvent] = []
    var calls: [Call] = []
    var elapsed = Duration.zero
    /// Why the run came to no end.
    var fault: String?
}

/// Runs a scenario in virtual time: tasks are answered by its mocks, when these say; waits take no time.
struct ScenarioRun {
    /// Decisions that a run may take.
    static let decisionLimit = 100_000

    private let suite: ScenarioSuite
    private let scenario: Scenario
    private let identity: ExecutionIdentity
    private var state = ExecutionState.empty
    private var result = ScenarioResult()
    private var now: Instant
    private var pending: [(at: Instant, order: Int, stimulus: Stimulus)] = []
    private var sequence = 0
    /// How many calls of a state were made in a branch: which answer's turn it is.
    private var turns: [String: Int] = [:]
    private var redrives = 0

    init(_ scenario: Scenario, of suite: ScenarioSuite) {
        self.suite = suite
        self.scenario = scenario
        identity = .virtual(stateMachine: suite.machineName, startedAt: scenario.start)
        now = scenario.start
    }

    mutating func run() -> ScenarioResult {
        do throws(InterpreterError) {
            try give(.start(input: scenario.input))
            for _ in 0..<Self.decisionLimit {
                guard result.fault == nil else { break }
                if let outcome = state.outcome {
                    if case .succeeded = outcome { break }
                    guard redrives < scenario.redrives else { break }
                    redrives += 1
                    pending = []
                    try give(.redrive)
                } else if !(try goOn()) {
                    let waiting = state.openTasks.map { "'\($0.state)' (\($0.resource.text))" }
                    result.fault = "the run waits for ever: no mock answers \(waiting.joined(separator: ", "))"
                }
            }
            if state.outcome == nil, result.fault == nil {
                result.fault = "the run did not end within \(Self.decisionLimit) decisions"
            }
        } catch {
            result.fault = error.description
        }
        result.outcome = state.outcome
        result.elapsed = .milliseconds(now.milliseconds - scenario.start.milliseconds)
        return result
    }

    /// The next thing that happens: an answer comes, or a deadline passes. False when nothing will.
    private mutating func goOn() throws(InterpreterError) -> Bool {
        let next = pending.indices.min { (pending[$0].at, pending[$0].order) < (pending[$1].at, pending[$1].order) }
        let due = state.nextDue
        if let next, due.map({ pending[next].at <= $0 }) ?? true {
            let answer = pending.remove(at: next)
            now = max(now, answer.at)
            try give(answer.stimulus)
            return true
        }
        guard let due else { return false }
        now = max(now, due)
        try give(.wake)
        return true
    }

    private mutating func give(_ stimulus: Stimulus) throws(InterpreterError) {
        let decision: Decision
        do throws(InterpreterError) {
            decision = try Interpreter.advance(
                suite.machine, &state, stimulus, now: now, identity: identity, seed: 1)
        } catch {
            // The answer came too late: its branch has failed, or timed out.
            if case .taskNotOpen = error { return }
            throw error
        }
        result.history += decision.events
        for order in decision.orders { answer(order) }
    }

    private mutating func answer(_ order: TaskOrder) {
        let call = Call(
            state: order.state, resource: order.resource.text, input: order.input, at: now,
            attempt: order.retryCount + 1, visit: order.entry)
        result.calls.append(call)
        if order.resource.pattern != .requestResponse { schedule(.taskSubmitted(order.task, output: [:]), .zero) }
        guard let answers = scenario.mocks[order.state] ?? scenario.mocks[order.resource.text] else {
            result.fault =
                "no mock answers the task of '\(order.state)' (\(order.resource.text)); "
                + "it was called with \(order.input.jsonString)"
            return
        }
        guard let answer = turn(of: answers, order, call) else {
            result.fault = "no answer of '\(order.state)' is for this call: \(order.input.jsonString)"
            return
        }
        switch answer.outcome {
        case .silence: break
        case .fails(let error, let cause):
            schedule(.taskFailed(order.task, TaskFailure(error: error, cause: cause)), answer.after)
        case .returns(let template):
            do throws(MockTemplate.EvaluationFault) {
                schedule(.taskSucceeded(order.task, output: try template.value(for: call)), answer.after)
            } catch {
                result.fault = "the mock of '\(order.state)' has no value: \(error.reason)"
            }
        }
    }

    /// The answer whose turn it is among those that are for the call; the last of them goes on for ever.
    private mutating func turn(of answers: [MockAnswer], _ order: TaskOrder, _ call: Call) -> MockAnswer? {
        let fitting = answers.filter { $0.condition?.matches(call.input) ?? true }
        var turn = turns["\(order.frame)/\(order.state)", default: 0]
        turns["\(order.frame)/\(order.state)"] = turn + 1
        for answer in fitting {
            if turn < answer.times { return answer }
            turn -= answer.times
        }
        return fitting.last
    }

    private mutating func schedule(_ stimulus: Stimulus, _ after: Duration) {
        sequence += 1
        let span = after.components.seconds * 1000 + after.components.attoseconds / 1_000_000_000_000_000
        pending.append((Instant(milliseconds: now.milliseconds + span), sequence, stimulus))
    }
}
