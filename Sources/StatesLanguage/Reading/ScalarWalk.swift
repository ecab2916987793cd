/// Finds where a character of a string's value stands in the text that the string was written as: behind escapes, over
/// folded lines, inside block scalars. Characters are Unicode scalars.
struct ScalarWalk {
    let text: SourceText
    /// Offset in the text.
    private(set) var place: Int
    /// Characters of the value that are still to pass.
    private(set) var remaining: Int

    /// - Parameters:
    ///   - start: the offset of the value, with its quotes, its block header, its tag or anchor.
    ///   - parentIndentation: the columns before the name or the dash that the value belongs to.
    static func offset(
        ofCharacter number: Int, in text: SourceText, from start: Int, isYAML: Bool, parentIndentation: Int
    ) -> Int {
        var walk = ScalarWalk(text: text, place: start, remaining: number)
        guard isYAML else {
            walk.jsonString()
            return walk.place
        }
        walk.skipProperties()
        switch text[walk.place] {
        case "\"": walk.doubleQuoted()
        case "'": walk.singleQuoted()
        case "|": walk.block(isFolded: false, parentIndentation: parentIndentation)
        case ">": walk.block(isFolded: true, parentIndentation: parentIndentation)
        default: walk.plain()
        }
        return walk.place
    }

    private init(text: SourceText, place: Int, remaining: Int) {
        self.text = text
        self.place = place
        self.remaining = remaining
    }

    private var isAtEnd: Bool { text[place] == nil }

    // MARK: JSON

    private mutating func jsonString() {
        place += 1
        while remaining > 0, let scalar = text[place], scalar != "\"" {
            place += scalar == "\\" ? jsonEscapeLength : 1
            remaining -= 1
        }
    }

    private var jsonEscapeLength: Int {
        guard text[place + 1] == "u" else { return 2 }
        let isHighSurrogate =
            "dD".unicodeScalars.contains(text[place + 2] ?? " ")
            && "89abAB".unicodeScalars.contains(text[place + 3] ?? " ")
        return isHighSurrogate && text[place + 6] == "\\" && text[place + 7] == "u" ? 12 : 6
    }

    // MARK: YAML's flow scalars

    /// Over an anchor or a tag before the value.
    private mutating func skipProperties() {
        while let scalar = text[place], scalar == "&" || scalar == "!" {
            while let inside = text[place], !isBlank(inside), !isBreak(inside) { place += 1 }
            while let blank = text[place], isBlank(blank) || isBreak(blank) { place += 1 }
        }
    }

    private mutating func plain() {
        while remaining > 0, !isAtEnd {
            if !foldsBlanks() {
                place += 1
                remaining -= 1
            }
        }
    }

    private mutating func singleQuoted() {
        place += 1
        while remaining > 0, let scalar = text[place] {
            if scalar == "'", text[place + 1] != "'" { return }
            if !foldsBlanks() {
                place += scalar == "'" ? 2 : 1
                remaining -= 1
            }
        }
    }

    private mutating func doubleQuoted() {
        place += 1
        while let scalar = text[place], scalar != "\"" {
            if scalar == "\\", let next = text[place + 1] {
                if isBreak(next) {
                    place += 1
                    guard takeFold(isEscaped: true) else { return }
                    continue
                }
                guard remaining > 0 else { return }
                place += yamlEscapeLength(next)
                remaining -= 1
            } else {
                guard remaining > 0 else { return }
                if !foldsBlanks() {
                    place += 1
                    remaining -= 1
                }
            }
        }
    }

    private func yamlEscapeLength(_ letter: Unicode.Scalar) -> Int {
        switch letter {
        case "x": 4
        case "u": 6
        case "U": 10
        default: 2
        }
    }

    /// Blanks and line breaks of a flow scalar: blanks stay unless a line ends or begins there, one line break counts as
    /// a blank, each further one as a line break.
    /// - Returns: whether there were any.
    private mutating func foldsBlanks() -> Bool {
        guard let scalar = text[place], isBlank(scalar) || isBreak(scalar) else { return false }
        var end = place
        while let blank = text[end], isBlank(blank) { end += 1 }
        if let next = text[end], isBreak(next) {
            place = end
            _ = takeFold(isEscaped: false)
        } else {
            let count = min(remaining, end - place)
            place += count
            remaining -= count
        }
        return true
    }

    /// - Returns: false if the character that is sought is among the line breaks.
    private mutating func takeFold(isEscaped: Bool) -> Bool {
        var (breaks, end) = (0, place)
        while let scalar = text[end], isBlank(scalar) || isBreak(scalar) {
            if isBreak(scalar) { breaks += 1 }
            end += breakLength(at: end)
        }
        let count = isEscaped || breaks > 1 ? breaks - 1 : 1
        guard remaining >= count else {
            remaining = 0
            return false
        }
        remaining -= count
        place = end
        return true
    }

    // MARK: YAML's block scalars

    private mutating func block(isFolded: Bool, parentIndentation: Int) {
        var indentation: Int?
        while let scalar = text[place], !isBreak(scalar) {
            if ("1"..."9").contains(scalar) { indentation = parentIndentation + Int(scalar.value - 0x30) }
            if scalar == "#" { break }
            place += 1
        }
        skipLine()
        let columns = indentation ?? firstIndentation()
        var previousIsText = false
        while !isAtEnd {
            var blankLines = 0
            while let end = blankLine(columns) {
                blankLines += 1
                place = end
            }
            place += leadingSpaces(limit: columns)
            let isText = text[place].map { !isBlank($0) } ?? false
            let folds = isFolded && previousIsText && isText && blankLines > 0
            let count = folds ? blankLines - 1 : blankLines
            guard remaining >= count else { return }
            remaining -= count
            while remaining > 0, let scalar = text[place], !isBreak(scalar) {
                place += 1
                remaining -= 1
            }
            guard remaining > 0 else { return }
            remaining -= 1
            skipLine()
            previousIsText = isText
        }
    }

    /// The indentation of the first line that is not empty.
    private func firstIndentation() -> Int {
        var (line, end) = (place, place)
        while let scalar = text[end], scalar == " " || isBreak(scalar) {
            end += breakLength(at: end)
            if isBreak(scalar) { line = end }
        }
        return end - line
    }

    /// The offset after a line that has no more than its indentation; nil if the line has text.
    private func blankLine(_ columns: Int) -> Int? {
        let end = place + leadingSpaces(limit: columns)
        guard let scalar = text[end], isBreak(scalar) else { return nil }
        return end + breakLength(at: end)
    }

    private func leadingSpaces(limit: Int) -> Int {
        var count = 0
        while count < limit, text[place + count] == " " { count += 1 }
        return count
    }

    private mutating func skipLine() {
        while let scalar = text[place], !isBreak(scalar) { place += 1 }
        if !isAtEnd { place += breakLength(at: place) }
    }

    // MARK: Characters

    private func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }

    private func isBreak(_ scalar: Unicode.Scalar) -> Bool {
        ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar)
    }

    /// CR and LF together are one line break.
    private func breakLength(at offset: Int) -> Int { text[offset] == "\r" && text[offset + 1] == "\n" ? 2 : 1 }
}
