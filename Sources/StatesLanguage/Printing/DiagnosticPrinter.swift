/// Renders diagnostics for people (text), programs (JSON) and code scanners (SARIF).
package struct DiagnosticPrinter {
    /// `file:line:column: error: message [E103]`, the line of the source, a caret under the place, and the hint.
    /// - Parameters:
    ///   - source: the text that the diagnostics are about; without it there are no source lines.
    ///   - color: whether to use terminal colours.
    package static func text(_ diagnostics: [Diagnostic], source: String?, color: Bool) -> String {
        let isYAML = diagnostics.first?.file?.hasSuffix(".json") != true
        let lines = source.map { Self.lines(of: $0, isYAML: isYAML) } ?? []
        return diagnostics.map { text($0, lines: lines, paint: Paint(isOn: color)) }.joined(separator: "\n")
    }

    /// The lines as the readers count them, without what ends them. Swift takes `\r\n` as one character, which is no
    /// `\n`.
    private static func lines(of source: String, isYAML: Bool) -> [String] {
        let breaks: Set<Unicode.Scalar> = isYAML ? ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"] : ["\n"]
        var lines: [String.UnicodeScalarView] = [.init()]
        var last: Unicode.Scalar?
        for scalar in source.unicodeScalars {
            if scalar == "\n", last == "\r" {
                // Of YAML the line has ended already.
                if !isYAML {
                    lines[lines.count - 1].removeLast()
                    lines.append(.init())
                }
            } else if breaks.contains(scalar) {
                lines.append(.init())
            } else if last != nil || scalar != "\u{FEFF}" {
                lines[lines.count - 1].append(scalar)
            }
            last = scalar
        }
        return lines.map(String.init)
    }

    private static func text(_ diagnostic: Diagnostic, lines: [String], paint: Paint) -> String {
        let severity = paint.severity(diagnostic.severity)
        var text = place(of: diagnostic).map { paint.bold($0) + ": " } ?? ""
        text += "\(severity): \(diagnostic.message) [\(diagnostic.code)]\n"
        if let position = diagnostic.position, lines.indices.contains(position.line - 1) {
            let line = lines[position.line - 1]
            text += "    \(line)\n    \(indentation(of: line, to: position.column))\(paint.caret("^"))\n"
        }
        if let hint = diagnostic.hint { text += "    \(paint.bold("hint")): \(hint)\n" }
        return text
    }

    /// The pointer stands for a place in a definition without a text.
    private static func place(of diagnostic: Diagnostic) -> String? {
        guard let position = diagnostic.position else {
            let parts = [diagnostic.file, diagnostic.pointer.isEmpty ? nil : diagnostic.pointer].compactMap { $0 }
            return parts.isEmpty ? nil : parts.joined(separator: ": ")
        }
        return "\(diagnostic.file.map { $0 + ":" } ?? "")\(position.line):\(position.column)"
    }

    /// Tabs stay tabs, so that the caret stands under its character whatever the terminal makes of them.
    private static func indentation(of line: String, to column: Int) -> String {
        let before = line.unicodeScalars.prefix(column - 1).map { $0 == "\t" ? "\t" : " " }
        return before.joined() + String(repeating: " ", count: max(0, column - 1 - before.count))
    }

    private struct Paint {
        let isOn: Bool

        func bold(_ text: String) -> String { wrapped(text, "1") }
        func caret(_ text: String) -> String { wrapped(text, "1;32") }

        func severity(_ severity: Diagnostic.Severity) -> String {
            wrapped(severity.rawValue, severity == .error ? "1;31" : "1;33")
        }

        private func wrapped(_ text: String, _ code: String) -> String {
            isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
        }
    }
}
