import Glibc

extension Library {
    static let numericFunctions: [NativeFunction] = [
        function("number", "<(nsb)-:n>", arity: 1) { _, arguments throws(JSONataError) in
            try number(from: arguments.element(0))
        },
        unary("floor") { $0.rounded(.down) },
        unary("ceil") { $0.rounded(.up) },
        unary("abs") { Swift.abs($0) },
        function("round", "<n-n?:n>", arity: 2) { _, arguments throws(JSONataError) in
            guard let number = arguments.element(0).double else { return .undefined }
            return .number(round(number, precision: arguments.element(1).double))
        },
        function("sqrt", "<n-:n>", arity: 1) { _, arguments throws(JSONataError) in
            guard let number = arguments.element(0).double else { return .undefined }
            guard number >= 0 else { throw .make("D3060", about: arguments.element(0), index: 1) }
            return .number(number.squareRoot())
        },
        function("power", "<n-n:n>", arity: 2) { _, arguments throws(JSONataError) in
            guard let base = arguments.element(0).double else { return .undefined }
            // The C library has 1 to the power of anything, even of no number, as 1.
            guard let exponent = arguments.element(1).double, case let result = pow(base, exponent), result.isFinite
            else { throw .make("D3061", about: arguments.element(0), and: arguments.element(1), index: 1) }
            return .number(result)
        },
    ]

    static let aggregateFunctions: [NativeFunction] = [
        function("count", "<a:n>", arity: 1) { _, arguments throws(JSONataError) in
            .number(Double(arguments.element(0).array?.count ?? 0))
        },
        aggregate("sum", ofNothing: .number(0)) { $0.reduce(0, +) },
        aggregate("max", ofNothing: .undefined) { $0.reduce(-.infinity, Swift.max) },
        aggregate("min", ofNothing: .undefined) { $0.reduce(.infinity, Swift.min) },
        aggregate("average", ofNothing: .undefined) { $0.reduce(0, +) / Double($0.count) },
    ]

    static let booleanFunctions: [NativeFunction] = [
        function("boolean", "<x-:b>", arity: 1) { evaluator, arguments throws(JSONataError) in
            try boolean(arguments.element(0), evaluator).map(Value.bool) ?? .undefined
        },
        function("not", "<x-:b>", arity: 1) { evaluator, arguments throws(JSONataError) in
            try boolean(arguments.element(0), evaluator).map { .bool(!$0) } ?? .undefined
        },
        function("exists", "<x:b>", arity: 1) { _, arguments throws(JSONataError) in
            .bool(!arguments.element(0).isUndefined)
        },
    ]

    /// The `$boolean` cast, in which a function is false.
    private static func boolean(_ value: Value, _ evaluator: Evaluator) throws(JSONataError) -> Bool? {
        switch value {
        case .undefined: nil
        case .function: false
        default: try evaluator.isTruthy(value)
        }
    }

    private static func unary(_ name: String, _ body: @escaping @Sendable (Double) -> Double) -> NativeFunction {
        function(name, "<n-:n>", arity: 1) { _, arguments throws(JSONataError) in
            arguments.element(0).double.map { .number(body($0)) } ?? .undefined
        }
    }

    private static func aggregate(
        _ name: String, ofNothing: Value, _ body: @escaping @Sendable ([Double]) -> Double
    ) -> NativeFunction {
        let isSum = ofNothing.double != nil
        return function(name, "<a<n>:n>", arity: 1) { evaluator, arguments throws(JSONataError) in
            guard let array = arguments.element(0).array else { return .undefined }
            if array.isEmpty { return isSum ? .number(0) : .undefined }
            try evaluator.chargeElements(array.count)
            return .number(body(array.values.compactMap(\.double)))
        }
    }

    // MARK: - Casting and rounding

    /// The `$number` cast.
    /// - Throws: `D3030` when the text is not a number.
    private static func number(from value: Value) throws(JSONataError) -> Value {
        switch value {
        case .undefined, .number, .exact: return value
        case .bool(let value): return .number(value ? 1 : 0)
        case .string(let text):
            guard let number = number(fromText: text), number.isFinite else {
                throw .make("D3030", about: value, index: 1)
            }
            return .number(number)
        default: throw .make("D3030", about: value, index: 1)
        }
    }

    /// A decimal number, or an integer as `0x…`, `0o…` or `0b…`.
    private static func number(fromText text: String) -> Double? {
        let radixes: [String: Int] = ["0x": 16, "0o": 8, "0b": 2]
        if let radix = radixes[text.prefix(2).lowercased()] {
            let digits = text.dropFirst(2).utf8
            guard !digits.isEmpty, digits.first != UInt8(ascii: "+"), digits.first != UInt8(ascii: "-") else {
                return nil
            }
            return UInt64(text.dropFirst(2), radix: radix).map { Double($0) }
        }
        return isDecimal(text) ? Double(text) : nil
    }

    private static func isDecimal(_ text: String) -> Bool {
        var rest = Substring(text)
        func takeDigits() -> Bool {
            let digits = rest.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            rest = rest[digits.endIndex...]
            return !digits.isEmpty
        }
        if rest.hasPrefix("-") { rest.removeFirst() }
        guard takeDigits() else { return false }
        if rest.hasPrefix(".") {
            rest.removeFirst()
            guard takeDigits() else { return false }
        }
        if rest.hasPrefix("e") || rest.hasPrefix("E") {
            rest.removeFirst()
            if rest.hasPrefix("+") || rest.hasPrefix("-") { rest.removeFirst() }
            guard takeDigits() else { return false }
        }
        return rest.isEmpty
    }

    /// Rounds half to even, at a decimal place. The place is moved in the decimal text, since multiplying by a power
    /// of ten would add an error of its own.
    static func round(_ value: Double, precision: Double? = nil) -> Double {
        let places = precision.flatMap { Int(exactly: $0.rounded(.towardZero)) } ?? 0
        let shifted = shift(value, by: places)
        var result = (shifted - shifted.rounded(.down) >= 0.5) ? shifted.rounded(.down) + 1 : shifted.rounded(.down)
        if Swift.abs(result - shifted) == 0.5, Swift.abs(fmod(result, 2)) == 1 { result -= 1 }
        result = shift(result, by: -places)
        return result == 0 ? 0 : result
    }

    private static func shift(_ value: Double, by places: Int) -> Double {
        guard places != 0, value.isFinite else { return value }
        let parts = NumberText.shortest(value).split(separator: "e", maxSplits: 1)
        let exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) + places
        return Double("\(parts[0])e\(exponent)") ?? (exponent < 0 ? 0 : .infinity)
    }
}
