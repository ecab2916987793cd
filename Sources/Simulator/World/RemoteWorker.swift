import Engine
import Enforcement
import Interpreter
import JSONModel
import TestKit
import WallTime

/// A worker on another machine: it polls an activity, and reports; or reports twice, too late, or never.
struct RemoteWorker<Store: ExecutionStore>: Sendable where Store.Transaction: BudgetLedger {
    let name: String
    let activity: String
    let around: Surroundings
    let current: Guarded<SimulatedProcess<Store>?>

    /// Works until the run ends.
    func work() async {
        while !Task.isCancelled {
            guard let process = current.withLock({ $0 }) else {
                await pause(10_000)
                continue
            }
            do {
                let deadline = around.clock.now + .seconds(60)
                if let task = try await process.engine.nextActivityTask(activity, worker: name, deadline: deadline) {
                    await serve(task)
                }
            } catch {
                // The process drains or dies, or its disk fails: whichever lives then is asked.
                await pause(5000)
            }
        }
    }

    private func pause(_ milliseconds: Int) async {
        // Cancelled, it ends at its next look.
        do { try await around.clock.wallClock.sleepUntil(around.clock.now + .milliseconds(Int64(milliseconds))) } catch
        {}
    }

    private func serve(_ task: ActivityAssignment) async {
        around.log.trace("handed \(activity) to \(name)")
        around.log.handedOut(task.token)
        let (fate, rounds) = around.dice.withLock { ($0.roll(0...99), $0.roll(0...12)) }
        if fate < 8, !around.isCalm() { return around.log.trace("vanished \(name)") }
        for _ in 0..<rounds {
            await pause(around.dice.withLock { $0.roll(100...15_000) })
            if fate.isMultiple(of: 2) {
                await tell("heartbeat") { try await $0.engine.heartbeatTask(token: task.token) }
            }
        }
        let result: Result<JSONValue, TaskFailure> =
            fate > 88 ? .failure(TaskFailure(error: "Sim.Flaky", cause: "a worker's")) : .success(["by": .string(name)])
        for _ in 0..<(fate.isMultiple(of: 5) ? 2 : 1) {
            await tell("report") { try await $0.engine.completeTask(token: task.token, result) }
        }
    }

    /// Tells whichever process lives, and again when that fails.
    private func tell(_ what: String, _ body: @Sendable (SimulatedProcess<Store>) async throws -> Void) async {
        for _ in 0..<10 {
            if let process = current.withLock({ $0 }) {
                do {
                    try await body(process)
                    return around.log.trace("took \(what) of \(name)")
                } catch EngineError.taskGone {
                    return around.log.trace("too-late \(what) of \(name)")
                } catch {}  // The process is dying, or its disk fails.
            }
            await pause(7000)
        }
    }
}
