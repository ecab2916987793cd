import Interpreter
import JSONModel
import StatesLanguage
import Testing
import WallTime

/// Child executions of a distributed Map whose history has no room for more.
@Suite struct FullChildTests {
    /// The child of a 2 waits for a worker; each other child goes in a circle until its history is full.
    private static let circle = """
        StartAt: A
        States:
          A: {Type: Pass, Next: B}
          B: {Type: Choice, Choices: [{Variable: $, NumericEquals: 2, Next: T}], Default: A}
          T: {Type: Task, Resource: 'activity:t', End: true}
        """
    /// Each child waits for a worker while it goes in a circle.
    private static let beside = """
        StartAt: P
        States:
          P:
            Type: Parallel
            End: true
            Branches:
              - {StartAt: T, States: {T: {Type: Task, Resource: 'activity:t', End: true}}}
              - StartAt: A
                States:
                  A: {Type: Pass, Next: B}
                  B: {Type: Choice, Choices: [{Variable: $, IsNull: true, Next: Z}], Default: A}
                  Z: {Type: Succeed}
        """
    /// The same with a Map Run in place of the task.
    private static let nested = beside.replacing(
        "{T: {Type: Task, Resource: 'activity:t', End: true}}}",
        with: """
            {T: {Type: Map, End: true, ItemProcessor: {StartAt: I, \
            ProcessorConfig: {Mode: DISTRIBUTED, ExecutionType: STANDARD}, \
            States: {I: {Type: Task, Resource: 'activity:t', End: true}}}}}}
            """)

    private static func play(
        _ child: String, _ items: String, tolerated: Int = 0, limits: DecisionLimits = .standard, isCut: Bool = false
    ) throws -> Play {
        var play = try Play(
            """
            StartAt: M
            States:
              M:
                Type: Map
                End: true
                ToleratedFailureCount: \(tolerated)
                ItemProcessor:
                  ProcessorConfig: {Mode: DISTRIBUTED, ExecutionType: STANDARD}
            \(child.split(separator: "\n").map { "      " + $0 }.joined(separator: "\n"))
            """)
        play.limits = limits
        try play.begin(items)
        if !isCut { try goOn(&play) }
        return play
    }

    private static func goOn(_ play: inout Play) throws {
        while let due = play.state.nextDue, due <= play.now { try play.give(.wake) }
    }

    private static func runs(_ play: Play) -> [MapRunHistory] {
        play.history.compactMap { event in
            guard case .mapRunStarted(let arn) = event.kind else { return nil }
            return MapRunHistory(MapRun(arn: arn), in: play.history)
        }
    }

    @Test func aFullChildFailsTheMapForGood() throws {
        var play = try Self.play(Self.circle, "[1, 2]")
        let explained = { play.state.explanation(play.machine, now: play.now, history: play.history) }
        #expect(play.failure?.cause == "The specified tolerated failure threshold was exceeded")
        for redrives in 0..<2 {
            let child = try #require(Self.runs(play).first?.children[0])
            #expect((child.status, child.isFull, child.redriveCount) == (.failed, true, 0))
            #expect(child.history.count == HistoryLimits.events)
            #expect(
                child.failure?.cause == "The execution reached the maximum number of history events (25000).")
            #expect(Self.runs(play).first?.children[1]?.redriveCount == redrives)
            #expect(explained().redrive == .endsAgain(state: "M", type: .map))
            try play.give(.redrive)
            #expect(play.failure?.error == "States.ExceedToleratedFailureThreshold")
            #expect(
                play.failure?.cause
                    == "The specified tolerated failure threshold was exceeded: one child execution has failed with a "
                    + "history of 25000 events, and cannot be redriven")
        }
    }

    @Test func aRedriveTriesTheOthersAgain() throws {
        var play = try Self.play(Self.circle, "[1, 2]", tolerated: 1)
        try play.fail("E")
        #expect(play.failure?.error == "States.ExceedToleratedFailureThreshold")
        try play.give(.redrive)
        try play.succeed("5")
        #expect(play.output == [5])
        let children = try #require(Self.runs(play).first).children
        #expect((children[0]?.status, children[0]?.redriveCount) == (.failed, 0))
        #expect((children[1]?.status, children[1]?.redriveCount) == (.succeeded, 1))
    }

    @Test func oneThatIsStoppedWithNoRoomForARedriveHasFailedAfterIt() throws {
        var play = try Self.play(Self.circle, "[3]", limits: DecisionLimits(transitions: 12_501), isCut: true)
        try play.give(.stop(error: nil, cause: nil))
        let stopped = try #require(Self.runs(play).first?.children[0])
        #expect((stopped.status, stopped.isFull, stopped.history.count) == (.aborted, true, HistoryLimits.events - 1))
        try play.give(.redrive)
        #expect(play.failure?.cause.hasSuffix("cannot be redriven") == true)
        #expect(Self.runs(play).first?.children[0]?.history.count == stopped.history.count)
    }

    /// The history is full while the last state waits for its worker: neither a retry nor the end has room.
    @Test(arguments: [false, true]) func aTaskWhoseEndHasNoRoomFailsTheChild(_ succeeds: Bool) throws {
        let child = """
            StartAt: A
            States:
              A: {Type: Pass, Parameters: {n.$: 'States.MathAdd($.n, 1)'}, Next: B}
              B: {Type: Choice, Choices: [{Variable: $.n, NumericEquals: 6249, Next: T}], Default: A}
              T: {Type: Task, Resource: 'activity:t', Retry: [{ErrorEquals: [States.ALL]}], End: true}
            """
        var play = try Self.play(child, "[{\"n\": 0}]", tolerated: 1)
        let waiting = try #require(Self.runs(play).first?.children[0])
        #expect(waiting.history.count == HistoryLimits.events - 1 && play.state.openTasks.count == 1)
        if succeeds { try play.succeed("1") } else { try play.fail("E") }
        #expect(play.output == [])
        let full = try #require(Self.runs(play).first?.children[0])
        #expect((full.status, full.history.count) == (.failed, HistoryLimits.events))
        #expect(full.failure?.cause == "The execution reached the maximum number of history events (25000).")
    }

    @Test func whatRunsInAFullChildEnds() throws {
        let play = try Self.play(Self.beside, "[1]")
        #expect(play.failure?.error == "States.ExceedToleratedFailureThreshold")
        #expect(play.state.openTasks.isEmpty && play.cancelled.count == 1)
        #expect(Self.runs(play).first?.children[0]?.history.count == HistoryLimits.events)
    }

    @Test func aMapRunInAFullChildIsAborted() throws {
        let play = try Self.play(Self.nested, "[[1]]", tolerated: 1)
        #expect(play.output == [])
        #expect(Self.runs(play).map(\.status) == [.succeeded, .aborted])
        #expect(Self.runs(play).last?.children[0]?.status == .aborted)
        #expect(Self.runs(play).first?.children[0]?.history.count == HistoryLimits.events)
    }

    @Test func aMapRunInAChildThatIsLostIsNotRedriven() throws {
        var play = try Self.play(Self.nested, "[[1], null]", tolerated: 1)
        #expect(play.failure?.error == "States.ExceedToleratedFailureThreshold")
        let before = try #require(Self.runs(play).last)
        #expect((before.status, before.children.count) == (.aborted, 1))
        try play.give(.redrive)
        try Self.goOn(&play)
        let after = try #require(Self.runs(play).last)
        #expect((after.status, after.redriveCount, after.stoppedAt) == (.aborted, 0, before.stoppedAt))
        #expect(after.children[0]?.history == before.children[0]?.history)
        #expect(Self.runs(play).first?.redriveCount == 1)
    }
}
