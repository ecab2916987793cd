import Yams

/// Says what is wrong with a text that is not YAML, in words that help.
enum YAMLFaults {
    static func fault(for error: YamlError, text: String) -> SourceFault {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
            return fault(problem, context: context?.text, mark: mark, text: text)
        case .composer(_, let problem, let mark, _):
            return fault(problem, context: nil, mark: mark, text: text)
        case .reader(let problem, let offset, _, _):
            return SourceFault(
                code: .notYAML, message: "this is not YAML: \(problem)",
                hint: "the text must be UTF-8 without control characters", position: position(ofCharacter: offset, text)
            )
        case .duplicatedKeysInMapping(let names, let context):
            return duplicate(names.first ?? "", near: context.mark, text: text)
        default:
            return SourceFault(code: .notYAML, message: "this is not YAML: \(error)")
        }
    }

    private static func fault(_ problem: String, context: String?, mark: Mark, text: String) -> SourceFault {
        if problem.contains("found another document") {
            return SourceFault(
                code: .unsupportedYAML, message: "one file holds one document, and here starts another",
                hint: "put each state machine into its own file",
                position: SourcePosition(line: mark.line, column: mark.column))
        }
        if problem.contains("nesting level") {
            return SourceFault(
                code: .documentLimit, message: "nested deeper than the YAML library reads", hint: nil,
                position: SourcePosition(line: mark.line, column: mark.column))
        }
        let lines = lines(of: text)
        let line = lines.indices.contains(mark.line - 1) ? lines[mark.line - 1] : ""
        let words = (context.map { $0 + ", " } ?? "") + problem
        return SourceFault(
            code: .notYAML, message: "this is not YAML: \(words)", hint: hint(problem, line: line),
            position: SourcePosition(line: mark.line, column: mark.column))
    }

    private static func hint(_ problem: String, line: Substring) -> String {
        if line.prefix(while: { $0 == " " || $0 == "\t" }).contains("\t") {
            return "YAML is indented with spaces; this line has a tab"
        }
        if problem.contains("mapping values are not allowed") {
            return "a text that contains ': ' must be quoted"
        }
        if problem.contains("did not find expected key") || problem.contains("could not find expected ':'") {
            return "check the indentation of this line against the lines around it"
        }
        if problem.contains("cannot start any token") {
            return "a text that starts with one of % @ ` { [ & * ! | > must be quoted, such as \"{% $x %}\""
        }
        if problem.contains("undefined alias") { return "an alias must come after its anchor (&name)" }
        return "look on this line and above it for a bracket, a brace or a quote that is not closed"
    }

    /// The library only tells the name and one of the places; the other is the nearest line above or below with the
    /// same name at the same indentation.
    private static func duplicate(_ name: String, near mark: Mark, text: String) -> SourceFault {
        let lines = lines(of: text)
        var places: [SourcePosition] = []
        for (number, line) in lines.enumerated() {
            let indentation = line.prefix { $0 == " " || $0 == "-" }.count
            guard indentation + 1 == mark.column || number + 1 == mark.line else { continue }
            let rest = line.dropFirst(indentation)
            guard isKey(name, rest) else { continue }
            places.append(SourcePosition(line: number + 1, column: indentation + 1))
        }
        let marked = SourcePosition(line: mark.line, column: mark.column)
        guard let second = places.first(where: { $0 > marked }) else {
            return duplicateKey(name, first: nil, second: marked)
        }
        return duplicateKey(name, first: marked, second: second)
    }

    /// CR and LF together are one character, and one line break.
    private static func lines(of text: String) -> [Substring] {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    }

    private static func isKey(_ name: String, _ line: Substring) -> Bool {
        for form in [name, "\"\(name)\"", "'\(name)'"] where line.hasPrefix(form) {
            return line.dropFirst(form.count).drop { $0 == " " }.first == ":"
        }
        return false
    }

    private static func position(ofCharacter offset: Int?, _ text: String) -> SourcePosition? {
        guard let offset else { return nil }
        var position = SourcePosition(line: 1, column: 1)
        for character in text.prefix(offset) {
            position =
                character.isNewline
                ? SourcePosition(line: position.line + 1, column: 1)
                : SourcePosition(line: position.line, column: position.column + 1)
        }
        return position
    }
}
