import Interpreter
import JSONModel
import StatesLanguage
import Testing

/// What is said of a redrive when a Task, a Parallel or a Map could not be evaluated or made too much data.
@Suite struct OwnFailureExplanationTests {
    private static let tooMuch = "States.Format('{}{}{}{}{}{}',$.p,$.p,$.p,$.p,$.p,$.p)"
    private static let long = #"{"p":"\#(String(repeating: "x", count: 50_000))"}"#
    private static let large =
        #"{StartAt: I, States: {I: {Type: Pass, Result: "\#(String(repeating: "x", count: 150_000))", End: true}}}"#
    private static let pass = "{StartAt: I, States: {I: {Type: Pass, End: true}}}"
    private static let distributed = "ProcessorConfig: {Mode: DISTRIBUTED, ExecutionType: STANDARD}"

    private static func redrive(_ play: Play) -> Explanation.Redrive? {
        play.state.explanation(play.machine, now: play.now, history: play.history).redrive
    }

    private static func machine(_ state: String) -> String {
        "StartAt: S\nStates: {S: {\(state), End: true}}"
    }

    @Test(
        arguments: [
            ("Type: Map, ItemProcessor: \(large)", "[1,2]", .map),
            ("Type: Map, ItemProcessor: {\(distributed), \(large.dropFirst())", "[1,2]", .map),
            ("Type: Parallel, Branches: [\(large), \(large.replacing("I", with: "J"))]", "1", .parallel),
            (
                "Type: Map, ItemBatcher: {MaxItemsPerBatch: 5}, ItemProcessor: {\(distributed), \(pass.dropFirst())",
                #"["\#(String(repeating: "x", count: 262_138))"]"#, .map
            ),
            ("Type: Map, ItemsPath: $.a, ItemProcessor: \(pass)", #"{"a":1}"#, .map),
            ("Type: Map, ItemProcessor: \(pass), ResultSelector: {a.$: $.none}", "[1]", .map),
            ("Type: Parallel, Branches: [\(pass)], Parameters: {a.$: $.none}", "{}", .parallel),
            ("Type: Task, Resource: 'activity:t', Parameters: {a.$: \"\(tooMuch)\"}", long, .task),
            ("Type: Task, Resource: 'activity:t', Parameters: {a.$: $.none}", "{}", .task),
            (
                "Type: Task, QueryLanguage: JSONata, Resource: 'activity:t', Arguments: '{% $states.input.none %}'",
                "{}",
                .task
            ),
            (
                "Type: Map, ItemSelector: {a.$: \"\(tooMuch)\"}, ItemsPath: $.l, ItemProcessor: \(pass)",
                #"{"l":[1],\#(long.dropFirst())"#, .map
            ),
        ] as [(String, String, StateType)])
    func aRedriveComesToTheSame(_ state: String, _ input: String, _ type: StateType) throws {
        var play = try Play(Self.machine(state))
        try play.begin(input)
        for _ in 0..<2 {
            let own = ["States.DataLimitExceeded", "States.Runtime", "States.QueryEvaluationError"]
            #expect(own.contains(play.failure?.error ?? ""))
            #expect(Self.redrive(play) == .endsAgain(state: "S", type: type))
            try play.give(.redrive)
        }
    }

    @Test func childrenThatFailSoAreFinal() throws {
        let child = "{\(Self.distributed), StartAt: T, States: {T: {Type: Task, Resource: 'activity:t', "
        var play = try Play(
            Self.machine("Type: Map, ItemProcessor: \(child)Parameters: {a.$: $.none}, End: true}}}"))
        try play.begin("[{}]")
        #expect(play.failure?.error == "States.ExceedToleratedFailureThreshold")
        #expect(Self.redrive(play) == .endsAgain(state: "S", type: .map))
    }

    @Test func aTaskThatWasScheduledMayComeToSomethingElse() throws {
        var play = try Play(Self.machine("Type: Task, Resource: 'activity:t', ResultSelector: {a.$: $.a}"))
        try play.begin()
        try play.succeed(#"{"b":1}"#)
        #expect(play.failure?.error == "States.Runtime")
        #expect(Self.redrive(play) == .goesOn)
        try play.give(.redrive)
        try play.succeed(#"{"a":1}"#)
        #expect(play.output == ["a": 1])
    }

    @Test func soMayABranchsTask() throws {
        let branch = "{StartAt: T, States: {T: {Type: Task, Resource: 'activity:t', End: true}}}"
        for state in ["Type: Parallel, Branches: [\(branch)]", "Type: Map, ItemProcessor: \(branch)"] {
            var play = try Play(Self.machine(state))
            try play.begin("[1]")
            try play.fail("States.Runtime")
            #expect(Self.redrive(play) == .goesOn)
        }
    }
}
