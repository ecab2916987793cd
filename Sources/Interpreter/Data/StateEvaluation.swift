import JSONModel
import StatesLanguage
import WallTime

/// Everything that a state's paths, templates and expressions can see while it is in one visit.
struct StateEvaluation {
    let definition: State
    let visit: StateVisit
    let variables: [String: JSONValue]
    /// The sizes of the variables that are stored already; not counted when a single state is tried out.
    var stored = StoredVariables()
    let contextObject: ContextObject
    /// The Map item that the state belongs to, if any.
    var item: MapItem?
    /// The token of the task that is about to be scheduled.
    var token: String?
    let now: Instant
    let seed: UInt64
    var effort = EvaluationEffort()

    private var isJSONata: Bool { definition.queryLanguage == .jsonata }

    /// The value of a template.
    /// - Parameters:
    ///   - input: what `$` stands for in JSONPath.
    ///   - result: what `$states.result` stands for, and `error` what `$states.errorOutput` does.
    ///   - field: the field's name, for messages; its random numbers differ from another field's.
    func value(
        _ template: Template, input: JSONValue, result: JSONValue? = nil, error: JSONValue? = nil, field: String
    ) throws(StateFailure) -> JSONValue {
        if case .literal(let value) = template { return value }
        let scope = scope(input: input, result: result, error: error, withContext: template.usesContext)
        do {
            return try template.evaluate(in: scope, field: field)
        } catch {
            throw failure(error, field: field)
        }
    }

    /// `InputPath` or `OutputPath` applied to a value.
    func select(_ selection: PathSelection, from value: JSONValue, field: String) throws(StateFailure) -> JSONValue {
        switch selection {
        case .root: return value
        case .discard: return [:]
        case .path(let path):
            do {
                return try path.evaluate(in: scope(input: value, withContext: path.usesContext))
            } catch {
                throw failure(error, field: field)
            }
        }
    }

    /// The first rule of a Choice whose condition holds.
    func firstRule(
        of rules: [ChoiceRule], input: JSONValue
    ) throws(StateFailure) -> ChoiceRule? {
        let scope = scope(input: input, withContext: rules.contains { $0.condition.usesContext })
        for (place, rule) in rules.enumerated() {
            do {
                if try rule.condition.holds(in: scope) { return rule }
            } catch {
                throw failure(error, field: "Choices[\(place)]/Condition")
            }
        }
        return nil
    }

    private func scope(
        input: JSONValue, result: JSONValue? = nil, error: JSONValue? = nil, withContext: Bool
    ) -> EvaluationScope {
        var random = SplitMix64(seed: seed, salts: visit.enteredID, visit.retryCount, item?.index ?? -1)
        return EvaluationScope(
            input: input,
            context: withContext ? contextObject.value(for: visit, token: token, item: item) : .null,
            variables: variables,
            statesInput: isJSONata ? visit.input : nil, result: result, errorOutput: error, now: now.milliseconds,
            seed: random.next(), effort: effort)
    }

    private func failure(_ error: EvaluationError, field: String) -> StateFailure {
        var failure = failure(error: error.error, cause: error.cause)
        if error.error == ErrorName.dataLimitExceeded { failure.isTerminal = true }
        failure.location = place(in: error.cause) ?? field
        return failure
    }

    /// The place within the field, such as `Output/total`, which AWS's wording of the cause names.
    private func place(in cause: String) -> String? {
        let mark = "specified for the field '"
        guard let start = cause.firstRange(of: mark)?.upperBound else { return nil }
        return String(cause[start...].prefix { $0 != "'" })
    }

    /// A failure in AWS's words, which say where the state was entered.
    func failure(error: String, cause: String) -> StateFailure {
        let place = "An error occurred while executing the state '\(visit.name)' (entered at the event id #"
        var failure = StateFailure(TaskFailure(error: error, cause: "\(place)\(abs(visit.enteredID))). \(cause)"))
        failure.isTerminal = error == ErrorName.runtime
        failure.isEvaluation = isJSONata && error == ErrorName.queryEvaluation
        return failure
    }

    /// A failure of the state's own data: JSONPath states fail with `States.Runtime`, JSONata's with
    /// `States.QueryEvaluationError`, which can be caught.
    func dataFailure(_ cause: String, field: String? = nil) -> StateFailure {
        var failure = failure(error: isJSONata ? ErrorName.queryEvaluation : ErrorName.runtime, cause: cause)
        failure.location = field
        return failure
    }
}
