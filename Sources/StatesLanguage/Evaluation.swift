package import JSONModel

/// What paths, templates and conditions are evaluated against.
package struct EvaluationScope: Sendable {
    /// `$`: the state's input, or the result where a field works on the result.
    package var input: JSONValue
    /// `$$` and JSONata's `$states.context`.
    package var context: JSONValue
    /// Workflow variables by name, without `$`.
    package var variables: [String: JSONValue]
    /// JSONata's `$states.input`, `.result` and `.errorOutput`; nil where the field has none.
    package var statesInput: JSONValue?
    package var result: JSONValue?
    package var errorOutput: JSONValue?
    /// UTC milliseconds.
    package var now: Int64
    /// Seeds `States.UUID`, `States.MathRandom` and JSONata's `$random`, so that evaluating again gives the same.
    package var seed: UInt64
    /// Counts what the evaluation takes, and ends it when that is too much.
    package var effort: EvaluationEffort

    package init(
        input: JSONValue, context: JSONValue, variables: [String: JSONValue] = [:], statesInput: JSONValue? = nil,
        result: JSONValue? = nil, errorOutput: JSONValue? = nil, now: Int64, seed: UInt64,
        effort: EvaluationEffort = EvaluationEffort()
    ) {
        self.input = input
        self.context = context
        self.variables = variables
        self.statesInput = statesInput
        self.result = result
        self.errorOutput = errorOutput
        self.now = now
        self.seed = seed
        self.effort = effort
    }
}

/// Why a path, template or condition has no value. The name is an ASL error name, so that `Retry` and `Catch` can
/// match it.
package struct EvaluationError: Error, Equatable, Sendable {
    /// `States.Runtime`, `States.ParameterPathFailure`, `States.IntrinsicFailure`, `States.QueryEvaluationError`…
    package var error: String
    package var cause: String

    package init(error: String, cause: String) {
        self.error = error
        self.cause = cause
    }
}
