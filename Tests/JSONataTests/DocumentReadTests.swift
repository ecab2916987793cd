import JSONata
import Testing

/// Where an expression reads the document itself.
@Suite struct DocumentReadTests {
    @Test(
        arguments: [
            ("$", ["$"]), ("a", ["a"]), ("`a b`.c", ["a b"]), ("a[b].c", ["a"]), ("a.$", ["a"]), ("**", ["**"]),
            ("a + b", ["a", "b"]), ("$x.a", []), ("$x[a = $$.b]", ["$$"]), ("function($v) { a }", []),
            ("[a, $x.b]", ["a"]), ("{a: $x.b}", ["a"]), ("$x{a: b}", []), ("$x^(a)", []), ("(a; $x)", ["a"]),
            ("$y := a", ["a"]), ("a ? b : $c", ["a", "b"]), ("-a", ["a"]), ("$x.(a + b)", []),
            ("$x ~> |a|{'b': c}|", []),
            ("a ~> $f", ["a"]), ("$f(a, ?)", ["a"]), ("$x.a[0].b[c].d", []), ("f(a)", ["f", "a"]), ("'a'", []),
        ] as [(String, [String])])
    func theyAreFoundAtTheTopOnly(_ text: String, _ expected: [String]) throws {
        let found = try JSONataExpression(parsing: text).documentReads

        #expect(found.map(\.name) == expected)
        #expect(found.filter(\.isCalled).map(\.name) == (text == "f(a)" ? ["f"] : []))
    }
}
