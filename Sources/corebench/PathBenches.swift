import JSONModel
import JSONPath

/// JSONPath evaluations; the path is parsed once, as the interpreter does.
func pathBenches() throws -> [Bench] {
    try [
        ("$.detail.page", Documents.small), ("$.detail.records[2].input.tokens", Documents.small),
        ("$.detail.records[*].input.tokens", Documents.large),
        ("$.detail.records[?(@.operation == 'Converse' && @.input.tokens > 2000)].requestId", Documents.large),
        ("$..tokens", Documents.large),
    ].map { text, document in
        let path = try JSONPath(parsing: text)
        let size = document == Documents.small ? "2 KB" : "200 KB"
        return Bench("JSONPath \(text), \(size)", .times(1, of: "evaluations")) {
            keep(try path.evaluate(on: document))
        }
    } + [
        Bench("JSONPath parsing of a filter", .times(1, of: "paths")) {
            keep(try JSONPath(parsing: "$.detail.records[?(@.operation == 'Converse' && @.input.tokens > 2000)].id"))
        }
    ]
}
