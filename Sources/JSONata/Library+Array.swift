extension Library {
    static let arrayFunctions: [NativeFunction] = [
        function("append", "<xx:a>", arity: 2) { evaluator, arguments throws(JSONataError) in
            try append(arguments.element(0), arguments.element(1), evaluator)
        },
        function("reverse", "<a:a>", arity: 1) { evaluator, arguments throws(JSONataError) in
            guard let array = arguments.element(0).array else { return .undefined }
            guard array.count > 1 else { return .array(array) }
            try evaluator.chargeElements(array.count)
            return .array(ArrayValue(array.values.reversed()))
        },
        function("shuffle", "<a:a>", arity: 1) { evaluator, arguments throws(JSONataError) in
            guard let array = arguments.element(0).array else { return .undefined }
            guard array.count > 1 else { return .array(array) }
            try evaluator.charge(array.count / 4)
            try evaluator.chargeElements(array.count)
            return .array(ArrayValue(evaluator.withRandom { array.values.shuffled(using: &$0) }))
        },
        function("distinct", "<x:x>", arity: 1) { evaluator, arguments throws(JSONataError) in
            guard let array = arguments.element(0).array, array.count > 1 else { return arguments.element(0) }
            return try distinct(array, evaluator)
        },
        function("sort", "<af?:a>", arity: 2) { evaluator, arguments throws(JSONataError) in
            guard let array = arguments.element(0).array else { return .undefined }
            guard array.count > 1 else { return .array(array) }
            return .array(ArrayValue(try sorted(array, by: arguments.element(1).function, evaluator)))
        },
        function("zip", "<a+>", arity: 0) { evaluator, arguments throws(JSONataError) in
            let columns = arguments.map { $0.array ?? ArrayValue([]) }
            let count = columns.map(\.count).min() ?? 0
            try evaluator.charge(count)
            try evaluator.chargeMemory(count * 128)
            try evaluator.chargeElements(count * (columns.count + 1))
            return .array(ArrayValue((0..<count).map { row in .array(ArrayValue(columns.map { $0[row] })) }))
        },
    ]

    /// Both, one behind the other; what is no array counts as an array of one, undefined as nothing.
    static func append(_ first: Value, _ second: Value, _ evaluator: Evaluator) throws(JSONataError) -> Value {
        if first.isUndefined { return second }
        if second.isUndefined { return first }
        let left = first.array ?? ArrayValue([first])
        let right = second.array ?? ArrayValue([second])
        try evaluator.chargeElements(left.count + right.count)
        return .array(ArrayValue(left.values + right.values))
    }

    private static func distinct(_ array: ArrayValue, _ evaluator: Evaluator) throws(JSONataError) -> Value {
        try evaluator.chargeElements(array.count)
        var seenText: Set<[UInt8]> = []
        var seenNumbers: Set<Double> = []
        var others: [Value] = []
        var results: [Value] = []
        for place in 0..<array.count {
            let value = array[place]
            switch value {
            case .string(let text):
                try evaluator.chargeText(text.utf8.count)
                if seenText.insert(Array(text.utf8)).inserted { results.append(value) }
            case .number(let number): if seenNumbers.insert(number).inserted { results.append(value) }
            default:
                try evaluator.charge(1 + others.count)
                var isNew = true
                for other in others where try evaluator.areEqual(other, value) { isNew = false; break }
                if isNew {
                    others.append(value)
                    results.append(value)
                }
            }
        }
        return .array(ArrayValue(results, flags: array.flags.intersection(.sequence)))
    }

    private static func sorted(
        _ array: ArrayValue, by comparator: FunctionValue?, _ evaluator: Evaluator
    ) throws(JSONataError) -> [Value] {
        let values = array.values
        guard let comparator else {
            let areNumbers = values.allSatisfy { $0.double?.isFinite == true }
            guard areNumbers || values.allSatisfy({ $0.text != nil }) else { throw .make("D3070", index: 1) }
            try evaluator.charge(values.count)
            return try evaluator.mergeSort(values) { (left, right) throws(JSONataError) in
                try evaluator.order(left, right) == 1
            }
        }
        return try evaluator.mergeSort(values) { (left, right) throws(JSONataError) in
            switch try evaluator.apply(comparator, [left, right], context: .null) {
            // As JavaScript would take it: unlike the $boolean cast, any array or object is true.
            case .array, .object, .function: true
            case let answer: try evaluator.isTruthy(answer)
            }
        }
    }
}
