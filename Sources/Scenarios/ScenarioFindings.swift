import StatesLanguage

/// Collects what is wrong with one scenario file. Lives for one reading; the nodes of the file share it.
final class ScenarioFindings {
    let document: SourceDocument
    private var diagnostics: [Diagnostic] = []
    private var seen: Set<String> = []

    init(_ document: SourceDocument) { self.document = document }

    var isEmpty: Bool { diagnostics.isEmpty }

    /// In the order of their places.
    var sorted: [Diagnostic] {
        diagnostics.enumerated()
            .sorted { ($0.element.position ?? Self.start, $0.offset) < ($1.element.position ?? Self.start, $1.offset) }
            .map(\.element)
    }

    /// What the scenarios of one `foreach` share is wrong once.
    /// - Parameter position: the place inside the value, where it is known.
    func report(_ message: String, at pointer: String, position: SourcePosition? = nil, hint: String) {
        guard seen.insert("\(pointer)\n\(message)").inserted else { return }
        diagnostics.append(
            Diagnostic(
                code: "T101", severity: .error, message: message, hint: hint, pointer: pointer, file: document.file,
                position: position ?? self.position(of: pointer)))
    }

    private static let start = SourcePosition(line: 1, column: 1)

    /// The value's place, or that of the nearest value around it: what an alias repeats may have none.
    private func position(of pointer: String) -> SourcePosition {
        var parent = Substring(pointer)
        while true {
            if let position = document.position(of: String(parent)) { return position }
            guard let slash = parent.lastIndex(of: "/") else { return Self.start }
            parent = parent[..<slash]
        }
    }
}
