import JSONModel
import JSONPath
import Testing

@Suite struct PatternTests {
    @Test(arguments: [
        ("", "", true), ("", "a", false), ("a*", "", true), ("a*", "aaab", false), ("a+b?", "aa", true),
        ("(ab)+", "abab", true), ("(?:a|b)*c", "abbac", true), ("a|b|", "", true), ("a{2}", "aa", true),
        ("a{2}", "aaa", false), ("a{2,}", "aaaa", true), ("a{1,2}", "aaa", false), ("a{0}b", "b", true),
        ("a*?b", "aab", true), ("(a*)*b", "aaab", true), ("(?<year>\\d{4})-\\d\\d", "2026-11", true),
        (".", "\n", false), (".", "\u{2028}", false), (".", "é", true), (".", "😀", true), ("a.c", "abc", true),
        ("[a-c]+", "abcb", true), ("[^a-c]", "b", false), ("[^a-c]", "d", true), ("[]a]", "]", true),
        ("[a-]", "-", true), ("[\\w-]+", "a_1-", true), ("[a-d[x-z]]", "y", true), ("[a-z&&[^b]]", "b", false),
        ("[a-z&&[^b]]", "c", true), ("[\\]\\\\]", "\\", true), ("[.]", "x", false), ("\\.", ".", true),
        ("\\d\\D\\w\\W\\s\\S", "1a_- x", true), ("\\d", "٣", false), ("\\w", "é", false), ("\\h", "\t", true),
        ("\\p{Lu}\\p{L}\\P{L}", "Ab1", true), ("\\pL", "x", true), ("\\p{IsAlphabetic}", "é", true),
        ("\\p{Alpha}\\p{Digit}\\p{Punct}", "a1!", true), ("\\p{Alpha}", "é", false),
        ("\\t\\n\\r\\f", "\t\n\r\u{C}", true),
        ("\\x41\\u0042\\x{1F600}", "AB😀", true), ("^a$", "a", true), ("a$b", "ab", false), ("\\Aa\\z", "a", true),
        ("a\\b.*", "a b", true), ("a\\Bb", "ab", true), ("a\\bb", "ab", false), ("(?=.*\\d)[a-z\\d]+", "ab1", true),
        ("(?=.*\\d)[a-z\\d]+", "ab", false), ("(?!admin).*", "admin1", false), ("(?!admin).*", "user", true),
        ("(?i)abc", "ABC", true), ("(?i:a)b", "Ab", true), ("(?i:a)b", "AB", false), ("a(?i)b|c", "aB", true),
        ("(?i)a(?-i)b", "AB", false), ("a\\/b", "a/b", true),
    ])
    func withoutFlags(_ pattern: String, _ text: String, _ isMatch: Bool) throws {
        try check("/\(pattern.replacingSlashes)/", text, isMatch)
    }

    @Test(arguments: [
        ("/abc/i", "aBc", true), ("/[a-c]+/i", "ABC", true), ("/é/i", "É", false), ("/é/iu", "É", true),
        ("/É/iu", "é", true), ("/ß/iu", "ß", true), ("/a.b/s", "a\nb", true), ("/a.b/", "a\nb", false),
        ("/a$.^b/ms", "a\nb", true), ("/a$.^b/s", "a\nb", false), ("/a b # c/x", "ab", true), ("/./d", "\r", true),
        ("/\\w+/U", "größe", true), ("/\\d/U", "٣", true), ("/\\s/U", "\u{2003}", true), ("/A/ix", "a", true),
    ])
    func withFlags(_ pattern: String, _ text: String, _ isMatch: Bool) throws { try check(pattern, text, isMatch) }

    private func check(_ pattern: String, _ text: String, _ isMatch: Bool) throws {
        let path = try JSONPath(parsing: "$[?(@ =~ \(pattern))]")
        #expect(try path.evaluate(on: [.string(text)]) == (isMatch ? [.string(text)] : []), "\(pattern) on \(text)")
    }

    @Test(arguments: [
        ("(", "expected ')'"), (")", "no '('"), ("*", "nothing to repeat"), ("a**", "nothing to repeat"),
        ("[a", "not closed"), ("a{2", "expected '}'"), ("a{2,1}", "less than"), ("a{1001}", "more than 1000"),
        ("(a)\\1", "back-references"), ("(?<=a)b", "look-behind"), ("(?>a)", "atomic"), ("a++", "possessive"),
        ("[z-a]", "range"), ("\\p{Foo}", "no character property"), ("\\y", "no escape"), ("(?q)a", "no flag"),
        ("\\x{110000}", "number of a character"), ("\\uD800", "surrogate"), ("a{1000}{2}", "nothing to repeat"),
        ("((a{1000}){1000}){1000}", "too large"), ("\\", "not closed"),
    ])
    func faultsAreFoundWhenThePathIsParsed(_ pattern: String, _ message: String) {
        let error = #expect(throws: JSONPathSyntaxError.self) { try JSONPath(parsing: "$[?(@ =~ /\(pattern)/)]") }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test func groupsNestOnlySoDeep() {
        let pattern = String(repeating: "(", count: 1000) + String(repeating: ")", count: 1000)

        #expect(throws: JSONPathSyntaxError.self) { try JSONPath(parsing: "$[?(@ =~ /\(pattern)/)]") }
    }

    @Test func timeIsLinearWhereBacktrackingExplodes() throws {
        let text = String(repeating: "a", count: 5000) + "!"
        let path = try JSONPath(parsing: "$[?(@ =~ /(a+)+(a|aa)*(a*)*b/)]")

        #expect(try path.evaluate(on: [.string(text)]) == [])
    }

    @Test func runningOutOfStepsIsAnErrorAndNotAMismatch() throws {
        let text = String(repeating: "a", count: 200_000)
        let path = try JSONPath(parsing: "$[?(@ =~ /(a{0,50}b?){50}c/)]")

        let error = #expect(throws: JSONPathEvaluationError.self) { try path.evaluate(on: [.string(text)]) }
        guard case .invalid(_, let reason) = error else {
            Issue.record("not found instead of too much work")
            return
        }
        #expect(reason.contains("steps"))
    }
}

extension String {
    /// Escapes the slashes that end a pattern, unless they are escaped already.
    fileprivate var replacingSlashes: String { contains("\\/") ? self : replacing("/", with: "\\/") }
}
