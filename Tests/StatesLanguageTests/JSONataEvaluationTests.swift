import JSONModel
import StatesLanguage
import Testing

@Suite struct JSONataEvaluationTests {
    static let scope = EvaluationScope(
        input: ["x": 1], context: ["Execution": ["Name": "run"]], variables: ["limit": 10], statesInput: ["n": 4],
        result: ["total": 12], errorOutput: ["Error": "E"], now: 1_700_000_000_000, seed: 3)

    /// The `Output` of a Task, whose expressions see everything but the error.
    private func output(_ value: JSONValue) throws -> Template {
        let reading = StateMachineReader.read(json: [
            "StartAt": "S", "QueryLanguage": "JSONata",
            "States": ["S": ["Type": "Task", "Resource": "activity:a", "Output": value, "End": true]],
        ])
        return try #require(reading.machine?.scope.states["S"]?.data.output, "\(reading.diagnostics)")
    }

    private func condition(_ text: String) throws -> Condition {
        let reading = StateMachineReader.read(json: [
            "StartAt": "S", "QueryLanguage": "JSONata",
            "States": [
                "S": ["Type": "Choice", "Choices": [["Condition": .string(text), "Next": "E"]]],
                "E": ["Type": "Succeed"],
            ],
        ])
        guard case .choice(let choice)? = reading.machine?.scope.states["S"]?.kind else {
            Issue.record("\(reading.diagnostics)")
            return .literal(false)
        }
        return choice.rules[0].condition
    }

    @Test func expressionsSeeStatesAndVariables() throws {
        let template = try output([
            "sum": "{% $states.input.n + $states.result.total + $limit %}",
            "list": ["{% $states.context.Execution.Name %}"],
            "plain": "text", "null": "{% null %}",
        ])

        let value = try template.evaluate(in: Self.scope, field: "Output")

        #expect(value == ["sum": 26, "list": ["run"], "plain": "text", "null": .null])
    }

    @Test func undefinedNamesTheFieldAsAWSDoes() throws {
        let template = try output(["result": "{% $doesNotExist %}"])

        let error = try #require(throws: EvaluationError.self) {
            try template.evaluate(in: Self.scope, field: "Output")
        }

        #expect(error.error == "States.QueryEvaluationError")
        #expect(
            error.cause
                == "The JSONata expression '$doesNotExist' specified for the field 'Output/result' returned nothing "
                + "(undefined).")
    }

    @Test func anErrorKeepsJSONatasCode() throws {
        let template = try output("{% $randomSeeded(1) %}")

        let error = try #require(throws: EvaluationError.self) {
            try template.evaluate(in: Self.scope, field: "Output/FunctionResult")
        }

        #expect(
            error.cause
                == "The JSONata expression '$randomSeeded(1)' specified for the field 'Output/FunctionResult' threw an "
                + "error during evaluation. T1006: Attempted to invoke a non-function")
    }

    @Test func thereIsNoInputDocument() throws {
        #expect(throws: EvaluationError.self) { try self.output("{% $ %}").evaluate(in: Self.scope) }
        #expect(throws: EvaluationError.self) { try self.output("{% x %}").evaluate(in: Self.scope) }
    }

    @Test func randomnessFollowsTheSeedAndTheField() throws {
        let template = try output(["a": "{% $random() %}", "b": "{% $random() %}"])

        let first = try template.evaluate(in: Self.scope, field: "Output")

        #expect(try template.evaluate(in: Self.scope, field: "Output") == first)
        #expect(first["a"] != first["b"])
        #expect(try template.evaluate(in: Self.scope, field: "Assign") != first)
    }

    @Test func conditionsMustBeBoolean() throws {
        #expect(try condition("{% $states.input.n > 3 %}").holds(in: Self.scope))
        #expect(try !condition("{% $states.input.n > 4 %}").holds(in: Self.scope))

        let error = try #require(throws: EvaluationError.self) {
            try self.condition("{% $states.input.n %}").holds(in: Self.scope)
        }

        #expect(
            error.cause
                == "The JSONata expression '$states.input.n' specified for the field 'Condition' returned an "
                + "unexpected result type. Expected 'boolean', but was 'number' for value: 4")
    }

    @Test func aSyntaxErrorIsShownInsideTheText() throws {
        let text = """
            StartAt: A
            QueryLanguage: JSONata
            States:
              A:
                Type: Pass
                Output: "{% 1 + ) %}"
                End: true
            """

        let diagnostics = StateMachineReader.read(text, file: nil).diagnostics

        #expect(diagnostics.map(\.code) == ["E304"])
        #expect(diagnostics.map(\.position) == [SourcePosition(line: 6, column: 21)])
    }
}
