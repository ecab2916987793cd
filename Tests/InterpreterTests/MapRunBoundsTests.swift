import Interpreter
import JSONModel
import StatesLanguage
import Testing

/// What bounds a Map Run changes while it is under way (AWS, `UpdateMapRun`).
@Suite struct MapRunBoundsTests {
    private static func mapRun(of play: Play) throws -> MapRun {
        try #require(
            play.history.lazy.compactMap { event in
                if case .mapRunStarted(let arn) = event.kind { MapRun(arn: arn) } else { nil }
            }.first)
    }

    @Test func moreConcurrencyStartsMoreAtOnce() throws {
        var play = try Play(DistributedMapTests.machine("MaxConcurrency: 1"))
        try play.begin("[1,2,3,4]")
        #expect(play.state.openTasks.count == 1)

        let run = try Self.mapRun(of: play)
        let shown = play.shown
        try play.give(.mapRunUpdated(run, MapRunBounds(maxConcurrency: 3)))
        #expect(play.state.openTasks.count == 3)
        #expect(play.shown == shown, "it is no event of the history that AWS shows")

        try play.give(.mapRunUpdated(run, MapRunBounds(maxConcurrency: 1)))
        try play.succeed()
        #expect(play.state.openTasks.count == 2, "what has started goes on, nothing more starts")
        for _ in 0..<3 { try play.succeed() }
        #expect(play.output?.arrayValue?.count == 4)
    }

    @Test func theFailuresSoFarCanBecomeTooMany() throws {
        var play = try Play(DistributedMapTests.machine("ToleratedFailureCount: 3"))
        try play.begin("[1,2,3,4]")
        try play.fail("Odd")
        #expect(play.state.outcome == nil)

        try play.give(.mapRunUpdated(Self.mapRun(of: play), MapRunBounds(toleratedFailureCount: 0)))
        #expect(play.failure?.error == "States.ExceedToleratedFailureThreshold")
    }

    @Test func moreFailuresCanBeTolerated() throws {
        var play = try Play(DistributedMapTests.machine(""))
        try play.begin("[1,2,3,4]")
        try play.give(.mapRunUpdated(Self.mapRun(of: play), MapRunBounds(toleratedFailurePercentage: 50)))
        try play.fail("Odd")
        #expect(play.state.outcome == nil)
        for _ in 0..<3 { try play.succeed("1") }
        #expect(play.output == [1, 1, 1])
    }

    @Test func itemsThatAreStillBeingReadAreBoundedLater() throws {
        var play = try Play(DistributedMapTests.machine(DistributedMapTests.reader))
        try play.begin(#"{"key":"k","most":"9"}"#)
        try play.give(.mapRunUpdated(Self.mapRun(of: play), MapRunBounds(maxConcurrency: 2)))
        try play.succeed("[1,2,3,4]")
        #expect(play.state.openTasks.count == 2)
    }

    @Test func aMapRunThatHasEndedIsRefused() throws {
        var play = try Play(DistributedMapTests.machine("", states: DistributedMapTests.pass))
        try play.begin("[1]")
        let run = try Self.mapRun(of: play)
        #expect(throws: InterpreterError.alreadyEnded) {
            try play.give(.mapRunUpdated(run, MapRunBounds(maxConcurrency: 2)))
        }
        var other = try Play(DistributedMapTests.machine(""))
        try other.begin("[1]")
        let unknown = MapRun(arn: run.arn + "x")
        #expect(throws: InterpreterError.mapRunNotOpen(unknown.arn)) {
            try other.give(.mapRunUpdated(unknown, MapRunBounds(maxConcurrency: 2)))
        }
    }
}
