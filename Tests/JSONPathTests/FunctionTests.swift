import JSONModel
import JSONPath
import Testing

@Suite struct FunctionTests {
    private static let document = """
        {"numbers":[1,2,3,4],"mixed":[1,"x",null,3.5,[9]],"text":["a","b","c"],"empty":[],
         "object":{"k":1,"l":[5,6]},"scalar":7,"word":"abc","items":[{"v":[1,2]},{"v":[3]}]}
        """

    @Test(arguments: [
        ("$.numbers.length()", "4"), ("$.numbers.size()", "4"), ("$.object.length()", "2"), ("$.empty.length()", "0"),
        ("$.scalar.length()", "null"), ("$.word.length()", "null"), ("$.length()", "8"), ("$.length($.text)", "3"),
        ("$.numbers.min()", "1.0"), ("$.numbers.max()", "4.0"), ("$.numbers.sum()", "10.0"),
        ("$.numbers.avg()", "2.5"), ("$.numbers.stddev()", "1.118033988749895"), ("$.mixed.sum()", "4.5"),
        ("$.numbers.sum(5, '6', [1, 1])", "17.0"), ("$.sum($.numbers)", "10.0"),
        ("$.avg($.numbers.min(), $.numbers.max())", "2.5"), ("$.max(2.0, -1)", "2.0"),
        ("$.text.first()", #""a""#), ("$.text.last()", #""c""#), ("$.text.index(1)", #""b""#),
        ("$.text.index(-1)", #""c""#), ("$.text.index(-3)", #""a""#), ("$.text.index($.numbers[0])", #""b""#),
        ("$.object.keys()", #"["k","l"]"#), ("$.numbers.keys()", "null"), ("$.text.concat()", #""abc""#),
        ("$.concat($.text[0], '-', $.scalar, true)", #""a-7true""#), ("$.text.concat(\"d\", $.text)", #""abcdabc""#),
        ("$.concat(null)", #""""#), ("$.numbers.append(5)", "[1,2,3,4,5]"),
        ("$.numbers.append(5, $.text).length()", "6"),
        ("$.numbers.append(11).avg()", "4.2"), ("$.numbers.append('0', '11').sum()", "10.0"),
        ("$.word.append(1)", #""abc""#), ("$.items.first().v[0]", "1"), ("$.items[*].v.sum()", "[3.0,3.0]"),
        ("$.items[?(@.v.length() > 1)].v.avg()", "[1.5]"), ("$.nothing[*].x.sum()", "[]"),
        // Over a deep scan from the start a function gets all that was found.
        ("$..v[*].sum()", "6.0"), ("$..v.length()", "3"), ("$..k.first()", "1"), ("$..v[*].append(0).sum()", "6.0"),
    ])
    func functionsAnswer(_ path: String, _ answer: String) throws {
        try PathCase(path, Self.document, answer).check()
    }

    @Test(arguments: [
        "$.empty.sum()", "$.empty.min()", "$.scalar.sum()", "$.text.avg()", "$.empty.first()", "$.empty.last()",
        "$.text.index(3)", "$.text.index(-4)", "$.text.index('1')", "$.text.index(1.5)", "$.scalar.first()",
        "$.items[*].sum()",
    ])
    func functionsOnTheWrongValueAreInvalid(_ text: String) throws {
        let path = try JSONPath(parsing: text)
        let document = try JSONValue(parsing: Self.document)

        let error = #expect(throws: JSONPathEvaluationError.self) { try path.evaluate(on: document) }
        guard case .invalid(let path, let reason) = error else {
            Issue.record("\(text): \(String(describing: error))")
            return
        }
        #expect(path == text)
        #expect(!reason.isEmpty)
    }

    @Test func anArgumentThatLeadsNowhereIsNotFound() throws {
        let path = try JSONPath(parsing: "$.concat($.nothing)")

        #expect(throws: JSONPathEvaluationError.notFound(path: "$.concat($.nothing)")) { try path.evaluate(on: [:]) }
    }
}
