package import StatesLanguage
package import WallTime

/// The interpreter of the Amazon States Language: decides what follows from what the world tells an execution.
package enum Interpreter {
    /// What follows from one stimulus.
    ///
    /// Total and deterministic: the same arguments give the same decision. There is no clock and no randomness but the
    /// seed that the first event records. States without effects run on within one call until every branch waits for
    /// the world, or until one of the `limits`; then `state.nextDue` has passed already and `.wake` goes on.
    /// - Parameters:
    ///   - machine: the definition that the execution started with.
    ///   - state: where the execution stands; afterwards, where it stands then: the fold of its history with the
    ///     decision's events. Changed in place, so that a decision costs what happens in it and not what the execution
    ///     is made of: the caller must hold the only copy for that.
    ///   - now: UTC; no deadline is met before it.
    ///   - seed: for `.start` only.
    /// - Throws: `InterpreterError` when the stimulus does not fit the execution; then the state is as it was. Only
    ///   after `.illegal` and `.unknownState`, in which the interpreter contradicts itself or the definition, and after
    ///   `.tooMuchForTrial`, it is worth nothing: fold the history again.
    package static func advance(
        _ machine: StateMachine, _ state: inout ExecutionState, _ stimulus: Stimulus, now: Instant,
        identity: ExecutionIdentity, seed: UInt64, limits: DecisionLimits = .standard
    ) throws(InterpreterError) -> Decision {
        var advance = Advance(
            machine: machine, state: exchange(&state, with: .empty), now: now, identity: identity, limits: limits)
        defer { state = advance.takeState() }
        switch stimulus {
        case .start(let input): try advance.start(input: input, seed: seed)
        case .taskStarted(let task, let worker): try advance.taskStarted(task, worker: worker)
        case .taskSubmitted(let task, let output): try advance.taskSubmitted(task, output: output)
        case .taskSucceeded(let task, let output): try advance.taskSucceeded(task, output: output)
        case .taskFailed(let task, let failure): try advance.taskFailed(task, failure.shortened)
        case .taskHeartbeat(let task): try advance.taskHeartbeat(task)
        case .mapRunUpdated(let run, let bounds): try advance.mapRunUpdated(run, bounds)
        case .wake: try advance.wake()
        case .stop(let error, let cause): try advance.stop(error: error, cause: cause)
        case .redrive: try advance.redrive()
        }
        return try advance.decision()
    }
}
