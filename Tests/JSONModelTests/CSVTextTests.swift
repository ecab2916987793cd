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

    @Test func aLineEndsAsTheStandardSays() {
        #expect(CSVText.line(["a", "b,c", ""]) == "a,\"b,c\",\r\n")
        #expect(CSVText.line([]) == "\r\n")
    }
}
