import JSONata
import Testing

@Suite struct StringFunctionTests {
    @Test(arguments: [
        Row("$string(5)", #""5""#), Row("$string(1.50)", #""1.5""#),
        Row("$string([1, {\"a\": null}])", #""[1,{\"a\":null}]""#),
        Row("$string({\"a\": [1]}, true)", #""{\n  \"a\": [\n    1\n  ]\n}""#), Row("$string([], true)", #""[]""#),
        Row("age.$string()", #""36""#), Row("$string($nothing)", "undefined"), Row("$string(1/0)", "D3001"),
        Row("$string([1/0])", "D1001"), Row("$string(\"é\\n\")", #""é\n""#),
        Row("$string([\"\\u0001\"])", #""[\"\\u0001\"]""#),
    ])
    func casts(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test(arguments: [
        Row("$length(\"a😂e\\u0301\")", "4"), Row("$length(\"\")", "0"), Row("$length(1)", "T0410"),
        Row("$substring(\"hello\", 1, 3)", #""ell""#), Row("$substring(\"hello\", -3, 2)", #""ll""#),
        Row("$substring(\"hello\", -9)", #""hello""#), Row("$substring(\"hello\", 9)", #""""#),
        Row("$substring(\"hello\", 1, -1)", #""""#), Row("$substring(\"😂b\", 1)", #""b""#),
        Row("$substringBefore(\"a=b=c\", \"=\")", #""a""#), Row("$substringAfter(\"a=b=c\", \"=\")", #""b=c""#),
        Row("$substringBefore(\"abc\", \"x\")", #""abc""#), Row("$substringAfter(\"abc\", \"\")", #""abc""#),
        Row("$uppercase(\"straße\")", #""STRASSE""#), Row("$lowercase(\"ÀB\")", #""àb""#),
        Row("$trim(\"  a \\n\\t b  \")", #""a b""#), Row("$trim(\"\")", #""""#), Row("$pad(\"x\", 4)", #""x   ""#),
        Row("$pad(\"x\", -4, \"ab\")", #""abax""#), Row("$pad(\"xyz\", 2)", #""xyz""#),
        Row("$pad(\"x\", 5.7, \"-\")", #""x----""#),
        Row("$join([\"a\", \"b\"], \"-\")", #""a-b""#), Row("$join([])", #""""#), Row("$join([1])", "T0412"),
        Row("$join(\"a\")", #""a""#), Row("$uppercase($nothing)", "undefined"),
        Row("$lowercase(\"A\", \"B\")", "T0410"),
    ])
    func textFunctions(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test(arguments: [
        Row("$contains(\"hello\", \"ell\")", "true"), Row("$contains(\"hello\", /L+/i)", "true"),
        Row("$contains(\"cafe\\u0301\", \"e\")", "true"), Row("$contains(\"a\", $nothing)", "undefined"),
        Row("$split(\"a,b,c\", \",\")", #"["a","b","c"]"#), Row("$split(\"a,b,c\", \",\", 2)", #"["a","b"]"#),
        Row("$split(\"a1b22c\", /\\d+/)", #"["a","b","c"]"#), Row("$split(\"a1b22c\", /\\d+/, 1)", #"["a"]"#),
        Row("$split(\"abc\", \"\")", #"["a","b","c"]"#), Row("$split(\"abc\", /x/)", #"["abc"]"#),
        Row("$split(\"a,b\", \",\", 0)", "[]"), Row("$split(\"a\", \",\", -1)", "D3020"),
        Row("$split(\"a\", true)", "T0410"),
        Row("$match(\"ab12\", /([a-z])(\\d)/)", #"{"match":"b1","index":1,"groups":["b","1"]}"#),
        Row("$match(\"a1b2\", /[a-z]\\d/).match", #"["a1","b2"]"#), Row("$match(\"a1b2\", /[a-z]\\d/, 1).index", "0"),
        Row("$match(\"x\", /y/)", "undefined"), Row("$match(\"x\", /x/, -1)", "D3040"),
        Row("$match(\"ab\", /c*/)", "D1004"),
        Row("$match(\"ab\", /(a)|(c)/).groups", #"["a",null]"#),
    ])
    func matching(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test(arguments: [
        Row("$replace(\"banana\", \"an\", \"AN\")", #""bANANa""#),
        Row("$replace(\"banana\", \"an\", \"AN\", 1)", #""bANana""#),
        Row("$replace(\"banana\", /a(n)/, \"<$1$0$$>\")", #""b<nan$><nan$>a""#),
        Row("$replace(\"a\", \"a\", \"$1\")", #""$1""#),
        Row("$replace(\"ab\", /(a)/, \"$2|$\")", #""|$b""#), Row("$replace(\"abc\", /b/, $uppercase)", "T0410"),
        Row("$replace(\"abc\", /b/, function($m){ $m.match & $m.start & $m.end })", #""ab12c""#),
        Row("$replace(\"abc\", /b/, function($m){ 1 })", "D3012"), Row("$replace(\"abc\", \"\", \"x\")", "D3010"),
        Row("$replace(\"abc\", \"b\", \"x\", -1)", "D3011"), Row("$replace(\"abc\", /b/, \"x\", 0)", #""abc""#),
        Row("$replace(\"abc\", /x*?/, \"y\")", "D1004"),
        Row("$replace(\"abcdefghijkl\", /(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)/, \"$11-$12-$1\")", #""k-a2-al""#),
    ])
    func replacing(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test func aFunctionMayPlayARegularExpression() {
        let matcher = """
            ($find := function($text) {
                $contains($text, "needle") ? {
                    "match": "needle", "start": $length($substringBefore($text, "needle")), "groups": [],
                    "next": function(){ $nothing }
                }
            };
            [$contains("a needle", $find), $match("a needle", $find).index, $replace("a needle.", $find, "x"),
             $split("a needle.", $find)])
            """
        #expect(outcome(of: matcher) == #"[true,2,"a x.","a ","."]"#)
        #expect(outcome(of: #"$match("a", function($t){ 5 })"#) == "T1010")
    }
}
