import JSONModel
import JSONata

/// JSONata evaluations with what a state has: `$states.input`.
func jsonataBenches() throws -> [Bench] {
    try [
        ("$states.input.detail.page + 1", Documents.small),
        (#"{"id": $states.input.id, "total": $sum($states.input.detail.records.input.tokens)}"#, Documents.small),
        ("$uppercase($states.input.source) & '/' & $states.input.region", Documents.small),
        ("$sum($states.input.detail.records[operation = 'Converse'].(input.tokens * price))", Documents.large),
        ("$states.input.detail.records{identity.arn: $sum(input.tokens)}", Documents.large),
        ("$map($states.input.detail.records, function($r, $i) { $merge([$r, {'place': $i}]) })", Documents.large),
        ("$states.input.detail.records^(>price)[0].requestId", Documents.large),
        ("$states.input.detail.records[requestId ~> /8000-10000000[0-9]1/].requestId", Documents.large),
        ("$reduce([1..1000], function($a, $b) { $a + $b })", Documents.small),
    ].map { text, document in
        let expression = try JSONataExpression(parsing: text)
        let bindings: [String: JSONValue] = ["states": ["input": document]]
        let environment = JSONataEnvironment(now: 0, randomSeed: 1)
        let size = document == Documents.small ? "2 KB" : "200 KB"
        return Bench("JSONata \(text), \(size)", .times(1, of: "evaluations")) {
            keep(try expression.evaluate(input: nil, bindings: bindings, environment: environment))
        }
    } + [
        Bench("JSONata parsing", .times(1, of: "expressions")) {
            keep(
                try JSONataExpression(parsing: "$sum($states.input.detail.records[operation = 'Converse'].(a * price))")
            )
        }
    ]
}
