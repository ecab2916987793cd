import Foundation
package import WallTime

/// A clock that moves only when it is told to. Sleepers wake in the order of their instants.
package final class VirtualClock: Sendable {
    private let state: Guarded<State>

    fileprivate struct Sleeper {
        var due: Instant
        var number: UInt64
        var continuation: CheckedContinuation<Void, any Error>
    }

    fileprivate struct State {
        var now: Instant
        var monotonic: UInt64 = 0
        var sleepers: [Sleeper] = []
        var cancelled: Set<UInt64> = []
        var nextNumber: UInt64 = 0
    }

    /// 2026-11-20T10:00:00Z unless said otherwise.
    package init(at start: Instant = Instant(milliseconds: 1_795_168_800_000)) {
        state = Guarded(State(now: start))
    }

    package var now: Instant { state.withLock(\.now) }

    /// What an engine is given.
    package var wallClock: WallClock {
        WallClock(
            now: { self.now },
            monotonicNanoseconds: { self.state.withLock(\.monotonic) },
            sleepUntil: { try await self.sleep(until: $0) })
    }

    /// The instant at which the next sleeper wakes; nil when nobody sleeps.
    package var nextWake: Instant? { state.withLock { $0.sleepers.map(\.due).min() } }

    package func advance(by duration: Duration) { advance(to: now + duration) }

    /// Moves to `target`, stopping at each sleeper's instant on the way. Never moves backwards.
    package func advance(to target: Instant) {
        while let continuation = takeSleeper(orMoveTo: target) { continuation.resume() }
    }

    /// Sets the wall clock, also backwards, without the monotonic one: a jump. Everyone asleep wakes and looks again.
    package func jump(to target: Instant) {
        let sleepers = state.withLock { state in
            state.now = target
            defer { state.sleepers = [] }
            return state.sleepers.sorted { $0.number < $1.number }
        }
        for sleeper in sleepers { sleeper.continuation.resume() }
    }

    /// In one step: who went to sleep between the last look and the move would be left behind, asleep for good.
    private func takeSleeper(orMoveTo target: Instant) -> CheckedContinuation<Void, any Error>? {
        state.withLock { state in
            let candidates = state.sleepers.indices.filter { state.sleepers[$0].due <= target }
            let first = candidates.min {
                let (left, right) = (state.sleepers[$0], state.sleepers[$1])
                return (left.due, left.number) < (right.due, right.number)
            }
            guard let first else {
                state.move(to: target)
                return nil
            }
            let sleeper = state.sleepers.remove(at: first)
            state.move(to: sleeper.due)
            return sleeper.continuation
        }
    }

    private func sleep(until due: Instant) async throws {
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    if state.cancelled.remove(number) != nil { return .failure(CancellationError()) }
                    if due <= state.now { return .success(()) }
                    state.sleepers.append(Sleeper(due: due, number: number, continuation: continuation))
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let sleeper = state.withLock { state -> Sleeper? in
                if let place = state.sleepers.firstIndex(where: { $0.number == number }) {
                    return state.sleepers.remove(at: place)
                }
                // Either it has not gone to sleep yet, or it has been woken: then the mark is left over, harmlessly,
                // since a number is never used again.
                state.cancelled.insert(number)
                return nil
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }
}

extension VirtualClock.State {
    fileprivate mutating func move(to instant: Instant) {
        guard instant > now else { return }
        monotonic += UInt64(instant.milliseconds - now.milliseconds) * 1_000_000
        now = instant
    }
}
