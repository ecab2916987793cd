import TestKit
import Testing
import WallTime

@Suite struct WallClockTests {
    @Test func theSystemClockGoesForward() {
        let clock = WallClock.system
        let (now, ticks) = (clock.now(), clock.monotonicNanoseconds())

        #expect(now > Instant(iso8601: "2026-01-01T00:00:00Z")!)
        #expect(clock.now() >= now - .seconds(1))
        #expect(clock.monotonicNanoseconds() >= ticks)
    }

    @Test func sleepingUntilAPastInstantReturnsAtOnce() async throws {
        try await WallClock.system.sleepUntil(Instant(milliseconds: 0))
    }

    @Test func sleepingEndsWhenTheTaskIsCancelled() async {
        let sleeper = Task { try await WallClock.system.sleepUntil(.distantFuture) }
        sleeper.cancel()

        await #expect(throws: CancellationError.self) { try await sleeper.value }
    }

    /// Of the clock that the tests are given: who goes to sleep while it is moved is not left behind.
    @Test func aMoveLeavesNobodyAsleep() async throws {
        let clock = VirtualClock()
        let end = clock.now + .seconds(20)
        let sleepers = (0..<4).map { _ in
            Task {
                while clock.now < end { try await clock.wallClock.sleepUntil(min(clock.now + .milliseconds(1), end)) }
            }
        }
        var leftBehind = 0
        while clock.now < end {
            clock.advance(by: .milliseconds(2))
            if let wake = clock.nextWake, wake <= clock.now { leftBehind += 1 }
        }
        clock.advance(by: .milliseconds(2))
        #expect(leftBehind == 0)
        for sleeper in sleepers { try await sleeper.value }
    }

    // MARK: Pauses

    /// As the machine's clock: no sleep is longer than a minute.
    private static func restless(_ clock: VirtualClock) -> WallClock {
        let whole = clock.wallClock
        return WallClock(
            now: whole.now, monotonicNanoseconds: whole.monotonicNanoseconds,
            sleepUntil: { try await whole.sleepUntil(min($0, whole.now() + .seconds(60))) })
    }

    /// Moves the clock from sleep to sleep until the pause has ended, and returns how long it took.
    private static func length(_ pause: Duration, _ meanwhile: (VirtualClock, Int) -> Void = { _, _ in }) async throws
        -> (taken: Duration, sleeps: Int)
    {
        let clock = VirtualClock()
        let (start, hasEnded) = (clock.wallClock.monotonicNanoseconds(), Guarded(false))
        let waiting = Task {
            defer { hasEnded.withLock { $0 = true } }
            try await restless(clock).pause(for: pause)
        }
        var sleeps = 0
        while true {
            try await eventually { hasEnded.withLock { $0 } || clock.nextWake != nil }
            guard let next = clock.nextWake else { break }
            sleeps += 1
            clock.advance(to: next)
            meanwhile(clock, sleeps)
        }
        try await waiting.value
        return (.nanoseconds(Int64(clock.wallClock.monotonicNanoseconds() - start)), sleeps)
    }

    @Test(arguments: [(Duration.zero, 0), (.milliseconds(1), 1), (.seconds(60), 1), (.seconds(86_400), 1440)])
    func aPauseLastsAsLongAsItIsSaidHoweverShortTheSleeps(_ pause: Duration, _ sleeps: Int) async throws {
        let (taken, slept) = try await Self.length(pause)
        #expect(taken == pause)
        #expect(slept == sleeps)
    }

    @Test func aClockSetBackDoesNotMakeItLonger() async throws {
        let (taken, _) = try await Self.length(.seconds(3600)) { clock, sleeps in
            if sleeps == 10 { clock.jump(to: clock.now - .seconds(86_400)) }
        }
        #expect(taken == .seconds(3600))
    }

    @Test func aClockSetForwardEndsIt() async throws {
        let (taken, sleeps) = try await Self.length(.seconds(3600)) { clock, sleeps in
            if sleeps == 10 { clock.jump(to: clock.now + .seconds(86_400)) }
        }
        #expect(taken == .seconds(600))
        #expect(sleeps == 10)
    }

    @Test func aCancelledTaskWaitsNoLonger() async throws {
        let clock = VirtualClock()
        let waiting = Task { try await Self.restless(clock).pause(for: .seconds(3600)) }
        try await eventually { clock.nextWake != nil }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }
}
