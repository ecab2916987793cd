package import JSONModel
package import StatesLanguage
package import WallTime

/// Runs a whole execution at once in virtual time: tasks are answered by a mock, waits take no time.
package enum VirtualRun {
    /// What a mock says about a task: its result, or nil for one that stays unanswered until a deadline passes.
    package typealias Mock = (TaskOrder) -> Result<JSONValue, TaskFailure>?

    /// Runs from the start to the end.
    /// - Parameters:
    ///   - start: the virtual time at the start.
    ///   - seed: of everything random; the same seed gives the same history.
    ///   - decisionLimit: how many decisions the execution may take, each of which runs through up to 10,000 states.
    ///   - observe: sees every decision as it is taken.
    /// - Returns: how the execution ended, and its history with the notes.
    /// - Throws: `VirtualRunError` when the execution cannot end.
    package static func run(
        _ machine: StateMachine, input: JSONValue, mock: Mock = { _ in nil },
        start: Instant = Instant(milliseconds: 1_767_225_600_000), seed: UInt64 = 1,
        identity: ExecutionIdentity? = nil, decisionLimit: Int = 100_000, observe: (Decision) -> Void = { _ in }
    ) throws(VirtualRunError) -> (outcome: Outcome, history: [HistoryEvent]) {
        let identity = identity ?? .virtual(startedAt: start)
        var (state, history, now) = (ExecutionState.empty, [HistoryEvent](), start)
        var stimuli = [Stimulus.start(input: input)]
        for _ in 0..<decisionLimit {
            let stimulus: Stimulus
            if stimuli.isEmpty {
                guard let due = state.nextDue else { throw .stuck(waitingFor: state.openTasks) }
                now = max(now, due)
                stimulus = .wake
            } else {
                stimulus = stimuli.removeFirst()
            }
            let decision: Decision
            do {
                decision = try Interpreter.advance(
                    machine, &state, stimulus, now: now, identity: identity, seed: seed)
            } catch InterpreterError.taskNotOpen {
                // Another branch has failed since the task was answered.
                continue
            } catch { throw .interpreter(error) }
            observe(decision)
            history += decision.events
            if let outcome = state.outcome { return (outcome, history) }
            stimuli += decision.orders.flatMap { answers($0, mock) }
        }
        throw .decisionLimit(decisionLimit)
    }

    /// A task that goes on after its request (`.sync`, `.waitForTaskToken`) is submitted before it ends.
    private static func answers(_ order: TaskOrder, _ mock: Mock) -> [Stimulus] {
        let submitted: [Stimulus] =
            order.resource.pattern == .requestResponse ? [] : [.taskSubmitted(order.task, output: [:])]
        switch mock(order) {
        case .success(let output): return submitted + [.taskSucceeded(order.task, output: output)]
        case .failure(let failure): return submitted + [.taskFailed(order.task, failure)]
        case nil: return submitted
        }
    }
}

/// Why a virtual run came to no end.
package enum VirtualRunError: Error, Equatable, Sendable {
    /// Tasks without an answer and without a timeout.
    case stuck(waitingFor: [TaskOrder])
    case decisionLimit(Int)
    case interpreter(InterpreterError)
}

extension VirtualRunError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .stuck(let orders):
            "the execution waits for ever: no mock answers "
                + orders.map { "'\($0.state)' (\($0.resource.text))" }.joined(separator: ", ")
        case .decisionLimit(let limit): "the execution did not end within \(limit) decisions"
        case .interpreter(let error): error.description
        }
    }
}

extension ExecutionIdentity {
    /// The identity of an execution that exists only in virtual time.
    package static func virtual(stateMachine: String = "virtual", startedAt: Instant) -> ExecutionIdentity {
        let account = "us-east-1:000000000000"
        return ExecutionIdentity(
            executionARN: "arn:aws:states:\(account):execution:\(stateMachine):run", executionName: "run",
            stateMachineARN: "arn:aws:states:\(account):stateMachine:\(stateMachine)", stateMachineName: stateMachine,
            roleARN: "arn:aws:iam::000000000000:role/virtual", startedAt: startedAt,
            taskToken: { "virtual-task-\($0)" })
    }
}
