import Interpreter
import JSONModel
import Testing
import WallTime

/// Choice, Wait, Succeed, Fail, and the limits of running ahead.
@Suite struct FlowTests {
    @Test(arguments: [(5, "small"), (50, "large"), (500, "huge")])
    func choiceTakesTheFirstRuleThatHolds(_ size: Int, _ output: String) throws {
        var play = try Play(
            """
            StartAt: C
            States:
              C:
                Type: Choice
                Choices:
                  - {Variable: $.n, NumericLessThan: 10, Next: Small}
                  - {Variable: $.n, NumericLessThan: 100, Next: Large}
                Default: Huge
              Small: {Type: Pass, Result: small, End: true}
              Large: {Type: Pass, Result: large, End: true}
              Huge: {Type: Pass, Result: huge, End: true}
            """)

        try play.begin(#"{"n":\#(size)}"#)

        #expect(play.output == .string(output))
    }

    @Test func choiceWithoutAMatchFails() throws {
        var play = try Play(
            """
            StartAt: C
            States:
              C: {Type: Choice, Choices: [{Variable: $.n, NumericEquals: 1, Next: S}]}
              S: {Type: Succeed}
            """)

        try play.begin(#"{"n":2}"#)

        #expect(play.failure?.error == "States.NoChoiceMatched")
    }

    @Test func ruleAndDefaultAssignTheirOwnVariables() throws {
        let definition = """
            StartAt: C
            States:
              C:
                Type: Choice
                Choices: [{Variable: $.n, NumericEquals: 1, Next: P, Assign: {v: rule}}]
                Default: P
                Assign: {v: default}
              P: {Type: Pass, Parameters: {v.$: $v}, End: true}
            """
        for (number, value) in [(1, "rule"), (2, "default")] {
            var play = try Play(definition)
            try play.begin(#"{"n":\#(number)}"#)
            #expect(play.output == ["v": .string(value)])
        }
    }

    @Test(arguments: [
        ("Seconds: 10", "{}", 10_000), ("SecondsPath: $.n", #"{"n":3}"#, 3000),
        ("SecondsPath: $.n", #"{"n":"3"}"#, 3000),
        (#"Timestamp: "2026-01-01T00:00:02.5Z""#, "{}", 2500),
        ("TimestampPath: $.t", #"{"t":"2026-01-01T01:00:01+01:00"}"#, 1000),
    ])
    func waitEndsAtItsTimeAndNotBefore(_ field: String, _ input: String, _ milliseconds: Int64) throws {
        var play = try Play("StartAt: W\nStates: {W: {Type: Wait, \(field), End: true}}")
        try play.begin(input)
        let due = Instant(milliseconds: Play.start.milliseconds + milliseconds)
        #expect(play.state.nextDue == due)

        play.now = Instant(milliseconds: due.milliseconds - 1)
        #expect(try play.give(.wake).isEmpty)
        play.now = due
        try play.give(.wake)

        #expect(play.output == (try JSONValue(parsing: input)))
        #expect(
            play.shown == ["ExecutionStarted<0", "WaitStateEntered<0", "WaitStateExited<2", "ExecutionSucceeded<3"])
        #expect(play.state.nextDue == nil)
    }

    @Test(arguments: [#"{"t":"2020-01-01T00:00:00Z"}"#, #"{"t":"2026-01-01T00:00:00Z"}"#])
    func aWaitThatIsOverIsLeftAtOnce(_ input: String) throws {
        var play = try Play("StartAt: W\nStates: {W: {Type: Wait, TimestampPath: $.t, End: true}}")

        try play.begin(input)

        #expect(play.output != nil)
    }

    @Test(arguments: [
        ("SecondsPath: $.n", #"{"n":1.5}"#, "The SecondsPath parameter cannot be parsed as a long value: $.n == 1.5"),
        ("SecondsPath: $.n", "{}", "The SecondsPath parameter does not reference an input value: $.n"),
        ("SecondsPath: $.n", #"{"n":-1}"#, "The Seconds field must be between 0 and 99999999 but was: -1"),
        (
            "TimestampPath: $.t", #"{"t":"soon"}"#,
            "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: "
                + "$.t == soon"
        ),
    ])
    func aWaitThatCannotBeReadFails(_ field: String, _ input: String, _ cause: String) throws {
        var play = try Play("StartAt: W\nStates: {W: {Type: Wait, \(field), End: true}}")

        try play.begin(input)

        #expect(play.failure?.error == "States.Runtime")
        #expect(play.failure?.cause.hasSuffix("(entered at the event id #2). \(cause)") == true)
    }

    @Test(arguments: [
        ("Error: E, Cause: because", "E", "because"), ("Error: E", "E", ""), ("Comment: none", "", ""),
        ("ErrorPath: $.e, CausePath: $.c", "given", "for this"),
    ])
    func failEndsWithItsErrorAndCause(_ fields: String, _ error: String, _ cause: String) throws {
        var play = try Play("StartAt: F\nStates: {F: {Type: Fail, \(fields)}}")

        try play.begin(#"{"e":"given","c":"for this"}"#)

        #expect(play.failure == TaskFailure(error: error, cause: cause))
        #expect(play.shown == ["ExecutionStarted<0", "FailStateEntered<0", "ExecutionFailed<2"])
    }

    @Test func succeedEndsInTheMiddle() throws {
        var play = try Play("StartAt: S\nStates: {S: {Type: Succeed, InputPath: $.a}}")

        try play.begin(#"{"a":1}"#)

        #expect(play.output == 1)
    }

    @Test func anEndlessLoopIsCutIntoDecisionsAndStoppedByTheHistoryLimit() throws {
        var play = try Play(
            """
            StartAt: A
            States:
              A: {Type: Choice, Choices: [{Variable: $.end, IsPresent: true, Next: S}], Default: A}
              S: {Type: Succeed}
            """)
        try play.begin()
        #expect(play.state.outcome == nil)
        #expect(try #require(play.state.nextDue) <= play.now)

        var decisions = 1
        while play.state.outcome == nil {
            try play.give(.wake)
            decisions += 1
        }

        #expect(decisions == 2)
        #expect(play.state.lastEventID == HistoryLimits.events)
        #expect(
            play.failure?.cause == "The execution reached the maximum number of history events (25000).")
        #expect(throws: InterpreterError.notRedrivable("its history is full (25000 events)")) {
            try play.give(.redrive)
        }
    }

    @Test func theMachinesTimeoutEndsTheExecutionExactlyThen() throws {
        var play = try Play("StartAt: W\nTimeoutSeconds: 5\nStates: {W: {Type: Wait, Seconds: 60, End: true}}")
        try play.begin()
        #expect(play.state.nextDue == play.now + .seconds(5))

        play.now = play.now + .milliseconds(4999)
        #expect(try play.give(.wake).isEmpty)
        play.now = play.now + .milliseconds(1)
        try play.give(.wake)

        #expect(play.state.outcome == .timedOut(TaskFailure(error: "States.Timeout", cause: "")))
        #expect(play.shown.last == "ExecutionTimedOut<2")
    }

    @Test func whatDoesNotFitIsRefused() throws {
        var play = try Play("StartAt: W\nStates: {W: {Type: Wait, Seconds: 60, End: true}}")
        #expect(throws: InterpreterError.notStarted) { try play.give(.wake) }
        #expect(throws: InterpreterError.notStarted) { try play.give(.redrive) }
        #expect(throws: InterpreterError.notStarted) { try play.give(.taskHeartbeat(3)) }
        try play.begin()
        #expect(throws: InterpreterError.alreadyStarted) { try play.begin() }
        #expect(throws: InterpreterError.notRedrivable("it is running")) { try play.give(.redrive) }
        #expect(throws: InterpreterError.taskNotOpen(3)) { try play.give(.taskHeartbeat(3)) }
        try play.give(.stop(error: "E", cause: "C"))
        #expect(play.state.outcome == .aborted(error: "E", cause: "C"))
        #expect(play.shown.suffix(1) == ["ExecutionAborted<2"])
        #expect(throws: InterpreterError.alreadyEnded) { try play.give(.wake) }
        #expect(throws: InterpreterError.alreadyEnded) { try play.give(.stop(error: nil, cause: nil)) }
    }
}
