import Interpreter
import JSONModel
import StatesLanguage
import Testing
import WallTime

/// What a definition of a few lines, or an input, cannot make grow without bounds.
@Suite struct GrowthTests {
    /// A record is written as a whole, so what is in it is in memory at once.
    @Test func aDecisionStopsWhenMuchWasMade() throws {
        let machine = try Play(
            """
            StartAt: A
            QueryLanguage: JSONata
            States:
              A: {Type: Pass, Output: "{% $pad('', 200000, 'x') & $string($states.context.State.EnteredTime) %}", Next: B}
              B: {Type: Choice, Choices: [{Condition: "{% false %}", Next: C}], Default: A}
              C: {Type: Succeed}
            """
        ).machine
        var state = ExecutionState.empty
        var decisions: [Int] = []
        for _ in 0..<3 {
            let decision = try Interpreter.advance(
                machine, &state, decisions.isEmpty ? .start(input: [:]) : .wake, now: Play.start,
                identity: .virtual(startedAt: Play.start), seed: 1)
            decisions.append(decision.events.count)
            #expect(state.outcome == nil)
            #expect(state.nextDue.map { $0 <= Play.start } == true, "it goes on at once")
        }

        #expect(decisions.allSatisfy { $0 < 400 }, "\(decisions)")
    }

    @Test func whatIsOnlyPassedOnDoesNotCount() throws {
        let input = JSONValue.object(["text": .string(String(repeating: "x", count: 100_000)), "n": 0])
        let chain = (0..<200).map { "  S\($0): {Type: Pass, Next: S\($0 + 1)}" }.joined(separator: "\n")
        let machine = try Play("StartAt: S0\nStates:\n\(chain)\n  S200: {Type: Succeed}").machine
        var state = ExecutionState.empty
        let decision = try Interpreter.advance(
            machine, &state, .start(input: input), now: Play.start, identity: .virtual(startedAt: Play.start), seed: 1)

        #expect(decision.events.count == 404)
    }

    @Test(arguments: [
        // Nested, each of these would double what the branch below gets.
        "{Type: Parallel, Parameters: {a.$: $, b.$: $}, Branches: [\(branch)], End: true}",
        "{Type: Map, ItemsPath: $.items, ItemSelector: {a.$: $, b.$: $}, ItemProcessor: \(branch), End: true}",
        "{Type: Succeed, OutputPath: $..*}", "{Type: Succeed, InputPath: $..*}",
        "{Type: Choice, InputPath: $..*, Choices: [{Variable: \"$[0]\", IsPresent: true, Next: C}]}",
        "{Type: Wait, Seconds: 0, OutputPath: $..*, Next: C}",
    ])
    func whatAStateHandsOnIsLimited(_ state: String) throws {
        let end = state.contains("Next: C") ? "\n  C: {Type: Succeed}" : ""
        let definition = "StartAt: A\nStates:\n  A: \(state)\(end)"
        var small = try Play(definition)
        try small.begin(#"{"items":[1],"a":1}"#)
        #expect(small.output != nil, "\(small.failure?.cause ?? "")")

        let text = String(repeating: "x", count: 100_000)
        var large = try Play(definition)
        try large.begin(#"{"items":[1,2],"a":{"b":{"c":"\#(text)","d":"\#(text)"}}}"#)
        #expect(large.failure?.error == "States.DataLimitExceeded")
    }

    @Test func aBranchThatStartsLaterGetsTheSame() throws {
        let branches = (0..<60).map {
            "{StartAt: S\($0), States: {S\($0): {Type: Pass, Output: \"{% $states.input & '!' %}\", End: true}}}"
        }
        let machine = try Play(
            """
            StartAt: A
            QueryLanguage: JSONata
            States:
              A:
                Type: Parallel
                Arguments: "{% $string($millis()) & $uuid() & $pad('', 200000, 'x') %}"
                Branches: [\(branches.joined(separator: ", "))]
                Output: "{% [$states.result[0], $count($distinct($states.result))] %}"
                End: true
            """
        ).machine
        var (history, state, now) = ([HistoryEvent](), ExecutionState.empty, Play.start)
        while state.outcome == nil {
            // After a restart nothing is remembered.
            state = try ExecutionState.fold(history)
            let decision = try Interpreter.advance(
                machine, &state, history.isEmpty ? .start(input: [:]) : .wake, now: now,
                identity: .virtual(startedAt: Play.start), seed: 1)
            history += decision.events
            now = now + .seconds(1)
        }

        guard case .succeeded(let output) = state.outcome else { throw Failed(outcome: state.outcome) }
        #expect(output[1] == 1)
        #expect(now > Play.start + .seconds(1), "in several decisions")
    }

    // MARK: Errors

    @Test func aCauseIsNoLongerThanOnAWS() throws {
        var fail = try Play(
            """
            StartAt: F
            QueryLanguage: JSONata
            States: {F: {Type: Fail, Error: E, Cause: "{% $pad('', 100000, 'é') %}"}}
            """)
        try fail.begin()
        #expect(fail.failure == TaskFailure(error: "E", cause: String(repeating: "é", count: 32_768)))

        var task = try Play("StartAt: T\nStates: {T: {Type: Task, Resource: activity:w, End: true}}")
        try task.begin()
        try task.fail("E", String(repeating: "c", count: 40_000))
        #expect(task.failure?.cause.count == 32_768)
        let recorded = task.history.compactMap { event -> Int? in
            if case .taskFailed(_, let failure) = event.kind { failure.cause.count } else { nil }
        }
        #expect(recorded == [32_768])
    }

    @Test func whatAFieldMakesInBetweenIsLimitedForGood() throws {
        let arguments = Array(repeating: "$", count: 5000).joined(separator: ", ")
        var play = try Play(
            """
            StartAt: P
            States:
              P:
                Type: Parallel
                Branches: [{StartAt: B, States: {B: {Type: Pass, Result: 1, End: true}}}]
                Parameters: {"n.$": "States.ArrayLength(States.StringSplit(States.JsonToString(States.Array(\(arguments))), ','))"}
                Catch: [{ErrorEquals: [States.ALL], Next: Caught}]
                End: true
              Caught: {Type: Pass, End: true}
            """)
        try play.begin("\"\(String(repeating: "x", count: 100_000))\"")

        #expect(play.failure?.error == "States.DataLimitExceeded")
    }

    // MARK: A state tried out by itself

    @Test(arguments: [
        ("ItemSelector: \"{% $pad('', 200000, 'x') %}\"", 50, true),
        ("ItemSelector: \"{% $pad('', 200000, 'x') %}\"", 100, false),
        ("ItemBatcher: {MaxItemsPerBatch: 1, BatchInput: {t: \"{% $pad('', 200000, 'x') %}\"}}", 50, true),
        ("ItemBatcher: {MaxItemsPerBatch: 1, BatchInput: {t: \"{% $pad('', 200000, 'x') %}\"}}", 100, false),
    ])
    func whatATestShowsOfAMapIsLimited(_ field: String, _ items: Int, _ fits: Bool) throws {
        let machine = try Play(
            """
            StartAt: M
            QueryLanguage: JSONata
            States:
              M:
                Type: Map
                ItemProcessor:
                  ProcessorConfig: {Mode: DISTRIBUTED, ExecutionType: STANDARD}
                  StartAt: B
                  States: {B: {Type: Pass, End: true}}
                \(field)
                End: true
            """
        ).machine
        let state = try #require(machine.scope.states["M"])
        let setting = StateTest.Setting(input: .array(Array(repeating: 1, count: items)))
        let report = StateTest(
            state, setting: setting, identity: .virtual(startedAt: Play.start), now: Play.start, seed: 1
        ).run(result: .success([]))

        #expect(report.failure?.error == (fits ? nil : "States.DataLimitExceeded"), "\(report.failure?.cause ?? "")")
    }

    private struct Failed: Error { var outcome: Outcome? }

    private static let branch = "{StartAt: B, States: {B: {Type: Pass, Result: 1, End: true}}}"
}
