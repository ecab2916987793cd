import JSONModel
import JSONata
import Testing

/// Regular expressions as JavaScript has them.
@Suite struct RegexTests {
    @Test(arguments: [
        ("a+", "caat", "aa"), ("a+?", "caat", "a"), ("a{2}", "aaa", "aa"), ("a{2,}", "aaaa", "aaaa"),
        ("a{1,2}", "aaa", "aa"),
        ("x{a}", "x{a}", "x{a}"), ("a|bc", "bc", "bc"), ("(?:a|b)+c", "abac", "abac"), ("[^a-c]+", "abxyc", "xy"),
        ("[\\\\w-]+", " a-b ", "a-b"), ("[\\\\]a]+", "x]a", "]a"), ("\\\\d{3}\\\\s\\\\D", "123 x", "123 x"),
        (".", "\n", "-"),
        ("^b", "a\nb", "-"), ("^b/m", "a\nb", "b"), ("a$", "ba", "a"), ("\\\\bfoo\\\\b", "a foo.", "foo"),
        ("\\\\Boo", "foo", "oo"),
        ("(a)\\\\1", "aa", "aa"), ("(?<q>['|])x\\\\k<q>", "'x'", "'x'"), ("a(?=b)", "acab", "a"),
        ("a(?!b)", "abac", "a"),
        ("(?<=\\\\$)\\\\d+", "a5$42", "42"), ("(?<!\\\\$)\\\\b\\\\d+", "$42 7", "7"), ("(a*)*b", "aab", "aab"),
        ("(?:a?)*?b", "aab", "aab"), ("ABC/i", "xabc", "abc"), ("É/i", "é", "é"), ("[a-z]+/i", "ABC", "ABC"),
        ("\\\\x41\\\\u0042", "AB", "AB"),
        ("(z)((a+)?(b+)?(c))*", "zaacbbbcac", "zaacbbbcac"), ("\\\\/", "a/b", "/"), ("[.]", "a.", "."),
        ("\\\\cJ", "\n", "\\n"), ("(?:)", "a", "-"),
    ])
    func patternsMatch(pattern: String, text: String, expected: String) {
        var pattern = pattern.replacing("\\\\", with: "\\")
        var flags = ""
        if pattern.count > 2, pattern.hasSuffix("/i") || pattern.hasSuffix("/m"), !pattern.hasSuffix("\\/") {
            flags = String(pattern.removeLast())
            pattern.removeLast()
        }
        let expression = "$match($text, /\(pattern)/\(flags))[0].match"
        let result = outcome(of: expression, bindings: ["text": .string(text)])
        let shown = ["undefined", "D1004"].contains(result) ? "-" : String(result.dropFirst().dropLast())
        #expect(shown == expected, "\(expression)")
    }

    @Test(arguments: [
        "a**", "(a", "[z-a]", "a{2,1}", "(?<n>a)(?<n>b)", "(?<n>a)\\k<m>", "+a", "(?a)", "\\", "(?<=a)*",
        "(a{1000}){1000}",
    ])
    func whatIsNoRegularExpressionIsRefused(pattern: String) {
        #expect(["S0303", "S0302"].contains(outcome(of: "$contains(\"a\", /\(pattern)/)")))
    }

    @Test(arguments: ["(a+)+$", "(a|a)*$", "(a*)*$", "(?:a?){30}a{30}$", "((a+)+)+x"])
    func exponentialBacktrackingEnds(pattern: String) {
        let text = String(repeating: "a", count: 5000) + "!"
        var limits = JSONataLimits.standard
        limits.steps = 20_000
        #expect(outcome(of: "$contains($t, /^\(pattern)/)", bindings: ["t": .string(text)], limits: limits) == "U1001")
    }

    @Test func aLongTextNeedsNoStack() {
        let text = String(repeating: "ab", count: 50_000)
        let bindings = ["t": JSONValue.string(text)]
        #expect(outcome(of: "$length($match($t, /(?:a|b)*/).match)", bindings: bindings) == "100000")
        #expect(outcome(of: "$length($match($t, /^(?:a|b)*$/).match)", bindings: bindings) == "100000")
    }

    @Test func aMatchFindsTheNext() {
        #expect(outcome(of: #"($m := /\d/("a1b2"); [$m.match, $m.next().match, $m.next().next()])"#) == #"["1","2"]"#)
        #expect(outcome(of: #"/a/("bab", 2)"#) == "undefined")
    }
}
