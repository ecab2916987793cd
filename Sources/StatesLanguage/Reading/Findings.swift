import JSONModel

/// Collects what is found about one definition. Lives for one reading; the readers share it.
final class Findings {
    let document: SourceDocument
    private(set) var diagnostics: [Diagnostic] = []

    init(document: SourceDocument) { self.document = document }

    var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    /// Reports at a value.
    /// - Parameter character: the place inside the value, if it is a string.
    func report(
        _ code: DiagnosticCode, at pointer: String, _ message: String, hint: String? = nil, character: Int = 0
    ) {
        add(code, pointer, message, hint, document.position(of: pointer, character: character))
    }

    /// Reports at a member's name.
    func reportKey(_ code: DiagnosticCode, at pointer: String, _ message: String, hint: String? = nil) {
        add(code, pointer, message, hint, document.keyPosition(of: pointer) ?? document.position(of: pointer))
    }

    private func add(
        _ code: DiagnosticCode, _ pointer: String, _ message: String, _ hint: String?, _ position: SourcePosition?
    ) {
        diagnostics.append(
            Diagnostic(
                code: code.rawValue, severity: code.severity, message: message, hint: hint, pointer: pointer,
                file: document.file, position: position ?? nearestPosition(to: pointer)))
    }

    /// A value that came through a merge key, or a missing member, is shown at the nearest object around it.
    private func nearestPosition(to pointer: String) -> SourcePosition? {
        var parent = Substring(pointer)
        while let slash = parent.lastIndex(of: "/") {
            parent = parent[..<slash]
            if let position = document.position(of: String(parent)) { return position }
        }
        return nil
    }

    var sorted: [Diagnostic] { diagnostics.sortedByPlace }
}

extension [Diagnostic] {
    /// Findings without a place, and several at one place, stay in the order in which they were made.
    var sortedByPlace: [Diagnostic] {
        let start = SourcePosition(line: 0, column: 0)
        return enumerated()
            .sorted { ($0.element.position ?? start, $0.offset) < ($1.element.position ?? start, $1.offset) }
            .map(\.element)
    }
}
