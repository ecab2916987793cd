import JSONModel
import JSONPath

/// Why a function has no result; the caller turns it into `States.IntrinsicFailure`.
struct IntrinsicFault: Error {
    var message: String

    init(_ message: String) { self.message = message }
}

extension TemplateEvaluator {
    /// - Throws: `States.IntrinsicFailure`, or `States.Runtime` for an argument's path without a value.
    mutating func result(of call: IntrinsicCall) throws(EvaluationError) -> JSONValue {
        try scope.effort.check(for: call.text, error: "States.Runtime")
        var arguments: [JSONValue] = []
        for argument in call.arguments {
            switch argument {
            case .path(let path):
                let value = try value(of: path)
                if !path.path.isDefinite { try room.take(elements: value.arrayValue?.count ?? 0, for: path.text) }
                arguments.append(value)
            default: arguments.append(try value(of: argument, at: call.text))
            }
        }
        guard let function = IntrinsicFunction(rawValue: call.name), function.arity.contains(arguments.count) else {
            throw failure(of: call, "There is no such function with \(arguments.count) arguments")
        }
        let before = room.left
        defer { scope.effort.spend((before - room.left) / EvaluationEffort.bytesPerStep) }
        if function.writesOut { for argument in arguments { try room.take(argument, for: call.text) } }
        let result: JSONValue
        do { result = try function.result(IntrinsicArguments(values: arguments), random: &random) } catch {
            throw failure(of: call, error.message)
        }
        if function.makesValues {
            try room.take(result, for: call.text)
        } else {
            try room.take(elements: result.arrayValue?.count ?? result.objectValue?.count ?? 0, for: call.text)
        }
        return result
    }

    private func value(of path: Path) throws(EvaluationError) -> JSONValue {
        do { return try path.evaluate(in: scope) } catch {
            throw EvaluationError(
                error: error.error,
                cause: "The JsonPath argument for the field '\(path.text)' could not be found in the input "
                    + "'\(scope.input.quotedForCause)'")
        }
    }

    private func failure(of call: IntrinsicCall, _ message: String) -> EvaluationError {
        EvaluationError(
            error: "States.IntrinsicFailure",
            cause: "The function '\(call.text)' had the following error: \(message)")
    }
}

extension IntrinsicFunction {
    func result(_ arguments: IntrinsicArguments, random: inout SplitMix64) throws(IntrinsicFault) -> JSONValue {
        switch self {
        case .format: .string(try limited(try formatted(arguments)))
        case .stringToJSON: try parsed(arguments)
        case .jsonToString: .string(try limited(arguments[0].jsonString))
        case .array: .array(arguments.values)
        case .arrayPartition: try partitioned(arguments)
        case .arrayContains: .bool(try arguments.array(0).contains(arguments[1]))
        case .arrayRange: try range(arguments)
        case .arrayGetItem: try item(arguments)
        case .arrayLength: .int(Int64(try arguments.array(0).count))
        case .arrayUnique: .array(unique(try arguments.array(0)))
        case .base64Encode: try encoded(arguments)
        case .base64Decode: try decoded(arguments)
        case .hash: try hashed(arguments)
        case .jsonMerge: try merged(arguments)
        case .mathRandom: try randomNumber(arguments, &random)
        case .mathAdd: try sum(arguments)
        case .stringSplit: try split(arguments)
        case .uuid: .string(random.uuid())
        }
    }
}

/// The arguments of a call with the checks that all functions share. Indexes are within the function's arity.
struct IntrinsicArguments {
    let values: [JSONValue]

    var count: Int { values.count }

    subscript(_ index: Int) -> JSONValue { values[index] }

    func string(_ index: Int) throws(IntrinsicFault) -> String {
        guard let text = values[index].stringValue else { throw wrongType(index, "a string") }
        return text
    }

    func array(_ index: Int) throws(IntrinsicFault) -> [JSONValue] {
        guard let array = values[index].arrayValue else { throw wrongType(index, "an array") }
        return array
    }

    func object(_ index: Int) throws(IntrinsicFault) -> JSONObject {
        guard let object = values[index].objectValue else { throw wrongType(index, "an object") }
        return object
    }

    func boolean(_ index: Int) throws(IntrinsicFault) -> Bool {
        guard let value = values[index].boolValue else { throw wrongType(index, "a boolean") }
        return value
    }

    /// The nearest integer, halves upwards, as AWS promises for numbers, sizes and the ends of ranges.
    func integer(_ index: Int) throws(IntrinsicFault) -> Int64 {
        if case .int(let value) = values[index] { return value }
        guard let number = values[index].doubleValue else { throw wrongType(index, "a number") }
        // Not `floor(number + 0.5)`: that makes 1 of 0.49999999999999994, since the sum is rounded as well.
        let below = number.rounded(.down)
        guard let rounded = Int64(exactly: number - below >= 0.5 ? below + 1 : below) else {
            throw IntrinsicFault("Argument \(index + 1) is out of range: \(values[index].quotedForCause)")
        }
        return rounded
    }

    /// The integer below, where AWS promises no rounding: an index and a seed drop a fraction.
    func floor(_ index: Int) throws(IntrinsicFault) -> Int64 {
        guard case .double(let number) = values[index] else { return try integer(index) }
        guard let rounded = Int64(exactly: number.rounded(.down)) else {
            throw IntrinsicFault("Argument \(index + 1) is out of range: \(values[index].quotedForCause)")
        }
        return rounded
    }

    private func wrongType(_ index: Int, _ expected: String) -> IntrinsicFault {
        IntrinsicFault(
            "Argument \(index + 1) must be \(expected), but was of type \(values[index].typeName): "
                + values[index].quotedForCause)
    }
}
