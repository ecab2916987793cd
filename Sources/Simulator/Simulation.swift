package import Foundation
import Interpreter
import TestKit
import WallTime

/// A whole system under faults, from one seed (`docs/testing.md`).
package enum Simulation {
    package struct Outcome: Sendable {
        package var seed: UInt64
        package var findings: [Finding]
        /// Two runs with the same digest did the same things at the same instants.
        package var digest: UInt64
        /// How often each kind of thing happened.
        package var counts: [String: Int]
        package var executions: Int
        package var steps: Int
        package var isOnSQLite: Bool
    }

    /// One seed in so many runs on a real database.
    package static let sqliteShare: UInt64 = 4

    /// Runs a seed and checks what is left of it.
    /// - Parameters:
    ///   - root: the repository, whose state machines and workflows are run.
    ///   - listener: is told every line of the trace.
    package static func run(
        seed: UInt64, root: URL, listener: (@Sendable (String) -> Void)? = nil
    ) async -> Outcome {
        let result = Guarded<Outcome?>(nil)
        // Every other seed keeps the order in which things became ready, which is what happens mostly.
        await SeededExecutor.run(seed: seed, disorder: [0, 10, 50, 100][Int(seed / 2 % 4)]) { executor in
            let outcome =
                seed % sqliteShare == 0
                ? outcome(seed, root, SQLiteMedium(), executor, listener)
                : outcome(seed, root, MemoryMedium(), executor, listener)
            result.withLock { $0 = outcome }
        }
        guard let outcome = result.withLock({ $0 }) else { preconditionFailure("the run has ended") }
        return outcome
    }

    private static func outcome<Disk: Medium>(
        _ seed: UInt64, _ root: URL, _ disk: Disk, _ executor: SeededExecutor, _ listener: (@Sendable (String) -> Void)?
    ) -> Outcome {
        var outcome = Outcome(
            seed: seed, findings: [], digest: 0, counts: [:], executions: 0, steps: 0,
            isOnSQLite: disk is SQLiteMedium)
        var engines: [Remains] = []
        do {
            let world = try World(seed: seed, root: root, disk: disk, executor: executor, listener: listener)
            try play(world, &outcome, listener)
            engines = world.engines
        } catch {
            outcome.findings.append(Finding("the run comes to its end", "\(error)"))
        }
        do { try disk.discard() } catch { outcome.findings.append(Finding("the run cleans up", "\(error)")) }
        outcome.steps = executor.steps
        let left = engines.indices.filter { engines[$0].object != nil }.map { "\($0 + 1)" }
        if !left.isEmpty {
            let numbers = left.joined(separator: ", ")
            outcome.findings.append(
                Finding("a process leaves nothing in memory", "of \(engines.count), \(numbers) are still there"))
        }
        return outcome
    }

    private static func play<Disk: Medium>(
        _ world: World<Disk>, _ outcome: inout Outcome, _ listener: (@Sendable (String) -> Void)?
    ) throws {
        defer {
            outcome.digest = world.log.digest
            outcome.counts = world.log.counts
        }
        try world.boot(afterCrash: false)
        world.startWorkers()
        for user in world.users where !world.purses.isInPool(user) {
            let (clients, change) = (world.clients, world.change())
            Task { await clients.limit(user, change) }
        }
        try world.rage(for: world.random.roll(900...7200))
        try world.calmDown()
        let unfinished = try world.comeToRest()
        outcome.findings += unfinished.map { Finding("everything comes to rest", $0) }
        try world.close()
        let record = try world.collect()
        outcome.executions = record.executions.count
        outcome.findings += Checkers.all.flatMap { $0(record) }
        guard let listener else { return }
        for execution in record.executions where outcome.findings.contains(where: { $0.what.hasPrefix("\(execution)") })
        {
            for event in execution.history {
                listener("\(execution): \(event.id) \(event.at.iso8601) \(event.frame) \(event.kind)")
            }
        }
    }
}
