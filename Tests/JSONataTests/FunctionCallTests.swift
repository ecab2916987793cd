import JSONata
import Testing

@Suite struct FunctionCallTests {
    @Test(arguments: [
        Row("function($x, $y){$x - $y}(5, 3)", "2"), Row("function($x, $y){$y}(1)", "undefined"),
        Row("function($x){$x}(1, 2, 3)", "1"),
        Row("($f := function($n){$n <= 1 ? 1 : $n * $f($n - 1)}; $f(10))", "3628800"),
        Row("($a := 1; $f := function(){$a}; $a := 2; $f())", "2"), Row("($a := 1; ($a := 2); $a)", "1"),
        Row("($add := function($x){function($y){$x + $y}}; $add(1)(2))", "3"),
        Row("$notThere(1)", "T1006"), Row("sum([1])", "T1005"), Row("age()", "T1006"), Row("1()", "T1006"),
        Row("address.(function(){city})()", #""London""#),
    ])
    func lambdasCloseOverTheirFrame(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test(arguments: [
        Row("$substring(?, 0, 2)(\"hello\")", #""he""#), Row("($f := $power(2, ?); $f(5))", "32"),
        Row("($f := function($a, $b, $c){[$a, $b, $c]}(?, 2, ?); $f(1, 3))", "[1,2,3]"), Row("sum(?)", "T1007"),
        Row("$nothing(?)", "T1008"), Row(#""a-b" ~> $split("-") ~> $join("+")"#, #""a+b""#),
        Row("[1..3] ~> $sum", "6"), Row("($f := $sum ~> $string; $f([1, 2]))", #""3""#), Row("1 ~> 2", "T2006"),
        Row("($inc := function($x){$x + 1}; 1 ~> $inc ~> $inc)", "3"),
        Row("[1..3] ~> $map(function($x){$x * 2})", "[2,4,6]"),
        Row("[[1]] ~> $count", "1"),
    ])
    func partialApplicationAndChaining(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test(arguments: [
        Row("function($x)<n:n>{$x}(\"a\")", "T0410"), Row("function($x)<n-:n>{$x}()", "T0411"),
        Row("age.function($x)<n-:n>{$x + 1}()", "37"), Row("function($x)<a<n>>{$x}(3)", "[3]"),
        Row("function($x)<a<n>>{$x}([\"a\"])", "T0412"), Row("function($x, $y)<ns?>{$y}(1)", "undefined"),
        Row("function($x)<(ns)>{$x}(true)", "T0410"), Row("function($x, $y)<n+s>{$y}(1, 2, \"a\")", "1"),
        Row("function($x, $y)<n+s>{$y}(1, \"a\")", #""a""#), Row("function($f)<f<n:n>>{$f(1)}(function($x){$x})", "1"),
        Row("function($x)<x>{$x}(null)", "null"), Row("function($x)<j>{$x}($sum)", "T0410"),
    ])
    func signaturesAreChecked(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test func tailCallsRunInConstantStack() {
        let loop = "($f := function($n, $t){$n = 0 ? $t : $f($n - 1, $t + $n)}; $f(100000, 0))"
        #expect(outcome(of: loop) == "5000050000")
        let mutual = """
            ($even := function($n){$n = 0 ? true : $odd($n - 1)};
             $odd := function($n){$n = 0 ? false : $even($n - 1)}; $even(50001))
            """
        #expect(outcome(of: mutual) == "false")
    }

    @Test func aFunctionIsNoResult() {
        #expect(outcome(of: "$sum") == "undefined")
        #expect(outcome(of: #"{"f": $sum, "a": 1}"#) == #"{"a":1}"#)
        #expect(outcome(of: "[$sum, 1]") == "[null,1]")
        #expect(outcome(of: "$string($sum)") == #""""#)
    }

    @Test func evalIsNotThere() { #expect(outcome(of: #"$eval("1 + 1")"#) == "T1006") }
}
