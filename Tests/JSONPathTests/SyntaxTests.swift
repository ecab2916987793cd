import JSONModel
import JSONPath
import Testing

@Suite struct SyntaxTests {
    @Test(arguments: [
        ("", 0), ("a", 0), ("@.a", 0), ("X$", 0), ("$X", 1), ("$.", 2), ("$..", 3), ("$...a", 3), ("$.a.", 4),
        ("$.a..", 5), ("$. a", 2), ("$.\na", 2), ("$.a b", 4), ("$.a]", 3), ("$.a)", 3), ("$[", 2), ("$[]", 2),
        ("$[a]", 2), ("$['a'", 5), ("$['a", 2), ("$['a',]", 6), ("$[,0]", 2), ("$[0,]", 4), ("$[1, ,3]", 5),
        ("$['a'}'b']", 5), ("$['a''b']", 5), ("$[01]", 2), ("$[-0]", 2), ("$[-]", 3), ("$[1.0]", 3),
        ("$[9007199254740992]", 2), ("$[0:1:2:3]", 7), ("$['\\u12']", 7), ("$['\\uD800']", 3), ("$['\\uDC00']", 3),
        ("$[(@.a)]", 2), ("$[?]", 3), ("$[?@.a]", 3), ("$[?()]", 4), ("$[?(@.a)", 8), ("$[?(@.a]", 7),
        ("$[?(@.a == 1) ||]", 16), ("$[?(@.a) || @.b]", 15), ("$[?(@))]", 6), ("$[?(@ FOO 1)]", 6),
        ("$[?(@ == 'a)]", 9), ("$[?(@ == 1')]", 10), ("$[?(@.a b == 1)]", 8), ("$[?(@.i == 5 @.i == 8)]", 13),
        ("$[?(!5)]", 5), ("$[?(5)]", 4), ("$[?(true)]", 4), ("$[?(!@.a == 1)]", 4), ("$[?(@ = 1)]", 6),
        ("$[?(@ == )]", 9), ("$[?(@ == 1.)]", 9), ("$[?(@ == --1)]", 9), ("$[?(@ == 01)]", 9), ("$[?(@ == [1,])]", 12),
        ("$[?(@ == {a})]", 11), ("$[?(@ =~ /a)]", 9), ("$[?(@ =~ /a/q)]", 12), ("$[?(@ =~ /a(b/)]", 13),
        ("$.a.foo()", 4), ("$.a.length(", 11), ("$.a.index()", 4), ("$.a.append(1]", 12),
        ("$.a.append(1, 2}).avg()", 15),
        ("$.é.\u{1F600}[", 6), ("$.a\\", 4), ("$['a\\", 5),
    ])
    func faultsSayWhere(_ text: String, _ offset: Int) {
        let error = #expect(throws: JSONPathSyntaxError.self) { try JSONPath(parsing: text) }
        #expect(error?.offset == offset, "\(text): \(error.map { "\($0)" } ?? "")")
        #expect(error?.message.isEmpty == false)
    }

    @Test(arguments: [
        ("$", true, true), ("$.a", true, true), ("$.a.b[0]['c']", true, true), ("$['a,b:*?@']", true, true),
        ("$.a\\:b", true, true), ("$[-1]", true, false), ("$.a:b", true, false), ("$.@a", true, false),
        ("$['a','b']", true, false), ("$['a','b'].c", false, false), ("$[*]", false, false), ("$..a", false, false),
        ("$[0,1]", false, false), ("$[0:1]", false, false), ("$[?(@.a)]", false, false),
        ("$.a.length()", true, false), ("$[*].length()", false, false), ("$..a.length()", true, false),
        ("$.a..b.length()", false, false),
    ])
    func kindsOfPaths(_ text: String, _ isDefinite: Bool, _ isReference: Bool) throws {
        let path = try JSONPath(parsing: text)

        #expect(path.isDefinite == isDefinite)
        #expect(path.isReference == isReference)
        #expect(path.isRoot == (text == "$"))
        #expect(path.text == text)
        #expect(path.description == text)
    }

    @Test func pathsAreEqualWhenTheirTextsAre() throws {
        #expect(try JSONPath(parsing: "$.a") == JSONPath(parsing: "$.a"))
        #expect(try JSONPath(parsing: "$.a") != JSONPath(parsing: "$['a']"))
        #expect(try Set([JSONPath(parsing: "$.a"), JSONPath(parsing: "$.a")]).count == 1)
    }

    @Test func errorsReadAsSentences() throws {
        let syntax = #expect(throws: JSONPathSyntaxError.self) { try JSONPath(parsing: "$.a[") }

        #expect(
            syntax?.description
                == "invalid path at character 5: expected a name in quotes, an index, a slice, '*' or '?(', "
                + "but the path ends")
        #expect(
            JSONPathEvaluationError.notFound(path: "$.a").description == "the path $.a leads nowhere in this document")
    }
}

@Suite struct LimitTests {
    @Test func textIsLimitedTo64KiB() throws {
        let longest = "$['" + String(repeating: "a", count: 65_531) + "']"

        #expect(longest.utf8.count == 65_536)
        _ = try JSONPath(parsing: longest)
        #expect(throws: JSONPathSyntaxError.self) { try JSONPath(parsing: longest + " ") }
    }

    @Test func stepsAreLimitedTo256() throws {
        _ = try JSONPath(parsing: "$" + String(repeating: ".a", count: 256))
        #expect(throws: JSONPathSyntaxError.self) { try JSONPath(parsing: "$" + String(repeating: ".a", count: 257)) }
    }

    @Test(arguments: [
        ("[?(@", ")]"), ("[?((@.a", "))]"), (".concat($", ")"),
    ])
    func nestingIsLimited(_ opening: String, _ closing: String) throws {
        _ = try JSONPath(parsing: "$" + opening + closing)
        let deep = String(repeating: opening, count: 1000) + String(repeating: closing, count: 1000)

        let error = #expect(throws: JSONPathSyntaxError.self) { try JSONPath(parsing: "$" + deep) }
        #expect(error?.message.contains("nest") == true, "\(error?.message ?? "")")
    }

    @Test(arguments: ["(", "!", "["])
    func nestingInOneFilterIsLimited(_ opening: String) {
        let start = opening == "[" ? "$[?(@ == " : "$[?("

        let error = #expect(throws: JSONPathSyntaxError.self) {
            try JSONPath(parsing: start + String(repeating: opening, count: 10_000))
        }
        #expect(error?.message.contains("nest") == true)
    }

    @Test func nestingUpToTheLimitIsAccepted() throws {
        let deep = "$[?" + String(repeating: "(", count: 31) + "@.a" + String(repeating: ")", count: 31) + "]"

        #expect(try JSONPath(parsing: deep).evaluate(on: [["a": 1]]) == [["a": 1]])
    }

    @Test(arguments: [
        "$" + String(repeating: "[0,0]", count: 200),
        "$" + String(repeating: "..*", count: 100),
        "$..[?($..[?($..[?($..[?($..[?(@.z)])])])])]",
        "$..[?($ == $ && $..[?($ == $ && @.z)])]",
    ])
    func explodingPathsEndInAnError(_ text: String) throws {
        var document: JSONValue = [0]
        for _ in 0..<200 { document = [document, document["x"] ?? 1] }

        let path = try JSONPath(parsing: text)

        #expect(throws: JSONPathEvaluationError.self) { try path.evaluate(on: document) }
    }

    @Test func documentsDeeperThanAnyParserAllowsAreScanned() throws {
        var document: JSONValue = ["a": 1]
        for _ in 0..<5000 { document = [document] }

        #expect(try JSONPath(parsing: "$..a").evaluate(on: document) == [1])
    }
}
