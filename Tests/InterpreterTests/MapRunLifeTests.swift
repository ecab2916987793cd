import Interpreter
import JSONModel
import StatesLanguage
import Testing
import WallTime

/// What becomes of a Map Run when its Map is tried again, redriven or stopped, or is in a child execution itself.
@Suite struct MapRunLifeTests {
    private static func machine(_ fields: String) -> String {
        """
        StartAt: M
        States:
          M:
            Type: Map
            Label: each
            End: true
            \(fields)
            ItemProcessor:
              ProcessorConfig: {Mode: DISTRIBUTED, ExecutionType: STANDARD}
              StartAt: T
              States:
                T: {Type: Task, Resource: "activity:work", End: true}
        """
    }

    private static func runs(_ play: Play) -> [MapRunHistory] {
        play.history.compactMap { event in
            guard case .mapRunStarted(let arn) = event.kind else { return nil }
            return MapRunHistory(MapRun(arn: arn), in: play.history)
        }
    }

    private static func types(_ child: MapRunHistory.Child?) -> [String] {
        HistoryEvent.awsHistory(child?.history ?? []).compactMap { $0["type"]?.stringValue }
    }

    private static let odd = TaskFailure(error: "Odd", cause: "it is")

    @Test func aRedriveIsOneOfTheRunAndOfTheChildrenThatHadNotSucceeded() throws {
        var play = try Play(Self.machine(""))
        try play.begin("[1, 2]")
        try play.give(.taskSucceeded(play.state.openTasks[0].task, output: 10))
        try play.give(.taskFailed(play.task().task, Self.odd))
        #expect(Self.runs(play).map(\.status) == [.failed])
        play.now = play.now + .seconds(60)
        try play.give(.redrive)
        let redriven = play.now
        play.now = play.now + .seconds(1)
        try play.give(.taskSucceeded(play.task().task, output: 20))
        let run = try #require(Self.runs(play).first)
        #expect((run.status, run.redriveCount, run.redrivenAt, run.stoppedAt) == (.succeeded, 1, redriven, play.now))
        #expect((run.children[0]?.redriveCount, run.children[0]?.redrivenAt) == (0, nil))
        let child = try #require(run.children[1])
        #expect((child.status, child.redriveCount, child.redrivenAt) == (.succeeded, 1, redriven))
        #expect(
            Self.types(child) == [
                "ExecutionStarted", "TaskStateEntered", "ActivityScheduled", "ActivityStarted", "ActivityFailed",
                "ExecutionFailed", "ExecutionRedriven", "ActivityScheduled", "ActivityStarted", "ActivitySucceeded",
                "TaskStateExited", "ExecutionSucceeded",
            ])
        #expect(child.history.map(\.id) == Array(1...12))
        #expect(child.history.map(\.previousID) == [0, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
        #expect(child.history[5].kind == .executionFailed(Self.odd))
        #expect(child.history[6].kind == .executionRedriven(count: 1))
    }

    @Test func aRunThatIsTriedAgainHasFailedAtItsOwnTime() throws {
        let retry = "Retry: [{ErrorEquals: [States.ALL], IntervalSeconds: 5, MaxAttempts: 1}]"
        var play = try Play(Self.machine(retry))
        try play.begin("[1]")
        let failed = play.now
        try play.give(.taskFailed(play.task().task, Self.odd))
        #expect(Self.runs(play).map(\.status) == [.failed])
        try play.wakeWhenDue()
        #expect(Self.runs(play).map(\.status) == [.failed, .running])
        try play.give(.taskFailed(play.task().task, Self.odd))
        let again = play.now
        #expect(Self.runs(play).map(\.stoppedAt) == [failed, again])
        // Only the last one is gone on with.
        try play.give(.redrive)
        #expect(Self.runs(play).map(\.status) == [.failed, .running])
        #expect(Self.runs(play).map(\.redriveCount) == [0, 1])
    }

    @Test func aRunThatASiblingsFailureStopsIsAbortedThen() throws {
        let branch = Self.machine("").split(separator: "\n").map { "          " + $0 }.joined(separator: "\n")
        var play = try Play(
            """
            StartAt: P
            States:
              P:
                Type: Parallel
                Next: W
                Catch: [{ErrorEquals: [States.ALL], Next: W}]
                Branches:
                  - StartAt: F
                    States: {F: {Type: Task, Resource: "activity:fail", End: true}}
                  -
            \(branch)
              W: {Type: Task, Resource: "activity:after", End: true}
            """)
        try play.begin("[1]")
        let task = try #require(play.state.openTasks.first { $0.state == "F" })
        let stopped = play.now
        try play.give(.taskFailed(task.task, Self.odd))
        play.now = play.now + .seconds(60)
        try play.give(.taskFailed(play.task().task, Self.odd))
        let run = try #require(Self.runs(play).first)
        #expect((run.status, run.stoppedAt, run.children[0]?.status) == (.aborted, stopped, .aborted))
        try play.give(.redrive)
        #expect(Self.runs(play).map(\.status) == [.aborted])
    }

    @Test func aRunInAChildIsThatChildsOwn() throws {
        var play = try Play(
            """
            StartAt: O
            States:
              O:
                Type: Map
                Label: o
                End: true
                ItemProcessor:
                  ProcessorConfig: {Mode: DISTRIBUTED, ExecutionType: STANDARD}
                  StartAt: M
                  States:
                    M:
                      Type: Map
                      Label: i
                      End: true
                      ItemProcessor:
                        ProcessorConfig: {Mode: DISTRIBUTED, ExecutionType: STANDARD}
                        StartAt: I
                        States: {I: {Type: Pass, End: true}}
            """)
        try play.begin("[[1, 2], [3]]")
        let runs = Self.runs(play)
        let outer = try #require(runs.first)
        let children = [0, 1].map { MapRunHistory.Starter.child(of: outer.mapRun, index: $0) }
        #expect(runs.map(\.starter) == [.execution] + children)
        #expect(runs.map(\.items) == [2, 2, 1])
        let starters = MapRunHistory.starters(in: play.history)
        #expect(runs.map { starters[$0.mapRun] } == runs.map(\.starter))
        // What the grandchildren did is in their own histories.
        #expect(
            Self.types(outer.children[0]) == [
                "ExecutionStarted", "MapStateEntered", "MapStateStarted", "MapRunStarted", "MapRunSucceeded",
                "MapStateSucceeded", "MapStateExited", "ExecutionSucceeded",
            ])
        #expect(outer.children[0]?.history.map(\.previousID).dropFirst(2).allSatisfy { $0 > 0 } == true)
        #expect(
            Self.types(runs[2].children[0]) == [
                "ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded",
            ])
    }

    @Test(
        arguments: [
            ("", nil, nil, nil), ("MaxConcurrency: 20000, ToleratedFailureCount: 3", 20000, 3, nil),
            (
                "MaxConcurrencyPath: $.n, ToleratedFailureCountPath: $.n, ToleratedFailurePercentagePath: $.p", 5, 5,
                12.5
            ),
            (
                """
                QueryLanguage: JSONata, MaxConcurrency: '{% $states.input.n * 2 %}', ToleratedFailureCount: 0, \
                ToleratedFailurePercentage: '{% $states.input.p %}'
                """, 10, 0, 12.5
            ),
        ] as [(String, Int?, Int?, Double?)])
    func boundsAreThoseInForce(_ fields: String, _ concurrency: Int?, _ count: Int?, _ percentage: Double?) throws {
        let items = fields.contains("JSONata") ? "Items: '{% $states.input.a %}'" : "ItemsPath: $.a"
        let lines = ([items] + fields.components(separatedBy: ", ")).filter { !$0.isEmpty }
        var play = try Play(Self.machine(lines.joined(separator: "\n    ")))
        try play.begin(#"{"a": [1], "n": 5, "p": 12.5}"#)
        func bounds() throws -> MapRunBounds {
            let identity = ExecutionIdentity.virtual(stateMachine: "play", startedAt: Play.start)
            return try #require(Self.runs(play).first).bounds(after: play.history, of: play.machine, identity: identity)
        }
        let defined = MapRunBounds(
            maxConcurrency: concurrency, toleratedFailureCount: count, toleratedFailurePercentage: percentage)
        #expect(try bounds() == defined)
        let run = try #require(Self.runs(play).first?.mapRun)
        try play.give(.mapRunUpdated(run, MapRunBounds(maxConcurrency: 1)))
        #expect(
            try bounds()
                == MapRunBounds(
                    maxConcurrency: 1, toleratedFailureCount: count, toleratedFailurePercentage: percentage))
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
}
