import Interpreter
import JSONModel
import Testing
import WallTime

@Suite struct ParallelTests {
    static func machine(_ fields: String = "") -> String {
        """
        StartAt: P
        States:
          P:
            Type: Parallel
            Branches:
              - {StartAt: A, States: {A: {Type: Task, Resource: activity:a, End: true}}}
              - {StartAt: B, States: {B: {Type: Task, Resource: activity:b, End: true}}}
              - {StartAt: C, States: {C: {Type: Pass, Result: c, End: true}}}
            \(fields)
            Next: S
          S: {Type: Succeed}
        \(Play.caught(fields))
        """
    }

    @Test func resultsComeInTheOrderOfTheBranches() throws {
        var play = try Play(Self.machine("Parameters: {x.$: $.a}"))
        try play.begin(#"{"a":1}"#)
        #expect(play.orders.map(\.state) == ["A", "B"])
        #expect(play.orders.map(\.input) == [["x": 1], ["x": 1]])
        #expect(play.state.currentStates.map(\.name) == ["P", "A", "B"])

        try play.give(.taskSucceeded(play.state.openTasks[1].task, output: "b"))
        #expect(play.state.outcome == nil)
        try play.give(.taskSucceeded(play.state.openTasks[0].task, output: "a"))

        #expect(play.output == ["a", "b", "c"])
        #expect(
            play.shown.suffix(6) == [
                "TaskStateExited<14", "ParallelStateSucceeded<15", "ParallelStateExited<15", "SucceedStateEntered<17",
                "SucceedStateExited<18", "ExecutionSucceeded<19",
            ])
    }

    @Test func aFailedBranchAbortsItsSiblings() throws {
        var play = try Play(Self.machine())
        try play.begin()
        let sibling = play.state.openTasks[1].task
        try play.fail("E", "C")

        #expect(play.failure == TaskFailure(error: "E", cause: "C"))
        #expect(play.cancelled == [sibling])
        #expect(play.state.openTasks.isEmpty)
        #expect(
            play.shown.suffix(5) == [
                "ActivityFailed<10", "TaskStateAborted<11", "TaskStateAborted<7", "ParallelStateFailed<11",
                "ExecutionFailed<14",
            ])
    }

    @Test func itsCatcherGoesOnAndLateResultsAreRefused() throws {
        var play = try Play(Self.machine("Catch: [{ErrorEquals: [E], Next: Caught}]"))
        try play.begin()
        let sibling = play.state.openTasks[1].task
        try play.fail("E")

        #expect(play.output == ["Error": "E", "Cause": .null])
        #expect(throws: InterpreterError.taskNotOpen(sibling)) {
            try play.give(.taskSucceeded(sibling, output: 1))
        }
    }

    @Test func aRetryRunsAllBranchesAgain() throws {
        var play = try Play(Self.machine("Retry: [{ErrorEquals: [E], IntervalSeconds: 5}]"))
        try play.begin()
        try play.fail("E")
        #expect(play.state.openTasks.isEmpty)
        #expect(play.state.nextDue == play.now + .seconds(5))
        try play.wakeWhenDue()

        #expect(play.orders.map(\.state) == ["A", "B"])
        for _ in 0..<2 { try play.succeed("1") }
        #expect(play.output == [1, 1, "c"])
    }

    @Test func branchesSeeOuterVariablesAndKeepTheirOwn() throws {
        var play = try Play(
            """
            StartAt: I
            States:
              I: {Type: Pass, Assign: {x: 1}, Next: P}
              P:
                Type: Parallel
                Branches:
                  - StartAt: A
                    States:
                      A: {Type: Pass, Assign: {y.$: $x}, Next: A2}
                      A2: {Type: Pass, Parameters: {y.$: $y}, End: true}
                  - {StartAt: B, States: {B: {Type: Pass, Parameters: {x.$: $x}, End: true}}}
                Assign: {z.$: "$[0].y"}
                Next: E
              E: {Type: Pass, Parameters: {z.$: $z, x.$: $x}, End: true}
            """)
        try play.begin()

        #expect(play.output == ["z": 1, "x": 1])
    }

    @Test func nestedBranchesFailInsideOut() throws {
        var play = try Play(
            """
            StartAt: P
            States:
              P:
                Type: Parallel
                Branches:
                  - StartAt: Q
                    States:
                      Q:
                        Type: Parallel
                        Branches:
                          - {StartAt: A, States: {A: {Type: Task, Resource: activity:a, End: true}}}
                          - {StartAt: W, States: {W: {Type: Wait, Seconds: 9, End: true}}}
                        End: true
                  - {StartAt: B, States: {B: {Type: Task, Resource: activity:b, End: true}}}
                End: true
            """)
        try play.begin()
        let inner = try #require(play.state.openTasks.first { $0.state == "A" })
        try play.give(.taskFailed(inner.task, TaskFailure(error: "E", cause: "")))

        #expect(play.failure?.error == "E")
        #expect(
            play.shown.suffix(7).map { String($0.prefix { $0 != "<" }) } == [
                "ActivityFailed", "TaskStateAborted", "WaitStateAborted", "ParallelStateFailed", "TaskStateAborted",
                "ParallelStateFailed", "ExecutionFailed",
            ])
        #expect(play.state.nextDue == nil)
    }

    @Test func waitsInBranchesEndByThemselves() throws {
        var play = try Play(
            """
            StartAt: P
            States:
              P:
                Type: Parallel
                Branches:
                  - {StartAt: A, States: {A: {Type: Wait, Seconds: 2, End: true}}}
                  - {StartAt: B, States: {B: {Type: Wait, Seconds: 5, End: true}}}
                End: true
            """)
        try play.begin()
        try play.wakeWhenDue()
        #expect(play.now == Play.start + .seconds(2))
        #expect(play.state.currentStates.map(\.name) == ["P", "B"])
        try play.wakeWhenDue()

        #expect(play.now == Play.start + .seconds(5))
        #expect(play.output == [[:], [:]])
    }
}
