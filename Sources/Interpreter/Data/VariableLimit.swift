import JSONModel
import StatesLanguage

/// The sizes that workflow variables may have (AWS, "Passing data between states with variables", "Limits"). One
/// variable, and all that one `Assign` sets, may have as much as a payload.
enum VariableLimit {
    /// Bytes of compact JSON, of all variables that an execution holds at a time.
    static let stored = 10_485_760

    /// What a variable counts for that is in the history already, whatever limit held when it was set.
    static func size(ofRecorded value: JSONValue) -> Int {
        PayloadLimit.size(of: value, most: .max, depth: .max) ?? stored
    }
}

/// What is stored so far, as one branch sees it.
struct StoredVariables {
    /// Bytes of all variables of the execution, or of the child execution of a distributed Map, in all its branches.
    var bytes = 0
    /// Bytes of those that the branch itself has set, by name.
    var sizes: [String: Int] = [:]

    /// Bytes of all variables once the branch has set these as well.
    func bytes(setting sizes: [String: Int]) -> Int {
        sizes.reduce(bytes) { $0 + $1.value - (self.sizes[$1.key] ?? 0) }
    }
}

/// What an `Assign` sets, and its bytes.
struct Assigned {
    var values: JSONObject = [:]
    var bytes = 0
}

extension StateEvaluation {
    /// All values are computed before any variable changes (ASL, "Assign").
    func assign(
        _ assignments: [(name: String, value: Template)], input: JSONValue, result: JSONValue?,
        error: JSONValue? = nil
    ) throws(StateFailure) -> Assigned {
        var assigned = Assigned()
        if assignments.isEmpty { return assigned }
        var sizes: [String: Int] = [:]
        for (name, template) in assignments {
            let value = try value(
                template, input: input, result: result, error: error, field: "Assign/\(name)")
            guard let size = PayloadLimit.size(of: value) else { throw oversizedVariable(name) }
            assigned.bytes += size
            guard assigned.bytes <= PayloadLimit.bytes else { throw oversizedAssign }
            assigned.values[name] = value
            sizes[name] = size
        }
        guard stored.bytes(setting: sizes) <= VariableLimit.stored else { throw tooManyVariables }
        return assigned
    }

    private func oversizedVariable(_ name: String) -> StateFailure {
        oversized(
            "The variable '\(name)' would take more than \(PayloadLimit.bytes) bytes of JSON, or be nested deeper than "
                + "\(PayloadLimit.depth) levels. Assign less, such as where the data is stored.")
    }

    private var oversizedAssign: StateFailure {
        oversized(
            "The variables of one Assign would take more than \(PayloadLimit.bytes) bytes of JSON together. Assign less, "
                + "or in several states.")
    }

    private var tooManyVariables: StateFailure {
        oversized(
            "The variables of the execution would take more than \(VariableLimit.stored) bytes of JSON together. Assign "
                + "null to those that are no longer needed.")
    }

    /// No handler catches it, as with an output that is too large.
    private func oversized(_ cause: String) -> StateFailure {
        var failure = failure(error: ErrorName.dataLimitExceeded, cause: cause)
        failure.isTerminal = true
        return failure
    }
}
