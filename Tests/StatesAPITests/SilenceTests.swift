import Testing

@testable import StatesAPI

@Suite struct SilenceTests {
    /// The look at which it has been too long, among as many as `written` and `waiting` tell of.
    private static func end(written: [Int], waiting: [Int], isBusy: [Bool]) -> Int? {
        var silence = Silence()
        return written.indices.first { index in
            silence.look(written: written[index], waiting: waiting[index], isBusy: isBusy[index])
        }
    }

    @Test func aConnectionAtRestEnds() {
        #expect(Self.end(written: [0, 0, 0, 0], waiting: [0, 0, 0, 0], isBusy: [false, false, false, false]) == 3)
        // After an answer that was given between two looks.
        #expect(
            Self.end(
                written: [0, 0, 0, 9, 9, 9, 9, 9], waiting: Array(repeating: 0, count: 8),
                isBusy: Array(repeating: false, count: 8)) == 7)
    }

    @Test func anAnswerThatIsBeingMadeTakesItsTime() {
        let isBusy = Array(repeating: true, count: 20) + Array(repeating: false, count: 4)
        let none = Array(repeating: 0, count: 24)
        #expect(Self.end(written: none, waiting: none, isBusy: isBusy) == 23)
    }

    @Test func aClientThatReadsSlowlyIsNotSilent() {
        let waiting = (1...40).map { 41 - $0 }
        #expect(
            Self.end(
                written: Array(repeating: 50, count: 40), waiting: waiting,
                isBusy: Array(repeating: false, count: 40)) == nil)
        // As much comes as goes.
        #expect(
            Self.end(
                written: Array(100..<140), waiting: Array(repeating: 50, count: 40),
                isBusy: Array(repeating: true, count: 40)) == nil)
    }

    @Test func aClientThatReadsNothingIsSilentWhateverItAsks() {
        // The first look at what waits begins the time.
        let written = [0, 0, 0, 60, 70, 80, 90, 90, 90]
        let waiting = [0, 0, 0, 50, 60, 70, 80, 80, 80]
        #expect(Self.end(written: written, waiting: waiting, isBusy: Array(repeating: true, count: 9)) == 7)
    }

    @Test func whatBeginsToWaitAfterARestHasNotWaitedLong() {
        let written = [0, 0, 0, 50, 50, 50, 50, 50]
        let waiting = [0, 0, 0, 50, 50, 50, 50, 50]
        #expect(Self.end(written: written, waiting: waiting, isBusy: Array(repeating: false, count: 8)) == 7)
    }
}
