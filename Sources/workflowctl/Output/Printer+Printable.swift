import StatesLanguage

/// Names, tags, errors and files come from outside; what a terminal would carry out of them, instead of showing it, is shown
/// as `\u{FFFD}`.
extension Printer {
    /// A text of several lines.
    static func printable(_ text: String) -> String { printable(text, keeping: ["\n"]) }

    /// A text that must not become several lines.
    static func printableLine(_ text: String) -> String { printable(text, keeping: []) }

    /// Findings of the linter, whose colours stay.
    static func printable(_ diagnostics: [Diagnostic], source: String?, color: Bool) -> String {
        let safe = diagnostics.map { diagnostic -> Diagnostic in
            var safe = diagnostic
            safe.message = printable(diagnostic.message)
            safe.hint = diagnostic.hint.map(printable)
            safe.pointer = printable(diagnostic.pointer)
            safe.file = diagnostic.file.map(printable)
            return safe
        }
        // The places are counted by the source's own lines; once it is cut into those, nothing else ends one.
        let lines = source.map { printable($0, keeping: ["\n", "\r", "\t", "\u{85}"]) }
        return printable(
            DiagnosticPrinter.text(safe, source: lines, color: color), keeping: ["\n", "\t", "\u{1B}"])
    }

    private static func printable(_ text: String, keeping kept: Set<Unicode.Scalar>) -> String {
        func isHidden(_ scalar: Unicode.Scalar) -> Bool {
            scalar.properties.generalCategory == .control && !kept.contains(scalar)
        }
        guard text.unicodeScalars.contains(where: isHidden) else { return text }
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar -> Unicode.Scalar in
                    guard isHidden(scalar) else { return scalar }
                    return ["\t", "\r", "\n"].contains(scalar) ? " " : "\u{FFFD}"
                }))
    }
}
