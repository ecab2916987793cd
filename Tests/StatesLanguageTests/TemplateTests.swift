import JSONModel
import JSONPath
import StatesLanguage
import Testing

@Suite struct TemplateTests {
    static let scope = EvaluationScope(
        input: ["a": ["b": [10, 20]], "n": .null], context: ["State": ["Name": "S"]], variables: ["v": ["x": 5]],
        now: 0,
        seed: 1)

    private func parameters(_ value: JSONValue) throws -> Template {
        let reading = StateMachineReader.read(json: [
            "StartAt": "S", "States": ["S": ["Type": "Pass", "Parameters": value, "End": true]],
        ])
        return try #require(reading.machine?.scope.states["S"]?.data.parameters, "\(reading.diagnostics)")
    }

    @Test func keysWithDollarAreComputedAndKeepTheirOrder() throws {
        let template = try parameters([
            "z": 1, "y.$": "$.a.b[1]", "list": [["x.$": "$v.x"], "$.a"], "s.$": "$$.State.Name", "n.$": "$.n",
            "f.$": "States.ArrayLength($.a.b)",
        ])

        let value = try template.evaluate(in: Self.scope)

        #expect(value == ["z": 1, "y": 20, "list": [["x": 5], "$.a"], "s": "S", "n": .null, "f": 2])
        #expect(value.objectValue?.keys == ["z", "y", "list", "s", "n", "f"])
    }

    @Test func aTemplateWithNothingToComputeIsALiteral() throws {
        guard case .literal(let value) = try parameters(["a": [1, ["b": "$.c"]]]) else {
            Issue.record("not a literal")
            return
        }
        #expect(value == ["a": [1, ["b": "$.c"]]])
    }

    @Test func aMissingPathInATemplateNamesFieldAndInput() throws {
        let template = try parameters(["deep": ["value.$": "$$.Execution.none"]])

        let error = try #require(throws: EvaluationError.self) {
            try template.evaluate(
                in: EvaluationScope(input: ["k": 1], context: [:], now: 0, seed: 0), field: "Parameters")
        }

        #expect(error.error == "States.Runtime")
        #expect(
            error.cause
                == "The JSONPath '$$.Execution.none' specified for the field 'value.$' could not be found in the input "
                + "'{\"k\":1}'")
    }

    @Test(arguments: [
        ("$.NoSuch", "No results for path: $['NoSuch']"),
        ("$.no.such.result", "Missing property in path $['no']"),
        ("$.a.none", "No results for path: $['a']['none']"),
        ("$.a.b[7]", "No results for path: $['a']['b'][7]"),
        ("$['no']['such']", "Missing property in path $['no']"),
    ])
    func aMissingPathNamesThePlaceAsAWSDoes(text: String, reason: String) throws {
        let path = try Path(parsing: text)

        let error = try #require(throws: EvaluationError.self) { try path.evaluate(in: Self.scope) }

        #expect(error == EvaluationError(error: "States.Runtime", cause: "Invalid path '\(text)' : \(reason)"))
    }

    @Test func anUnsetVariableIsARuntimeError() throws {
        let error = try #require(throws: EvaluationError.self) {
            try Path(parsing: "$gone.x").evaluate(in: Self.scope)
        }

        #expect(error.error == "States.Runtime")
        #expect(error.cause.contains("'$gone'"))
    }

    @Test(arguments: [
        ("$", Path.Source.input, "$"), ("$.a", .input, "$.a"), ("$[0]", .input, "$[0]"), ("$$", .context, "$"),
        ("$$.Execution.Id", .context, "$.Execution.Id"), ("$v", .variable("v"), "$"),
        ("$v_1.x[0]", .variable("v_1"), "$.x[0]"), ("$größe['a b']", .variable("größe"), "$['a b']"),
    ])
    func pathsBeginAtInputContextOrVariable(text: String, source: Path.Source, relative: String) throws {
        let path = try Path(parsing: text)

        #expect(path.source == source)
        #expect(path.path.text == relative)
        #expect(path.text == text)
    }

    @Test(arguments: ["", "a", ".a", "$.", "$..", "$$23", "$1", "$.a[", "$v-", "bug$.a"])
    func brokenPathsAreRefused(text: String) {
        #expect(throws: PathSyntaxError.self) { try Path(parsing: text) }
    }

    @Test func aVariableNameHasAtMost80Characters() throws {
        #expect(throws: Never.self) { try Path(parsing: "$" + String(repeating: "v", count: 80)) }
        #expect(throws: PathSyntaxError.self) { try Path(parsing: "$" + String(repeating: "v", count: 81)) }
    }
}
