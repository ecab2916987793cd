import JSONata
import Testing

@Suite struct SyntaxTests {
    @Test(arguments: [
        Row(#"1 + 2 * 3 - 4 / 2"#, "5"),
        Row(#"(1 + 2) * 3"#, "9"),
        Row(#"2 - -3"#, "5"),
        Row(#"7 % 3"#, "1"),
        Row(#"1 = 1 and 2 > 1 or false"#, "true"),
        Row(#""a" & 'b' & "\u00e9\n\"\\\/""#, #""abé\n\"\\/""#),
        Row(#""\uD83D\uDE00""#, #""😀""#),
        Row(#"1.5e3"#, "1500"),
        Row(#"/* note */ 1 /* more */ + 1"#, "2"),
        Row(#"$v := 3"#, "3"),
        Row(#"($v := 3; $v * 2;)"#, "6"),
        Row(#"()"#, "undefined"),
        Row(#"`tags`[0]"#, #""math""#),
        Row(#""address".'city'"#, #""London""#),
        Row(#"and"#, "undefined"),
        Row(#"{"and": 1}.and"#, "1"),
        Row(#"λ($x){$x + 1}(1)"#, "2"),
        Row(#"10/2/5"#, "1"),
        Row(#"true ? 1 : false ? 2 : 3"#, "1"),
        Row(#"false ? 1"#, "undefined"),
    ])
    func expressionsMeanWhatTheyShould(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test(arguments: [
        Row(#""open"#, "S0101"), Row(#"1e999"#, "S0102"), Row(#""\q""#, "S0103"), Row(#""\u12""#, "S0104"),
        Row(#"`open"#, "S0105"), Row(#"1 /* open"#, "S0106"), Row(#"1 2"#, "S0201"), Row(#"[1 2]"#, "S0202"),
        Row(#"[1, 2"#, "S0203"), Row(#"1 ! 2"#, "S0204"), Row(#"1 +"#, "S0207"), Row(#""#, "S0207"),
        Row(#"function(x){x}"#, "S0208"), Row(#"$x{"x": 1}[0]"#, "S0209"), Row(#"a{"x": 1}{"y": 2}"#, "S0210"),
        Row(#"* / / 2"#, "S0302"), Row(#"+ 2"#, "S0211"), Row(#"1 := 2"#, "S0212"), Row(#"a.1"#, "S0213"),
        Row(#"a@b"#, "S0214"), Row(#"a#b"#, "S0214"), Row(#"a[0]@$x"#, "S0215"), Row(#"a^(b)@$x"#, "S0216"),
        Row(#"%"#, "S0217"), Row(#"$.%.%"#, "S0217"), Row(#"a ~> //"#, "S0301"), Row(#"a ~> /b"#, "S0302"),
        Row(#"a ~> /(b/"#, "S0302"), Row(#"a ~> /b**/"#, "S0303"), Row(#"function($x)<n<s>>{1}"#, "S0401"),
        Row(#"function($x)<(na<n>)>{1}"#, "S0402"), Row(#"a ?? b"#, "S0211"), Row(#"a ?: b"#, "S0211"),
    ])
    func faultsHaveTheCodesOfTheReference(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test(arguments: [
        (#"1 +"#, 3, "(end)"), (#"1 2"#, 3, "2"), (#"[1 2]"#, 4, "2"), (#"a.1"#, 3, nil), (#"1 ! 2"#, 3, "!"),
        (#"abc + *: 1"#, 8, ":"), (#""\q""#, 2, "q"), (#"("é" ~> x) := 1"#, 1, nil),
    ])
    func faultsSayWhere(expression: String, position: Int, token: String?) throws {
        let error = try failure(of: expression)
        #expect(error.position == position)
        if let token { #expect(error.token == token) }
    }

    @Test(arguments: [
        (#"1 + "a""#, "T2002", 3, "The right side of the \"+\" operator must evaluate to a number"),
        (#"$sum("a")"#, "T0412", 5, "Argument 1 of function \"sum\" must be an array of \"numbers\""),
        (#"$uppercase(1)"#, "T0410", 11, "Argument 1 of function \"uppercase\" does not match function signature"),
        (#"uppercase("a")"#, "T1005", 10, "Attempted to invoke a non-function. Did you mean $uppercase?"),
        (#"$nothing()"#, "T1006", 9, "Attempted to invoke a non-function"),
        (#"{1: 2}"#, "T1003", 1, "Key in object structure must evaluate to a string; got: 1"),
        (#"1 < "a""#, "T2009", 3, "The values 1 and \"a\" either side of operator \"<\" must be of the same data type"),
    ])
    func messagesAreThoseOfTheReference(expression: String, code: String, position: Int, message: String) throws {
        let error = try failure(of: expression)
        #expect(error == JSONataError(code: code, message: message, position: position, token: error.token))
    }

    @Test func whatIsNestedTooDeepIsRefused() {
        let texts = [
            String(repeating: "(", count: 5000) + "1", String(repeating: "1+", count: 5000) + "1",
            String(repeating: "-", count: 5000) + "1", String(repeating: "a.", count: 5000) + "a",
            String(repeating: "[", count: 5000), String(repeating: "$f(", count: 5000),
        ]
        for text in texts { #expect(outcome(of: text) == "S0501") }
    }

    @Test func aLongFlatExpressionIsFine() {
        let text = "[" + Array(repeating: "1", count: 5000).joined(separator: ",") + "] ~> $count()"
        #expect(outcome(of: text) == "5000")
    }
}
