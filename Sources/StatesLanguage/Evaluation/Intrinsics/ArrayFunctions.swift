import JSONModel

// `States.ArrayPartition`, `States.ArrayRange`, `States.ArrayGetItem` and `States.ArrayUnique`.

extension IntrinsicFunction {
    /// The most elements that `States.ArrayRange` makes (AWS's limit).
    static let maximumRange = 1000

    func partitioned(_ arguments: IntrinsicArguments) throws(IntrinsicFault) -> JSONValue {
        let array = try arguments.array(0)
        guard let size = Int(exactly: try arguments.integer(1)), size > 0 else {
            throw IntrinsicFault("The chunk size must be a positive integer")
        }
        let starts = stride(from: 0, to: array.count, by: min(size, max(1, array.count)))
        return .array(starts.map { .array(Array(array[$0..<min(array.count, $0 + min(size, array.count))])) })
    }

    func range(_ arguments: IntrinsicArguments) throws(IntrinsicFault) -> JSONValue {
        let (first, last, step) = (try arguments.integer(0), try arguments.integer(1), try arguments.integer(2))
        guard step != 0 else { throw IntrinsicFault("The step must not be 0") }
        var values: [JSONValue] = []
        var (value, overflow) = (first, false)
        while !overflow, step > 0 ? value <= last : value >= last {
            guard values.count < Self.maximumRange else {
                throw IntrinsicFault("The range has more than \(Self.maximumRange) elements")
            }
            values.append(.int(value))
            (value, overflow) = value.addingReportingOverflow(step)
        }
        return .array(values)
    }

    func item(_ arguments: IntrinsicArguments) throws(IntrinsicFault) -> JSONValue {
        let array = try arguments.array(0)
        let index = try arguments.floor(1)
        guard index >= 0, index < array.count else {
            throw IntrinsicFault("The index \(index) is out of bounds for an array of \(array.count) elements")
        }
        return array[Int(index)]
    }

    /// Each value once, at its first place.
    func unique(_ array: [JSONValue]) -> [JSONValue] {
        var seen: Set<JSONValue> = []
        return array.filter { seen.insert($0).inserted }
    }
}
