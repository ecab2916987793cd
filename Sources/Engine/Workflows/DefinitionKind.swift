package import JSONModel
import StatesLanguage

/// What a file of definitions holds.
package enum DefinitionKind: Sendable, Hashable {
    case stateMachine, workflow, scenarios

    /// Judges a file by the names at its top, and by its own name where they don't tell: a state machine has states, a
    /// workflow names its state machine. Also a file that has faults, or misspelt names, is one or the other.
    /// - Parameters:
    ///   - path: of the file; its folder counts, too.
    ///   - document: nil where the text can't be read.
    package init(path: String, text: String, document: JSONValue?) {
        let path = DefinitionPath(path)
        guard !path.isScenarios else {
            self = .scenarios
            return
        }
        let names = document?.objectValue.map { Array($0.keys) } ?? TopLevelNames.read(text)
        self = Self.byNames(names) ?? Self.byPath(path) ?? Self.byLikeness(names)
    }

    private static func byNames(_ names: [String]) -> DefinitionKind? {
        if names.contains("States") || names.contains("StartAt") { return .stateMachine }
        return names.contains("stateMachine") ? .workflow : nil
    }

    private static func byPath(_ path: DefinitionPath) -> DefinitionKind? {
        if path.hasMachineSuffix { return .stateMachine }
        switch path.folder {
        case "workflows": return .workflow
        case "state-machines": return .stateMachine
        default: return nil
        }
    }

    /// A state machine, unless more names are those of a workflow's fields, or nearly.
    private static func byLikeness(_ names: [String]) -> DefinitionKind {
        let machine = ["StartAt", "States", "Comment", "QueryLanguage", "TimeoutSeconds", "Version"]
        var (likeWorkflow, likeMachine) = (0, 0)
        for name in names.prefix(100) {
            switch closest(to: name, among: Workflow.fieldNames + machine) {
            case let field? where machine.contains(field): likeMachine += 1
            case .some: likeWorkflow += 1
            case nil: break
            }
        }
        return likeWorkflow > likeMachine ? .workflow : .stateMachine
    }
}

/// The names at the top of a text that may have faults.
enum TopLevelNames {
    static func read(_ text: String) -> [String] {
        let content = text.unicodeScalars.drop { $0 == "\u{FEFF}" || $0.properties.isWhitespace }
        return content.first == "{" ? inBraces(content) : atLineStarts(text)
    }

    /// `name:` without an indentation. It may be in quotes.
    private static func atLineStarts(_ text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            guard let first = line.unicodeScalars.first(where: { $0 != "\u{FEFF}" }),
                !" \t#-%?[]}".unicodeScalars.contains(first),
                let colon = line.firstIndex(of: ":")
            else { return nil }
            let name = line[..<colon].unicodeScalars.filter { !"\"' \t\u{FEFF}".unicodeScalars.contains($0) }
            return name.isEmpty ? nil : String(String.UnicodeScalarView(name))
        }
    }

    /// What stands before a colon inside the first braces, and in none further.
    private static func inBraces(_ text: Substring.UnicodeScalarView) -> [String] {
        var names: [String] = []
        var word = String.UnicodeScalarView()
        var (depth, quote): (Int, Unicode.Scalar?) = (0, nil)
        var isEscaped = false
        for scalar in text {
            if let open = quote {
                switch scalar {
                case _ where isEscaped: isEscaped = false
                case "\\" where open == "\"": isEscaped = true
                case open: quote = nil
                default: if depth == 1 { word.append(scalar) }
                }
                continue
            }
            switch scalar {
            case "\"", "'": quote = scalar
            case "{", "[": depth += 1
            case "}", "]": depth -= 1
            case ":" where depth == 1:
                if !word.isEmpty { names.append(String(word)) }
                word = String.UnicodeScalarView()
            case "," where depth == 1: word = String.UnicodeScalarView()
            default:
                if depth == 1, !scalar.properties.isWhitespace { word.append(scalar) }
            }
        }
        return names
    }
}
