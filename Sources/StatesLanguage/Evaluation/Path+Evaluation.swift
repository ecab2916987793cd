package import JSONModel
import JSONPath

extension Path {
    /// The value that the path selects: one value for a definite path, an array for any other.
    /// - Parameter field: the field of a payload template, such as `name.$`; only the error's wording depends on it.
    /// - Throws: `States.Runtime` when a definite path selects nothing or the variable was never assigned.
    package func evaluate(in scope: EvaluationScope, field: String? = nil) throws(EvaluationError) -> JSONValue {
        let root: JSONValue
        switch source {
        case .input: root = scope.input
        case .context: root = scope.context
        case .variable(let name):
            guard let value = scope.variables[name] else {
                throw EvaluationError(
                    error: "States.Runtime", cause: "The variable '$\(name)' in the path '\(text)' has no value")
            }
            root = value
        }
        var steps = 0
        defer { scope.effort.spend(steps) }
        do { return try path.evaluate(on: root, counting: &steps) } catch {
            throw EvaluationError(error: "States.Runtime", cause: cause(error, root: root, scope, field: field))
        }
    }

    /// AWS's words: a field of a template and a field that is itself a path fail with different texts.
    private func cause(
        _ error: JSONPathEvaluationError, root: JSONValue, _ scope: EvaluationScope, field: String?
    ) -> String {
        switch error {
        case .notFound:
            guard let field else { return "Invalid path '\(text)' : \(MissingPlace.describe(path.text, in: root))" }
            return "The JSONPath '\(text)' specified for the field '\(field)' could not be found in the input "
                + "'\(scope.input.quotedForCause)'"
        case .invalid(_, let reason): return "Invalid path '\(text)' : \(reason)"
        }
    }
}

/// Says where a definite path leaves the document, as AWS's JSONPath library (Jayway's) does.
enum MissingPlace {
    static func describe(_ path: String, in root: JSONValue) -> String {
        let steps = steps(of: path)
        var current = root
        var place = "$"
        for (number, step) in steps.enumerated() {
            guard case .name(let name) = step else {
                guard case .index(let index) = step, let element = current[index] else { break }
                current = element
                place += "[\(index)]"
                continue
            }
            place += "['\(name)']"
            if let member = current[name] {
                current = member
            } else if number < steps.count - 1 {
                return "Missing property in path \(place)"
            } else {
                break
            }
        }
        return "No results for path: \(normalized(steps))"
    }

    private enum Step {
        case name(String)
        case index(Int)
    }

    private static func normalized(_ steps: [Step]) -> String {
        steps.reduce("$") { text, step in
            switch step {
            case .name(let name): "\(text)['\(name)']"
            case .index(let index): "\(text)[\(index)]"
            }
        }
    }

    /// The steps of a path that is known to be definite: `.name`, `['name']`, `[0]`.
    private static func steps(of path: String) -> [Step] {
        var steps: [Step] = []
        var rest = path.dropFirst()
        while let first = rest.first {
            rest = rest.dropFirst()
            if first == "[" {
                let inside = rest.prefix { $0 != "]" }
                rest = rest.dropFirst(inside.count + 1)
                let word = inside.filter { $0 != "'" && $0 != "\"" && $0 != " " }
                steps.append(Int(inside.filter { $0 != " " }).map { .index($0) } ?? .name(String(word)))
            } else if first == "." {
                let name = rest.prefix { $0 != "." && $0 != "[" }
                rest = rest.dropFirst(name.count)
                if !name.isEmpty { steps.append(.name(String(name))) }
            } else {
                return steps
            }
        }
        return steps
    }
}
