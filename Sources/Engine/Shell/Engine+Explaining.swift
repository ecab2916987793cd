package import Interpreter
import WallTime

extension Engine {
    /// Says in words what an execution waits for, or why it failed.
    /// - Throws: `EngineError.noSuchExecution`, `EngineError.unreadableHistory`.
    package func explain(_ id: ExecutionID) async throws -> Explanation {
        let (core, now) = (core, clock.now())
        return try await store.read { transaction in
            let execution = try core.load(id, in: transaction)
            var history: [HistoryEvent] = []
            if case .failed = execution.state.outcome, let record = try transaction.execution(id) {
                history = try core.history(of: record, in: transaction)
            }
            return execution.state.explanation(execution.facts.machine, now: now, history: history) {
                core.isUnderWay($0, isSubmitted: false)
            }
        }
    }
}
