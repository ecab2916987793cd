import JSONModel
import JSONata
import Testing

/// The edges: what goes in and what comes out.
@Suite struct ExpressionTests {
    @Test func wholeNumbersComeBackAsIntegers() throws {
        let expression = try JSONataExpression(parsing: "[1 + 1, 6 / 2, 1e15, 0.5 + 0.5, -0, 2.5]")
        let result = try expression.evaluate(input: nil, bindings: [:], environment: environment())
        let elements = try #require(result?.arrayValue)
        for element in elements.dropLast() {
            guard case .int = element else {
                Issue.record("\(element) is no integer")
                continue
            }
        }
        #expect(result?.jsonString == "[2,3,1000000000000000,1,0,2.5]")
    }

    @Test func integersThatNoDoubleHoldsPassUnchanged() {
        let bindings: [String: JSONValue] = ["big": .int(.max), "in": ["list": [.int(.max - 1), .int(.min)]]]
        #expect(outcome(of: "$big", bindings: bindings) == "9223372036854775807")
        #expect(outcome(of: "$in.list[0]", bindings: bindings) == "9223372036854775806")
        #expect(
            outcome(of: "{\"copy\": $in}", bindings: bindings)
                == #"{"copy":{"list":[9223372036854775806,-9223372036854775808]}}"#)
        #expect(outcome(of: "$big > 1 and $type($big) = \"number\"", bindings: bindings) == "true")
        #expect(outcome(of: "$big in [$big]", bindings: bindings) == "true")
    }

    @Test func variablesOfTheWorkflowAreBindings() {
        let bindings: [String: JSONValue] = ["states": ["input": ["n": 2]], "count": 5, "empty": .null]
        #expect(outcome(of: "$states.input.n * $count", input: nil, bindings: bindings) == "10")
        #expect(outcome(of: "$empty", input: nil, bindings: bindings) == "null")
        #expect(outcome(of: "($count := 6; $count)", input: nil, bindings: bindings) == "6")
        #expect(outcome(of: "$sum", input: nil, bindings: ["sum": 3]) == "3")
    }

    @Test func membersKeepTheirOrder() {
        #expect(outcome(of: #"{"z": 1, "a": 2, "10": 3, "9": 4}"#) == #"{"z":1,"a":2,"10":3,"9":4}"#)
        #expect(outcome(of: "$merge([{\"b\": 1}, {\"a\": 2}, {\"b\": 3}])") == #"{"b":3,"a":2}"#)
    }

    @Test func anExpressionServesManyThreads() async throws {
        let expression = try JSONataExpression(parsing: "($f := function($n){$n = 0 ? 0 : $n + $f($n - 1)}; $f($n))")
        await withTaskGroup(of: Bool.self) { group in
            for n in 0..<32 {
                group.addTask {
                    let result = try? expression.evaluate(
                        input: nil, bindings: ["n": .int(Int64(n))], environment: environment())
                    return result == .int(Int64(n * (n + 1) / 2))
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }

    @Test(arguments: [
        ("$a + $states.input.b", ["a", "states"]), ("$ + $$ + name", []), ("$sum([1])", []),
        ("($x := 1; $x + $y)", ["y"]),
        ("($n := $n + 1)", ["n"]), ("function($p){ $p + $q }", ["q"]),
        ("orders@$o.x[$o.id = $id]#$i.{\"k\": $i}", ["id"]),
        ("orders#$i[$i = 0]{\"k\": $i & $z}", ["z"]),
        ("($f := function($n){ $g($n) }; $g := function($n){ $f($n) }; $f(1))", []),
        ("($f := function(){ $f() })", []), ("(($inner := 1); $inner)", ["inner"]),
        ("$map($list, function($v, $i){ $v * $rate[$i] })", ["list", "rate"]),
        ("$ ~> |$p|{\"a\": $u}, $d|", ["p", "u", "d"]), ("a^(>$key)[$at]", ["key", "at"]),
        ("$c ? $t : $e", ["c", "t", "e"]), ("$f(?, $v)", ["f", "v"]),
        ("\"$notOne\" & /$nor/", []),
    ])
    func freeVariablesAreThoseOfTheWorkflow(text: String, expected: [String]) throws {
        #expect(try JSONataExpression(parsing: text).freeVariables == Set(expected))
    }

    @Test func theTextIsKept() throws {
        #expect(try JSONataExpression(parsing: " 1 + 1 ").text == " 1 + 1 ")
    }

    @Test func errorsDescribeThemselves() throws {
        #expect(try failure(of: "1 +").description == "S0207: Unexpected end of expression (at character 3)")
    }
}
