import Engine
import Interpreter
import JSONModel
import TestKit
import WallTime

/// The steps of random machines: they fail, hang and answer late, as dice of their own have it.
struct SimulatedSteps: Sendable {
    let log: RunLog
    let weather: Weather
    let clock: WallClock
    let dice: Guarded<SeededRandom>
    let isCalm: @Sendable () -> Bool

    func all<Transaction: ExecutionTransaction>() -> [String: Step<Transaction>] {
        [
            "touch": Step(perform: { try await perform("touch", $0, $1) }),
            "book": Step(record: { try record("book", $0, $1, $2, $3) }),
            "mixed": Step(
                perform: { try await perform("mixed", $0, $1) },
                record: { try record("mixed", $0, $1, $2, $3) }),
        ]
    }

    private func perform(_ step: String, _ context: TaskContext, _ input: JSONValue) async throws -> JSONValue {
        try weather.requireLife()
        log.called(step, context)
        let (fate, pause) = dice.withLock { ($0.roll(0...99), $0.roll(0...4000)) }
        // A step that hangs is ended by its timeout, or comes too late.
        let milliseconds = fate < 4 && !isCalm() ? 900_000 : Int64(pause)
        if fate.isMultiple(of: 3) { await context.heartbeat() }
        if !fate.isMultiple(of: 5) { try await clock.sleepUntil(clock.now() + .milliseconds(milliseconds)) }
        try weather.requireLife()
        if fate >= 86 { throw TaskFailure(error: "Sim.Flaky", cause: "as the seed has it") }
        if fate >= 82 { throw TaskFailure(error: "Sim.LostAnswer", cause: "it was done, and the answer was lost") }
        return ["n": input["n"] ?? 0]
    }

    /// Writes a row, and then fails in some cases: what was written has to be gone.
    private func record<Transaction: ExecutionTransaction>(
        _ step: String, _ work: Work<Transaction>, _ context: TaskContext, _: JSONValue, _: JSONValue
    ) throws -> JSONValue {
        let subject = "\(context.execution.rawValue)/\(context.task)"
        try work.transaction.appendAudit(
            AuditEntry(
                at: work.now, actor: "simulation", action: RunRecord.recordedAction, subject: subject,
                detail: ["step": .string(step), "key": .string(context.idempotencyKey)]))
        // The same whenever the transaction is tried again.
        if context.task % 7 == 3, context.retryCount == 0 {
            throw TaskFailure(error: "Sim.Flaky", cause: "after it was written")
        }
        return ["recorded": .string(subject)]
    }
}
