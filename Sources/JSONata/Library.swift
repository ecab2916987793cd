/// The function library: every name that an expression may call without defining it.
enum Library {
    static let functions: [String: NativeFunction] = Dictionary(
        uniqueKeysWithValues: all.map { ($0.name, $0) })

    private static let all: [NativeFunction] =
        numericFunctions + aggregateFunctions + stringFunctions + matchingFunctions + booleanFunctions
        + arrayFunctions + higherOrderFunctions + objectFunctions + encodingFunctions + dateTimeFunctions
        + formattingFunctions + stepFunctionsFunctions

    /// `$g($f($x))`, the body of what `$f ~> $g` makes.
    static let compositionBody: Node = {
        guard let expression = try? compositionExpression() else { preconditionFailure("the composition must parse") }
        return expression
    }()

    private static func compositionExpression() throws(JSONataError) -> Node {
        var parser = Parser("$g($f($x))")
        return try NodeBuilder.build(Analyzer.analyze(parser.parse()))
    }

    /// - Parameters:
    ///   - signature: checked before the body runs, so the body may rely on it.
    ///   - arity: how many arguments functions like `$map` hand over; that of the reference.
    static func function(
        _ name: String, _ signature: String, arity: Int, _ body: @escaping NativeFunction.Body
    ) -> NativeFunction {
        guard let parsed = try? Signature(parsing: signature) else {
            preconditionFailure("the signature of $\(name) must parse")
        }
        return NativeFunction(name: name, signature: parsed, arity: arity, body: body)
    }
}
