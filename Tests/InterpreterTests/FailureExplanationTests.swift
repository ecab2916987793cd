import Interpreter
import JSONModel
import Testing
import WallTime

/// What is said of executions that did not succeed: which state, which iterations, and whether a redrive helps.
@Suite struct FailureExplanationTests {
    private static let noon = "2026-01-01T00:00:00.000Z"

    private static func explain(_ play: Play, _ circumstances: Circumstances = Circumstances()) -> Explanation {
        play.state.explanation(
            play.machine, now: play.now, history: play.history, circumstances: circumstances)
    }

    private static func lines(_ play: Play) -> [String] { explain(play).lines }

    /// A distributed Map over the items whose iteration fails for a 2, with the Fail state 'X'.
    private static func map(
        _ fields: String, iteration: String = "C", input: String = #"{"items":[1,2,3]}"#
    ) throws -> Play {
        let start = iteration == "C" ? "C" : "T"
        let task = iteration == "C" ? "" : ", T: {Type: Task, Resource: 'activity:t', Next: C}"
        var play = try Play(
            """
            StartAt: M
            States:
              M:
                Type: Map
                Label: each
                ItemsPath: $.items
                ItemProcessor:
                  ProcessorConfig: {Mode: DISTRIBUTED, ExecutionType: STANDARD}
                  StartAt: \(start)
                  States:
                    {C: {Type: Choice, Choices: [{Variable: $, NumericEquals: 2, Next: X}], Default: Y},
                     X: {Type: Fail, Error: Bad, Cause: no}, Y: {Type: Pass, End: true}\(task)}
                \(fields)
                End: true
              Lost: {Type: Fail, Error: Lost}
            """.replacing(fields.contains("Next: Lost") ? "\u{0}" : "  Lost: {Type: Fail, Error: Lost}", with: ""))
        try play.begin(input)
        return play
    }

    // MARK: Distributed Maps

    @Test func aMapThatFailsForAReasonOfItsOwnIsNamedAndNoToleratedIteration() throws {
        let lines = try Self.lines(Self.map("ToleratedFailurePercentage: 100\n    OutputPath: $.nope"))
        #expect(
            lines.first?.hasPrefix(
                "The execution failed in the state 'M' at \(Self.noon): States.Runtime: An error occurred while "
                    + "executing the state 'M'") == true, "\(lines)")
        #expect(
            lines.dropFirst() == [
                "One of its iterations has failed, that of item 1 in the state 'X' at \(Self.noon): Bad: no."
            ])
    }

    @Test func aMapWhoseWriterFailsIsNamed() throws {
        var play = try Self.map("ToleratedFailurePercentage: 100\n    \(DistributedMapTests.writer)")
        try play.fail("S3.NoSuchBucket", "there is no bucket 'out'")
        #expect(
            Self.lines(play).first
                == "The execution failed in the state 'M' at \(Self.noon): S3.NoSuchBucket: there is no bucket 'out'.")
        #expect(Self.explain(play).redrive == .goesOn)
    }

    @Test func theThresholdSaysHowManyIterationsFailedAndWithWhat() throws {
        let explanation = try Self.explain(
            Self.map("ToleratedFailureCount: 1\n    MaxConcurrency: 1", input: #"{"items":[1,2,2,2]}"#))
        #expect(
            explanation.lines == [
                "The execution failed in the state 'M' at \(Self.noon): States.ExceedToleratedFailureThreshold: The "
                    + "specified tolerated failure threshold was exceeded.",
                "2 of its iterations have failed, first that of item 1 in the state 'X' at \(Self.noon): Bad: no.",
                "Once what the cause names is mended, start another execution: a redrive has the same data, and would "
                    + "fail in the Map state 'M' again.",
            ])
        let iterations = explanation.json["failure"]?["iterations"]
        #expect(iterations?["failed"] == 2)
        #expect(iterations?["first"]?["item"] == 1)
        #expect(iterations?["first"]?["state"] == "X")
        #expect(iterations?["first"]?["error"] == "Bad")
    }

    @Test func iterationsThatFailedInATaskAreWorthARedrive() throws {
        var play = try Self.map("MaxConcurrency: 1", iteration: "T")
        try play.fail("E", "busy")
        #expect(Self.explain(play).redrive == .goesOn)
        #expect(
            Self.lines(play).last
                == "One of its iterations has failed, that of item 0 in the state 'T' at \(Self.noon): E: busy.")

        try play.give(.redrive)
        try play.fail("E", "still busy")
        #expect(Self.lines(play).last?.hasSuffix("'T' at \(Self.noon): E: still busy.") == true, "counted anew")
    }

    @Test func aMapWhoseFailureIsCaughtTellsOfItsIterationsToo() throws {
        let play = try Self.map("Catch: [{ErrorEquals: [States.ALL], Next: Lost}]")
        #expect(
            Self.lines(play) == [
                "The execution failed in the state 'Lost' at \(Self.noon): Lost.",
                "The step that failed is 'M', at \(Self.noon): States.ExceedToleratedFailureThreshold: The specified "
                    + "tolerated failure threshold was exceeded.",
                "One of its iterations has failed, that of item 1 in the state 'X' at \(Self.noon): Bad: no.",
                "Once what the cause names is mended, start another execution: a redrive would end in the Fail state "
                    + "'Lost' again.",
            ])
    }

    @Test func anIterationOfAnInlineMapIsStillNamed() throws {
        var play = try Play(
            """
            StartAt: M
            States:
              M: {Type: Map, ItemProcessor: {StartAt: T, States: {T: {Type: Task, Resource: 'activity:t', End: true}}},
                  End: true}
            """)
        try play.begin("[1]")
        try play.fail("E", "busy")
        #expect(Self.lines(play) == ["The execution failed in the state 'T' at \(Self.noon): E: busy."])
    }

    // MARK: What a redrive would come to

    @Test(arguments: [
        ("{Type: Fail, Error: E, Cause: c}", "{}", "a redrive would end in the Fail state 'S' again."),
        (
            "{Type: Choice, Choices: [{Variable: $.n, NumericEquals: 1, Next: Z}]}", #"{"n":2}"#,
            "a redrive has the same data, and would fail in the Choice state 'S' again."
        ),
    ])
    func aStateThatOnlyComputesIsNotWorthARedrive(_ state: String, _ input: String, _ advice: String) throws {
        let other = state.contains("Next: Z") ? "  Z: {Type: Succeed}" : ""
        var play = try Play("StartAt: S\nStates:\n  S: \(state)\n\(other)")
        try play.begin(input)
        guard case .endsAgain("S", _)? = Self.explain(play).redrive else {
            Issue.record("\(String(describing: Self.explain(play).redrive))")
            return
        }
        #expect(Self.lines(play).last == "Once what the cause names is mended, start another execution: \(advice)")
    }

    @Test func aFullHistoryIsNotRedriven() throws {
        var play = try Play(
            """
            StartAt: A
            States:
              A: {Type: Pass, Next: B}
              B: {Type: Choice, Choices: [{Variable: $.n, NumericEquals: 1, Next: A}], Default: Z}
              Z: {Type: Succeed}
            """)
        try play.begin(#"{"n":1}"#)
        while play.state.outcome == nil { try play.give(.wake) }
        #expect(Self.explain(play).redrive == .refused(reason: "its history is full (25000 events)"))
        #expect(
            Self.lines(play).last
                == "Start another execution: this one cannot be redriven, its history is full (25000 events).")
    }

    @Test func aDeadLetterThatIsRedrivenByItselfIsTold() throws {
        var play = try Play(TaskTests.machine())
        try play.begin()
        try play.fail("E", "busy")
        let explanation = Self.explain(play, Circumstances(nextRedrive: (7, play.now + .seconds(59))))
        #expect(explanation.lines.last == "Dead letter 7 redrives it by itself at 2026-01-01T00:00:59.000Z (in 59 s).")
        #expect(explanation.nextDue == play.now + .seconds(59))
        #expect(explanation.redrive == .goesOn)
    }

    // MARK: Ends of the execution as a whole

    @Test(
        arguments: [
            (nil, nil, "."), ("", "", "."), ("", "Enough.", ": Enough."), ("Stop", "", ": Stop."),
            ("Stop", "Enough!", ": Stop: Enough!"), ("Stop", "Enough. \n", ": Stop: Enough."),
        ] as [(String?, String?, String)])
    func anEmptyErrorOrCauseIsNotShown(_ error: String?, _ cause: String?, _ end: String) throws {
        var play = try Play("StartAt: W\nStates: {W: {Type: Wait, Seconds: 9, End: true}}")
        try play.begin()
        try play.give(.stop(error: error, cause: cause))
        #expect(Self.lines(play) == ["The execution was stopped at \(Self.noon)\(end)"])
    }

    @Test(
        arguments: [
            (nil, 5, "its state machine allows", "state machine's own timeout"),
            ("nightly", 5, "its state machine allows", "state machine's own timeout"),
            (
                "nightly", 90, "the deadline of its workflow 'nightly' allows (5 s)",
                "deadline of its workflow 'nightly'"
            ),
            (
                "nightly", nil, "the deadline of its workflow 'nightly' allows (5 s)",
                "deadline of its workflow 'nightly'"
            ),
        ] as [(String?, Int?, String, String)])
    func aDeadlineIsItsOwners(_ workflow: String?, _ own: Int?, _ allows: String, _ whose: String) throws {
        var play = try Play("StartAt: W\nTimeoutSeconds: 5\nStates: {W: {Type: Wait, Seconds: 9, End: true}}")
        try play.begin()
        let circumstances = Circumstances(workflow: workflow, timeoutSeconds: own)
        #expect(
            Self.explain(play, circumstances).lines.last == "The \(whose) ends it at 2026-01-01T00:00:05.000Z.")
        try play.wakeWhenDue()
        #expect(
            Self.explain(play, circumstances).lines == [
                "The execution ran longer than \(allows) and was ended at 2026-01-01T00:00:05.000Z."
            ])
    }
}
