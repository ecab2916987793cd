import Testing
import WallTime

@Suite struct InstantTests {
    @Test(
        arguments: [
            (Duration.zero, 0), (.milliseconds(1), 1), (.nanoseconds(1), 1), (.microseconds(999), 1),
            (.microseconds(1001), 2),
            (.seconds(1), 1000), (.seconds(1) + .nanoseconds(1), 1001), (.milliseconds(-1), -1), (.nanoseconds(-1), 0),
            (.microseconds(-1001), -1), (.microseconds(-1999), -1), (.seconds(-1), -1000),
            (.seconds(-1) - .nanoseconds(1), -1000),
            (Duration(secondsComponent: 0, attosecondsComponent: 1), 1), (.seconds(31_536_000_000), 31_536_000_000_000),
        ] as [(Duration, Int64)])
    func durationsAreRoundedUpToWholeMilliseconds(_ duration: Duration, _ milliseconds: Int64) {
        #expect(duration.wholeMilliseconds == milliseconds)
    }

    @Test(arguments: [
        (Duration.seconds(Int64.max), Int64.max), (.seconds(Int64.min), .min), (.seconds(Int64.max / 1000), .max - 807),
    ])
    func durationsTooLongForMillisecondsStopAtTheEnd(_ duration: Duration, _ milliseconds: Int64) {
        #expect(duration.wholeMilliseconds == milliseconds)
    }

    @Test func instantsMoveByDurations() {
        let instant = Instant(milliseconds: 1000)

        #expect(instant + .seconds(2) == Instant(milliseconds: 3000))
        #expect(instant + .microseconds(1) == Instant(milliseconds: 1001))
        #expect(instant - .seconds(2) == Instant(milliseconds: -1000))
        #expect(instant + .seconds(-2) == instant - .seconds(2))
        #expect(Instant(milliseconds: 5000) - instant == .seconds(4))
        #expect(instant - Instant(milliseconds: 5000) == .seconds(-4))
    }

    @Test func theFarFutureStaysThere() {
        #expect(Instant.distantFuture + .seconds(1) == .distantFuture)
        #expect(Instant(milliseconds: .min) - .seconds(1) == Instant(milliseconds: .min))
        #expect(Instant.distantFuture - Instant(milliseconds: -1) > .seconds(1))
        #expect(Instant(milliseconds: 0) < .distantFuture)
    }

    @Test func distantInstantsHaveATextToo() {
        #expect(Instant.distantFuture.iso8601 == "292278994-08-17T07:12:55.807Z")
        #expect(Instant(milliseconds: .min).iso8601 == "-292275055-05-16T16:47:04.192Z")
        #expect(Instant(milliseconds: -62_167_219_200_001).iso8601 == "-0001-12-31T23:59:59.999Z")
    }

    @Test func instantsAreOrderedByTime() {
        let instants = [-5, 0, 3, 9].map { Instant(milliseconds: $0) }

        #expect(instants.shuffled().sorted() == instants)
    }
}
