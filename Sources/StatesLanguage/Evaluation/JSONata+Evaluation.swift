import JSONModel
import JSONata

extension TemplateEvaluator {
    mutating func value(of expression: JSONataExpression, at place: String) throws(EvaluationError) -> JSONValue {
        let source = "The JSONata expression '\(expression.text)' specified for the field '\(place)'"
        try scope.effort.check(for: place, error: "States.QueryEvaluationError")
        var environment = JSONataEnvironment(now: scope.now, randomSeed: random.next())
        let ownLimit = environment.limits.steps
        environment.limits.steps = min(ownLimit, scope.effort.left)
        let value: JSONValue?
        var steps = 0
        do {
            defer { scope.effort.spend(steps) }
            value = try expression.evaluate(
                input: nil, bindings: scope.jsonataBindings, environment: environment, counting: &steps)
        } catch {
            // Not by itself too much, but after what went before.
            if environment.limits.steps < ownLimit {
                try scope.effort.check(for: place, error: "States.QueryEvaluationError")
            }
            throw EvaluationError(
                error: "States.QueryEvaluationError",
                cause: "\(source) threw an error during evaluation. \(error.code): \(error.message)")
        }
        guard let value else {
            throw EvaluationError(
                error: "States.QueryEvaluationError", cause: "\(source) returned nothing (undefined).")
        }
        try room.take(value, for: place)
        return value
    }
}

extension EvaluationScope {
    /// The variables, and `$states` with what this field may see (ASL, "Reserved variable: $states").
    var jsonataBindings: [String: JSONValue] {
        var states: JSONObject = ["context": context]
        states["input"] = statesInput ?? input
        states["result"] = result
        states["errorOutput"] = errorOutput
        var bindings = variables
        bindings["states"] = .object(states)
        return bindings
    }
}
