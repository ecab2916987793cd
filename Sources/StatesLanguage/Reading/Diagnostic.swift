/// One finding about a document.
package struct Diagnostic: Sendable, Equatable {
    package enum Severity: String, Sendable, Hashable { case error, warning }

    /// Stable, such as `E103`; listed in `docs/yaml-reference.md`.
    package var code: String
    package var severity: Severity
    package var message: String
    /// What to do about it.
    package var hint: String?
    /// JSON pointer (RFC 6901) into the document.
    package var pointer: String
    package var file: String?
    package var position: SourcePosition?

    package init(
        code: String, severity: Severity, message: String, hint: String? = nil, pointer: String, file: String? = nil,
        position: SourcePosition? = nil
    ) {
        self.code = code
        self.severity = severity
        self.message = message
        self.hint = hint
        self.pointer = pointer
        self.file = file
        self.position = position
    }
}

/// A place in a text; both numbers count from 1.
package struct SourcePosition: Sendable, Hashable, Comparable {
    package var line: Int
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}
