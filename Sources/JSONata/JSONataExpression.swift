package import JSONModel

/// A JSONata 2.0.6 expression as AWS Step Functions understands it, parsed once and evaluated as often as needed.
package struct JSONataExpression: Sendable {
    /// The expression as it was written.
    package let text: String
    private let root: Node

    /// - Throws: a syntax error (`S…`) with its place.
    package init(parsing text: String) throws(JSONataError) {
        self.text = text
        do throws(JSONataError) {
            var parser = Parser(text)
            root = try NodeBuilder.build(Analyzer.analyze(parser.parse()))
        } catch {
            throw error.shown()
        }
    }

    /// Evaluates the expression.
    /// - Parameters:
    ///   - input: what `$` and `$$` stand for; nil when there is no document, as in Step Functions.
    ///   - bindings: variables by name, without `$`.
    /// - Returns: nil when the expression has no value.
    /// - Throws: the error of the reference, or `U1001` when a limit was reached.
    package func evaluate(
        input: JSONValue?, bindings: [String: JSONValue], environment: JSONataEnvironment
    ) throws(JSONataError) -> JSONValue? {
        var steps = 0
        return try evaluate(input: input, bindings: bindings, environment: environment, counting: &steps)
    }

    /// The same.
    /// - Parameter steps: grows by the steps that were taken (see `JSONataLimits`), also when it throws.
    package func evaluate(
        input: JSONValue?, bindings: [String: JSONValue], environment: JSONataEnvironment, counting steps: inout Int
    ) throws(JSONataError) -> JSONValue? {
        do throws(JSONataError) {
            return try result(input: input, bindings: bindings, environment: environment, counting: &steps)
        } catch {
            throw error.shown()
        }
    }

    private func result(
        input: JSONValue?, bindings: [String: JSONValue], environment: JSONataEnvironment, counting steps: inout Int
    ) throws(JSONataError) -> JSONValue? {
        let evaluator = Evaluator(environment: environment)
        defer {
            steps += evaluator.steps
            evaluator.release()
        }
        for (name, value) in bindings { evaluator.root.bind(name, Value(value)) }
        let document = input.map(Value.init) ?? .undefined
        evaluator.root.bind("$", document)
        var context = document
        if case .array = document { context = .array(ArrayValue([document], flags: [.sequence, .wrapsInput])) }
        let result = try evaluator.evaluate(root, context, evaluator.root)
        return try evaluator.json(of: result)
    }

    /// The names of the library's functions, without `$`, sorted.
    package static var functionNames: [String] { Library.functions.keys.sorted() }

    /// The variables that are read but not bound inside the expression, without `$`; functions of the library and
    /// `$`, `$$` are not among them.
    package var freeVariables: Set<String> {
        var finder = FreeVariables()
        finder.visit(root, bound: [])
        return finder.found
    }

    /// Where the expression reads the document that it is evaluated over, in the order of the text. Step Functions gives
    /// it none, so that each of these has no value there.
    package var documentReads: [DocumentRead] {
        var finder = DocumentReads()
        finder.visit(root, atTop: true)
        return finder.found.sorted { $0.position < $1.position }
    }
}
