import JSONModel
import JSONata
import Testing

/// What AWS Step Functions adds.
@Suite struct StepFunctionsTests {
    @Test(arguments: [
        Row("$partition([1..5], 2)", "[[1,2],[3,4],[5]]"), Row("$partition([1..4], 4)", "[[1,2,3,4]]"),
        Row("$partition([1, 2], 2.9)", "[[1,2]]"),
        Row("$partition([], 3)", "[]"), Row("$partition([1], 0)", "D3151"), Row("$partition([1], \"a\")", "T0410"),
        Row("$partition($nothing, 2)", "undefined"),
        Row("$range(1, 9, 2)", "[1,3,5,7,9]"), Row("$range(1, 8, 3)", "[1,4,7]"), Row("$range(5, 1, -2)", "[5,3,1]"),
        Row("$range(1, 5, -1)", "[]"),
        Row("$range(1.9, 3.9, 1.9)", "[1,2,3]"), Row("$range(0, 1, 0)", "D3152"), Row("$range(0, 1, 0.5)", "D3152"),
        Row("$range(0, 1e300, 1)", "D2014"),
        Row("$parse(\"{\\\"a\\\": [1, null]}\")", #"{"a":[1,null]}"#), Row(#"$parse("12")"#, "12"),
        Row(#"$parse("nope")"#, "D3150"),
        Row("$parse($nothing)", "undefined"), Row(#"$hash("a", "SHA-3")"#, "D3153"),
        Row(#"$hash("a", "md5")"#, "D3153"), Row("$hash(\"a\")", "T0410"),
    ])
    func functions(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test func randomnessComesFromTheSeed() throws {
        let expression = try JSONataExpression(parsing: "[$random(), $random(), $uuid(), $shuffle([1..50])]")
        func result(seed: UInt64) throws -> JSONValue? {
            try expression.evaluate(
                input: nil, bindings: [:], environment: JSONataEnvironment(now: 0, randomSeed: seed))
        }
        #expect(try result(seed: 1) == result(seed: 1))
        #expect(try result(seed: 1) != result(seed: 2))
    }

    @Test func randomIsAtLeastZeroAndBelowOne() {
        #expect(outcome(of: "$count([1..2000].($random())[$ >= 0 and $ < 1])") == "2000")
        #expect(outcome(of: "($m := $average([1..2000].($random())); $m > 0.45 and $m < 0.55)") == "true")
        #expect(outcome(of: "$random(5) = $random(5.9)") == "true")
        #expect(outcome(of: "$random(5) = $random(6)") == "false")
    }

    @Test func uuidsAreVersion4() {
        let pattern = "/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/"
        #expect(outcome(of: "$count([1..100].($uuid())[$contains($, \(pattern))])") == "100")
        #expect(outcome(of: "$count($distinct([1..100].($uuid())))") == "100")
    }
}
