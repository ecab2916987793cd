import StatesLanguage

extension Diagnostic {
    /// The same with the place of its text's start where it is about the text as a whole, such as an empty one.
    var placed: Diagnostic {
        guard position == nil, pointer.isEmpty else { return self }
        var placed = self
        placed.position = SourcePosition(line: 1, column: 1)
        return placed
    }

    /// A file whose bytes are no text.
    static func notUTF8(_ file: String) -> Diagnostic {
        Diagnostic(
            code: DiagnosticCode.notYAML.rawValue, severity: .error, message: "the file is not valid UTF-8",
            hint: "Save it as UTF-8.", pointer: "", file: file, position: SourcePosition(line: 1, column: 1))
    }
}
