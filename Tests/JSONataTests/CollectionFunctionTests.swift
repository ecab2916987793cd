import JSONata
import Testing

/// Arrays, objects and functions over functions.
@Suite struct CollectionFunctionTests {
    @Test(arguments: [
        Row("$append([1], [2, 3])", "[1,2,3]"), Row("$append(1, 2)", "[1,2]"), Row("$append($nothing, 1)", "1"),
        Row("$append([1], $nothing)", "[1]"), Row("$reverse([1, 2, 3])", "[3,2,1]"),
        Row("$reverse($nothing)", "undefined"),
        Row(#"$sort(["b", "a"])"#, #"["a","b"]"#), Row(#"$sort([1, "a"])"#, "D3070"),
        Row("$sort(orders.lines, function($a, $b){ $a.price < $b.price }).price", "[25.5,10,9]"),
        Row("$sort([2])", "[2]"),
        Row(#"$distinct([1, "1", 1, [1], [1], {"a": 1}, {"a": 1}, null, null])"#, #"[1,"1",[1],{"a":1},null]"#),
        Row("$distinct(5)", "5"), Row("$zip([1, 2], [3, 4, 5])", "[[1,3],[2,4]]"), Row("$zip([1], $nothing)", "[]"),
        Row("$count($shuffle([1..20]))", "20"), Row("$sum($shuffle([1..20]))", "210"), Row("$shuffle([1])", "[1]"),
    ])
    func arrays(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test(arguments: [
        Row("$keys(address)", #"["city","zip"]"#), Row("$keys(single)", #""k""#),
        Row("$keys(orders)", #"["id","lines"]"#),
        Row("$keys(5)", "undefined"), Row(#"$lookup(address, "zip")"#, #""W1""#),
        Row(#"$lookup(orders, "id")"#, #"["o1","o2"]"#),
        Row(#"$lookup(address, "x")"#, "undefined"), Row("$spread(address)", #"[{"city":"London"},{"zip":"W1"}]"#),
        Row("$spread(5)", "5"), Row(#"$merge([{"a": 1, "b": 2}, {"b": 3}])"#, #"{"a":1,"b":3}"#),
        Row("$merge($nothing)", "undefined"),
        Row("$each(address, function($v, $k){ $k & $v })", #"["cityLondon","zipW1"]"#),
        Row("$sift(address, function($v, $k){ $k = \"zip\" })", #"{"zip":"W1"}"#),
        Row("$sift(address, function(){ false })", "undefined"),
        Row("$type(none)", #""null""#), Row("$type(1)", #""number""#), Row(#"$type("")"#, #""string""#),
        Row("$type([])", #""array""#),
        Row("$type({})", #""object""#), Row("$type($sum)", #""function""#), Row("$type(/a/)", #""function""#),
        Row("$type(true)", #""boolean""#), Row("$type($nothing)", "undefined"),
        Row("$clone(address)", #"{"city":"London","zip":"W1"}"#),
    ])
    func objects(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test(arguments: [
        Row("$map([1, 2, 3], function($v, $i, $a){ $v + $i + $count($a) })", "[4,6,8]"),
        Row("$map([5], function($v){ $v })", "5"),
        Row("$map([1, 2], $string)", #"["1","2"]"#), Row("$map($nothing, $string)", "undefined"),
        Row("$map([1, 2], function($v){ $nothing })", "undefined"),
        Row("$map([[1, 2], [3]], $sum)", "[3,3]"), Row("$filter([1, 2, 3], function($v){ $v > 1 })", "[2,3]"),
        Row("$filter([1, 2, 3], function($v, $i){ $i = 0 })", "1"),
        Row("$single([1, 2, 3], function($v){ $v = 2 })", "2"),
        Row("$single([1, 2], function(){ true })", "D3138"), Row("$single([1], function(){ false })", "D3139"),
        Row("$single([9])", "9"),
        Row("$reduce([1, 2, 3], function($a, $b){ $a * $b })", "6"),
        Row("$reduce([1, 2], function($a, $b){ $a & $b }, \"\")", #""12""#),
        Row("$reduce([1], function($a){ $a })", "D3050"), Row("$reduce([], $append)", "undefined"),
        Row("$reduce([], $append, 5)", "5"),
        Row("$reduce([1, 2], $append)", "[1,2]"), Row("$map(1, 2)", "T0410"), Row("$map([\"1\"], $number)", "1"),
    ])
    func functionsOverFunctions(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test func errorsAndAssertionsCarryTheirMessage() throws {
        let error = try failure(of: #"$error("no budget")"#)
        #expect(error.code == "D3137")
        #expect(error.message == "no budget")
        #expect(try failure(of: "$error()").message == "$error() function evaluated")
        let assertion = try failure(of: #"$assert(1 = 2, "not equal")"#)
        #expect(assertion.code == "D3141")
        #expect(assertion.message == "not equal")
        #expect(outcome(of: "$assert(true)") == "undefined")
        #expect(outcome(of: "$assert(1)") == "T0410")
    }
}
