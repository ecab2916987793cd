package import Interpreter
package import JSONModel
package import Logging
package import StatesLanguage
package import WallTime

/// Runs executions.
package final class Engine<Store: ExecutionStore>: Sendable {
    package typealias Redriver = @Sendable (Work<Store.Transaction>, DeadLetter) throws -> Void

    package let options: EngineOptions

    package init(
        store: Store, clock: WallClock, steps: [String: Step<Store.Transaction>],
        resources: [any ResourceHandler] = [], redrivers: [DeadLetterKind: Redriver] = [:],
        options: EngineOptions = EngineOptions(), seed: UInt64,
        faults: @escaping @Sendable (FaultPoint) -> Void = { _ in }, logger: Logger
    ) {
        self.options = options
    }

    /// Recovers, then runs timers, schedules and redrives until the task is cancelled or `drain` was called.
    package func run() async throws { pending() }
    package func drain(deadline: Duration) async { pending() }
    package func transact<Result: Sendable>(
        _ body: @escaping @Sendable (Work<Store.Transaction>) throws -> Result
    ) async throws -> Result { pending() }
    package func read<Result: Sendable>(
        _ body: @escaping @Sendable (Store.Transaction) throws -> Result
    ) async throws -> Result { pending() }

    package func applyStateMachine(
        name: String, source: String, file: String? = nil
    ) async throws -> StateMachineVersion { pending() }
    package func applyWorkflows(_ workflows: [Workflow]) async throws { pending() }
    package var workflows: [Workflow] { pending() }

    package func startExecution(
        stateMachine: String, name: String?, input: JSONValue, workflow: String? = nil
    ) async throws -> ExecutionRecord { pending() }
    /// Starts a workflow by hand: its state machine, its deadline, its dead-letter policy.
    package func startWorkflow(_ workflow: String, name: String? = nil, input: JSONValue) async throws
        -> ExecutionRecord
    { pending() }
    package func stopExecution(
        _ id: ExecutionID, error: String? = nil, cause: String? = nil
    ) async throws -> ExecutionRecord { pending() }
    package func redriveExecution(_ id: ExecutionID) async throws -> ExecutionRecord { pending() }
    package func execution(_ id: ExecutionID) async throws -> ExecutionRecord { pending() }
    package func execution(named name: String, of stateMachine: String) async throws -> ExecutionRecord { pending() }
    package func executions(_ query: ExecutionQuery) async throws -> ExecutionPage { pending() }
    package func history(_ id: ExecutionID) async throws -> [HistoryEvent] { pending() }
    package func state(_ id: ExecutionID) async throws -> ExecutionState { pending() }
    package func explain(_ id: ExecutionID) async throws -> Explanation { pending() }
    package func completeTask(
        token: String, _ result: Result<JSONValue, TaskFailure>
    ) async throws { pending() }
    package func heartbeatTask(token: String) async throws { pending() }
    package func waitUntilFinished(_ id: ExecutionID, deadline: Instant) async throws -> ExecutionRecord { pending() }

    package func schedules() async throws -> [ScheduleStatus] { pending() }
    package func pauseSchedule(_ workflow: String, reason: String? = nil) async throws { pending() }
    package func resumeSchedule(_ workflow: String) async throws { pending() }
    package func triggerSchedule(_ workflow: String) async throws -> ExecutionRecord { pending() }

    package func redriveDeadLetter(_ id: DeadLetterID) async throws { pending() }
    package func discardDeadLetter(_ id: DeadLetterID, reason: String) async throws { pending() }
}

func pending() -> Never { fatalError("not yet written") }
