import JSONModel
import JSONPath
import Testing

@Suite struct FilterTests {
    /// Runs `$[?(FILTER)].i` on these and compares the places found.
    private static let items = """
        [{"i":0,"n":5,"s":"abc","t":["x","y"],"b":true},
         {"i":1,"n":5.5,"s":"","t":[],"b":false},
         {"i":2,"n":"5","s":null,"t":{"k":1}},
         {"i":3,"o":{"k":[1,{"z":2}]},"s":"ABC","u":"sub","t":["z"]}]
        """

    @Test(arguments: [
        ("@.n", [0, 1, 2]), ("!@.n", [3]), ("@.s", [0, 1, 2, 3]), ("@['n']", [0, 1, 2]), ("@.t[1]", [0]),
        ("@.t[*]", [0, 2, 3]), ("@..z", [3]), ("!@..z", [0, 1, 2]), ("@", [0, 1, 2, 3]), ("((@.n))", [0, 1, 2]),
        ("!(@.n)", [3]), ("!!@.n", [0, 1, 2]), ("! @.n", [3]),
    ])
    func existence(_ filter: String, _ places: [Int]) throws { try check(filter, places) }

    @Test(arguments: [
        ("@.n == 5", [0]), ("@.n==5", [0]), ("5 == @.n", [0]), ("@.n == 5.0", [0]), ("@.n == '5'", [2]),
        ("@.n != 5", [1, 2, 3]), ("@.n === 5", [0]), ("@.n !== 5", [1, 2, 3]), ("@.n < 5.5", [0]),
        ("@.n <= 5.5", [0, 1]), ("@.n > 5", [1]), ("@.n >= 5", [0, 1]), ("@.n > '4'", [2]), ("@.n == -5", []),
        ("@.n < 1e1", [0, 1]), ("@.s == null", [2]), ("@.s != null", [0, 1, 3]), ("@.b == true", [0]),
        ("@.b == false", [1]), ("@.b > false", []), ("@.s < null", []), ("@.missing == @.missing", []),
        ("@.missing != 1", [0, 1, 2, 3]), ("@.missing == null", []), ("@.s == \"abc\"", [0]), ("@.s == abc", [0]),
        ("@.s==ABC", [3]), ("@.s < 'abc'", [1, 3]), ("@.t == []", [1]), ("@.t == ['x', \"y\"]", [0]),
        ("@.t == {'k': 1}", [2]), ("@.t == {k:1}", [2]), ("@ == @", [0, 1, 2, 3]), ("@.i == $[3].i", [3]),
        ("@.i < $.length()", [0, 1, 2, 3]), ("@.n == $[0].n", [0]), ("'a' == 'a'", [0, 1, 2, 3]),
    ])
    func comparisons(_ filter: String, _ places: [Int]) throws { try check(filter, places) }

    @Test(arguments: [
        ("@.n && @.b", [0, 1]), ("@.b || @.o", [0, 1, 3]), ("@.n&&@.b", [0, 1]), ("@.b||@.o", [0, 1, 3]),
        ("@.i == 0 || @.i == 1 && @.i == 2", [0]), ("(@.i == 0 || @.i == 1) && @.i == 1", [1]),
        ("!(@.i == 0 || @.i == 1)", [2, 3]), ("!@.b && !@.o", [2]), ("@.i==0||@.i==3", [0, 3]),
        ("@.i == 0 || (@.i == 1) || ((@.i == 2))", [0, 1, 2]),
    ])
    func logic(_ filter: String, _ places: [Int]) throws { try check(filter, places) }

    @Test(arguments: [
        ("@.i in [0, 2]", [0, 2]), ("@.i IN [0,2]", [0, 2]), ("@.i nin [0, 2]", [1, 3]),
        ("@.s in ['abc', 'ABC']", [0, 3]), ("@.s in [abc, null]", [0, 2]), ("@.missing nin [1]", [0, 1, 2, 3]),
        ("@.i in @.o.k", []), ("1 in @.o.k", [3]), ("@.i in 0", []), ("@.i nin 0", []),
        ("@.t subsetof ['x','y','z']", [0, 1, 3]), ("@.t subsetof []", [1]), ("@.t anyof ['y','z']", [0, 3]),
        ("@.t noneof ['y']", [1, 3]), ("@.s subsetof ['a']", []), ("@.t all ['x']", [0]), ("@.t all []", [0, 1, 3]),
        ("@.t contains 'x'", [0]), ("@.s contains 'b'", [0]), ("@.s contains ''", [0, 1, 3]),
        ("@.t contains @.missing", []), ("@.o.k contains {'z': 2}", [3]), ("@.s size 3", [0, 3]),
        ("@.t size 1", [2, 3]), ("@.t size 0", [1]), ("@.n size 1", [2]), ("@.i size 0", []), ("@.t size 'x'", []),
        ("@.t empty true", [1]), ("@.t empty false", [0, 2, 3]), ("@.s empty true", [1]), ("@.i empty false", []),
        ("@.missing empty true", []),
    ])
    func wordOperators(_ filter: String, _ places: [Int]) throws { try check(filter, places) }

    @Test(arguments: [
        ("@.t.length() == 2", [0]), ("@.t.length() > 0", [0, 2, 3]), ("@.t.first() == 'x'", [0]),
        ("@.t.index(1) == y", [0]), ("@.missing.length() == 0", []), ("@.t.sum() > 0", []),
        ("@.t.length()", [0, 1, 2, 3]), ("@.i == $[*].i.length()", []), ("$..i.max() == 3", [0, 1, 2, 3]),
    ])
    func functionsInFilters(_ filter: String, _ places: [Int]) throws { try check(filter, places) }

    @Test(arguments: [
        ("@.s =~ /abc/", [0]), ("@.s =~ /ab/", []), ("@.s =~ /ABC/i", [0, 3]), ("@.s =~ /.*c/i", [0, 3]),
        ("/abc/ =~ @.s", [0]), ("@.t =~ /[yz]/", [0, 3]), ("@.n =~ /5.*/", [0, 1, 2]), ("@.b =~ /true/", [0]),
        ("@.s =~ 'abc'", []), ("@.missing =~ /.*/", []), ("@.s =~ /a|abc|\\/|&&|\\)/", [0]),
    ])
    func patternsMatchTheWholeText(_ filter: String, _ places: [Int]) throws { try check(filter, places) }

    private func check(_ filter: String, _ places: [Int]) throws {
        let path = try JSONPath(parsing: "$[?(\(filter))].i")
        let found = try path.evaluate(on: JSONValue(parsing: Self.items))
        #expect(found == .array(places.map { .int(Int64($0)) }), "\(filter)")
    }

    @Test(arguments: [
        PathCase("$.a[?(@.x)]", #"{"a":{"x":1}}"#, #"[{"x":1}]"#),
        PathCase("$[?(@.x == 1)].y", #"{"x":1,"y":2}"#, "[2]"),
        PathCase("$.[?(@ > 1)]", "[1,2,3]", "[2,3]"),
        PathCase("$[?(@[?(@ > 1)])]", "[[0],[0,2]]", "[[0,2]]"),
        PathCase("$[ ? ( @ > 1 ) ]", "[1,2]", "[2]"),
        PathCase("$[?(@ == 1) || (@ == 2)]", "[1,2,3]", "[1,2]"),
        PathCase("$.a[?(@.x)]", "{}", "[]"),
        PathCase("$.a[?(@.x)]", #"{"a":"text"}"#, "[]"),
        PathCase("$[?(@ == '] it')]", #"["] it"]"#, #"["] it"]"#),
        PathCase(#"$[?(@ == '\'it\'')]"#, #"["'it'"]"#, #"["'it'"]"#),
        PathCase("$[?(@['a,b'] == 1)]", #"[{"a,b":1}]"#, #"[{"a,b":1}]"#),
        PathCase("$[?(@.a-b == 1)]", #"[{"a-b":1}]"#, #"[{"a-b":1}]"#),
    ])
    func filtersTestElementsAndObjectsThemselves(_ pathCase: PathCase) throws { try pathCase.check() }

    @Test func stringsAreOrderedByUTF16UnitAsInJava() throws {
        let path = try JSONPath(parsing: "$[?(@ < '\u{FF5E}')]")

        #expect(try path.evaluate(on: ["\u{1F600}", "\u{FFFD}"]) == ["\u{1F600}"])
    }
}
