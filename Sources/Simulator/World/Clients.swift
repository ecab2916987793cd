import BedrockUsage
import Budgets
import Engine
import Enforcement
import Interpreter
import JSONModel
import TestKit
import WallTime

/// Those outside who talk to whichever process lives: they wait while there is none, and ask again when an answer was
/// lost.
struct Clients<Store: ExecutionStore>: Sendable where Store.Transaction: BudgetLedger {
    let around: Surroundings
    let current: Guarded<SimulatedProcess<Store>?>

    func pause(_ milliseconds: Int) async {
        // Nobody cancels a client; a jump of the clock only wakes it early.
        do { try await around.clock.wallClock.sleepUntil(around.clock.now + .milliseconds(Int64(milliseconds))) } catch
        {}
    }

    func roll(_ range: ClosedRange<Int>) -> Int { around.dice.withLock { $0.roll(range) } }

    /// Asks until it is answered, or gives up.
    func ask(
        _ what: String, attempts: Int, _ body: @Sendable (SimulatedProcess<Store>) async throws -> Void
    ) async {
        for _ in 0..<attempts {
            if let process = current.withLock({ $0 }) {
                do {
                    try await body(process)
                    return around.log.trace("answered \(what)")
                } catch {
                    around.log.trace("refused \(what): \(Self.kind(of: error))")
                }
            }
            await pause(roll(500...60_000))
        }
        around.log.trace("gave-up \(what)")
    }

    /// Without what differs from run to run, such as paths.
    private static func kind(of error: any Error) -> String {
        String("\(error)".prefix { $0 != "(" && $0 != "/" && $0 != "'" })
    }

    func start(_ machine: String, _ name: String, _ input: JSONValue) async {
        around.log.asked(machine, name)
        await ask("start \(machine)/\(name)", attempts: roll(1...20)) { process in
            let record: ExecutionRecord
            do {
                record = try await process.engine.startExecution(stateMachine: machine, name: name, input: input)
            } catch EngineError.executionExists {
                // An earlier answer was lost.
                record = try await process.engine.execution(named: name, of: machine)
            }
            around.log.acknowledged(machine, name, record.id)
        }
    }

    /// Publishes an event that starts the workflow `orders`, by which the execution is named.
    func publish(_ id: String, _ input: JSONValue) async {
        let event = BusEvent(
            id: id, source: "sim.orders", detailType: "Order Placed", at: around.clock.now, account: "1", region: "r",
            detail: input)
        around.log.asked("m0", "orders-\(id)")
        await ask("publish \(id)", attempts: roll(1...20)) { process in
            try await process.engine.transact { _ = try $0.publish(event) }
            let record = try await process.engine.execution(named: "orders-\(id)", of: "m0")
            around.log.acknowledged("m0", record.name, record.id)
        }
    }

    func stop(_ id: ExecutionID) async {
        await ask("stop \(id.rawValue)", attempts: 1) { process in
            _ = try await process.engine.stopExecution(id, error: "Sim.Stopped", cause: "by a client")
        }
    }

    func redrive(_ id: DeadLetterID) async {
        await ask("redrive letter \(id.rawValue)", attempts: 1) { try await $0.engine.redriveDeadLetter(id) }
    }

    func pauseSchedule(_ workflow: String) async {
        around.log.paused(workflow)
        await ask("pause \(workflow)", attempts: 3) { try await $0.engine.pauseSchedule(workflow) }
        await pause(roll(60_000...3_600_000))
        await ask("resume \(workflow)", attempts: 1000) { try await $0.engine.resumeSchedule(workflow) }
        around.log.resumed(workflow)
    }

    func trigger(_ workflow: String) async {
        await ask("trigger \(workflow)", attempts: 1) { _ = try await $0.engine.triggerSchedule(workflow) }
    }
}
