import Interpreter
import JSONModel
import StatesLanguage
import Testing
import WallTime

/// Tasks from their scheduling to their result, with `Retry`, `Catch` and timeouts.
@Suite struct TaskTests {
    @Test(arguments: [
        ("Credentials: {RoleArn: \"arn:aws:iam::1:role/fixed\"}", "arn:aws:iam::1:role/fixed"),
        ("Credentials: {RoleArn.$: $.role}", "arn:aws:iam::1:role/given"),
    ])
    func credentialsNameTheRole(_ field: String, _ role: String) throws {
        var play = try Play(
            """
            StartAt: T
            States: {T: {Type: Task, Resource: "arn:aws:states:::sqs:sendMessage", \(field), End: true}}
            """)
        try play.begin(#"{"role":"arn:aws:iam::1:role/given"}"#)

        #expect(try play.task().roleARN == role)
        let scheduled = HistoryEvent.awsHistory(play.history).first { $0["type"] == "TaskScheduled" }
        #expect(scheduled?["taskScheduledEventDetails"]?["taskCredentials"]?["roleArn"] == .string(role))
    }

    @Test func aRoleThatIsNoTextFails() throws {
        var play = try Play(
            """
            StartAt: T
            States: {T: {Type: Task, Resource: activity:x, Credentials: {RoleArn.$: $.role}, End: true}}
            """)
        try play.begin(#"{"role":7}"#)

        #expect(play.failure?.cause.contains("RoleArn") == true)
    }

    static let lambda = "arn:aws:lambda:us-east-1:000000000000:function:f"

    static func machine(_ fields: String = "", resource: String = "activity:work") -> String {
        """
        StartAt: T
        States:
          T: {Type: Task, Resource: "\(resource)"\(fields.isEmpty ? "" : ", ")\(fields), Next: End}
          End: {Type: Succeed}
        \(Play.caught(fields))
        """
    }

    @Test func aTaskIsOrderedAndItsResultIsTheOutput() throws {
        var play = try Play(Self.machine(#"Parameters: {x.$: $.a}"#))
        try play.begin(#"{"a":1}"#)

        let order = try play.task()
        #expect(play.orders == [order])
        #expect(order.task == 3)
        #expect(order.state == "T")
        #expect(order.resource.kind == .activity(name: "work"))
        #expect(order.input == ["x": 1])
        #expect(order.retryCount == 0)
        #expect(order.entry == 1)
        #expect(play.state.nextDue == nil)
        try play.give(.taskStarted(3, worker: "w"))
        try play.succeed(#"{"ok":true}"#)

        #expect(play.output == ["ok": true])
        #expect(
            play.shown == [
                "ExecutionStarted<0", "TaskStateEntered<0", "ActivityScheduled<2", "ActivityStarted<3",
                "ActivitySucceeded<4", "TaskStateExited<5", "SucceedStateEntered<6", "SucceedStateExited<7",
                "ExecutionSucceeded<8",
            ])
    }

    @Test(arguments: [
        (TaskTests.lambda, "LambdaFunction"), ("arn:aws:states:::sqs:sendMessage", "Task"), ("activity:a", "Activity"),
    ])
    func eventsAreNamedByTheResource(_ resource: String, _ prefix: String) throws {
        var play = try Play(Self.machine(resource: resource))
        try play.begin()
        try play.succeed()

        #expect(play.shown[2...4] == ["\(prefix)Scheduled<2", "\(prefix)Started<3", "\(prefix)Succeeded<4"])
    }

    @Test func resultSelectorAndResultPathShapeTheResult() throws {
        var play = try Play(Self.machine("ResultSelector: {y.$: $.x}, ResultPath: $.r"))
        try play.begin(#"{"a":1}"#)
        try play.succeed(#"{"x":2,"z":3}"#)

        #expect(play.output == ["a": 1, "r": ["y": 2]])
    }

    @Test func theTokenInTheParametersIsTheTasks() throws {
        var play = try Play(
            Self.machine(
                #"Parameters: {Message: {token.$: $$.Task.Token, n.$: $$.State.RetryCount}}"#,
                resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken"))
        try play.begin()

        let order = try play.task()
        #expect(order.input == ["Message": ["token": .string("virtual-task-\(order.task)"), "n": 0]])
        try play.give(.taskSubmitted(order.task, output: ["id": 1]))
        #expect(play.state.openTasks.count == 1)
        try play.succeed()

        #expect(play.shown[2...5] == ["TaskScheduled<2", "TaskStarted<3", "TaskSubmitted<4", "TaskSucceeded<5"])
    }

    @Test func aLateOrSecondResultIsRefused() throws {
        var play = try Play(Self.machine("TimeoutSeconds: 5, Retry: [{ErrorEquals: [States.Timeout]}]"))
        try play.begin()
        let first = try play.task().task
        try play.wakeWhenDue()
        #expect(play.cancelled == [first])
        #expect(throws: InterpreterError.taskNotOpen(first)) { try play.give(.taskSucceeded(first, output: 1)) }
        try play.wakeWhenDue()
        let second = try play.task().task
        #expect(throws: InterpreterError.taskNotOpen(first)) { try play.give(.taskSucceeded(first, output: 1)) }
        try play.succeed()
        #expect(throws: InterpreterError.taskNotOpen(second)) {
            try play.give(.taskFailed(second, TaskFailure(error: "E", cause: "")))
        }
    }

    @Test func aResultThatIsTooLargeFailsTheTaskAndCanBeCaught() throws {
        var play = try Play(Self.machine("Catch: [{ErrorEquals: [States.ALL], Next: Caught}]", resource: Self.lambda))
        try play.begin()
        try play.give(
            .taskSucceeded(play.task().task, output: .string(String(repeating: "x", count: PayloadLimit.bytes))))

        #expect(play.output?["Error"] == "States.DataLimitExceeded")
        #expect(
            play.output?["Cause"]
                == .string(
                    "The state/task '\(Self.lambda)' returned a result with a size exceeding the maximum number of bytes "
                        + "service limit."))
    }

    // MARK: Timeouts

    @Test func theTimeoutCountsFromTheStartAndEndsExactlyThen() throws {
        var play = try Play(Self.machine("TimeoutSeconds: 10"))
        try play.begin()
        #expect(play.state.nextDue == play.now + .seconds(10))
        play.now = play.now + .seconds(4)
        try play.give(.taskStarted(play.task().task, worker: nil))
        #expect(play.state.nextDue == play.now + .seconds(10))

        play.now = play.now + .milliseconds(9999)
        #expect(try play.give(.wake).isEmpty)
        play.now = play.now + .milliseconds(1)
        try play.give(.wake)

        #expect(play.failure == TaskFailure(error: "States.Timeout", cause: ""))
        #expect(play.shown.suffix(2) == ["ActivityTimedOut<4", "ExecutionFailed<5"])
    }

    @Test func aTaskThatNobodyTookNeverStarted() throws {
        var play = try Play(Self.machine("TimeoutSeconds: 2"))
        try play.begin()
        try play.wakeWhenDue()

        #expect(play.shown.suffix(3) == ["ActivityScheduled<2", "ActivityTimedOut<3", "ExecutionFailed<4"])
    }

    @Test func aTaskOfThisProcessStartedWithoutAWord() throws {
        let machine = try Play(Self.machine("TimeoutSeconds: 2")).machine
        let identity = ExecutionIdentity(
            executionARN: "", executionName: "", stateMachineARN: "", stateMachineName: "", roleARN: "",
            startedAt: Play.start, taskToken: { _ in "" }, isDoneHere: { $0.text == "activity:work" })
        var (state, events) = (ExecutionState.empty, [HistoryEvent]())
        for (stimulus, at) in [(Stimulus.start(input: [:]), 0), (.wake, 2)] {
            events += try Interpreter.advance(
                machine, &state, stimulus, now: Play.start + .seconds(at), identity: identity, seed: 1
            ).events
        }

        #expect(events.suffix(3).map(\.kind.label) == ["TaskStarted", "TaskTimedOut", "ExecutionFailed"])
        #expect(try ExecutionState.fold(events) == state, "as histories were before, too")
    }

    @Test func heartbeatsPutTheDeadlineOff() throws {
        var play = try Play(Self.machine("HeartbeatSeconds: 3, TimeoutSeconds: 60"))
        try play.begin()
        let task = try play.task().task
        #expect(play.state.nextDue == play.now + .seconds(60))
        try play.give(.taskStarted(task, worker: nil))
        #expect(play.state.nextDue == play.now + .seconds(3))
        play.now = play.now + .seconds(2)
        try play.give(.taskHeartbeat(task))
        #expect(play.state.nextDue == play.now + .seconds(3))

        try play.wakeWhenDue()

        #expect(play.failure?.error == "States.Timeout")
    }

    @Test(arguments: [
        ("States.Timeout", true, true), ("States.HeartbeatTimeout", true, false), ("States.TaskFailed", false, false),
        ("States.ALL", true, true),
    ])
    func timeoutsAreCaughtByTheirNames(_ name: String, _ catchesHeartbeat: Bool, _ catchesTimeout: Bool) throws {
        for (fields, caught) in [
            ("HeartbeatSeconds: 3, TimeoutSeconds: 60", catchesHeartbeat), ("TimeoutSeconds: 3", catchesTimeout),
        ] {
            var play = try Play(Self.machine("\(fields), Catch: [{ErrorEquals: [\(name)], Next: Caught}]"))
            try play.begin()
            try play.give(.taskStarted(play.task().task, worker: nil))
            try play.wakeWhenDue()

            #expect((play.output != nil) == caught, "\(name) and \(fields)")
        }
    }

    // MARK: Retry

    @Test func retriesBackOffUpToTheMaximumDelay() throws {
        var play = try Play(
            Self.machine(
                "Retry: [{ErrorEquals: [E], IntervalSeconds: 2, BackoffRate: 3, MaxDelaySeconds: 10, MaxAttempts: 4}]"))
        try play.begin()

        for (retry, seconds) in [2, 6, 10, 10].enumerated() {
            #expect(try play.task().retryCount == retry)
            try play.fail("E", "again")
            #expect(play.state.openTasks.isEmpty)
            #expect(play.state.nextDue == play.now + .seconds(seconds))
            play.now = play.now + .milliseconds(seconds * 1000 - 1)
            #expect(try play.give(.wake).isEmpty)
            play.now = play.now + .milliseconds(1)
            try play.give(.wake)
            #expect(try play.task().entry == 1)
        }
        try play.fail("E", "for good")

        #expect(play.failure == TaskFailure(error: "E", cause: "for good"))
        #expect(
            play.shown.suffix(4) == [
                "ActivityScheduled<14", "ActivityStarted<15", "ActivityFailed<16", "ExecutionFailed<17",
            ])
    }

    @Test func everyRetrierCountsForItself() throws {
        var play = try Play(
            Self.machine("Retry: [{ErrorEquals: [A], MaxAttempts: 1}, {ErrorEquals: [States.ALL], MaxAttempts: 1}]"))
        try play.begin()
        for error in ["A", "B"] {
            try play.fail(error)
            try play.wakeWhenDue()
        }
        #expect(try play.task().retryCount == 2)

        try play.fail("A", "over")

        #expect(play.failure == TaskFailure(error: "A", cause: "over"))
    }

    @Test func fullJitterStaysBelowTheDelayAndComesFromTheSeed() throws {
        let definition = Self.machine(
            "Retry: [{ErrorEquals: [E], IntervalSeconds: 100, JitterStrategy: FULL, MaxAttempts: 20, BackoffRate: 1}]")
        var play = try Play(definition)
        try play.begin()
        var delays: [Duration] = []
        for _ in 0..<20 {
            try play.fail("E")
            delays.append(try #require(play.state.nextDue) - play.now)
            try play.wakeWhenDue()
        }

        #expect(delays.allSatisfy { $0 >= .zero && $0 <= .seconds(100) })
        #expect(Set(delays).count > 10)
    }

    @Test func anErrorThatNoRetrierNamesIsNotRetried() throws {
        var play = try Play(Self.machine("Retry: [{ErrorEquals: [A], MaxAttempts: 0}, {ErrorEquals: [B]}]"))
        try play.begin()
        try play.fail("A")

        #expect(play.failure?.error == "A")
    }

    // MARK: Catch

    @Test(arguments: [
        ("", #"{"Error":"E","Cause":"C"}"#), (", ResultPath: $.err", #"{"a":1,"err":{"Error":"E","Cause":"C"}}"#),
        (", ResultPath: null", #"{"a":1}"#),
    ])
    func aCatcherGetsTheError(_ resultPath: String, _ output: String) throws {
        var play = try Play(Self.machine("Catch: [{ErrorEquals: [E]\(resultPath), Next: Caught}]"))
        try play.begin(#"{"a":1}"#)
        try play.fail("E", "C")

        #expect(play.output == (try JSONValue(parsing: output)))
        #expect(play.shown[5...6] == ["TaskStateExited<5", "PassStateEntered<6"])
    }

    @Test func whatAWorkerLeavesOutIsNull() throws {
        var play = try Play(Self.machine("Catch: [{ErrorEquals: [States.TaskFailed], Next: Caught}]"))
        try play.begin()
        try play.fail("")

        #expect(play.output == ["Error": .null, "Cause": .null])
    }

    @Test func aCatcherAssignsFromTheError() throws {
        var play = try Play(
            """
            StartAt: T
            States:
              T:
                Type: Task
                Resource: activity:w
                Catch: [{ErrorEquals: [States.ALL], Next: P, ResultPath: null, Assign: {why.$: $.Cause}}]
                End: true
              P: {Type: Pass, Parameters: {why.$: $why}, End: true}
            """)
        try play.begin()
        try play.fail("E", "C")

        #expect(play.output == ["why": "C"])
    }

    @Test func runtimeErrorsAreCaughtByNothing() throws {
        var play = try Play(
            Self.machine(
                "OutputPath: $.no, Retry: [{ErrorEquals: [States.ALL]}], "
                    + "Catch: [{ErrorEquals: [States.Runtime], Next: Caught}, {ErrorEquals: [States.ALL], Next: Caught}]"
            ))
        try play.begin()
        try play.succeed()

        #expect(play.failure?.error == "States.Runtime")
    }

    @Test func retriesComeBeforeTheCatcher() throws {
        var play = try Play(
            Self.machine(
                "Retry: [{ErrorEquals: [States.ALL], MaxAttempts: 1}], Catch: [{ErrorEquals: [States.ALL], Next: Caught}]"
            ))
        try play.begin()
        try play.fail("E")
        #expect(play.state.currentStates.map(\.name) == ["T"])
        try play.wakeWhenDue()
        try play.fail("E")

        #expect(play.output?["Error"] == "E")
    }

    @Test func everyEntryOfAStateCounts() throws {
        var play = try Play(
            """
            StartAt: T
            States:
              T: {Type: Task, Resource: activity:w, Next: C}
              C: {Type: Choice, Choices: [{Variable: $.again, BooleanEquals: true, Next: T}], Default: S}
              S: {Type: Succeed}
            """)
        try play.begin()
        try play.succeed(#"{"again":true}"#)
        #expect(try play.task().entry == 2)
        try play.succeed(#"{"again":false}"#)
        #expect(play.output == ["again": false])
    }
}
