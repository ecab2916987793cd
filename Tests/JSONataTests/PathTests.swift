import JSONModel
import JSONata
import Testing

@Suite struct PathTests {
    @Test(arguments: [
        Row(#"name"#, #""Ada Lovelace""#),
        Row(#"address.city"#, #""London""#),
        Row(#"missing.city"#, "undefined"),
        Row(#"none"#, "null"),
        Row(#"none.x"#, "undefined"),
        Row(#"orders.id"#, #"["o1","o2"]"#),
        Row(#"orders.lines.sku"#, #"["a","b","a"]"#),
        Row(#"orders[1].lines.sku"#, #""a""#),
        Row(#"orders.lines[0].sku"#, #"["a","a"]"#),
        Row(#"(orders.lines)[0].sku"#, #""a""#),
        Row(#"orders[-1].id"#, #""o2""#),
        Row(#"orders[1.9].id"#, #""o2""#),
        Row(#"orders[9]"#, "undefined"),
        Row(#"matrix"#, "[[1,2],[3,4]]"),
        Row(#"matrix[0]"#, "[1,2]"),
        Row(#"matrix[0][1]"#, "2"),
        Row(#"matrix.$"#, "[1,2,3,4]"),
        Row(#"single"#, #"[{"k":7}]"#),
        Row(#"single.k"#, "7"),
        Row(#"single[].k"#, "[7]"),
        Row(#"single.k[]"#, "[7]"),
        Row(#"age[]"#, "[36]"),
        Row(#"$.name"#, #""Ada Lovelace""#),
        Row(#"$$.age"#, "36"),
        Row(#"orders.$$.age"#, "[36,36]"),
    ])
    func stepsMapAndFlatten(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test(arguments: [
        Row(#"orders.lines[qty > 1].sku"#, #"["a","a"]"#),
        Row(#"orders.lines[sku = "b"].price"#, "25.5"),
        Row(#"orders[lines.sku = "b"]"#, "undefined"),
        Row(#"orders["b" in lines.sku].id"#, #""o1""#),
        Row(#"[1..10][[0, 2, -1]]"#, "[1,3,10]"),
        Row(#"[1..5][$ > 2][0]"#, "3"),
        Row(#"tags[true]"#, #"["math","engine"]"#),
        Row(#"tags[false]"#, "undefined"),
        Row(#"age[$ = 36]"#, "36"),
        Row(#"missing[0]"#, "undefined"),
    ])
    func predicatesFilter(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test(arguments: [
        Row(#"address.*"#, #"["London","W1"]"#),
        Row(#"orders.*.sku"#, #"["a","b","a"]"#),
        Row(#"**.qty"#, "[2,1,5]"),
        Row(#"orders.**.price"#, "[10,25.5,9]"),
        Row(#"matrix.*"#, "[1,2,3,4]"),
        Row(#"name.*"#, "undefined"),
        Row(#"missing.**"#, "undefined"),
    ])
    func wildcardsReachEverything(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test(arguments: [
        Row(#"[1, [2, 3], $nothing, "x"]"#, #"[1,[2,3],"x"]"#),
        Row(#"[tags, age]"#, #"["math","engine",36]"#),
        Row(#"orders.[id, $count(lines)]"#, #"[["o1",2],["o2",1]]"#),
        Row(#"[1..3].[$, $ * 2]"#, "[[1,2],[2,4],[3,6]]"),
        Row(#"[3..1]"#, "[]"),
        Row(#"[-1..1, 5]"#, "[-1,0,1,5]"),
        Row(#"[]"#, "[]"),
        Row(#"{"a": 1, "b": $nothing, "c": [2]}"#, #"{"a":1,"c":[2]}"#),
        Row(#"orders.{"id": id}"#, #"[{"id":"o1"},{"id":"o2"}]"#),
        Row(#"{}"#, "{}"),
    ])
    func constructorsBuild(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test(arguments: [
        Row(#"orders.lines{sku: $sum(qty)}"#, #"{"a":7,"b":1}"#),
        Row(#"orders.lines{sku: price}"#, #"{"a":[10,9],"b":25.5}"#),
        Row(#"orders.lines{sku: $count($), "all": $count($)}"#, #"{"a":2,"all":3,"b":1}"#),
        Row(#"orders.lines{"k": 1, "k": 2}"#, "D1009"),
        Row(#"orders.lines{qty: 1}"#, "T1003"),
        Row(#"orders.lines{missing: 1}"#, "{}"),
    ])
    func groupingCollectsByKey(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test(arguments: [
        Row(#"orders.lines^(price).price"#, "[9,10,25.5]"),
        Row(#"orders.lines^(>price).price"#, "[25.5,10,9]"),
        Row(#"orders.lines^(sku, >qty).qty"#, "[5,2,1]"),
        Row(#"[3, 1, 2]^($)"#, "[1,2,3]"),
        Row(#"["b", "a", "ä", "B"]^($)"#, #"["B","a","b","ä"]"#),
        Row(#"[{"x": 2}, {}, {"x": 1}]^(x).x"#, "[1,2]"),
        Row(#"[1, "a"]^($)"#, "T2007"),
        Row(#"[true, false]^($)"#, "T2008"),
        Row(#"orders.lines^(price)[0].sku"#, #""a""#),
    ])
    func orderBySorts(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test func aDocumentThatIsAnArrayCountsAsOneItem() {
        let input: JSONValue = [["a": 1], ["a": 2]]
        #expect(outcome(of: "a", input: input) == "[1,2]")
        #expect(outcome(of: "$", input: input) == #"[{"a":1},{"a":2}]"#)
        #expect(outcome(of: "$[0]", input: input) == #"{"a":1}"#)
        #expect(outcome(of: #"{"n": $count($)}"#, input: input) == #"{"n":2}"#)
        #expect(outcome(of: #"$string()"#, input: input) == #""[{\"a\":1},{\"a\":2}]""#)
    }

    @Test func withoutADocumentFieldsAreUndefined() {
        for text in ["$", "$$", "name", "$.name", "*", "**"] { #expect(outcome(of: text, input: nil) == "undefined") }
    }
}
