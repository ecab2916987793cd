import Interpreter
import JSONModel
import StatesLanguage
import Testing
import WallTime

/// What takes the processor's time holds up nobody for long.
@Suite struct EffortTests {
    /// Some thousand steps.
    static let work = "$sum([1..1000].($ * 2))"
    static let limits = DecisionLimits(steps: 50_000, stepsOfOneState: 100_000)

    @Test func aDecisionStopsWhenMuchWasEvaluated() throws {
        let machine = try Play(
            """
            StartAt: A
            QueryLanguage: JSONata
            States:
              A: {Type: Pass, Output: "{% \(Self.work) %}", Next: B}
              B: {Type: Choice, Choices: [{Condition: "{% $states.input < 0 %}", Next: C}], Default: A}
              C: {Type: Succeed}
            """
        ).machine
        var state = ExecutionState.empty
        for stimulus in [.start(input: [:]), .wake, .wake] as [Stimulus] {
            let decision = try Interpreter.advance(
                machine, &state, stimulus, now: Play.start, identity: .virtual(startedAt: Play.start), seed: 1,
                limits: Self.limits)
            #expect((4..<100).contains(decision.events.count), "\(decision.events.count)")
            #expect(state.outcome == nil)
            #expect(state.nextDue.map { $0 <= Play.start } == true, "it goes on at once")
        }
    }

    @Test(arguments: ["a.$: $..n", "a.$: States.ArrayLength($..n)", "a.$: States.JsonToString($.items)"])
    func pathsAndFunctionsCount(_ parameter: String) throws {
        let states = (0..<400).map {
            "  S\($0): {Type: Pass, Parameters: {\(parameter)}, ResultPath: $.x, Next: S\($0 + 1)}"
        }
        let machine = try Play("StartAt: S0\nStates:\n\(states.joined(separator: "\n"))\n  S400: {Type: Succeed}")
            .machine
        var state = ExecutionState.empty
        let items = JSONValue.array((0..<1_000).map { .int($0) })
        let decision = try Interpreter.advance(
            machine, &state, .start(input: ["n": 1, "items": items]), now: Play.start,
            identity: .virtual(startedAt: Play.start), seed: 1, limits: DecisionLimits(steps: 10_000))

        #expect(decision.events.count < 700)
        #expect(state.outcome == nil)
    }

    // MARK: One state

    /// Each of them is far from the limit of one expression.
    private static let hundred = (0..<100).map { "f\($0): \"{% \(work) %}\"" }.joined(separator: ", ")

    @Test func theExpressionsOfAStateHaveOneLimit() throws {
        var run = try Play(
            """
            StartAt: A
            QueryLanguage: JSONata
            States: {A: {Type: Pass, Output: {\(Self.hundred)}, End: true}}
            """)
        run.limits = Self.limits
        try run.begin()

        #expect(run.failure?.error == "States.QueryEvaluationError")
        let cause = try #require(run.failure?.cause)
        #expect(cause.contains("The fields of the state, up to 'Output/f"), "\(cause)")
        #expect(cause.contains("take more than 100000 steps of evaluation"), "\(cause)")
    }

    @Test func thePathsOfAStateHaveOneLimit() throws {
        let paths = (0..<200).map { "f\($0).$: $..n" }.joined(separator: ", ")
        var run = try Play("StartAt: A\nStates: {A: {Type: Pass, Parameters: {\(paths)}, End: true}}")
        run.limits = Self.limits
        let items = (0..<1_000).map(String.init).joined(separator: ",")
        try run.begin(#"{"n":1,"items":[\#(items)]}"#)

        #expect(run.failure?.error == "States.Runtime")
        #expect(run.failure?.cause.contains("take more than 100000 steps") == true, "\(run.failure?.cause ?? "")")
    }

    /// They are decided together.
    @Test func statesThatAreDueTogetherCountByThemselves() throws {
        let branches = (0..<60).map {
            "{StartAt: W\($0), States: {W\($0): {Type: Wait, Seconds: 1, Output: \"{% \(Self.work) %}\", End: true}}}"
        }
        var run = try Play(
            """
            StartAt: P
            QueryLanguage: JSONata
            States:
              P: {Type: Parallel, Branches: [\(branches.joined(separator: ", "))], Output: "{% $count($states.result) %}", End: true}
            """)
        run.limits = Self.limits
        try run.begin()
        while run.state.outcome == nil { try run.wakeWhenDue() }

        #expect(run.output == 60, "\(run.failure?.cause ?? "")")
    }

    // MARK: Trials

    @Test func aTrialGivesUpWhereMuchIsToBeEvaluated() throws {
        let machine = try Play(
            """
            StartAt: A
            QueryLanguage: JSONata
            States:
              A: {Type: Pass, Next: B}
              B: {Type: Pass, Output: "{% $sum([1..10000].($ * 2)) %}", End: true}
            """
        ).machine
        func start(_ state: inout ExecutionState, _ limits: DecisionLimits) throws -> Decision {
            try Interpreter.advance(
                machine, &state, .start(input: [:]), now: Play.start, identity: .virtual(startedAt: Play.start),
                seed: 1, limits: limits)
        }
        var tried = ExecutionState.empty
        #expect(throws: InterpreterError.tooMuchForTrial) { try start(&tried, .trial) }

        var state = ExecutionState.empty
        #expect(try start(&state, .noState).events.count == 1)
        #expect(state.nextDue == Play.start)
        _ = try Interpreter.advance(
            machine, &state, .wake, now: Play.start, identity: .virtual(startedAt: Play.start), seed: 1)
        #expect(state.outcome == .succeeded(output: 100_010_000))
    }

    /// What comes of a failure is evaluated, too, and would be recorded.
    @Test(arguments: [
        #"A: {Type: Task, Resource: "activity:x", Arguments: {x: "{% WORK %}"}, Catch: [{ErrorEquals: [States.ALL], Next: F}], End: true}"#,
        #"A: {Type: Parallel, Branches: [{StartAt: B, States: {B: {Type: Pass, Output: "{% WORK %}", End: true}}}], End: true}"#,
        #"A: {Type: Map, Items: [1], ItemProcessor: {ProcessorConfig: {Mode: DISTRIBUTED, ExecutionType: STANDARD}, StartAt: B, States: {B: {Type: Pass, Output: "{% WORK %}", End: true}}}, End: true}"#,
    ])
    func aTrialFailsNoState(_ state: String) throws {
        let state = state.replacing("WORK", with: "$sum([1..10000].($ * 2))")
        let end = state.contains("Next: F") ? "\n  F: {Type: Succeed}" : ""
        let machine = try Play("StartAt: A\nQueryLanguage: JSONata\nStates:\n  \(state)\(end)").machine
        var tried = ExecutionState.empty
        #expect(throws: InterpreterError.tooMuchForTrial) {
            try Interpreter.advance(
                machine, &tried, .start(input: [:]), now: Play.start, identity: .virtual(startedAt: Play.start),
                seed: 1,
                limits: .trial)
        }
    }

    /// Each is an iteration's, though they are put together at once.
    @Test func theItemsOfBatchesCountByThemselves() throws {
        var run = try Play(
            """
            StartAt: M
            QueryLanguage: JSONata
            States:
              M:
                Type: Map
                Items: "{% [1..60] %}"
                ItemSelector: {n: "{% \(Self.work) %}"}
                ItemBatcher: {MaxItemsPerBatch: 10}
                ItemProcessor:
                  ProcessorConfig: {Mode: DISTRIBUTED, ExecutionType: STANDARD}
                  StartAt: B
                  States: {B: {Type: Pass, End: true}}
                End: true
            """)
        run.limits = Self.limits
        try run.begin()
        while run.state.outcome == nil { try run.wakeWhenDue() }
        #expect(run.failure == nil, "\(run.failure?.cause ?? "")")
    }

    @Test func aTrialDecidesWhatIsLight() throws {
        let machine = try Play("StartAt: A\nStates: {A: {Type: Pass, Next: B}, B: {Type: Succeed}}").machine
        var state = ExecutionState.empty
        _ = try Interpreter.advance(
            machine, &state, .start(input: 1), now: Play.start, identity: .virtual(startedAt: Play.start), seed: 1,
            limits: .trial)
        #expect(state.outcome == .succeeded(output: 1))
    }
}
