import Engine
import JSONModel
import Testing
import WallTime

@Suite struct DurationTextTests {
    @Test(
        arguments: [
            ("30s", .seconds(30)), ("5m", .seconds(300)), ("1h30m", .seconds(5400)), ("2d", .seconds(172_800)),
            ("1w", .seconds(604_800)), ("500ms", .milliseconds(500)), ("1h 30m", .seconds(5400)), ("45", .seconds(45)),
            ("0s", .zero), ("0", .zero),
        ] as [(String, Duration)])
    func readsWhatPeopleWrite(_ text: String, _ duration: Duration) {
        #expect(DurationText.parse(text) == duration)
    }

    @Test(arguments: ["", "-5m", "5", "m", "5x", "five", "1.5h", "5m-", "99999999999999999999s", "9999999999w", " "])
    func refusesTheRest(_ text: String) {
        #expect(DurationText.parse(text) == (text == "5" ? .seconds(5) : nil))
    }

    @Test func readsNumbersOfSeconds() {
        #expect(DurationText.parse(JSONValue.int(90)) == .seconds(90))
        #expect(DurationText.parse(JSONValue.double(0.5)) == .milliseconds(500))
        #expect(DurationText.parse(JSONValue.int(-1)) == nil)
        #expect(DurationText.parse(JSONValue.double(.infinity)) == nil)
        #expect(DurationText.parse(JSONValue.bool(true)) == nil)
    }

    @Test(arguments: ["1h30m", "2d", "45s", "500ms", "1d1h1m1s1ms", "0s"])
    func writesWhatItReads(_ text: String) throws {
        #expect(DurationText.write(try #require(DurationText.parse(text))) == text)
    }
}
