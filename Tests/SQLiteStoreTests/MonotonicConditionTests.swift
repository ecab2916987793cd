import Testing
import WallTime

@testable import SQLiteStore

@Suite struct MonotonicConditionTests {
    @Test func aWaitEndsAtItsLimitOnTheClockThatIntervalsAreMeasuredBy() {
        let condition = MonotonicCondition()
        let clock = WallClock.system
        let begun = clock.monotonicNanoseconds()
        condition.lock()
        // It may also end without a signal before.
        while condition.wait(until: begun + 20_000_000) {}
        condition.unlock()
        let taken = clock.monotonicNanoseconds() - begun
        #expect(taken >= 20_000_000)
        #expect(taken < 60_000_000_000)
    }
}
