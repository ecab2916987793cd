import JSONata
import Testing

/// Variables that a path binds: focus `@`, position `#`, parent `%`.
@Suite struct BindingTests {
    @Test(arguments: [
        Row(
            #"orders#$i.lines.{"order": $i, "sku": sku}"#,
            #"[{"order":0,"sku":"a"},{"order":0,"sku":"b"},{"order":1,"sku":"a"}]"#),
        Row(#"orders.lines#$i[$i = 1].sku"#, #""b""#),
        Row(#"tags#$i[$i = 1]"#, #""engine""#),
        Row(#"tags#$i.($string($i) & $)"#, #"["0math","1engine"]"#),
        Row(#"[5, 6, 7]#$i[$i > 0]"#, "[6,7]"),
        Row(#"[7, 5, 6]^($)#$i.{"i": $i, "v": $}"#, #"[{"i":0,"v":5},{"i":1,"v":6},{"i":2,"v":7}]"#),
        Row(#"orders#$i^(>id).$i"#, "[1,0]"),
        Row(#"orders#$i{id: $i}"#, #"{"o1":0,"o2":1}"#),
    ])
    func positionsAreBound(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test(arguments: [
        Row(#"orders@$o.lines.{"id": $o.id}"#, "undefined"),
        Row(#"orders@$o.$o.lines.sku"#, #"["a","b","a"]"#),
        Row(#"orders@$a.orders@$b[$a.id != $b.id].($a.id & $b.id)"#, #"["o1o2","o2o1"]"#),
        Row(#"orders@$o[$o.id = "o2"].$o.id"#, #""o2""#),
        Row(#"tags@$t.age"#, "[36,36]"),
        Row(#"orders@$o{$o.id: $count($o.lines)}"#, #"{"o1":2,"o2":1}"#),
    ])
    func focusIsBoundAndTheContextStays(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test(arguments: [
        Row(
            #"orders.lines.{"sku": sku, "order": %.id}"#,
            #"[{"sku":"a","order":"o1"},{"sku":"b","order":"o1"},{"sku":"a","order":"o2"}]"#),
        Row(#"orders.lines[%.id = "o2"].qty"#, "5"),
        Row(#"orders.lines.sku.(%.%.id)"#, #"["o1","o1","o2"]"#),
        Row(#"orders.lines.sku[%.qty > 1]"#, #"["a","a"]"#),
        Row(#"orders.(lines).(sku & %.id)"#, #"["ao1","bo1","ao2"]"#),
        Row(#"orders.lines^(%.id, >price).price"#, "[25.5,10,9]"),
        Row(#"orders.*.(%.id)"#, #"["o1","o1","o1","o2","o2"]"#),
        Row(#"$sum(orders.lines.(qty * %.%.age))"#, "288"),
    ])
    func parentsAreFound(row: Row) {
        #expect(outcome(of: row.expression) == row.expected)
    }
}
