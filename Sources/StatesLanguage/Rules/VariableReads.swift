import JSONModel
import JSONata

/// Where a state's own fields read workflow variables; the states inside a Parallel or Map are not among them.
struct VariableReads {
    struct Read {
        let name: String
        /// JSON pointer of the text that reads it.
        let path: String
    }

    private(set) var found: [Read] = []
    private let language: QueryLanguage

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

    private mutating func readPath(_ text: String, at path: String) {
        // What is no path or call is another rule's finding.
        if text.hasPrefix("$") {
            if let parsed = try? Path(parsing: text) { add(parsed, at: path) }
        } else if let call = try? IntrinsicCall(parsing: text) {
            add(call, at: path)
        }
    }

    private mutating func add(_ path: Path, at place: String) {
        if case .variable(let name) = path.source { found.append(Read(name: name, path: place)) }
    }

    private mutating func add(_ call: IntrinsicCall, at place: String) {
        for argument in call.arguments {
            switch argument {
            case .path(let path): add(path, at: place)
            case .intrinsic(let inner): add(inner, at: place)
            default: break
            }
        }
    }

    private mutating func readExpression(_ text: String, at path: String) {
        guard text.hasPrefix("{%"), text.hasSuffix("%}"), text.count >= 4,
            let expression = try? JSONataExpression(parsing: String(text.dropFirst(2).dropLast(2)))
        else { return }
        for name in expression.freeVariables.sorted() where name != "states" {
            found.append(Read(name: name, path: path))
        }
    }
}
