import StatesLanguage
import Testing

@Suite struct VariableReferencesTests {
    @Test func variablesAreFoundWhereverAStateReadsThem() throws {
        let text = """
            StartAt: Set
            States:
              Set: {Type: Pass, Assign: {a: 1, b: 2, c: "x"}, Next: Pick}
              Pick:
                Type: Choice
                Choices:
                  - {And: [{Variable: $a, NumericEqualsPath: $b}, {Not: {Variable: $.x, IsPresent: true}}], Next: Map}
                Default: End
              Map:
                Type: Map
                ItemsPath: $a
                MaxConcurrencyPath: $b
                ItemSelector: {v.$: "States.Format('{}', $c)"}
                ItemProcessor:
                  StartAt: In
                  States:
                    In: {Type: Pass, QueryLanguage: JSONata, Output: "{% $c & $states.input & ($d := 1; $d) %}", End: true}
                Catch: [{ErrorEquals: [States.ALL], Assign: {a.$: $c}, Next: End}]
                Next: End
              End: {Type: Succeed, OutputPath: $a}
            """
        let machine = try #require(StateMachineReader.read(text, file: nil).machine)
        #expect(
            VariableReferences(machine).byState
                == ["Pick": ["a", "b"], "Map": ["a", "b", "c"], "In": ["c"], "End": ["a"]])
    }
}
