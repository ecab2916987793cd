import Interpreter
import JSONModel
import Testing
import WallTime

/// A redrive goes on from what failed, with the same input and new retries.
@Suite struct RedriveTests {
    @Test func aTaskThatFailedRunsAgain() throws {
        var play = try Play(
            """
            StartAt: P
            States:
              P: {Type: Pass, Result: 1, Next: T}
              T: {Type: Task, Resource: activity:w, Retry: [{ErrorEquals: [E], MaxAttempts: 1}], Next: S}
              S: {Type: Succeed}
            """)
        try play.begin()
        for _ in 0..<2 {
            try play.fail("E")
            if play.state.outcome == nil { try play.wakeWhenDue() }
        }
        #expect(play.failure?.error == "E")

        try play.give(.redrive)
        #expect(play.state.redriveCount == 1)
        #expect(play.state.outcome == nil)
        let order = try play.task()
        #expect(order.input == 1)
        #expect(order.retryCount == 0)
        #expect(order.entry == 1)
        try play.fail("E")
        #expect(play.state.outcome == nil, "the retrier counts anew")
        try play.wakeWhenDue()
        try play.succeed("2")

        #expect(play.output == 2)
        #expect(play.shown.contains("ExecutionRedriven<11"))
        #expect(throws: InterpreterError.notRedrivable("it succeeded")) { try play.give(.redrive) }
    }

    @Test func onlyTheBranchesOfAParallelThatDidNotEndRunAgain() throws {
        var play = try Play(ParallelTests.machine())
        try play.begin()
        try play.give(.taskSucceeded(play.state.openTasks[0].task, output: "a"))
        try play.fail("E")
        #expect(play.failure?.error == "E")

        try play.give(.redrive)

        #expect(play.orders.map(\.state) == ["B"])
        try play.succeed("\"b\"")
        #expect(play.output == ["a", "b", "c"])
    }

    @Test func abortedSiblingsRunAgainToo() throws {
        var play = try Play(ParallelTests.machine())
        try play.begin()
        try play.fail("E")
        try play.give(.redrive)

        #expect(play.orders.map(\.state) == ["A", "B"])
    }

    @Test(arguments: ["INLINE", "DISTRIBUTED"])
    func onlyTheItemsOfAMapThatDidNotEndRunAgain(_ mode: String) throws {
        var play = try Play(MapTests.machine("MaxConcurrency: 2", mode: mode))
        try play.begin("[1,2,3,4]")
        try play.succeed("10")
        try play.fail("E")
        #expect(play.failure != nil)

        try play.give(.redrive)

        #expect(play.orders.map(\.input) == [2, 3])
        for output in ["20", "30", "40"] { try play.succeed(output) }
        #expect(play.output == [10, 20, 30, 40])
    }

    @Test func aStoppedExecutionGoesOnWhereItStood() throws {
        var play = try Play(
            "StartAt: W\nTimeoutSeconds: 100\nStates: {W: {Type: Wait, Seconds: 60, End: true}}")
        try play.begin()
        play.now = play.now + .seconds(50)
        try play.give(.stop(error: nil, cause: nil))
        play.now = play.now + .seconds(500)
        try play.give(.redrive)

        #expect(play.state.nextDue == play.now + .seconds(60))
        try play.wakeWhenDue()
        #expect(play.output != nil)
    }

    @Test func aTimeoutCountsAnewAfterARedrive() throws {
        var play = try Play(
            "StartAt: T\nTimeoutSeconds: 5\nStates: {T: {Type: Task, Resource: activity:w, End: true}}")
        try play.begin()
        try play.wakeWhenDue()
        #expect(play.state.outcome == .timedOut(TaskFailure(error: "States.Timeout", cause: "")))
        #expect(play.cancelled == [3])
        play.now = play.now + .seconds(1000)
        try play.give(.redrive)

        #expect(play.state.nextDue == play.now + .seconds(5))
        #expect(play.orders.count == 1)
    }

    @Test func aFailStateFailsAgain() throws {
        var play = try Play("StartAt: F\nStates: {F: {Type: Fail, Error: E}}")
        try play.begin()
        try play.give(.redrive)

        #expect(play.failure?.error == "E")
        #expect(play.shown.suffix(2) == ["ExecutionRedriven<3", "ExecutionFailed<4"])
    }
}
