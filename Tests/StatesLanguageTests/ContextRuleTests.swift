import StatesLanguage
import Testing

/// What expressions and paths read of `$states`, of the context object, and of an input document that is not there.
@Suite struct ContextRuleTests {
    private static func output(_ expression: String) -> [Diagnostic] {
        let state = "A: {Type: Pass, Output: \"\(expression.replacing("\"", with: "\\\""))\", End: true}"
        return StateMachineReader.read(WarningRuleTests.machine(state, language: "JSONata"), file: nil).diagnostics
    }

    @Test(arguments: [
        ("{% $.a %}", "'$'", 3), ("{% $ %}", "'$'", 3), ("{% a.b %}", "'a'", 3), ("{% $$.a %}", "'$$'", 3),
        ("{% $count(orders) %}", "'orders'", 10), ("{% $states.input.x + y %}", "'y'", 21),
        ("{% {'k': v} %}", "'v'", 9), ("{% ($x := name; $x) %}", "'name'", 10), ("{% [1, a[b = 2]] %}", "'a'", 7),
        ("{% $states.input.orders[id = $$.id] %}", "'$$'", 29), ("{% *.a %}", "'*'", 3),
        ("{% sum([1]) %}", "'sum' is the name of a field", 3),
    ])
    func anExpressionHasNoInputDocument(_ expression: String, _ message: String, _ character: Int) {
        let findings = Self.output(expression)

        #expect(findings.map(\.code) == ["W816"], "\(findings)")
        #expect(findings.first?.message.hasPrefix(message) == true, "\(findings)")
        // The text begins with its quote, behind `  A: {Type: Pass, Output: `.
        #expect(findings.first?.position?.column == 28 + character)
    }

    @Test(arguments: [
        "{% $states.input.a.b %}", "{% $states.input.orders[total > 10 and $.open].id %}",
        "{% $states.input.orders.{'id': id, 'all': $} %}", "{% $states.input.orders.(total * count) %}",
        "{% $map($states.input.list, function($v) { $v.a }) %}", "{% $states.input.list.$string() %}",
        "{% $states.input.list.$string($) %}", "{% $states.input.orders^(>total).id %}",
        "{% $states.input.orders{kind: $sum(total)} %}", "{% $states.input ~> |items|{'price': price * 2}| %}",
        "{% ($f := function($x) { $x + 1 }; $f(1)) %}", "{% $filter($states.input.l, function($v, $i) { $i > 0 }) %}",
        "{% [1..3].($ * 2) %}", "{% 'a' & \"b\" %}", "{% $states.input.a@$x.b[$x.c = d] %}",
        "{% $states.input.orders#$i[$i < 3].id %}", "{% $states.input.**.id %}", "{% $exists($states.input.a) %}",
        "{% $merge([{'a': 1}, $states.input.b]) %}", "{% ['a', 'b'][$ = 'a'] %}", "{% $now() %}",
    ])
    func whatReadsAValueOfItsOwnIsLeftAlone(_ expression: String) {
        #expect(Self.output(expression).isEmpty)
    }

    @Test(arguments: [
        ("{% $states.inputs.a %}", "did you mean '$states.input'?"),
        ("{% $states.ctx %}", "'$states' has context, errorOutput, input, result"),
        ("{% $states.context.Execution.Idd %}", "did you mean '$states.context.Execution.Id'?"),
        ("{% $states.context.Task.Token %}", "let the resource end with '.waitForTaskToken'"),
        ("{% $states . context . Exec %}", "'$states.context' has Execution, Map, State, StateMachine, Task"),
    ])
    func membersOfStatesAreThere(_ expression: String, _ hint: String) {
        let findings = Self.output(expression)

        #expect(findings.map(\.code) == ["W817"])
        #expect(findings.map(\.hint) == [hint])
    }

    @Test(arguments: [
        "{% $states.context.Execution.Input.Idd %}", "{% $states.context.Execution.RedriveTime %}",
        "{% $states.context %}", "{% $states.input.inputs %}", "{% '$states.inputs' %}",
        "{% $states.context.Map.Item.Value.any %}", "{% $keys($states) %}", "{% $states['input'] %}",
        "{% $states.context.State.EnteredTime %}",
    ])
    func dataHasAnyMembers(_ expression: String) {
        #expect(Self.output(expression).isEmpty)
    }

    @Test(arguments: [
        ("Parameters: {v.$: $$.Execution.Idd}", ["W817 did you mean '$$.Execution.Id'?"]),
        ("Parameters: {v.$: \"States.Format('{}', $$.Stat.Name)\"}", ["W817 did you mean '$$.State'?"]),
        ("InputPath: $$.Execution.Inputs.a", ["W817 did you mean '$$.Execution.Input'?"]),
        ("Parameters: {v.$: $$.Task.Token}", ["W817 let the resource end with '.waitForTaskToken'"]),
        ("Parameters: {v.$: $$.Execution.Input.any, w.$: $$, x.$: \"$$['Execution']['Id']\"}", [String]()),
        ("Parameters: {v.$: $$.Map.Item.Value.a, w.$: $$.Execution.Input.length()}", []),
        ("Parameters: {v.$: $$..Token, w.$: $$.*}", []), ("Result: {v.$: $$.Execution.Idd}", []),
    ])
    func membersOfTheContextObjectAreThere(_ fields: String, _ expected: [String]) {
        let text = WarningRuleTests.machine("A: {Type: Pass, \(fields), End: true}")

        let found = StateMachineReader.read(text, file: nil).diagnostics.map { "\($0.code) \($0.hint ?? "")" }
        #expect(found == expected)
    }

    @Test(arguments: [
        ("arn:aws:states:::lambda:invoke", ["W817"]), ("arn:aws:lambda:us-east-1:1:function:f", ["W817"]),
        ("arn:aws:states:::lambda:invoke.waitForTaskToken", [String]()),
        ("arn:aws:states:::glue:startJobRun.sync", ["W801"]),
        ("activity:x", []), ("${Resource}", []),
    ])
    func aTokenIsThereWhereOneIsWaitedFor(_ resource: String, _ expected: [String]) {
        let text = WarningRuleTests.machine(
            "A: {Type: Task, Resource: \"\(resource)\", TimeoutSeconds: 9, "
                + "Parameters: {FunctionName: f, Payload: {t.$: $$.Task.Token}}, End: true}")

        #expect(StateMachineReader.read(text, file: nil).diagnostics.map(\.code) == expected)
    }

    @Test func aChoiceMayAskWhetherThereIsAToken() {
        let states =
            "A: {Type: Choice, Choices: [{Variable: $$.Task.Token, IsPresent: true, Next: B}], Default: B}\n"
            + "B: {Type: Succeed}"

        #expect(WarningRuleTests.warnings(WarningRuleTests.machine(states)).isEmpty)
    }
}
