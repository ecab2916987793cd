extension Library {
    static let higherOrderFunctions: [NativeFunction] = [
        function("map", "<af>", arity: 2) { evaluator, arguments throws(JSONataError) in
            try each(of: arguments, evaluator) { $1.isUndefined ? nil : $1 }
        },
        function("filter", "<af>", arity: 2) { evaluator, arguments throws(JSONataError) in
            try each(of: arguments, evaluator) { (item, answer) throws(JSONataError) in
                try evaluator.isTruthy(answer) ? item : nil
            }
        },
        function("single", "<af?>", arity: 2) { evaluator, arguments throws(JSONataError) in
            try single(arguments, evaluator)
        },
        function("reduce", "<afj?:j>", arity: 3) { evaluator, arguments throws(JSONataError) in
            try reduce(arguments, evaluator)
        },
        function("each", "<o-f:a>", arity: 2) { evaluator, arguments throws(JSONataError) in
            guard let object = arguments.element(0).object, let function = arguments.element(1).function else {
                return .undefined
            }
            var results: [Value] = []
            for (key, value) in zip(object.keys, object.values) {
                let answer = try apply(function, value, .string(key), arguments.element(0), evaluator)
                if !answer.isUndefined { results.append(answer) }
            }
            return .array(ArrayValue(results, flags: .sequence))
        },
        function("sift", "<o-f?:o>", arity: 2) { evaluator, arguments throws(JSONataError) in
            guard let object = arguments.element(0).object, let function = arguments.element(1).function else {
                return .undefined
            }
            var members = MemberTable()
            for (key, value) in zip(object.keys, object.values) {
                let answer = try apply(function, value, .string(key), arguments.element(0), evaluator)
                if try evaluator.isTruthy(answer) { members[key] = value }
            }
            return members.keys.isEmpty ? .undefined : .object(ObjectValue(members))
        },
    ]

    /// Calls a function with an item, and with its index or key and the whole if it takes that many arguments.
    private static func apply(
        _ function: FunctionValue, _ item: Value, _ place: @autoclosure () -> Value, _ whole: Value,
        _ evaluator: Evaluator
    ) throws(JSONataError) -> Value {
        let arity = function.arity
        var arguments = [item]
        if arity >= 2 { arguments.append(place()) }
        if arity >= 3 { arguments.append(whole) }
        return try evaluator.apply(function, arguments, context: .null)
    }

    private static func each(
        of arguments: [Value], _ evaluator: Evaluator,
        keeping result: (Value, Value) throws(JSONataError) -> Value?
    ) throws(JSONataError) -> Value {
        guard let array = arguments.element(0).array, let function = arguments.element(1).function else {
            return .undefined
        }
        try evaluator.chargeElements(array.count)
        var results: [Value] = []
        for place in 0..<array.count {
            try evaluator.charge()
            let item = array[place]
            let answer = try apply(function, item, .number(Double(place)), .array(array), evaluator)
            if let kept = try result(item, answer) { results.append(kept) }
        }
        return .array(ArrayValue(results, flags: .sequence))
    }

    private static func single(_ arguments: [Value], _ evaluator: Evaluator) throws(JSONataError) -> Value {
        guard let array = arguments.element(0).array else { return .undefined }
        var found: Value?
        for place in 0..<array.count {
            let item = array[place]
            if let function = arguments.element(1).function {
                let answer = try apply(function, item, .number(Double(place)), .array(array), evaluator)
                guard try evaluator.isTruthy(answer) else { continue }
            }
            guard found == nil else { throw .make("D3138", index: place) }
            found = item
        }
        guard let found else { throw .make("D3139") }
        return found
    }

    private static func reduce(_ arguments: [Value], _ evaluator: Evaluator) throws(JSONataError) -> Value {
        guard let array = arguments.element(0).array, let function = arguments.element(1).function else {
            return .undefined
        }
        let arity = function.arity
        guard arity >= 2 else { throw .make("D3050", index: 1) }
        var result = arguments.element(2)
        var start = 0
        if result.isUndefined, !array.isEmpty {
            result = array[0]
            start = 1
        }
        for place in start..<Swift.max(start, array.count) {
            var step = [result, array[place]]
            if arity >= 3 { step.append(.number(Double(place))) }
            if arity >= 4 { step.append(.array(array)) }
            result = try evaluator.apply(function, step, context: .null)
        }
        return result
    }
}
