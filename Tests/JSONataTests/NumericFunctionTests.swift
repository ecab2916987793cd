import JSONata
import Testing

@Suite struct NumericFunctionTests {
    @Test(arguments: [
        Row(#"$number("12.5")"#, "12.5"), Row(#"$number("-1e3")"#, "-1000"), Row(#"$number("0x1F")"#, "31"),
        Row(#"$number("0b101")"#, "5"), Row(#"$number("0o17")"#, "15"), Row(#"$number("007")"#, "7"),
        Row("$number(true)", "1"),
        Row(#"$number("")"#, "D3030"), Row(#"$number(" 1")"#, "D3030"), Row(#"$number("1.")"#, "D3030"),
        Row(#"$number("0x")"#, "D3030"),
        Row(#"$number("1e999")"#, "D3030"), Row(#"$number("Infinity")"#, "D3030"), Row("$number(null)", "T0410"),
        Row("$number([])", "T0410"),
        Row("$number($nothing)", "undefined"),
    ])
    func casts(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test(arguments: [
        Row("$floor(-1.5)", "-2"), Row("$ceil(-1.5)", "-1"), Row("$abs(-2)", "2"), Row("$sqrt(9)", "3"),
        Row("$sqrt(-1)", "D3060"),
        Row("$power(2, 10)", "1024"), Row("$power(10, 400)", "D3061"), Row("$power(-8, 1/3)", "D3061"),
        Row("$round(2.5)", "2"),
        Row("$round(3.5)", "4"), Row("$round(-2.5)", "-2"), Row("$round(1.005, 2)", "1"), Row("$round(125, -1)", "120"),
        Row("$round(4.525, 2)", "4.52"), Row("$round(0.5)", "0"), Row("$round(-0.4)", "0"),
        Row("$floor($nothing)", "undefined"),
    ])
    func rounding(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test(arguments: [
        Row("$sum([1, 2, 3.5])", "6.5"), Row("$sum([])", "0"), Row("$sum($nothing)", "undefined"), Row("$sum(5)", "5"),
        Row(#"$sum(["1"])"#, "T0412"), Row("$max([3, 9, 2])", "9"), Row("$min([3, 9, 2])", "2"),
        Row("$max([])", "undefined"),
        Row("$average([1, 2, 6])", "3"), Row("$average([])", "undefined"), Row("$count(tags)", "2"),
        Row("$count($nothing)", "0"),
        Row("$count(5)", "1"), Row("$count([1], [2])", "T0410"),
    ])
    func aggregation(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test(arguments: [
        Row("$boolean([0, 0])", "false"), Row("$boolean([0, 1])", "true"), Row("$boolean({})", "false"),
        Row(#"$boolean("0")"#, "true"),
        Row("$boolean(null)", "false"), Row("$boolean($sum)", "false"), Row("$boolean($nothing)", "undefined"),
        Row("$not(0)", "true"),
        Row("$not($nothing)", "undefined"), Row("$exists(none)", "true"), Row("$exists(missing)", "false"),
        Row("$exists($sum)", "true"),
        Row("$exists()", "T0410"),
    ])
    func truth(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test(arguments: [
        Row("$formatBase(255, 16)", #""ff""#), Row("$formatBase(-10, 2)", #""-1010""#),
        Row("$formatBase(10.5)", #""10""#),
        Row("$formatBase(10, 1)", "D3100"), Row("$formatBase(10, 37)", "D3100"),
        Row("$formatBase(5890840712243076)", #""5890840712243076""#),
        Row("$formatBase($nothing, 2)", "undefined"),
    ])
    func bases(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test(arguments: [
        Row(##"$formatNumber(12345.678, "#,##0.00")"##, #""12,345.68""#),
        Row(##"$formatNumber(-5, "0;(0)")"##, #""(5)""#),
        Row(##"$formatNumber(-5.5, "#0.0")"##, #""-5.5""#), Row(##"$formatNumber(0.14, "0%")"##, #""14%""#),
        Row(##"$formatNumber(0.5, "0‰")"##, #""500‰""#),
        Row(##"$formatNumber(1234.5678, "00.000e0")"##, #""12.346e2""#),
        Row(##"$formatNumber(0.000123, "0.00e00")"##, #""1.23e-04""#), Row(##"$formatNumber(7, "000")"##, #""007""#),
        Row(##"$formatNumber(1.5, "#.###")"##, #""1.5""#),
        Row(###"$formatNumber(1234567, "##,##,##0")"###, #""12,34,567""#),
        Row(##"$formatNumber(5, "$#0.00 net")"##, #""$5.00 net""#), Row(##"$formatNumber(0, "0e0")"##, #""0e0""#),
        Row(##"$formatNumber(12, "٠٠٠", {"zero-digit": "٠"})"##, #""٠١٢""#),
        Row(
            ##"$formatNumber(1234.5, "#.##0,00", {"decimal-separator": ",", "grouping-separator": "."})"##,
            #""1.234,50""#),
        Row(##"$formatNumber(1.123456, "0.000,000")"##, #""1.123,456""#),
        Row("$formatNumber($nothing, \"0\")", "undefined"),
        Row(#"$formatNumber(1, "0;0;0")"#, "D3080"), Row(#"$formatNumber(1, "0.0.0")"#, "D3081"),
        Row(#"$formatNumber(1, "0%%")"#, "D3082"),
        Row(#"$formatNumber(1, "0‰‰")"#, "D3083"), Row(#"$formatNumber(1, "0%‰")"#, "D3084"),
        Row(#"$formatNumber(1, ".")"#, "D3085"),
        Row(#"$formatNumber(1, "0a0")"#, "D3086"), Row(#"$formatNumber(1, "0,.0")"#, "D3087"),
        Row(#"$formatNumber(1, "0,")"#, "D3088"),
        Row(#"$formatNumber(1, "0,,0")"#, "D3089"), Row(##"$formatNumber(1, "0#")"##, "D3090"),
        Row(##"$formatNumber(1, "0.#0")"##, "D3091"),
        Row(#"$formatNumber(1, "0e0%")"#, "D3092"), Row(#"$formatNumber(1, "0e")"#, "D3093"),
        Row(#"$formatNumber(1, "%%")"#, "D3086"),
    ])
    func numberPictures(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test(arguments: [
        Row(##"$formatInteger(1234567, "#,##0")"##, #""1,234,567""#), Row(#"$formatInteger(7, "000")"#, #""007""#),
        Row(##"$formatInteger(123456, "#:##,0")"##, #""123:45,6""#), Row(#"$formatInteger(1999, "I")"#, #""MCMXCIX""#),
        Row(#"$formatInteger(28, "a")"#, #""ab""#), Row(#"$formatInteger(703, "A")"#, #""AAA""#),
        Row(#"$formatInteger(11, "1;o")"#, #""11th""#),
        Row(#"$formatInteger(122, "1;o")"#, #""122nd""#),
        Row(#"$formatInteger(123, "w")"#, #""one hundred and twenty-three""#),
        Row(#"$formatInteger(1000000, "Ww;o")"#, #""One Millionth""#),
        Row(#"$formatInteger(80, "w;o")"#, #""eightieth""#),
        Row(#"$formatInteger(-5, "w")"#, #""-five""#), Row(#"$formatInteger(15, "٠٠")"#, #""١٥""#),
        Row(#"$formatInteger(1, "α")"#, "D3130"),
        Row(#"$formatInteger(1, "0٠")"#, "D3131"), Row(#"$formatInteger(1.9, "0")"#, #""1""#),
        Row("$formatInteger($nothing, \"0\")", "undefined"),
        Row(##"$parseInteger("1,234", "#,##0")"##, "1234"), Row(#"$parseInteger("MCMXCIX", "I")"#, "1999"),
        Row(#"$parseInteger("ab", "a")"#, "28"),
        Row(#"$parseInteger("two thousand, three hundred and twelve", "w")"#, "2312"),
        Row(#"$parseInteger("122nd", "0;o")"#, "122"),
        Row(#"$parseInteger("١٥", "٠")"#, "15"), Row(#"$parseInteger("nonsense", "w")"#, "undefined"),
        Row(#"$parseInteger("x", "α")"#, "D3130"),
    ])
    func integerPictures(row: Row) { #expect(outcome(of: row.expression) == row.expected) }
}
