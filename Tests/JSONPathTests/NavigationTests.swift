import JSONModel
import JSONPath
import Testing

@Suite struct NavigationTests {
    @Test(arguments: [
        PathCase("$", "[1,2]", "[1,2]"),
        PathCase("$.a", #"{"a":1}"#, "1"),
        PathCase("$.a.b", #"{"a":{"b":null}}"#, "null"),
        PathCase("$['a']", #"{"a":1}"#, "1"),
        PathCase(#"$["a"]"#, #"{"a":1}"#, "1"),
        PathCase("$[ 'a' ]", #"{"a":1}"#, "1"),
        PathCase("$.['a b']", #"{"a b":1}"#, "1"),
        PathCase("$['']", #"{"":1}"#, "1"),
        PathCase("$.a-b", #"{"a-b":1}"#, "1"),
        PathCase("$.@id", #"{"@id":1}"#, "1"),
        PathCase("$.$ref", #"{"$ref":1}"#, "1"),
        PathCase("$.0", #"{"0":1}"#, "1"),
        PathCase("$.größe.数", #"{"größe":{"数":1}}"#, "1"),
        PathCase("$['😀']", #"{"😀":1}"#, "1"),
        PathCase("$.a:b", #"{"a:b":1}"#, "1"),
        PathCase("$ .a ['b'] ", #"{"a":{"b":1}}"#, "1"),
        PathCase("$[0]", "[7,8]", "7"),
        PathCase("$[-1]", "[7,8]", "8"),
        PathCase("$.[1]", "[7,8]", "8"),
        PathCase("$[0][1].a", #"[[0,{"a":1}]]"#, "1"),
    ])
    func definitePathsAnswerTheValueItself(_ pathCase: PathCase) throws { try pathCase.check() }

    @Test(arguments: [
        PathCase("$.b", #"{"a":1}"#, nil),
        PathCase("$.a.b", #"{"a":1}"#, nil),
        PathCase("$.a", "[1]", nil),
        PathCase("$.a", "null", nil),
        PathCase("$[2]", "[1,2]", nil),
        PathCase("$[-3]", "[1,2]", nil),
        PathCase("$[0]", #"{"0":1}"#, nil),
        PathCase("$[0]", #""text""#, nil),
        PathCase("$[9007199254740991]", "[1]", nil),
        PathCase("$.a['b','c']", "{}", nil),
        PathCase("$.a.length()", "{}", nil),
    ])
    func definitePathsThatLeadNowhereAreNotFound(_ pathCase: PathCase) throws { try pathCase.check() }

    @Test(arguments: [
        PathCase(#"$['it\'s']"#, #"{"it's":1}"#, "1"),
        PathCase(#"$["say \"hi\""]"#, #"{"say \"hi\"":1}"#, "1"),
        PathCase(#"$['\\']"#, #"{"\\":1}"#, "1"),
        PathCase(#"$['\/\b\f\n\r\t']"#, #"{"/\b\f\n\r\t":1}"#, "1"),
        PathCase(#"$['\u263A\uD83D\uDE00']"#, #"{"☺😀":1}"#, "1"),
        // AWS keeps the backslash of an escape that isn't one.
        PathCase(#"$['Test\""Name"']"#, #"{"Test\\\"\"Name\"":1}"#, "1"),
        PathCase(#"$['a\d']"#, #"{"a\\d":1}"#, "1"),
        // ASL, Reference Paths: a backslash before any character of an unquoted name.
        PathCase(#"$.store\.book"#, #"{"store.book":1}"#, "1"),
        PathCase(#"$.\stor\e.boo\k"#, #"{"store":{"book":1}}"#, "1"),
        PathCase(#"$.foo\@bar.baz\[\[.\?pretty"#, #"{"foo@bar":{"baz[[":{"?pretty":1}}}"#, "1"),
        PathCase(#"$.&Ж中.\uD800\uDF46"#, #"{"&Ж中":{"𐍆":1}}"#, "1"),
    ])
    func escapesInNames(_ pathCase: PathCase) throws { try pathCase.check() }

    @Test(arguments: [
        PathCase("$['a','b']", #"{"a":1,"b":2,"c":3}"#, #"{"a":1,"b":2}"#),
        PathCase("$['b', 'a']", #"{"a":1,"b":2}"#, #"{"b":2,"a":1}"#),
        PathCase("$['a','x']", #"{"a":1}"#, #"{"a":1}"#),
        PathCase("$['x','y']", #"{"a":1}"#, "{}"),
        PathCase("$.[*].['a', 'b']", #"[{"a":1,"b":2,"c":3},{"a":4},5]"#, #"[{"a":1,"b":2},{"a":4}]"#),
        PathCase("$['a','b'].v", #"{"a":{"v":1},"b":{"v":2},"c":{"v":3}}"#, "[1,2]"),
        PathCase("$['b','x','a'].v", #"{"a":{"v":1},"b":{"v":2}}"#, "[2,1]"),
        // Below `..`, only objects that have all of them.
        PathCase("$..['a','c']", #"[{"a":1,"b":2,"c":3},[1,5],{"a":4}]"#, #"[{"a":1,"c":3}]"#),
        PathCase("$..['a','c'].v", #"[{"a":{"v":1},"c":{"v":2}},{"a":{"v":3}}]"#, "[1,2,3]"),
    ])
    func severalNamesMakeOneObjectAtTheEnd(_ pathCase: PathCase) throws { try pathCase.check() }

    @Test(arguments: [
        PathCase("$[*]", "[1,2]", "[1,2]"),
        PathCase("$.*", #"{"a":1,"b":[2]}"#, "[1,[2]]"),
        PathCase("$.[*]", "[1,2]", "[1,2]"),
        PathCase("$[*].a", #"[{"a":1},{"b":2},{"a":3},4]"#, "[1,3]"),
        PathCase("$.*.*", #"{"a":[1],"b":{"c":2},"d":3}"#, "[1,2]"),
        PathCase("$[*]a", #"[{"a":1}]"#, "[1]"),
        PathCase("$.a[*]", "{}", "[]"),
        PathCase("$.a.b[*].c", "{}", "[]"),
        PathCase("$[*]", "5", "[]"),
        PathCase("$[0,2]", "[1,2,3]", "[1,3]"),
        PathCase("$[ 2 , -3, 9 ]", "[1,2,3]", "[3,1]"),
        PathCase("$[0,0]", "[1]", "[1,1]"),
        PathCase("$['a',0]", #"{"a":1}"#, "[1]"),
        PathCase("$[*,0:1]", "[1,2]", "[1,2,1]"),
        PathCase("$[0,?(@ > 1)]", "[1,2]", "[1,2]"),
    ])
    func otherPathsAnswerAnArray(_ pathCase: PathCase) throws { try pathCase.check() }

    @Test(arguments: [
        ("[1:3]", "[1,2]"), ("[5:]", "[5]"), ("[:2]", "[0,1]"), ("[-2:]", "[4,5]"), ("[:-4]", "[0,1]"),
        ("[1:6:2]", "[1,3,5]"), ("[::-2]", "[5,3,1]"), ("[:0:-3]", "[5,2]"), ("[3:1]", "[]"), ("[1:2:0]", "[]"),
        ("[ 1 : 5 : 2 ]", "[1,3]"), ("[:]", "[0,1,2,3,4,5]"), ("[::]", "[0,1,2,3,4,5]"), ("[99:]", "[]"),
        ("[-99:2]", "[0,1]"), ("[2:9007199254740991]", "[2,3,4,5]"), ("[9:-99:-1]", "[5,4,3,2,1,0]"),
        ("[0:6:9007199254740991]", "[0]"), ("[::-9007199254740991]", "[5]"), ("[0:2,4:]", "[0,1,4,5]"),
    ])
    func slicesFollowRFC9535(_ slice: String, _ answer: String) throws {
        try PathCase("$" + slice, "[0,1,2,3,4,5]", answer).check()
    }

    @Test(arguments: [
        PathCase("$..a", #"{"a":1,"b":{"a":2,"c":[{"a":3}]}}"#, "[1,2,3]"),
        PathCase("$..a", #"{"a":{"a":1}}"#, #"[{"a":1},1]"#),
        PathCase("$..[0]", "[[1],[2,3]]", "[[1],1,2]"),
        PathCase("$..[2][3]", #"{"x":[0,1,[0,1,2,3,null],null],"y":[0,1,2]}"#, "[3]"),
        PathCase("$..*", "[[1],2]", "[[1],2,1]"),
        PathCase("$..[*].a", #"{"x":[{"a":1}],"a":2}"#, "[1]"),
        PathCase("$.x..a", #"{"x":{"a":1},"a":2}"#, "[1]"),
        PathCase("$..a..b", #"{"a":{"b":1,"c":{"b":2}}}"#, "[1,2]"),
        PathCase("$..nothing", #"{"a":1}"#, "[]"),
        PathCase("$..a", "5", "[]"),
        PathCase("$..[?(@.x)]", #"[{"x":1},{"y":{"x":2}}]"#, #"[{"x":1},{"x":2}]"#),
        PathCase("$..[?(@.x)]", #"{"x":1}"#, #"[{"x":1}]"#),
        PathCase("$..[?(@ > 1)]", #"{"a":[1,2,[3]],"b":4}"#, "[2,3]"),
    ])
    func deepScansVisitEveryValueBeforeWhatItHolds(_ pathCase: PathCase) throws { try pathCase.check() }

    @Test func resultsNeverMergeJSONNullWithAbsence() throws {
        #expect(try JSONPath(parsing: "$.a").evaluate(on: ["a": .null]) == .null)
        #expect(try JSONPath(parsing: "$[*].a").evaluate(on: [["a": .null], [:]]) == [.null])
    }
}
