import Testing
import WallTime

@testable import workflowd

@Suite struct ClockLeapTests {
    private let start = Instant(milliseconds: 1_795_824_000_000)
    private let second: UInt64 = 1_000_000_000

    @Test func timeThatGoesByIsNoLeap() {
        var leaps = ClockLeap(wall: start, ticks: 7)
        #expect(leaps.look(wall: start, ticks: 7) == nil)
        // A month of hours, and a clock that is mended by a minute now and then.
        for hour in 1...720 {
            let wall = start + .seconds(hour * 3600 + hour % 2 * 60)
            #expect(leaps.look(wall: wall, ticks: 7 + UInt64(hour) * 3600 * second) == nil)
        }
    }

    @Test func aClockThatGetsAheadLeapsOnceAndIsThenBelieved() {
        var leaps = ClockLeap(wall: start, ticks: 0)
        let ahead = start + .seconds(10 * 365 * 86_400)
        #expect(leaps.look(wall: ahead, ticks: 3 * second) == .seconds(10 * 365 * 86_400 - 3))
        #expect(leaps.look(wall: ahead + .seconds(3600), ticks: 3603 * second) == nil)
        // Set back, and set right.
        #expect(leaps.look(wall: start, ticks: 3604 * second) == nil)
    }

    /// A start has only what was recorded last to go by.
    @Test func aStartLongAfterTheNewestRecordLeaps() {
        var leaps = ClockLeap(wall: start, ticks: 50)
        #expect(leaps.look(wall: start + .seconds(2 * 86_400), ticks: 50) == .seconds(2 * 86_400))
        var soon = ClockLeap(wall: start, ticks: 50)
        #expect(soon.look(wall: start + .seconds(86_400), ticks: 50) == nil)
    }
}
