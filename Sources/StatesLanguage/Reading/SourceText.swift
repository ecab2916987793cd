/// A document's text with random access: by line and column, and by the number of Unicode scalars before a place.
struct SourceText: Sendable {
    let scalars: [Unicode.Scalar]
    /// Offsets of the lines' first characters.
    private let lineStarts: [Int]

    /// - Parameter isYAML: YAML has more line breaks than JSON (YAML 1.1, section 4.2, as the YAML library counts them).
    init(_ text: String, isYAML: Bool) {
        scalars = Array(text.unicodeScalars)
        var starts = [0]
        for (offset, scalar) in scalars.enumerated() {
            let isBreak: Bool =
                switch scalar {
                case "\n": true
                case "\r": isYAML && !(offset + 1 < scalars.count && scalars[offset + 1] == "\n")
                case "\u{85}", "\u{2028}", "\u{2029}": isYAML
                default: false
                }
            if isBreak { starts.append(offset + 1) }
        }
        lineStarts = starts
    }

    func offset(of position: SourcePosition) -> Int? {
        guard lineStarts.indices.contains(position.line - 1) else { return nil }
        return min(lineStarts[position.line - 1] + position.column - 1, scalars.count)
    }

    func position(ofOffset offset: Int) -> SourcePosition {
        var (low, high) = (0, lineStarts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        return SourcePosition(line: low + 1, column: offset - lineStarts[low] + 1)
    }

    /// The blanks at the start of a line.
    func indentation(ofLine line: Int) -> Int {
        guard lineStarts.indices.contains(line - 1) else { return 0 }
        return scalars[lineStarts[line - 1]...].prefix { $0 == " " }.count
    }

    subscript(_ offset: Int) -> Unicode.Scalar? { scalars.indices.contains(offset) ? scalars[offset] : nil }
}
