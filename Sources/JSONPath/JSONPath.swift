package import JSONModel

/// Why a text is not a path, and where.
package struct JSONPathSyntaxError: Error, Equatable {
    /// What is wrong and what was expected instead.
    package let message: String
    /// Unicode scalars from the start of the path's text.
    package let offset: Int

    package init(message: String, offset: Int) {
        self.message = message
        self.offset = offset
    }
}

extension JSONPathSyntaxError: CustomStringConvertible {
    package var description: String { "invalid path at character \(offset + 1): \(message)" }
}

/// Why a path has no value in a document.
package enum JSONPathEvaluationError: Error, Equatable {
    /// A definite path that leads nowhere.
    case notFound(path: String)
    /// A function on a value of the wrong type, or more work than the limits allow.
    case invalid(path: String, reason: String)
}

extension JSONPathEvaluationError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notFound(let path): "the path \(path) leads nowhere in this document"
        case .invalid(let path, let reason): "the path \(path) can't be evaluated: \(reason)"
        }
    }
}

/// A path into a JSON document, in the dialect that AWS Step Functions uses: Jayway's JSONPath.
///
/// ```swift
/// let path = try JSONPath(parsing: "$.orders[?(@.total > 100)].id")
/// let ids = try path.evaluate(on: document)     // an array, maybe empty
/// ```
///
/// A *definite* path (names and indexes only) answers the value that it points at and fails where there is none. Any
/// other path answers an array of what it found. The context object (`$$.`) and variables (`$name`) of ASL are not
/// part of this language: the caller picks the document and hands over a path that starts with `$`.
///
/// Two paths are equal when their texts are.
package struct JSONPath: Sendable {
    /// The path as it was written.
    package let text: String
    let query: PathQuery

    /// Parses a path, which starts with `$`.
    /// - Throws: `JSONPathSyntaxError` with the place of the first fault; also when a limit of `PathLimits` is passed.
    package init(parsing text: String) throws(JSONPathSyntaxError) {
        var parser = try PathParser(text)
        self.text = text
        query = try parser.path()
    }

    /// True when the path points at one value at most: names and indexes only, and functions over these. Several names
    /// in one bracket at the end (`$['a','b']`) are definite too, since they make one object.
    package var isDefinite: Bool { query.isDefinite }

    /// True for an ASL Reference Path: only `.name`, `['name']` and `[n]` with `n >= 0`, so that it names one place
    /// that a value can be read from and put at.
    package var isReference: Bool { query.segments.allSatisfy(\.isReference) }

    /// True for `$` alone: the whole document.
    package var isRoot: Bool { query.segments.isEmpty }

    /// What the path points at: for a definite path the value itself, for any other an array, maybe empty.
    /// - Throws: `.notFound` when a definite path leads nowhere, `.invalid` when a function can't work on what it is
    ///   given or the path asks for more than `PathLimits` allows.
    package func evaluate(on root: JSONValue) throws(JSONPathEvaluationError) -> JSONValue {
        var steps = 0
        return try evaluate(on: root, counting: &steps)
    }

    /// The same.
    /// - Parameter steps: grows by the values visited and the positions of patterns tried, also when it throws.
    package func evaluate(
        on root: JSONValue, counting steps: inout Int
    ) throws(JSONPathEvaluationError) -> JSONValue {
        var evaluator = PathEvaluator(root: root)
        defer { steps += evaluator.steps }
        do throws(EvaluationFault) {
            guard let value = try evaluator.value(of: query, item: root) else { throw .notFound }
            return value
        } catch {
            switch error {
            case .notFound: throw .notFound(path: text)
            case .wrongArgument(let reason), .tooMuchWork(let reason): throw .invalid(path: text, reason: reason)
            }
        }
    }
}

extension JSONPath: Hashable {
    package static func == (left: JSONPath, right: JSONPath) -> Bool { left.text == right.text }

    package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

extension JSONPath: CustomStringConvertible {
    package var description: String { text }
}

/// What a path may not exceed, so that a text from outside can't exhaust the stack, the memory or the processor.
enum PathLimits {
    /// Of the path's text, in UTF-8.
    static let textBytes = 64 << 10
    /// Steps in a row. A document nests at most 256 levels deep, so a longer path can't lead anywhere.
    static let segments = 256
    /// Filters, parentheses, functions and literals inside each other; the parser recurses.
    static let nesting = 64
    /// Values visited and pattern positions tried in one evaluation: a fraction of a second in a release build.
    static let evaluationSteps = 2_000_000
    /// The largest index: what a double still holds exactly (RFC 9535, section 2.1).
    static let largestIndex = 9_007_199_254_740_991
}
