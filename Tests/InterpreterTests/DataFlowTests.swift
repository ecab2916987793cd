import Interpreter
import JSONModel
import Testing

/// Input and output processing, and the states that only move data.
@Suite struct DataFlowTests {
    struct Example: CustomTestStringConvertible {
        let name: String
        let fields: String
        let input: String
        let output: String
        var testDescription: String { name }
    }

    @Test(arguments: [
        Example(name: "nothing", fields: "", input: #"{"a":1}"#, output: #"{"a":1}"#),
        Example(name: "Result", fields: #""Result": {"r":1}"#, input: #"{"a":1}"#, output: #"{"r":1}"#),
        Example(
            name: "Result and ResultPath", fields: #""Result": 5, "ResultPath": "$.b.c""#, input: #"{"a":1}"#,
            output: #"{"a":1,"b":{"c":5}}"#),
        Example(name: "ResultPath null", fields: #""Result": 5, "ResultPath": null"#, input: "[1]", output: "[1]"),
        Example(name: "InputPath", fields: #""InputPath": "$.a""#, input: #"{"a":[1]}"#, output: "[1]"),
        Example(name: "InputPath null", fields: #""InputPath": null"#, input: #"{"a":1}"#, output: "{}"),
        Example(name: "OutputPath", fields: #""OutputPath": "$.a""#, input: #"{"a":[1]}"#, output: "[1]"),
        Example(name: "OutputPath null", fields: #""OutputPath": null"#, input: #"{"a":[1]}"#, output: "{}"),
        Example(
            name: "Parameters", fields: #""Parameters": {"x.$":"$.a","y":2}"#, input: #"{"a":1}"#,
            output: #"{"x":1,"y":2}"#),
        Example(
            name: "InputPath, then Parameters, then ResultPath on the raw input",
            fields: #""InputPath": "$.a", "Parameters": {"x.$":"$.b"}, "ResultPath": "$.r""#,
            input: #"{"a":{"b":3}}"#, output: #"{"a":{"b":3},"r":{"x":3}}"#),
        Example(
            name: "context object",
            fields:
                ##""Parameters": {"n.$":"$$.Execution.Name","s.$":"$$.State.Name","i.$":"$$.Execution.Input.a","m.$":"$$.StateMachine.Name","r.$":"$$.Execution.RedriveCount","e.$":"$$.State.EnteredTime","t.$":"$$.Execution.StartTime"}"##,
            input: #"{"a":1}"#,
            output:
                #"{"n":"run","s":"P","i":1,"m":"play","r":0,"e":"2026-01-01T00:00:00.000Z","t":"2026-01-01T00:00:00.000Z"}"#
        ),
    ])
    func passShapesItsData(_ example: Example) throws {
        let comma = example.fields.isEmpty ? "" : ", "
        var play = try Play(#"{"StartAt":"P","States":{"P":{"Type":"Pass","End":true\#(comma)\#(example.fields)}}}"#)

        try play.begin(example.input)

        #expect(play.output == (try JSONValue(parsing: example.output)), "\(String(describing: play.state.outcome))")
        #expect(
            play.shown == ["ExecutionStarted<0", "PassStateEntered<0", "PassStateExited<2", "ExecutionSucceeded<3"])
    }

    @Test func aPathWithoutAValueFailsTheExecutionInAWSsWords() throws {
        var play = try Play(#"{"StartAt":"P","States":{"P":{"Type":"Pass","OutputPath":"$.no","End":true}}}"#)

        try play.begin()

        #expect(play.failure?.error == "States.Runtime")
        #expect(
            play.failure?.cause
                == "An error occurred while executing the state 'P' (entered at the event id #2). "
                + "Invalid path '$.no' : No results for path: $['no']")
        #expect(play.shown == ["ExecutionStarted<0", "PassStateEntered<0", "ExecutionFailed<2"])
    }

    @Test func variablesKeepTheirValuesOfTheStatesEntry() throws {
        var play = try Play(
            """
            StartAt: A
            States:
              A: {Type: Pass, Assign: {x: 1, y.$: $.n}, Next: B}
              B: {Type: Pass, Assign: {x.$: $y, y.$: $x}, Next: C}
              C: {Type: Pass, Parameters: {x.$: $x, y.$: $y}, End: true}
            """)

        try play.begin(#"{"n":2}"#)

        #expect(play.output == ["x": 2, "y": 1])
    }

    @Test func aRandomValueIsTheSameWheneverItIsDecided() throws {
        let definition = """
            StartAt: A
            States:
              A: {Type: Pass, Parameters: {a.$: States.UUID(), b.$: States.UUID()}, Next: B}
              B: {Type: Pass, ResultPath: $.c, Parameters: {u.$: States.UUID()}, End: true}
            """
        var first = try Play(definition)
        var second = try Play(definition)

        try first.begin()
        try second.begin()

        #expect(first.output == second.output)
        #expect(first.output?["a"] != first.output?["b"])
        #expect(first.output?["c"]?["u"] != first.output?["a"])
    }

    @Test func anOutputOverTheLimitEndsTheExecutionAndNoHandlerSavesIt() throws {
        var play = try Play(
            """
            StartAt: A
            States:
              A: {Type: Pass, Parameters: {"two.$": "States.Array($, $)"}, Next: B}
              B: {Type: Succeed}
            """)

        try play.begin(#"{"text":"\#(String(repeating: "x", count: 140_000))"}"#)

        #expect(play.failure?.error == "States.DataLimitExceeded")
    }

    @Test(arguments: [(262_142, true), (262_143, false)])
    func theLimitCountsTheBytesOfTheJSON(_ length: Int, _ allowed: Bool) {
        #expect(PayloadLimit.allows(.string(String(repeating: "x", count: length))) == allowed)
    }

    @Test(arguments: [
        #"{"a":[1,-20,300,1.5,true,false,null],"b":"\n\"\\\u0001é","c":{},"d":[]}"#, "[[],[[]],{}]", "0", #""""#,
    ])
    func theLimitCountsWhatTheWriterWrites(_ text: String) throws {
        let value = try JSONValue(parsing: text)
        let size = value.jsonBytes.count
        let fill = { (count: Int) in JSONValue.array([value, .string(String(repeating: "x", count: count))]) }

        #expect(PayloadLimit.allows(fill(PayloadLimit.bytes - size - 5)))
        #expect(!PayloadLimit.allows(fill(PayloadLimit.bytes - size - 4)))
    }

    @Test func nestingIsLimited() {
        func nested(_ depth: Int) -> JSONValue { (0..<depth).reduce(JSONValue.null) { value, _ in .array([value]) } }

        #expect(PayloadLimit.allows(nested(PayloadLimit.depth)))
        #expect(!PayloadLimit.allows(nested(PayloadLimit.depth + 1)))
    }
}
