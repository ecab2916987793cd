import JSONModel
import StatesLanguage
import Testing

/// Timestamps are compared exactly, whatever the number of digits of their fractions.
@Suite struct TimestampTests {
    @Test(arguments: [
        ("2020-01-01T00:00:00.1231Z", "2020-01-01T00:00:00.1239Z", -1),
        ("2020-01-01T00:00:00.1239Z", "2020-01-01T00:00:00.1239Z", 0),
        ("2020-01-01T00:00:00.12390Z", "2020-01-01T00:00:00.1239Z", 0),
        ("2020-01-01T00:00:00.123Z", "2020-01-01T00:00:00.1230001Z", -1),
        ("2020-01-01T00:00:00.10Z", "2020-01-01T00:00:00.1Z", 0),
        ("2020-01-01T00:00:00.0000Z", "2020-01-01T00:00:00Z", 0),
        ("2020-01-01T01:00:00.0000000001+01:00", "2020-01-01T00:00:00Z", 1),
        ("2020-01-01T01:00:00.00011+01:00", "2020-01-01T00:00:00.0001100Z", 0),
        ("1969-12-31T23:59:59.99999Z", "1970-01-01T00:00:00Z", -1),
        ("1969-12-31T23:59:59.99991Z", "1969-12-31T23:59:59.99990Z", 1),
        ("2020-01-01T00:00:00.123456789Z", "2020-01-01T00:00:00.1234567891Z", -1),
    ])
    func fractionsCount(_ left: String, _ right: String, _ order: Int) throws {
        let rules = [
            ("TimestampEquals", order == 0), ("TimestampLessThan", order < 0), ("TimestampLessThanEquals", order <= 0),
            ("TimestampGreaterThan", order > 0), ("TimestampGreaterThanEquals", order >= 0),
        ]
        for (rule, expected) in rules {
            #expect(try holds(rule, left, right) == expected, "\(rule)")
            #expect(try holds(rule + "Path", left, right) == expected, "\(rule)Path")
        }
    }

    private func holds(_ rule: String, _ left: String, _ right: String) throws -> Bool {
        let operand: JSONValue = rule.hasSuffix("Path") ? "$.right" : .string(right)
        let reading = StateMachineReader.read(json: [
            "StartAt": "Choose",
            "States": [
                "Choose": [
                    "Type": "Choice", "Choices": [.object(["Variable": "$.left", rule: operand, "Next": "End"])],
                ], "End": ["Type": "Succeed"],
            ],
        ])
        let machine = try #require(reading.machine, "\(reading.diagnostics)")
        guard case .choice(let choice)? = machine.scope.states["Choose"]?.kind else { return false }
        let scope = EvaluationScope(
            input: ["left": .string(left), "right": .string(right)], context: [:], variables: [:], now: 0, seed: 0)
        return try choice.rules[0].condition.holds(in: scope)
    }
}
