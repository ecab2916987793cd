import Yams

/// Lets a document be read whose mappings have a name twice. The YAML library gives up at the first such name and tells
/// one of its places; here that name is overwritten with characters that no document has, and the text is read again.
struct YAMLDuplicates {
    /// Names that are overwritten at most; a document with more of them is refused with what is known then.
    static let limit = 20
    /// Private use: one character for each name that was overwritten.
    private static let fillers: ClosedRange<UInt32> = 0xE000...0xE000 + UInt32(limit)

    private var text: SourceText
    /// The overwritten names in the order of their fillers.
    private var names: [String] = []

    init(_ text: String) { self.text = SourceText(text, isYAML: true) }

    /// The text without the names that were overwritten.
    var remaining: String { string(text.scalars[...]) }

    /// The name that stood where now there is a filler.
    func name(behind key: String) -> String? {
        guard let first = key.unicodeScalars.first, Self.fillers.contains(first.value) else { return nil }
        let number = Int(first.value - Self.fillers.lowerBound)
        return names.indices.contains(number) ? names[number] : nil
    }

    /// Overwrites the name at `mark`.
    /// - Returns: false if that can't be done.
    mutating func overwrite(_ name: String, at mark: Mark) -> Bool {
        guard names.count < Self.limit, !name.isEmpty,
            let start = text.offset(of: SourcePosition(line: mark.line, column: mark.column)),
            let range = characters(of: name, at: start),
            !names.isEmpty || !text.scalars.contains(where: { Self.fillers.contains($0.value) }),
            let filler = Unicode.Scalar(Self.fillers.lowerBound + UInt32(names.count))
        else { return false }
        var scalars = text.scalars
        for offset in range { scalars[offset] = filler }
        names.append(name)
        text = SourceText(string(scalars[...]), isYAML: true)
        return true
    }

    /// Where the name's characters stand: a plain name, or the inside of quotes.
    private func characters(of name: String, at start: Int) -> Range<Int>? {
        guard let quote = text[start], quote == "\"" || quote == "'" else {
            let end = start + name.unicodeScalars.count
            guard end <= text.scalars.count, text.scalars[start..<end].elementsEqual(name.unicodeScalars) else {
                return nil
            }
            return start..<end
        }
        var end = start + 1
        while let scalar = text[end], scalar != "\n" {
            if scalar == quote {
                guard quote == "'", text[end + 1] == "'" else { return start + 1..<end }
                end += 1
            } else if scalar == "\\", quote == "\"" {
                end += 1
            }
            end += 1
        }
        return nil
    }

    private func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }
}
