package import Engine
import TestKit
package import WallTime

/// Any store, under a `Weather`: commits fail, are lost, are kept without anybody hearing of it, or take their time.
///
/// A call on the real store is one step of the run: this thread stands still meanwhile. Before and after it others may
/// have their turn.
package final class FaultyStore<Base: ExecutionStore>: ExecutionStore {
    package typealias Transaction = Base.Transaction

    package let base: Base
    private let weather: Weather
    private let clock: WallClock
    /// Whether the store answers on the thread that asks.
    private let isSynchronous: Bool

    package init(_ base: Base, weather: Weather, clock: WallClock) {
        self.base = base
        self.weather = weather
        self.clock = clock
        isSynchronous = base is MemoryStore
    }

    package func write<Result: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        try await commit(body) { try await $0.write(body) }
    }

    package func writeSmall<Result: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        try await commit(body) { try await $0.writeSmall(body) }
    }

    private func commit<Result: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Result,
        through write: @escaping @Sendable (Base) async throws -> Result
    ) async throws -> Result {
        await Task.yield()
        try weather.requireLife()
        if case .slow(let milliseconds) = weather.disk {
            // Cancelled or not: a disk heeds nobody.
            do { try await clock.sleepUntil(clock.now() + .milliseconds(milliseconds)) } catch {}
            try weather.requireLife()
        }
        let result: Result
        switch weather.verdict() {
        case .commit: result = try await direct(write)
        case .fail(let error): throw try await refused(error, body)
        case .dieBefore:
            weather.die()
            throw try await refused(.unavailable("the process died before the commit"), body)
        case .dieAfter:
            _ = try await direct(write)
            weather.die()
            throw StoreError.unavailable("the process died after the commit")
        }
        await Task.yield()
        try weather.requireLife()
        return result
    }

    package func read<Result: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        await Task.yield()
        try weather.requireReading()
        let result = try await direct { try await $0.read(body) }
        await Task.yield()
        return result
    }

    /// Runs the body, as a real store does, and keeps nothing of it.
    private func refused<Result: Sendable>(
        _ error: StoreError, _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> StoreError {
        do {
            let _: Result = try await direct { base in
                try await base.write { transaction in
                    _ = try body(transaction)
                    throw error
                }
            }
        } catch let refused as StoreError { return refused }
        return error
    }

    private func direct<Result: Sendable>(
        _ work: @escaping @Sendable (Base) async throws -> Result
    ) async throws -> Result {
        if isSynchronous { return try await work(base) }
        return try Self.blocking(base, work)
    }

    private static func blocking<Result: Sendable>(
        _ base: Base, _ work: @escaping @Sendable (Base) async throws -> Result
    ) throws -> Result {
        try SeededExecutor.blocking { try await work(base) }
    }
}
