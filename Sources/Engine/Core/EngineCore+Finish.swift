import Interpreter
import JSONModel
import WallTime

extension EngineCore {
    /// The execution has ended: its row, its dead letter, and whatever waited for its end.
    /// - Returns: the row as it is from now on.
    func finish(
        _ execution: LoadedExecution, _ outcome: Outcome, at now: Instant, in work: Work<Transaction>
    ) throws -> ExecutionRecord {
        let (status, error, cause) = Self.describe(outcome)
        let id = execution.id
        try work.transaction.finishExecution(id, status: status, at: now, error: error, cause: cause)
        switch outcome {
        case .succeeded:
            if execution.state.redriveCount > 0 { try closeLetters(of: id, countingAttempt: false, in: work) }
        case .failed(let failure), .timedOut(let failure): try writeLetter(of: execution, failure, at: now, in: work)
        case .aborted: break
        }
        if let workflow = execution.facts.workflow.flatMap(workflow(named:)), workflow.schedule != nil {
            try startBuffered(workflow, in: work)
        }
        return ExecutionRecord(
            id: id, stateMachine: execution.facts.stateMachine, version: execution.facts.version,
            name: execution.facts.name, workflow: execution.facts.workflow, status: status,
            startedAt: execution.facts.identity.startedAt, stoppedAt: now, error: error, cause: cause,
            redriveCount: execution.state.redriveCount, qualifier: execution.facts.qualifier)
    }

    private static func describe(_ outcome: Outcome) -> (ExecutionStatus, String?, String?) {
        switch outcome {
        case .succeeded: (.succeeded, nil, nil)
        case .failed(let failure): (.failed, failure.error, failure.cause)
        case .timedOut(let failure): (.timedOut, failure.error, failure.cause)
        case .aborted(let error, let cause): (.aborted, error, cause)
        }
    }

    /// One letter for each time that the execution failed for good; the attempts go on counting from the last one.
    private func writeLetter(
        of execution: LoadedExecution, _ failure: TaskFailure, at now: Instant, in work: Work<Transaction>
    ) throws {
        let policy = execution.facts.workflow.flatMap(workflow(named:))?.deadLetter ?? DeadLetterPolicy()
        let attempts = execution.state.redriveCount
        let nextRedrive = policy.redrive(after: attempts).map { now + $0 }
        let letter = NewDeadLetter(
            kind: .execution, subject: execution.facts.name, source: execution.facts.stateMachine,
            error: failure.error, cause: failure.cause, payload: execution.state.input.jsonBytes,
            execution: execution.id, at: now, nextRedrive: nextRedrive)
        let id = try work.transaction.insertDeadLetter(letter)
        if attempts > 0 {
            try work.transaction.setDeadLetter(
                id, status: .open, attempts: attempts, nextRedrive: nextRedrive, at: now)
        }
        if let nextRedrive { work.effects.append(.letterDueAt(nextRedrive)) }
    }

    /// The execution's open letters have been answered by a redrive.
    /// - Returns: which they were.
    @discardableResult
    func closeLetters(
        of id: ExecutionID, countingAttempt: Bool, in work: Work<Transaction>
    ) throws -> [DeadLetterID] {
        let letters = try openLetters(of: id, in: work.transaction)
        for letter in letters {
            try work.transaction.setDeadLetter(
                letter.id, status: .redriven, attempts: letter.attempts + (countingAttempt ? 1 : 0), nextRedrive: nil,
                at: work.now)
        }
        return letters.map(\.id)
    }

    func openLetters(of id: ExecutionID, in transaction: Transaction) throws -> [DeadLetter] {
        try transaction.deadLetters(DeadLetterQuery(kind: .execution, status: .open, execution: id))
    }
}

extension DeadLetterPolicy {
    /// How long the next redrive waits after so many; nil when it is a person's turn.
    func redrive(after attempts: Int) -> Duration? {
        guard policy == .redrive, attempts < self.attempts else { return nil }
        let doublings = min(attempts, 40)
        let delay = backoff.wholeMilliseconds.multipliedReportingOverflow(by: 1 << Int64(doublings))
        return delay.overflow ? maxDelay : min(.milliseconds(delay.partialValue), maxDelay)
    }
}
