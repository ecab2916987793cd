import JSONModel
import StatesLanguage
import Testing

/// What one field may make while it is evaluated, and how errors quote what is large.
@Suite struct EvaluationRoomTests {
    private static let text = String(repeating: "x", count: 250_000)
    private static let input: JSONValue = [
        "text": .string(text), "list": .array(Array(repeating: .string(text), count: 50)), "n": 1,
    ]
    private static let long = JSONValue.string(String(repeating: "y", count: 10_000_000))

    /// A new one each time: what is evaluated in one counts together.
    private static var scope: EvaluationScope {
        EvaluationScope(input: input, context: [:], variables: ["long": long], now: 0, seed: 1)
    }

    private func value(_ text: String) throws -> JSONValue {
        try Template.intrinsic(IntrinsicCall(parsing: text)).evaluate(in: Self.scope)
    }

    private static func call(_ name: String, _ argument: String, times: Int, first: String = "") -> String {
        name + "(" + first + Array(repeating: argument, count: times).joined(separator: ", ") + ")"
    }

    /// What any of these would make takes gigabytes, though each value is in memory once.
    @Test(arguments: [
        call("States.Format", "$.text", times: 10_000, first: "'\(String(repeating: "{}", count: 10_000))', "),
        "States.JsonToString(\(call("States.Array", "$.list", times: 500)))",
        "States.Hash(\(call("States.Array", "$.list", times: 500)), 'MD5')",
        "States.ArrayUnique(\(call("States.Array", "$.list", times: 500)))",
    ])
    func aCallCannotUnfoldAValueToGigabytes(_ call: String) throws {
        let error = try #require(throws: EvaluationError.self) { try value(call) }

        #expect(error.error == "States.DataLimitExceeded")
        #expect(error.cause.contains("more than 268435456 bytes"))
    }

    @Test func manyFieldsCannotMakeGigabytesTogether() throws {
        let template = { (fields: Int) throws -> Template in
            let output = (0..<fields).map { "f\($0): \"{% $long & 'x' %}\"" }.joined(separator: ", ")
            let reading = StateMachineReader.read(
                "StartAt: A\nQueryLanguage: JSONata\nStates: {A: {Type: Succeed, Output: {\(output)}}}", file: nil)
            return try #require(reading.machine?.scope.states["A"]?.data.output, "\(reading.diagnostics)")
        }

        #expect(try template(5).evaluate(in: Self.scope)["f4"] != nil)
        let error = try #require(throws: EvaluationError.self) {
            try template(40).evaluate(in: Self.scope, field: "Output")
        }
        #expect(error.error == "States.DataLimitExceeded")
        #expect(error.cause.contains("'Output/f26'"))
    }

    @Test func aTextThatIsTooLongIsNoResult() throws {
        let error = try #require(throws: EvaluationError.self) {
            try value("States.JsonToString(States.Array($.list, $.list))")
        }

        #expect(error.error == "States.IntrinsicFailure")
        #expect(error.cause.contains("longer than 16777216 bytes"))
    }

    @Test(
        arguments: [
            ("States.ArrayLength(\(call("States.Array", "$.list", times: 500)))", 500),
            ("States.ArrayLength(States.StringSplit(States.JsonToString($.list), ','))", 50),
        ] as [(String, JSONValue)])
    func whatIsLargeOnTheWayMayBecomeSmall(_ call: String, _ expected: JSONValue) throws {
        #expect(try value(call) == expected)
    }

    @Test(arguments: [
        "States.ArrayLength($.nothing)", "States.StringToJson(States.Array($.list, $.list))",
        "States.ArrayPartition($.list, $.list)",
    ])
    func aCauseQuotesNoMoreThanItsLength(_ call: String) throws {
        let error = try #require(throws: EvaluationError.self) { try value(call) }

        #expect((32_768..<33_100).contains(error.cause.count), "\(error.cause.count)")
        #expect(error.cause.contains("…"))
    }

    @Test(
        arguments: [
            [1, "a\n", ["b": .null, "c": [true, 2.5]], [], [:]], "x", .null,
            ["a": .string(String(repeating: "\"", count: 16_000))],
        ] as [JSONValue])
    func whatIsShortIsQuotedWhole(_ value: JSONValue) {
        #expect(value.quotedForCause == value.jsonString)
    }
}
