import StatesLanguage
import Testing

/// Paths, intrinsic functions, templates, expressions and variables.
@Suite struct PathVerdictTests {
    private typealias V = Verdict

    /// ASL, "Paths" and "Reference Paths"; Jayway's grammar, which AWS uses.
    static let paths: [Verdict] = [
        V.parameter("$"), V.parameter("$.a"), V.parameter("$.a.b[0].c"), V.parameter("$.a[-1]"),
        V.parameter("$['a b']"), V.parameter("$[\"a\"]"), V.parameter("$.a-b"), V.parameter("$.a[0:2]"),
        V.parameter("$.a[*].b"), V.parameter("$..b"), V.parameter("$.a[?(@.x > 1)]"), V.parameter("$.a[0,1]"),
        V.parameter("$.a.length()"), V.parameter("$$"), V.parameter("$$.Execution.Id"), V.parameter("$var"),
        V.parameter("$var.a[0]"), V.parameter("$.ä"), V.parameter("$.a['b','c']"),
        V.parameter("", "E301"), V.parameter("a", "E301"), V.parameter(" $.a", "E301"), V.parameter("$.", "E301"),
        V.parameter("$..", "E301"), V.parameter("$...", "E301"), V.parameter("$$23", "E301"),
        V.parameter("$.a[", "E301"),
        V.parameter("$.a]", "E301"), V.parameter("$[]", "E301"), V.parameter("$.a[?(]", "E301"),
        V.parameter("$['a", "E301"), V.parameter("$1", "E301"), V.parameter("{% $a %}", "E301"),
        V.parameter("$.a[x]", "E301"), V.parameter("$_a", "E301"),
        V.parameter("$" + String(repeating: "v", count: 80)),
        V.parameter("$" + String(repeating: "v", count: 81), "E301"),
        V.state(V.pass + "\"InputPath\": \"$.a[*].b\""), V.state(V.pass + "\"InputPath\": \"$$.Execution.Input\""),
        V.state(V.pass + "\"InputPath\": \"$v.a\", \"OutputPath\": \"$..a\""),
        V.state(V.pass + "\"InputPath\": \"\"", "E301"),
        V.state(V.pass + "\"InputPath\": \"States.Array(1)\"", "E301"), V.state(V.pass + "\"OutputPath\": 1", "E103"),
        V.state(V.pass + "\"OutputPath\": {}", "E103"),
        V.state(V.pass + "\"InputPath\": \"{% $states.input %}\"", "E301"),
        V.state(V.pass + "\"ResultPath\": \"$\""), V.state(V.pass + "\"ResultPath\": \"$.a.b['c'][0]\""),
        V.state(V.pass + "\"ResultPath\": \"$.a[*]\"", "E303"), V.state(V.pass + "\"ResultPath\": \"$..a\"", "E303"),
        V.state(V.pass + "\"ResultPath\": \"$.a[0:1]\"", "E303"),
        V.state(V.pass + "\"ResultPath\": \"$.a[?(@.b)]\"", "E303"),
        V.state(V.pass + "\"ResultPath\": \"$.a.length()\"", "E303"),
        V.state(V.pass + "\"ResultPath\": \"$$.a\"", "E303"),
        V.state(V.pass + "\"ResultPath\": \"$v\"", "E303"), V.state(V.pass + "\"ResultPath\": \".a\"", "E301"),
        V.state(V.pass + "\"ResultPath\": 1", "E103"), V.state(V.pass + "\"ResultPath\": \"\"", "E301"),
        V.state(V.wait + "\"SecondsPath\": \"$$.Execution.Input.s\""), V.state(V.wait + "\"SecondsPath\": \"$v\""),
        V.state(V.wait + "\"SecondsPath\": \"$.a[*]\"", "E303"),
        V.state(V.wait + "\"TimestampPath\": \"$..a\"", "E303"),
        V.state(V.wait + "\"SecondsPath\": \"States.MathAdd(1, 2)\"", "E301"),
        V.state(V.task + "\"TimeoutSecondsPath\": \"$.a[0]\", \"HeartbeatSecondsPath\": \"$v.h\""),
        V.state(V.task + "\"TimeoutSecondsPath\": null", "E103"),
        V.state(V.map + "\"ItemsPath\": \"$$.Execution.Input.l\""), V.state(V.map + "\"ItemsPath\": null", "E103"),
        V.state(V.map + "\"ItemsPath\": \"States.Array(1)\"", "E301"), V.state(V.map + "\"ItemsPath\": []", "E103"),
        V.state(V.fail + "\"ErrorPath\": \"$.e\", \"CausePath\": \"States.Format('{}', $.c)\""),
        V.state(V.fail + "\"ErrorPath\": \"$$.State.Name\", \"CausePath\": \"States.UUID()\""),
        V.state(V.fail + "\"CausePath\": \"States.MathAdd(1, 2)\"", "E302"),
        V.state(V.fail + "\"CausePath\": \"States.ArrayLength($.a)\"", "E302"),
        V.state(V.fail + "\"CausePath\": \"Cause\"", "E301"), V.state(V.fail + "\"ErrorPath\": null", "E103"),
    ]

    /// AWS, "Intrinsic functions for JSONPath states".
    static let calls: [Verdict] = [
        V.parameter("States.UUID()"), V.parameter("States.Array()"),
        V.parameter("States.Array(1, 'a', null, true, $.x)"),
        V.parameter("States.Format('{} is {}', $.a, $$.b)"), V.parameter("States.Format($.t, $.a)"),
        V.parameter(#"States.Format('\{\} \' \\ {}', $.a)"#), V.parameter("States.Format('two\nlines')"),
        V.parameter("States.ArrayPartition($.a, 2)"), V.parameter("States.ArrayContains($.a, 'x')"),
        V.parameter("States.ArrayRange(1, 9, 2)"), V.parameter("States.ArrayGetItem($.a, 0)"),
        V.parameter("States.ArrayLength($.a)"), V.parameter("States.ArrayUnique(States.Array(1, 1))"),
        V.parameter("States.Base64Encode('x')"), V.parameter("States.Base64Decode($.x)"),
        V.parameter("States.Hash($.x, 'SHA-256')"), V.parameter("States.JsonMerge($.a, $.b, false)"),
        V.parameter("States.MathRandom(1, 9)"), V.parameter("States.MathRandom(1, 9, 3)"),
        V.parameter("States.MathAdd($.x, -1)"), V.parameter("States.StringSplit($.x, ',')"),
        V.parameter("States.StringToJson($.x)"), V.parameter("States.JsonToString($)"),
        V.parameter("States.JsonToString($.a[?(@.b == 'x,)')])"), V.parameter("States.JsonToString($)   "),
        V.parameter("States.Array( 1 , 2 )"), V.parameter("States.Array(-1.5e3)"),
        V.parameter(" States.UUID()", "E301"), V.parameter("States.UUID", "E302"),
        V.parameter("States.UUID(1)", "E302"),
        V.parameter("States.Nope()", "E302"), V.parameter("States.uuid()", "E302"), V.parameter("States.", "E302"),
        V.parameter("states.UUID()", "E301"), V.parameter("UUID()", "E301"), V.parameter("States.Format()", "E302"),
        V.parameter("States.Array(1", "E302"), V.parameter("States.Array(1))", "E302"),
        V.parameter("States.Array(1,)", "E302"), V.parameter("States.Array(,1)", "E302"),
        V.parameter("States.Array(1 2)", "E302"), V.parameter("States.Array(\"a\")", "E302"),
        V.parameter("States.Array(a)", "E302"), V.parameter("States.Array('a)", "E302"),
        V.parameter("States.Array($.)", "E302"), V.parameter("States.Array(01)", "E302"),
        V.parameter(#"States.Format('\n')"#, "E302"), V.parameter(#"States.Format('\"')"#, "E302"),
        V.parameter("States.Format('x') y", "E302"), V.parameter("States.JsonToString $.a)", "E302"),
        V.parameter("States.MathAdd(1)", "E302"), V.parameter("States.MathAdd(1, 2, 3)", "E302"),
        V.parameter("States.MathAdd(1, '-1')", "E302"), V.parameter("States.MathAdd(null, 1)", "E302"),
        V.parameter("States.ArrayLength(1)", "E302"), V.parameter("States.ArrayLength('x')", "E302"),
        V.parameter("States.ArrayPartition($.a, 'x')", "E302"), V.parameter("States.ArrayRange(1, 2)", "E302"),
        V.parameter("States.JsonMerge($.a, $.b)", "E302"), V.parameter("States.JsonMerge($.a, $.b, 'no')", "E302"),
        V.parameter("States.Base64Encode(1)", "E302"), V.parameter("States.Hash('x')", "E302"),
        V.parameter("States.MathRandom(1)", "E302"), V.parameter("States.StringSplit('a')", "E302"),
        // AWS allows ten calls inside each other.
        V.parameter(String(repeating: "States.Array(", count: 10) + String(repeating: ")", count: 10)),
        V.parameter(String(repeating: "States.Array(", count: 11) + String(repeating: ")", count: 11), "E302"),
    ]

    /// ASL, "Payload Template": names that end in `.$`.
    static let templates: [Verdict] = [
        V.state(V.pass + "\"Parameters\": {\"a\": [{\"b.$\": \"$.c\"}], \"d\": null}"),
        V.state(V.pass + "\"Parameters\": {\"a\": [{\"b.$\": \"c\"}]}", "E301"),
        V.state(V.pass + "\"Parameters\": {\"a.$\": null}", "E301"),
        V.state(V.pass + "\"Parameters\": {\"a.$\": {}}", "E301"),
        V.state(V.pass + "\"Parameters\": {\"a.$\": 1, \"b.$\": \"x\", \"c\": {\"d.$\": []}}", "E301", "E301", "E301"),
        V.state(V.pass + "\"Parameters\": {\"a.$\": \"$.x\", \"a\": 1}", "E305"),
        V.state(V.pass + "\"Parameters\": {\"l\": {\"a\": 1, \"a.$\": \"$.x\"}}", "E305"),
        V.state(V.pass + "\"Parameters\": {\"a$\": \"b\", \"$\": \"c\", \"$.a\": \"d\"}"),
        V.state(V.task + "\"ResultSelector\": {\"a.$\": \"$$.b\", \"c\": null}"),
        V.state(V.task + "\"ResultSelector\": {\"a.$\": \"b\"}", "E301"),
        V.state(V.map + "\"ItemSelector\": {\"i.$\": \"$$.Map.Item.Index\", \"v.$\": \"$$.Map.Item.Value\"}"),
        V.state(V.map + "\"ItemSelector\": {\"i.$\": \"x\"}", "E301"),
        V.state(V.map + "\"ItemSelector\": {}, \"Parameters\": {}", "E105"),
    ]

    /// AWS, "Transforming data with JSONata": the whole text from `{%` to `%}` is the expression.
    static let expressions: [Verdict] = [
        V.output("{% 10 %}"), V.output("{%10%}"), V.output("{%\n  $states.input.a\n%}"), V.output("plain"),
        V.output(" {% $x %} "), V.output("a {% $x %} b"), V.output("{% $a & '%}' %}"), V.output("{% $undefined %}"),
        V.output("{% $states.context.Execution.Id %}"), V.output("{% $partition([1], 1) %}"),
        V.output("{% 10", "E304"), V.output("10 %}", "E304"), V.output("{%", "E304"), V.output("%}", "E304"),
        V.output("{%}", "E304"), V.output("{%%}", "E304"), V.output("{% %}", "E304"), V.output("{% 10 %} ", "E304"),
        V.output(" {% 10 %}", "E304"), V.output("{% 420. %}", "E304"), V.output("{% ( %}", "E304"),
        V.output("{% $.a[?(@.b)] %}", "E304"), V.output("{% 'a %}", "E304"), V.output("{% $x ?? 1 %}", "E304"),
        V.output("{% $states.result %}", "E306"), V.output("{% $states.errorOutput.Error %}", "E306"),
        V.jsonata(V.task + "\"Output\": \"{% $states.result %}\", \"Assign\": {\"a\": \"{% $states.result %}\"}"),
        V.jsonata(V.task + "\"Output\": \"{% $states.errorOutput %}\"", "E306"),
        V.jsonata(V.task + "\"Arguments\": {\"a\": [{\"b\": \"{% ) %}\"}]}", "E304"),
        V.jsonata(V.pass + "\"Assign\": {\"a\": {\"b\": [\"{% 1 1 %}\"]}}", "E304"),
        V.jsonata(V.task + "\"TimeoutSeconds\": \"{% 1\"", "E304"),
        V.jsonata(V.wait + "\"Timestamp\": \"1 %}\"", "E304"),
        V.jsonata(V.fail + "\"Cause\": \"{% 'a'\"", "E304"),
        V.jsonata(V.map + "\"Items\": [1, \"{% 2 %}\"], \"ItemSelector\": \"{% $states.context.Map.Item.Value %}\""),
        V.jsonata(V.map + "\"Items\": {\"a\": 1}"), V.jsonata(V.map + "\"Items\": \"x\"", "E103"),
        V.jsonata(V.map + "\"Items\": 1", "E103"), V.jsonata(V.map + "\"Items\": null", "E103"),
        V.jsonata(V.map + "\"MaxConcurrency\": \"{% 3 %}\""), V.jsonata(V.map + "\"MaxConcurrency\": \"3\"", "E103"),
        // In a JSONPath state the marks mean nothing.
        V.state(V.pass + "\"Parameters\": {\"a\": \"{% 1\", \"b\": \"{% ( %}\"}"),
    ]

    /// ASL, "Workflow Variables".
    static let variables: [Verdict] = [
        V.state(V.pass + "\"Assign\": {}"),
        V.state(V.pass + "\"Assign\": {\"a\": 1, \"b.$\": \"$.x\", \"c\": {\"d.$\": \"$\"}}"),
        V.state(V.pass + "\"Assign\": {\"a_1\": null, \"ä\": [], \"x.$\": \"States.UUID()\"}"),
        V.state(V.pass + "\"Assign\": {\"x.$\": \"y\"}", "E301"), V.state(V.pass + "\"Assign\": {\"x.$\": 1}", "E301"),
        V.state(V.pass + "\"Assign\": {\"a\": 1, \"a.$\": \"$.a\"}", "E305"),
        V.state(V.pass + "\"Assign\": {\"states\": 1}", "E701"),
        V.state(V.pass + "\"Assign\": {\"states.$\": \"$\"}", "E701"),
        V.state(V.pass + "\"Assign\": {\"\": 1}", "E701"), V.state(V.pass + "\"Assign\": {\"1a\": 1}", "E701"),
        V.state(V.pass + "\"Assign\": {\"_a\": 1}", "E701"), V.state(V.pass + "\"Assign\": {\"a b\": 1}", "E701"),
        V.state(V.pass + "\"Assign\": {\"a.b\": 1}", "E701"), V.state(V.pass + "\"Assign\": {\"$a\": 1}", "E701"),
        V.state(V.pass + "\"Assign\": {\"a\": {\"b-c\": {\"states\": 1}}}"),
        V.state(V.pass + "\"Assign\": {\"\(String(repeating: "v", count: 80))\": 1}"),
        V.state(V.pass + "\"Assign\": {\"\(String(repeating: "v", count: 81))\": 1}", "E701"),
        V.state(V.pass + "\"Assign\": []", "E103"), V.state(V.pass + "\"Assign\": null", "E103"),
        V.state(V.pass + "\"Assign\": \"a\"", "E103"), V.state(V.pass + "\"Assign\": true", "E103"),
        V.jsonata(V.pass + "\"Assign\": {\"a\": \"{% $states.input %}\"}"),
        V.jsonata(V.pass + "\"Assign\": \"{% {} %}\"", "E103"),
        V.jsonata(V.pass + "\"Assign\": {\"a.$\": \"$.x\"}", "E701"),
    ]

    @Test(arguments: paths) func pathsAreJudgedAsOnAWS(_ verdict: Verdict) { verdict.check() }

    @Test(arguments: calls) func intrinsicFunctionsAreJudgedAsOnAWS(_ verdict: Verdict) { verdict.check() }

    @Test(arguments: templates + expressions) func templatesAreJudgedAsOnAWS(_ verdict: Verdict) { verdict.check() }

    @Test(arguments: variables) func variablesAreJudgedAsOnAWS(_ verdict: Verdict) { verdict.check() }
}
