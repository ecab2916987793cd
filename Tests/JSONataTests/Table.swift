import JSONModel
import JSONata
import Testing

/// One line of a table: an expression, and what comes of it: JSON text, `undefined`, or the code of an error.
struct Row: Sendable, CustomTestStringConvertible {
    let expression: String
    let expected: String

    init(_ expression: String, _ expected: String) {
        self.expression = expression
        self.expected = expected
    }

    var testDescription: String { expression }
}

/// The document that the tables are about.
let sample: JSONValue = [
    "name": "Ada Lovelace", "age": 36, "tags": ["math", "engine"], "none": .null, "yes": true,
    "address": ["city": "London", "zip": "W1"],
    "orders": [
        ["id": "o1", "lines": [["sku": "a", "qty": 2, "price": 10], ["sku": "b", "qty": 1, "price": 25.5]]],
        ["id": "o2", "lines": [["sku": "a", "qty": 5, "price": 9]]],
    ],
    "matrix": [[1, 2], [3, 4]], "single": [["k": 7]],
]

func environment(limits: JSONataLimits = .standard) -> JSONataEnvironment {
    JSONataEnvironment(now: 1_700_000_000_123, randomSeed: 7, limits: limits)
}

/// What an expression comes to, in the notation of the tables.
func outcome(
    of expression: String, input: JSONValue? = sample, bindings: [String: JSONValue] = [:],
    limits: JSONataLimits = .standard
) -> String {
    do {
        let parsed = try JSONataExpression(parsing: expression)
        let result = try parsed.evaluate(input: input, bindings: bindings, environment: environment(limits: limits))
        return result?.jsonString ?? "undefined"
    } catch {
        return error.code
    }
}

/// The error of an expression that must not succeed.
func failure(of expression: String, input: JSONValue? = sample) throws -> JSONataError {
    try #require(throws: JSONataError.self) {
        _ = try JSONataExpression(parsing: expression).evaluate(
            input: input, bindings: [:], environment: environment())
    }
}
