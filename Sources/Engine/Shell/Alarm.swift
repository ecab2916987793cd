package import WallTime

/// What the timers sleep by: until an instant, or until something earlier turns up.
package final class Alarm: Sendable {
    fileprivate struct State {
        /// The earliest instant that was noted since the last sleep began.
        var noted: Instant?
        var target: Instant?
        var sleeper: CheckedContinuation<Void, Never>?
        var isRung = false
    }

    private let state = LockedBox(State())

    package init() {}

    /// Something is due then: a sleep that would last longer ends now.
    func note(_ due: Instant) {
        let sleeper: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard let target = state.target else {
                state.noted = min(state.noted ?? due, due)
                return nil
            }
            return due < target ? state.wake() : nil
        }
        sleeper?.resume()
    }

    /// Ends the sleep, or keeps the next one from beginning.
    package func ring() {
        let sleeper = state.withLock { state in
            state.isRung = state.sleeper == nil
            return state.wake()
        }
        sleeper?.resume()
    }

    /// Returns at the instant, or earlier when the alarm is rung or the task is cancelled. Until the distant future it
    /// sleeps without a timer.
    package func sleep(until due: Instant, clock: WallClock) async {
        let target: Instant? = state.withLock { state in
            let target = min(due, state.noted ?? due)
            state.noted = nil
            state.target = target
            return state.isRung ? nil : target
        }
        guard let target, target > clock.now() else { return finish() }
        let timer =
            target == .distantFuture
            ? nil
            : Task {
                do { try await clock.sleepUntil(target) } catch { return }
                self.ring()
            }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard !state.isRung, state.target != nil else { return true }
                    state.sleeper = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            self.ring()
        }
        timer?.cancel()
        finish()
    }

    private func finish() {
        state.withLock { state in
            state.target = nil
            state.isRung = false
        }
    }
}

extension Alarm.State {
    fileprivate mutating func wake() -> CheckedContinuation<Void, Never>? {
        defer {
            sleeper = nil
            target = nil
        }
        return sleeper
    }
}
