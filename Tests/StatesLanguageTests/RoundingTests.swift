import JSONModel
import StatesLanguage
import Testing

/// Intrinsic functions round a fraction to the nearest integer, halves upwards, where AWS's guide promises it.
@Suite struct RoundingTests {
    @Test(
        arguments: [
            ("States.ArrayPartition($.five, 2.6)", [[1, 2, 3], [4, 5]]),
            ("States.ArrayPartition($.five, 2.4)", [[1, 2], [3, 4], [5]]),
            ("States.ArrayPartition($.five, 0.5)", [[1], [2], [3], [4], [5]]),
            ("States.ArrayRange(1, 3.9, 1)", [1, 2, 3, 4]), ("States.ArrayRange(0.6, 3.2, 1)", [1, 2, 3]),
            ("States.ArrayRange(1, 9, 3.5)", [1, 5, 9]), ("States.ArrayRange(2, 0, -0.6)", [2, 1, 0]),
            ("States.MathRandom(1.6, 2.6)", 2), ("States.MathRandom(1.4, 2.4)", 1),
            // The index is promised nothing.
            ("States.ArrayGetItem($.five, 1.9)", 2),
        ] as [(String, JSONValue)])
    func aFractionIsRounded(_ call: String, _ expected: JSONValue) throws {
        #expect(try value(call) == expected)
    }

    @Test(arguments: [
        "States.ArrayPartition($.five, 0.4)", "States.ArrayRange(1, 3, 0.4)", "States.MathRandom(1.6, 2.4)",
    ])
    func whatIsRoundedToTooLittleFails(_ call: String) throws {
        #expect(throws: EvaluationError.self) { try value(call) }
    }

    private func value(_ call: String) throws -> JSONValue {
        let scope = EvaluationScope(input: ["five": [1, 2, 3, 4, 5]], context: [:], variables: [:], now: 0, seed: 1)
        return try Template.intrinsic(IntrinsicCall(parsing: call)).evaluate(in: scope)
    }
}
