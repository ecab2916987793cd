import StatesLanguage
import Testing

/// Calls and values that fail every time.
@Suite struct FailureRuleTests {
    @Test(arguments: [
        "States.Format('{} {}', 1)", "States.Format('{}', 1, 2)", "States.Format('{} {}', $.a)",
        "States.Hash('a', 'MD4')", "States.Hash($.a, 'MD4')", "States.ArrayRange(1, 9, 0)",
        "States.ArrayRange($.a, $.b, 0)", "States.ArrayRange(1, 5000, 1)", "States.ArrayPartition($.a, 0)",
        "States.ArrayPartition(States.Array(1, 2), -1)", "States.StringToJson('{')",
        "States.StringToJson(States.Format('\\\\{{}', 1))", "States.Base64Decode('?')",
        "States.JsonMerge($.a, $.b, true)", "States.ArrayGetItem(States.Array(1, 2), 2)",
        "States.ArrayLength(States.MathAdd(1, 2))", "States.Format('{}', States.Hash('a', 'MD4'))",
    ])
    func aCallThatAlwaysFailsIsTold(_ call: String) {
        #expect(
            Self.warnings("A: {Type: Pass, Parameters: {v.$: \"\(call)\"}, End: true}") == [
                "W819 /States/A/Parameters/v.$"
            ])
    }

    @Test(arguments: [
        "States.Format('{} {}', 1, $.a)", "States.Format($.a, 1)", "States.Format('none')",
        "States.Format('\\\\{\\\\} {}', 1)", "States.Hash($.a, $.b)", "States.Hash($.a, 'SHA-256')",
        "States.ArrayRange(1, 9, 2)", "States.ArrayRange($.a, 5000, 1)", "States.ArrayRange(5000, $.a, 1)",
        "States.ArrayRange(1, 9, $.a)", "States.ArrayRange($.a, $.b, $.c)", "States.ArrayPartition($.a, 4)",
        "States.ArrayPartition($.a, $.b)", "States.StringToJson('{\\\\}')", "States.StringToJson($.a)",
        "States.JsonMerge($.a, $.b, false)", "States.ArrayGetItem($.a, 9)", "States.ArrayLength($.a)",
        "States.ArrayContains($.a, 1)", "States.UUID()", "States.MathRandom(1, 9)", "States.MathRandom($.a, 9)",
        "States.StringSplit('a,b', ',')", "States.Base64Decode(States.Base64Encode('a'))",
        "States.ArrayUnique(States.Array(1, 1))", "States.MathAdd($.a, -1)", "States.StringSplit($.a, ',')",
        "States.ArrayLength(States.StringToJson($.a))", "States.JsonToString(States.JsonMerge($.a, $.b, false))",
    ])
    func aCallThatTheDataDecidesIsNot(_ call: String) {
        #expect(Self.warnings("A: {Type: Pass, Parameters: {v.$: \"\(call)\"}, End: true}").isEmpty)
    }

    @Test(arguments: [
        ("CausePath: \"$.a[*]\"", ["W819 /States/A/CausePath"]), ("ErrorPath: $..a", ["W819 /States/A/ErrorPath"]),
        ("CausePath: \"$.a[0]\"", [String]()), ("CausePath: $.a", []), ("ErrorPath: $$.State.Name", []),
        ("CausePath: \"States.JsonToString($.a)\"", []),
    ])
    func aCauseIsAText(_ field: String, _ expected: [String]) {
        #expect(Self.warnings("A: {Type: Fail, \(field)}") == expected)
    }

    private static func warnings(_ states: String) -> [String] {
        WarningRuleTests.warnings(WarningRuleTests.machine(states))
    }
}
