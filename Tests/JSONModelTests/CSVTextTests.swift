import JSONModel
import Testing

@Suite struct CSVTextTests {
    @Test(arguments: [
        ("plain", "plain"), ("", ""), ("a,b", "\"a,b\""), ("say \"hi\"", "\"say \"\"hi\"\"\""), ("a\nb", "\"a\nb\""),
        ("a\r\nb", "\"a\r\nb\""), (" a", "\" a\""), ("a ", "\"a \""), ("é;ü", "é;ü"), ("\"", "\"\"\"\""),
    ])
    func fieldsAreQuotedWhereTheyHaveTo(_ field: String, _ text: String) {
        #expect(CSVText.quoted(field) == text)
    }

    @Test(arguments: [
        ("=1+1", "'=1+1"), ("+SUM(A1)", "'+SUM(A1)"), ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"), ("@ana", "'@ana"),
        ("\tana", "'\tana"), ("\rana", "'\rana"), ("+ana@example.com", "'+ana@example.com"),
        ("-12", "-12"), ("+3.5 %", "+3.5 %"), ("-$0.10", "-$0.10"), ("-", "-"), ("1-1", "1-1"), ("a=b", "a=b"),
        ("", ""),
    ])
    func noTextIsAFormula(_ field: String, _ text: String) {
        #expect(CSVText.harmless(field) == text)
    }

    @Test func aFormulaIsQuotedToo() {
        #expect(CSVText.line(["=A1,B1", "-5", "\rx"]) == "\"'=A1,B1\",-5,\"'\rx\"\r\n")
    }

    @Test func aLineEndsAsTheStandardSays() {
        #expect(CSVText.line(["a", "b,c", ""]) == "a,\"b,c\",\r\n")
        #expect(CSVText.line([]) == "\r\n")
    }
}
