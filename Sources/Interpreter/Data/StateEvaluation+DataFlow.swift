import JSONModel
import JSONPath
import StatesLanguage

/// What a state leaves behind when it ends.
struct StateExit {
    let output: JSONValue
    let assigned: JSONObject
    /// Bytes of what the state has made, rather than passed on.
    let made: Int
}

/// The way of the data through a state (ASL, "Input and Output Processing").
extension StateEvaluation {
    /// The input after `InputPath`; in JSONata the input itself.
    func selectedInput() throws(StateFailure) -> JSONValue {
        try select(definition.data.inputPath, from: visit.input, field: "InputPath")
    }

    /// What a task or the branches of a Parallel get: `Parameters` or `Arguments`, else the input.
    func arguments() throws(StateFailure) -> JSONValue {
        let input = try selectedInput()
        if let parameters = definition.data.parameters {
            return try value(parameters, input: input, field: "Parameters")
        }
        if let arguments = definition.data.arguments {
            return try value(arguments, input: input, field: "Arguments")
        }
        return input
    }

    /// Bytes of what a state hands on.
    /// - Throws: `States.DataLimitExceeded` for more than a payload may have.
    func size(of input: JSONValue) throws(StateFailure) -> Int {
        guard let size = PayloadLimit.size(of: input) else {
            throw .oversizedResult(of: visit.name, isTerminal: true)
        }
        return size
    }

    /// The exit of a state that has a result: Pass, Task, Parallel, Map.
    func exit(result: JSONValue) throws(StateFailure) -> StateExit {
        let assigned = try assign(definition.data.assign, input: result, result: result)
        if let output = definition.data.output {
            let value = try value(output, input: result, result: result, field: "Output")
            return try limited(value, assigned)
        }
        let selected =
            if let selector = definition.data.resultSelector {
                try value(selector, input: result, field: "ResultSelector")
            } else {
                result
            }
        let combined = try combine(selected, at: definition.data.resultPath)
        let output = try select(definition.data.outputPath, from: combined, field: "OutputPath")
        return try limited(output, assigned, isInput: definition.passesInputOn)
    }

    /// The exit of a state without a result: Choice, Wait, Succeed. `assign` and `output` are the state's or, in a
    /// Choice, the rule's.
    func exit(
        selected: JSONValue, assign: [(name: String, value: Template)], output: Template?
    ) throws(StateFailure) -> StateExit {
        let assigned = try self.assign(assign, input: selected, result: nil)
        if let output {
            let value = try value(output, input: selected, field: "Output")
            return try limited(value, assigned)
        }
        let passed = try select(definition.data.outputPath, from: selected, field: "OutputPath")
        // What is passed on as it came was small enough before.
        guard definition.data.inputPath.isRoot && definition.data.outputPath.isRoot else {
            return try limited(passed, assigned)
        }
        return StateExit(output: passed, assigned: assigned.values, made: assigned.bytes)
    }

    /// The exit by a catcher: the error object in place of the result.
    func exit(caught failure: TaskFailure, by catcher: Catcher) throws(StateFailure) -> StateExit {
        let error = failure.errorOutput
        let assigned = try assign(catcher.assign, input: error, result: nil, error: error)
        if let output = catcher.output {
            let value = try value(output, input: error, error: error, field: "Output")
            return try limited(value, assigned)
        }
        return try limited(combine(error, at: catcher.resultPath), assigned)
    }

    /// `ResultPath`: where the result goes in the state's input.
    func combine(_ result: JSONValue, at path: ResultPath) throws(StateFailure) -> JSONValue {
        switch path {
        case .root: return result
        case .discard: return visit.input
        case .path(let path):
            guard let combined = path.setting(result, in: visit.input) else {
                throw failure(
                    error: ErrorName.resultPathMatchFailure,
                    cause: "Unable to apply step \"\(path)\" to input \(visit.input.quotedForCause)")
            }
            return combined
        }
    }

    private func limited(
        _ output: JSONValue, _ assigned: Assigned, isInput: Bool = false
    ) throws(StateFailure) -> StateExit {
        let size = try size(of: output)
        return StateExit(
            output: output, assigned: assigned.values, made: assigned.bytes + (isInput ? 0 : size))
    }
}

extension State {
    /// Whether the output is the input, untouched.
    fileprivate var passesInputOn: Bool {
        guard case .pass(nil) = kind, case .root = data.resultPath else { return false }
        return data.inputPath.isRoot && data.outputPath.isRoot && data.parameters == nil && data.arguments == nil
            && data.resultSelector == nil && data.output == nil
    }
}

extension PathSelection {
    fileprivate var isRoot: Bool { if case .root = self { true } else { false } }
}

extension StateFailure {
    /// AWS lets a handler catch that a task returned too much, but not that a state made too much of it.
    static func oversizedResult(of name: String, isTerminal: Bool) -> StateFailure {
        let cause =
            "The state/task '\(name)' returned a result with a size exceeding the maximum number of bytes service limit."
        var failure = StateFailure(TaskFailure(error: ErrorName.dataLimitExceeded, cause: cause))
        failure.isTerminal = isTerminal
        return failure
    }
}

extension TaskFailure {
    /// What a catcher gets. An error or cause that the worker left out is null.
    var errorOutput: JSONValue {
        .object(["Error": error.isEmpty ? .null : .string(error), "Cause": cause.isEmpty ? .null : .string(cause)])
    }
}
