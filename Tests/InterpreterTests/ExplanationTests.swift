import Interpreter
import JSONModel
import Testing
import WallTime

@Suite struct ExplanationTests {
    static func lines(_ play: Play) -> [String] { play.state.explanation(play.machine, now: play.now).lines }

    @Test func beforeTheStart() throws {
        let play = try Play("StartAt: S\nStates: {S: {Type: Succeed}}")

        #expect(Self.lines(play) == ["The execution has not started."])
    }

    @Test func aWaitSaysHowLong() throws {
        var play = try Play("StartAt: W\nTimeoutSeconds: 99999\nStates: {W: {Type: Wait, Seconds: 11520, End: true}}")
        try play.begin()

        let explanation = play.state.explanation(play.machine, now: play.now)

        #expect(explanation.status == .running)
        #expect(explanation.waits.map(\.reason) == [.time(until: play.now + .seconds(11_520))])
        #expect(
            explanation.lines == [
                "Wait state 'W' waits until 2026-01-01T03:12:00.000Z (in 3 h 12 min).",
                "The state machine's own timeout ends it at 2026-01-02T03:46:39.000Z.",
            ])
    }

    @Test func aTaskSaysWhoHasItAndWhichAttemptItIs() throws {
        var play = try Play(TaskTests.machine("Retry: [{ErrorEquals: [E], MaxAttempts: 3}], TimeoutSeconds: 90"))
        try play.begin()
        #expect(
            Self.lines(play) == [
                "Task state 'T' waits for the task activity:work, scheduled at 2026-01-01T00:00:00.000Z, which no worker "
                    + "has taken, attempt 1 of 4; it times out at 2026-01-01T00:01:30.000Z (in 1 min 30 s)."
            ])
        let here = play.state.explanation(
            play.machine, now: play.now, circumstances: Circumstances(isDoneHere: { _ in true }))
        #expect(here.lines[0].contains("under way since 2026-01-01T00:00:00.000Z, attempt 1 of 4"))
        try play.give(.taskStarted(play.task().task, worker: "w"))
        #expect(Self.lines(play)[0].contains("under way since 2026-01-01T00:00:00.000Z, attempt 1 of 4"))
        try play.fail("E", "busy")
        #expect(
            Self.lines(play) == [
                "Task state 'T' is tried again at 2026-01-01T00:00:01.000Z (in 1 s), attempt 2 of 4, because of E: busy."
            ])
    }

    /// `states` follow a task `Detach` that is tried twice and caught.
    private static func caught(_ states: String) throws -> Play {
        var play = try Play(
            """
            StartAt: Detach
            States:
              Detach:
                Type: Task
                Resource: activity:take-away
                Retry: [{ErrorEquals: [IAM.Throttling], MaxAttempts: 1}]
                Catch: [{ErrorEquals: [States.ALL], ResultPath: $.failure, Next: Told}]
                End: true
              Told: {Type: Task, Resource: 'activity:tell', ResultPath: null, Next: SuspensionFailed}
            \(states)
            """)
        try play.begin()
        try play.fail("IAM.Throttling", "Rate exceeded")
        try play.wakeWhenDue()
        try play.fail("IAM.AccessDenied", "not authorized to perform iam:DetachUserPolicy")
        try play.succeed()
        return play
    }

    private static func explain(_ play: Play) -> Explanation {
        play.state.explanation(play.machine, now: play.now, history: play.history)
    }

    @Test func aFailureThatWasCaughtNamesTheStepThatFailed() throws {
        let play = try Self.caught("  SuspensionFailed: {Type: Fail, Error: SuspensionFailed, Cause: see the run}")
        let explanation = Self.explain(play)
        #expect(
            explanation.lines == [
                "The execution failed in the state 'SuspensionFailed' at 2026-01-01T00:00:01.000Z: SuspensionFailed: "
                    + "see the run.",
                "The step that failed is 'Detach' (activity:take-away), at 2026-01-01T00:00:01.000Z after 2 tries: "
                    + "IAM.AccessDenied: not authorized to perform iam:DetachUserPolicy.",
                "Once what the cause names is mended, start another execution: a redrive would end in the Fail state "
                    + "'SuspensionFailed' again.",
            ])
        #expect(explanation.json["failure"]?["step"]?["state"] == "Detach")
        #expect(explanation.json["failure"]?["step"]?["error"] == "IAM.AccessDenied")
        #expect(explanation.json["failure"]?["step"]?["attempts"] == 2)
    }

    @Test func aFailureThatATaskPassesOnNamesTheStepThatFailed() throws {
        var play = try Self.caught("  SuspensionFailed: {Type: Task, Resource: 'activity:fail', End: true}")
        try play.fail("IAM.AccessDenied", "not authorized to perform iam:DetachUserPolicy")
        #expect(
            Self.explain(play).lines[1]
                == "The step that failed is 'Detach' (activity:take-away), at 2026-01-01T00:00:01.000Z after 2 tries, with "
                + "that error.")
        #expect(
            Self.explain(play).lines[2]
                == "Once what the cause names is mended, a redrive goes on from the state 'SuspensionFailed'.")
    }

    @Test func aFailureOfItsOwnNamesNoOtherStep() throws {
        var play = try Self.caught("  SuspensionFailed: {Type: Task, Resource: 'activity:fail', End: true}")
        try play.fail("Other", "of its own")
        #expect(Self.explain(play).failure?.step == nil)
        #expect(Self.explain(play).lines.count == 1)
    }

    @Test func aStepOfABranchIsNamedThroughItsParallel() throws {
        var play = try Play(
            """
            StartAt: Both
            States:
              Both:
                Type: Parallel
                Branches:
                  - {StartAt: A, States: {A: {Type: Task, Resource: 'activity:a', End: true}}}
                Catch: [{ErrorEquals: [States.ALL], Next: Lost}]
                End: true
              Lost: {Type: Fail, Error: Lost}
            """)
        try play.begin()
        try play.fail("E", "busy")
        #expect(Self.explain(play).failure?.step?.state == "A")
    }

    @Test func aCallbackSaysWhatItWaitsFor() throws {
        var play = try Play(TaskTests.machine(resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken"))
        try play.begin()

        #expect(
            Self.lines(play) == [
                "Task state 'T' waits since 2026-01-01T00:00:00.000Z for the answer to "
                    + "arn:aws:states:::sqs:sendMessage.waitForTaskToken."
            ])
    }

    @Test func anExecutionThatIsWaitedForIsNamed() throws {
        var play = try Play(TaskTests.machine(resource: "arn:aws:states:::states:startExecution.sync:2"))
        try play.begin()
        let task = try play.task().task
        try play.give(.taskSubmitted(task, output: [:]))
        let explanation = play.state.explanation(
            play.machine, now: play.now, circumstances: Circumstances(children: [task: "child:one"]))

        #expect(
            explanation.lines == [
                "Task state 'T' waits since 2026-01-01T00:00:00.000Z for the end of the execution child:one."
            ])
        #expect(explanation.json["waitsFor"]?[0]?["execution"] == "child:one")
    }

    @Test func branchesAreCounted() throws {
        var play = try Play(ParallelTests.machine())
        try play.begin()
        try play.succeed()

        #expect(Self.lines(play).first == "Parallel state 'P' waits for its branches: 2 of 3 have ended.")
        #expect(Self.lines(play).count == 2)
    }

    @Test func aFailureNamesTheInnermostState() throws {
        var play = try Play(ParallelTests.machine())
        try play.begin()
        try play.give(.taskFailed(play.state.openTasks[1].task, TaskFailure(error: "E", cause: "C")))

        let explanation = play.state.explanation(play.machine, now: play.now)

        #expect(explanation.failure?.state == "B")
        #expect(explanation.lines == ["The execution failed in the state 'B' at 2026-01-01T00:00:00.000Z: E: C."])
        #expect(explanation.json["failure"] == ["state": "B", "error": "E", "cause": "C"])
    }

    @Test func otherEndsAreTold() throws {
        var stopped = try Play("StartAt: W\nStates: {W: {Type: Wait, Seconds: 9, End: true}}")
        try stopped.begin()
        try stopped.give(.stop(error: "Enough", cause: nil))
        var ended = try Play("StartAt: S\nStates: {S: {Type: Succeed}}")
        try ended.begin()
        var late = try Play("StartAt: W\nTimeoutSeconds: 1\nStates: {W: {Type: Wait, Seconds: 9, End: true}}")
        try late.begin()
        try late.wakeWhenDue()

        #expect(Self.lines(stopped) == ["The execution was stopped at 2026-01-01T00:00:00.000Z: Enough."])
        #expect(Self.lines(ended) == ["The execution succeeded at 2026-01-01T00:00:00.000Z."])
        #expect(
            Self.lines(late) == [
                "The execution ran longer than its state machine allows and was ended at 2026-01-01T00:00:01.000Z."
            ])
    }
}
