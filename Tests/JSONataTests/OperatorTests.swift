import JSONata
import Testing

@Suite struct OperatorTests {
    @Test(arguments: [
        Row("1 + $nothing", "undefined"), Row(#""a" + 1"#, "T2001"), Row(#"1 + "a""#, "T2002"),
        Row("0.1 + 0.2", "0.30000000000000004"), Row("7 / 2", "3.5"), Row("-7 % 3", "-1"), Row("5.5 % 2", "1.5"),
        Row("1e308 * 10 + 1", "D1001"), Row("1 / 0", "D1001"), Row("-(2)", "-2"), Row(#"-"a""#, "D1002"),
        Row("-$nothing", "undefined"), Row("9007199254740992 + 0", "9007199254740992"), Row("1 + 1", "2"),
        Row("1.5 + 1.5", "3"), Row("0 * -1", "0"),
    ])
    func arithmetic(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test(arguments: [
        Row("1 = 1.0", "true"), Row(#"1 = "1""#, "false"), Row("[1, [2]] = [1, [2]]", "true"),
        Row(#"{"a": 1, "b": 2} = {"b": 2, "a": 1}"#, "true"), Row("null = null", "true"),
        Row("$nothing = $nothing", "false"), Row("1 != $nothing", "false"), Row("1 != 2", "true"),
        Row(#""a" < "b""#, "true"), Row("2 >= 2", "true"), Row("1 < $nothing", "undefined"),
        Row(#"1 < "a""#, "T2009"), Row("true < false", "T2010"), Row("null > 1", "T2010"),
        Row(#""\uFF5E" < "\uD83D\uDE00""#, "false"), Row(#""\u00e9" = "e\u0301""#, "false"),
        Row("$sum = $sum", "false"),
    ])
    func comparison(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test(arguments: [
        Row("true and $nothing", "false"), Row("false or 1", "true"), Row(#"false and (1 + "a")"#, "false"),
        Row(#"true or (1 + "a")"#, "true"), Row(#"[0, ""] or false"#, "false"), Row("[0, 1] and {\"a\": 1}", "true"),
        Row("{} or []", "false"), Row("2 in [1, 2]", "true"), Row("2 in 2", "true"), Row("$nothing in [1]", "false"),
        Row(#""a" in tags"#, "false"), Row(#""math" in tags"#, "true"), Row("[1] in [[1]]", "false"),
    ])
    func logic(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test(arguments: [
        Row(#"1 & true & null & $nothing & "x""#, #""1truenullx""#),
        Row(#"[1, "a"] & {"b": 2}"#, #""[1,\"a\"]{\"b\":2}""#),
        Row("1/3 & \"\"", #""0.333333333333333""#), Row("1e21 & \"\"", #""1e+21""#), Row("1e-7 & \"\"", #""1e-7""#),
        Row("123456789012345678 & \"\"", #""123456789012346000""#), Row("0.000001 & \"\"", #""0.000001""#),
        Row("100 & \"\"", #""100""#), Row("-0.5 & \"\"", #""-0.5""#),
    ])
    func concatenation(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test(arguments: [
        Row("[1..0]", "[]"), Row("[1.5..3]", "T2003"), Row(#"[1.."a"]"#, "T2004"), Row("[$nothing..3]", "[]"),
        Row("[1..10000001]", "D2014"), Row("$count([1..10000000])", "10000000"), Row("[2..2]", "[2]"),
    ])
    func ranges(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test(arguments: [
        Row(#"$ ~> |address|{"city": "Paris"}| ~> $lookup("address")"#, #"{"city":"Paris","zip":"W1"}"#),
        Row(#"(orders ~> |lines|{"total": qty * price}, ["qty", "price"]|).lines.total"#, "[20,25.5,45]"),
        Row(#"(address ~> |$|{}, "zip"|)"#, #"{"city":"London"}"#),
        Row(#"($t := |address|{"city": "X"}|; $t($).address.city & address.city)"#, #""XLondon""#),
        Row(#"address ~> |$|5|"#, "T2011"), Row(#"address ~> |$|{}, 5|"#, "T2012"),
        Row(#"$nothing ~> |$|{}|"#, "undefined"),
        Row(#"address ~> |missing|{"a": 1}|"#, #"{"city":"London","zip":"W1"}"#),
        Row(#"($clone := 1; address ~> |$|{}|)"#, "T2013"), Row(#"1 ~> |$|{}|"#, "T0410"),
    ])
    func transforms(row: Row) { #expect(outcome(of: row.expression) == row.expected) }
}
