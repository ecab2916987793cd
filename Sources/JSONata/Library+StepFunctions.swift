import JSONModel

// What AWS Step Functions adds to JSONata. `$eval` is not there, as it is not on AWS.
extension Library {
    static let stepFunctionsFunctions: [NativeFunction] = [
        function("partition", "<an:a<a>>", arity: 2) { evaluator, arguments throws(JSONataError) in
            guard let array = arguments.element(0).array, let size = arguments.element(1).double else {
                return .undefined
            }
            return try partition(array, by: size.rounded(.down), evaluator)
        },
        function("range", "<nnn:a<n>>", arity: 3) { evaluator, arguments throws(JSONataError) in
            guard let first = arguments.element(0).double, let last = arguments.element(1).double,
                let step = arguments.element(2).double
            else { return .undefined }
            return try range(first.rounded(.down), last.rounded(.down), step.rounded(.down), evaluator)
        },
        function("hash", "<ss:s>", arity: 2) { _, arguments throws(JSONataError) in
            guard let data = arguments.element(0).text, let algorithm = arguments.element(1).text else {
                return .undefined
            }
            guard let digest = DigestAlgorithm(rawValue: algorithm) else {
                throw .make("D3153", about: .string(algorithm), index: 2)
            }
            return .string(digest.hexadecimal(of: Array(data.utf8)))
        },
        function("random", "<n?:n>", arity: 0) { evaluator, arguments throws(JSONataError) in
            guard let seed = arguments.element(0).double else {
                return .number(evaluator.withRandom { $0.fraction() })
            }
            var seeded = RandomSource(seed: seed.rounded(.down).bitPattern)
            return .number(seeded.fraction())
        },
        function("uuid", "<:s>", arity: 0) { evaluator, _ throws(JSONataError) in
            .string(evaluator.withRandom { $0.uuid() })
        },
        function("parse", "<s:x>", arity: 1) { _, arguments throws(JSONataError) in
            guard let text = arguments.element(0).text else { return .undefined }
            do {
                return Value(try JSONValue(parsing: text))
            } catch {
                throw .make("D3150", value: "\(error)", index: 1)
            }
        },
    ]

    private static func partition(
        _ array: ArrayValue, by size: Double, _ evaluator: Evaluator
    ) throws(JSONataError) -> Value {
        guard size >= 1 else { throw .make("D3151", about: .number(size), index: 2) }
        let length = Int(Swift.min(size, Double(Int32.max)))
        try evaluator.chargeElements(array.count + array.count / length)
        let values = array.values
        let chunks = stride(from: 0, to: values.count, by: length).map { start in
            Value.array(ArrayValue(Array(values[start..<Swift.min(start + length, values.count)])))
        }
        return .array(ArrayValue(chunks))
    }

    /// From `first` to `last`, both included where the step hits them.
    private static func range(
        _ first: Double, _ last: Double, _ step: Double, _ evaluator: Evaluator
    ) throws(JSONataError) -> Value {
        guard step != 0 else { throw .make("D3152", index: 3) }
        let count = ((last - first) / step).rounded(.down) + 1
        guard count > 0 else { return .array(ArrayValue([])) }
        guard count <= Double(evaluator.limits.sequenceLength) else { throw .make("D2014", about: .number(count)) }
        try evaluator.chargeElements(Int(count))
        return .array(ArrayValue((0..<Int(count)).map { .number(first + Double($0) * step) }))
    }
}
