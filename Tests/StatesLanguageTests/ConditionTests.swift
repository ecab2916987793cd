import JSONModel
import StatesLanguage
import Testing

@Suite struct ConditionTests {
    static let scope = EvaluationScope(
        input: [
            "text": "app-7.log", "empty": "", "int": 3, "double": 3.0, "big": 9_007_199_254_740_993, "yes": true,
            "null": .null, "list": [], "object": [:], "time": "2026-11-20T03:00:00+01:00", "other": "b", "three": 3,
            "day": "2026-11-20", "star": "a*b",
        ], context: ["Execution": ["Name": "n"]], variables: ["limit": 3], now: 0, seed: 0)

    private func holds(_ rule: JSONObject) throws -> Bool {
        var rule = rule
        rule["Next"] = "End"
        let reading = StateMachineReader.read(json: [
            "StartAt": "Choose",
            "States": ["Choose": ["Type": "Choice", "Choices": [.object(rule)]], "End": ["Type": "Succeed"]],
        ])
        let machine = try #require(reading.machine, "\(reading.diagnostics)")
        guard case .choice(let choice)? = machine.scope.states["Choose"]?.kind else { return false }
        return try choice.rules[0].condition.holds(in: Self.scope)
    }

    @Test(
        arguments: [
            ("$.text", "StringEquals", "app-7.log", true), ("$.text", "StringEquals", "app", false),
            ("$.int", "StringEquals", "3", false), ("$.text", "StringLessThan", "b", true),
            ("$.text", "StringGreaterThan", "A", true), ("$.text", "StringLessThanEquals", "app-7.log", true),
            ("$.text", "StringGreaterThanEquals", "b", false), ("$.text", "StringLessThanPath", "$.other", true),
            ("$.int", "NumericEquals", 3.0, true), ("$.double", "NumericEquals", 3, true),
            ("$.text", "NumericEquals", 3, false), ("$.int", "NumericEqualsPath", "$limit", true),
            ("$.int", "NumericLessThan", 3, false), ("$.int", "NumericLessThanEquals", 3, true),
            ("$.int", "NumericGreaterThan", 2.9, true), ("$.int", "NumericGreaterThanEqualsPath", "$.three", true),
            ("$.big", "NumericEquals", 9_007_199_254_740_992, false), ("$.big", "NumericGreaterThan", 9e15, true),
            ("$.yes", "BooleanEquals", true, true), ("$.yes", "BooleanEquals", false, false),
            ("$.text", "BooleanEquals", true, false), ("$.yes", "BooleanEqualsPath", "$.yes", true),
            ("$.time", "TimestampEquals", "2026-11-20T02:00:00Z", true),
            ("$.time", "TimestampLessThan", "2026-11-20T02:00:00.001Z", true),
            ("$.time", "TimestampGreaterThan", "2026-11-20T02:30:00Z", false),
            ("$.time", "TimestampEqualsPath", "$.time", true), ("$.day", "TimestampEqualsPath", "$.time", false),
            ("$.null", "IsNull", true, true), ("$.text", "IsNull", false, true), ("$.null", "IsNull", false, false),
            ("$.nothing", "IsPresent", false, true), ("$.nothing", "IsPresent", true, false),
            ("$.null", "IsPresent", true, true), ("$undefined", "IsPresent", true, false),
            ("$$.Execution.Name", "IsPresent", true, true), ("$.double", "IsNumeric", true, true),
            ("$.text", "IsNumeric", true, false), ("$.text", "IsString", true, true),
            ("$.int", "IsString", false, true),
            ("$.yes", "IsBoolean", true, true), ("$.null", "IsBoolean", true, false),
            ("$.time", "IsTimestamp", true, true), ("$.day", "IsTimestamp", true, false),
            ("$.int", "IsTimestamp", false, true), ("$.text", "StringMatches", "app-*.log", true),
            ("$.text", "StringMatches", "*", true), ("$.text", "StringMatches", "*.txt", false),
            ("$.empty", "StringMatches", "*", true), ("$.empty", "StringMatches", "", true),
            ("$.star", "StringMatches", #"a\*b"#, true), ("$.text", "StringMatches", #"app\*"#, false),
            ("$.int", "StringMatches", "*", false), ("$.text", "StringMatches", "*p*-*7*g", true),
        ] as [(String, String, JSONValue, Bool)])
    func comparisonFollowsTheSpecification(
        variable: String, name: String, operand: JSONValue, expected: Bool
    ) throws {
        #expect(try holds(["Variable": .string(variable), name: operand]) == expected)
    }

    @Test func andOrAndNotCombineConditions() throws {
        let yes: JSONValue = ["Variable": "$.yes", "BooleanEquals": true]
        let no: JSONValue = ["Variable": "$.yes", "BooleanEquals": false]

        #expect(try holds(["And": [yes, yes]]))
        #expect(try !holds(["And": [yes, no]]))
        #expect(try holds(["Or": [no, yes]]))
        #expect(try !holds(["Or": [no, no]]))
        #expect(try holds(["Not": no]))
        #expect(try holds(["And": [["Not": ["Or": [no, no]]], yes]]))
    }

    /// So that `IsPresent` can protect the comparison after it.
    @Test func andStopsAtTheFirstConditionThatFails() throws {
        let absent: JSONValue = ["Variable": "$.nothing", "IsPresent": true]
        let broken: JSONValue = ["Variable": "$.nothing", "NumericEquals": 1]

        #expect(try !holds(["And": [absent, broken]]))
    }

    @Test func aMissingValueIsARuntimeError() throws {
        for rule: JSONObject in [
            ["Variable": "$.nothing", "StringEquals": "x"], ["Variable": "$.nothing", "IsNull": true],
            ["Variable": "$.int", "NumericEqualsPath": "$.nothing"],
        ] {
            let error = try #require(throws: EvaluationError.self) { try self.holds(rule) }
            #expect(error.error == "States.Runtime")
        }
    }

    @Test(arguments: [
        (#"\\"#, #"\"#, true), (#"a\b"#, #"a\b"#, true), (#"a\"#, #"a\"#, true), ("**", "", true), ("a**b", "ab", true),
        (#"\**"#, "*x", true), (#"\\*"#, #"\x"#, true), ("ab", "abc", false), ("*ab", "aab", true),
    ])
    func wildcardPatternsKnowTheirEscapes(pattern: String, text: String, expected: Bool) {
        #expect(WildcardPattern(pattern).matches(text) == expected)
    }

    @Test func manyAsterisksTakeNoLongerThanTheProductOfTheLengths() {
        let pattern = WildcardPattern(String(repeating: "*a", count: 200) + "b")

        #expect(!pattern.matches(String(repeating: "a", count: 5000)))
    }
}
