import JSONModel
import JSONata

/// The paths and expressions in a state's own fields; those of the states inside a Parallel or Map are not among them.
struct StateReads {
    struct PathRead {
        let path: Path
        /// JSON pointer of the text that holds it.
        let place: String
    }

    struct ExpressionRead {
        let expression: JSONataExpression
        let place: String
        /// Characters of the text before the expression.
        let start: Int
    }

    struct VariableRead {
        let name: String
        let place: String
    }

    /// Those of JSONPath, also as arguments of intrinsic functions.
    private(set) var paths: [PathRead] = []
    private(set) var expressions: [ExpressionRead] = []
    private let language: QueryLanguage

    /// Workflow variables that are read.
    var variables: [VariableRead] {
        let named = paths.compactMap { read -> VariableRead? in
            guard case .variable(let name) = read.path.source else { return nil }
            return VariableRead(name: name, place: read.place)
        }
        return named
            + expressions.flatMap { read in
                read.expression.freeVariables.sorted().filter { $0 != "states" }
                    .map { VariableRead(name: $0, place: read.place) }
            }
    }

    init(_ state: DefinitionOutline.StateOutline, language: QueryLanguage) {
        self.language = language
        for (key, value) in state.object where !Self.passedOver.contains(key) {
            visit(value, key: key, at: pointer(state.path, key), isTemplate: Self.templates.contains(key))
        }
    }

    private static let passedOver: Set<String> = [
        "Branches", "ItemProcessor", "Iterator", "Comment", "Next", "Type", "Resource", "Result", "QueryLanguage",
        "Default",
        "ResultPath",
    ]
    /// Fields whose members are payload: there, only names that end in `.$` hold paths.
    private static let templates: Set<String> = [
        "Parameters", "ResultSelector", "ItemSelector", "Assign", "BatchInput", "Credentials", "Arguments", "Output",
    ]

    private mutating func visit(_ value: JSONValue, key: String, at path: String, isTemplate: Bool) {
        switch value {
        case .string(let text):
            if language == .jsonata {
                readExpression(text, at: path)
            } else if key.hasSuffix(".$") || (!isTemplate && (key.hasSuffix("Path") || key == "Variable")) {
                readPath(text, at: path)
            }
        case .object(let object):
            for (name, member) in object where name != "Comment" && !(name == "ResultPath" && !isTemplate) {
                visit(
                    member, key: name, at: pointer(path, name),
                    isTemplate: isTemplate || Self.templates.contains(name))
            }
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                visit(element, key: key, at: pointer(path, index), isTemplate: isTemplate)
            }
        default: break
        }
    }

    private mutating func readPath(_ text: String, at place: String) {
        // What is no path or call is another rule's finding.
        if text.hasPrefix("$") {
            if let parsed = try? Path(parsing: text) { paths.append(PathRead(path: parsed, place: place)) }
        } else if let call = try? IntrinsicCall(parsing: text) {
            add(call, at: place)
        }
    }

    private mutating func add(_ call: IntrinsicCall, at place: String) {
        for argument in call.arguments {
            switch argument {
            case .path(let path): paths.append(PathRead(path: path, place: place))
            case .intrinsic(let inner): add(inner, at: place)
            default: break
            }
        }
    }

    private mutating func readExpression(_ text: String, at place: String) {
        guard text.hasPrefix("{%"), text.hasSuffix("%}"), text.count >= 4 else { return }
        let inner = text.dropFirst(2).dropLast(2)
        guard let expression = try? JSONataExpression(parsing: String(inner)) else { return }
        expressions.append(ExpressionRead(expression: expression, place: place, start: 2))
    }
}
