extension Library {
    static let objectFunctions: [NativeFunction] = [
        function("keys", "<x-:a<s>>", arity: 1) { evaluator, arguments throws(JSONataError) in
            let keys = try keys(of: arguments.element(0), evaluator)
            try evaluator.chargeElements(keys.count)
            return .array(ArrayValue(keys.map(Value.string), flags: .sequence))
        },
        function("lookup", "<x-s:x>", arity: 2) { evaluator, arguments throws(JSONataError) in
            guard let name = arguments.element(1).text else { return .undefined }
            return try evaluator.lookUp(name, in: arguments.element(0))
        },
        function("spread", "<x-:a<o>>", arity: 1) { evaluator, arguments throws(JSONataError) in
            try spread(arguments.element(0), evaluator)
        },
        function("merge", "<a<o>:o>", arity: 1) { evaluator, arguments throws(JSONataError) in
            guard let array = arguments.element(0).array else { return .undefined }
            var members = MemberTable()
            for object in array.values.compactMap(\.object) {
                try evaluator.chargeElements(object.count)
                if members.keys.isEmpty {
                    members = MemberTable(keys: object.keys, values: object.values)
                    continue
                }
                for (key, value) in zip(object.keys, object.values) { members[key] = value }
            }
            return .object(ObjectValue(members))
        },
        function("type", "<x:s>", arity: 1) { _, arguments throws(JSONataError) in
            typeName(arguments.element(0)).map(Value.string) ?? .undefined
        },
        function("clone", "<(oa)-:o>", arity: 1) { evaluator, arguments throws(JSONataError) in
            switch arguments.element(0) {
            case .undefined: .undefined
            case .array(let array) where array.flags.contains(.wrapsInput): try evaluator.copied(array[0])
            case let value: try evaluator.copied(value)
            }
        },
        function("error", "<s?:x>", arity: 1) { _, arguments throws(JSONataError) in
            let message = arguments.element(0).text.flatMap { $0.isEmpty ? nil : $0 }
            throw JSONataError(code: "D3137", message: message ?? "$error() function evaluated")
        },
        function("assert", "<bs?:x>", arity: 2) { _, arguments throws(JSONataError) in
            if case .bool(true) = arguments.element(0) { return .undefined }
            let message = arguments.element(1).text.flatMap { $0.isEmpty ? nil : $0 }
            throw JSONataError(code: "D3141", message: message ?? "$assert() statement failed")
        },
    ]

    /// The names of an object's members; of an array, those of all its objects, each once.
    private static func keys(of value: Value, _ evaluator: Evaluator) throws(JSONataError) -> [String] {
        try evaluator.charge()
        switch value {
        case .object(let object): return object.keys
        case .array(let array):
            var seen = MemberTable()
            for place in 0..<array.count {
                for key in try keys(of: array[place], evaluator) { seen[key] = .null }
            }
            return seen.keys
        default: return []
        }
    }

    /// An object as several of one member each; arrays element by element, anything else as it is.
    private static func spread(_ value: Value, _ evaluator: Evaluator) throws(JSONataError) -> Value {
        try evaluator.charge()
        switch value {
        case .object(let object):
            try evaluator.chargeElements(object.count * 3)
            let parts = zip(object.keys, object.values).map { Value.object(ObjectValue([($0, $1)])) }
            return .array(ArrayValue(parts, flags: .sequence))
        case .array(let array):
            var result: [Value] = []
            for place in 0..<array.count {
                let part = try spread(array[place], evaluator)
                if case .array(let parts) = part { result += parts.values } else { result.append(part) }
            }
            try evaluator.chargeElements(result.count)
            return .array(ArrayValue(result, flags: array.isEmpty ? .sequence : []))
        default: return value
        }
    }

    private static func typeName(_ value: Value) -> String? {
        switch value {
        case .undefined, .tuples: nil
        case .null: "null"
        case .bool: "boolean"
        case .number, .exact: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        case .function: "function"
        }
    }
}
