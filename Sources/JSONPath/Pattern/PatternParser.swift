/// Why a text is not a pattern. `position` is an index into the scalars that the pattern is a slice of.
struct PatternError: Error {
    let message: String
    let position: Int
}

/// A parsed pattern.
indirect enum PatternNode {
    case set(ScalarSet)
    case sequence([PatternNode])
    case choice([PatternNode])
    case repetition(PatternNode, minimum: Int, maximum: Int?)
    case assertion(PatternAssertion)
    case lookahead(PatternNode, isPositive: Bool)
}

/// What must hold between two characters.
enum PatternAssertion: Sendable {
    case start
    /// The end, or before a line terminator at the end.
    case end
    case veryEnd
    case lineStart
    case lineEnd
    case wordBoundary(isWanted: Bool)
}

/// The flags after a pattern, with Java's letters.
struct PatternFlags {
    var ignoresCase = false
    var isMultiline = false
    var dotMatchesNewlines = false
    var skipsBlanks = false
    var onlyNewlineEndsLines = false
    var foldsUnicode = false
    var hasUnicodeClasses = false

    /// Sets or clears the flag of a letter; false when there is none.
    mutating func set(_ letter: Unicode.Scalar, to value: Bool) -> Bool {
        switch letter {
        case "i": ignoresCase = value
        case "m": isMultiline = value
        case "s": dotMatchesNewlines = value
        case "x": skipsBlanks = value
        case "d": onlyNewlineEndsLines = value
        case "u": foldsUnicode = value
        case "U":
            hasUnicodeClasses = value
            foldsUnicode = value
        default: return false
        }
        return true
    }
}

/// Reads the part of Java's patterns that a machine without backtracking can run: everything but back-references,
/// look-behind, and possessive or atomic groups, which are refused with a message.
struct PatternParser {
    private static let deepestGroup = 64
    static let mostRepetitions = 1000

    let scalars: ArraySlice<Unicode.Scalar>
    var position: Int
    var flags: PatternFlags
    private var depth = 0

    init(_ scalars: ArraySlice<Unicode.Scalar>, flags: PatternFlags) {
        self.scalars = scalars
        self.flags = flags
        position = scalars.startIndex
    }

    var current: Unicode.Scalar? { position < scalars.endIndex ? scalars[position] : nil }

    mutating func take(_ text: String) -> Bool {
        guard scalars[position...].starts(with: text.unicodeScalars) else { return false }
        position += text.unicodeScalars.count
        return true
    }

    func fault(_ message: String) -> PatternError { PatternError(message: message, position: position) }

    mutating func pattern() throws(PatternError) -> PatternNode {
        let node = try choice()
        guard current == nil else { throw fault("there is no '(' for this ')'") }
        return node
    }

    private mutating func choice() throws(PatternError) -> PatternNode {
        var alternatives = [try sequence()]
        while take("|") { alternatives.append(try sequence()) }
        return alternatives.count == 1 ? alternatives[0] : .choice(alternatives)
    }

    private mutating func sequence() throws(PatternError) -> PatternNode {
        var nodes: [PatternNode] = []
        while true {
            if flags.skipsBlanks { skipComments() }
            guard let scalar = current, scalar != "|", scalar != ")" else { return .sequence(nodes) }
            guard let atom = try atom() else { continue }
            nodes.append(try repeated(atom))
        }
    }

    private mutating func skipComments() {
        while let scalar = current {
            if scalar == "#" {
                while let scalar = current, scalar != "\n" { position += 1 }
            } else if !scalar.properties.isWhitespace {
                return
            } else {
                position += 1
            }
        }
    }

    private mutating func repeated(_ atom: PatternNode) throws(PatternError) -> PatternNode {
        guard let (minimum, maximum) = try quantifier() else { return atom }
        // A lazy quantifier finds the same whole matches.
        if !take("?"), current == "+" { throw fault("possessive quantifiers are not supported") }
        return .repetition(atom, minimum: minimum, maximum: maximum)
    }

    private mutating func quantifier() throws(PatternError) -> (Int, Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        guard take("{") else { return nil }
        let minimum = try count()
        var maximum: Int? = minimum
        if take(",") { maximum = current == "}" ? nil : try count() }
        guard take("}") else { throw fault("expected '}' after the number of repetitions") }
        guard minimum <= maximum ?? minimum else { throw fault("the most repetitions are less than the least") }
        return (minimum, maximum)
    }

    private mutating func count() throws(PatternError) -> Int {
        var count = 0
        let start = position
        while let digit = current?.decimalDigit {
            count = count * 10 + digit
            position += 1
            guard count <= Self.mostRepetitions else { throw fault("more than \(Self.mostRepetitions) repetitions") }
        }
        guard position > start else { throw fault("expected a number of repetitions") }
        return count
    }

    /// Nil for what matches nothing and can't be repeated, such as `(?i)`.
    private mutating func atom() throws(PatternError) -> PatternNode? {
        guard let scalar = current else { return nil }
        switch scalar {
        case "(": return try group()
        case "[":
            position += 1
            return .set(folded(try characterClass()))
        case "*", "+", "?", "{": throw fault("there is nothing to repeat before '\(scalar)'")
        default: break
        }
        position += 1
        switch scalar {
        case ".":
            let terminator = ScalarSet.lineTerminator(onlyNewline: flags.onlyNewlineEndsLines)
            return .set(flags.dotMatchesNewlines ? .any : .inverted(terminator))
        case "^": return .assertion(flags.isMultiline ? .lineStart : .start)
        case "$": return .assertion(flags.isMultiline ? .lineEnd : .end)
        case "\\": return try escape()
        default: return .set(folded(.one(scalar)))
        }
    }

    func folded(_ set: ScalarSet) -> ScalarSet {
        flags.ignoresCase ? .ignoringCase(set, isUnicode: flags.foldsUnicode) : set
    }

    private mutating func group() throws(PatternError) -> PatternNode? {
        guard depth < Self.deepestGroup else { throw fault("groups nest at most \(Self.deepestGroup) levels") }
        depth += 1
        defer { depth -= 1 }
        position += 1
        let outerFlags = flags
        var isPositive: Bool?
        if take("?=") {
            isPositive = true
        } else if take("?!") {
            isPositive = false
        } else if take("?"), try !groupStart() {
            return nil
        }
        let inner = try choice()
        guard take(")") else { throw fault("the group is not closed: expected ')'") }
        flags = outerFlags
        return isPositive.map { .lookahead(inner, isPositive: $0) } ?? inner
    }

    /// What stands between `(?` and the group's content. False for `(?i)`, which holds to the end of the group around.
    private mutating func groupStart() throws(PatternError) -> Bool {
        if current == ">" { throw fault("atomic groups are not supported") }
        if take("<") {
            if current == "=" || current == "!" { throw fault("look-behind is not supported") }
            while let scalar = current, scalar != ">" {
                guard ScalarSet.isWord(scalar, false) else { break }
                position += 1
            }
            guard take(">") else { throw fault("expected '>' after the group's name") }
            return true
        }
        var value = true
        while let letter = current, letter != ":", letter != ")" {
            if letter == "-" {
                value = false
            } else if !flags.set(letter, to: value) {
                throw fault("there is no flag '\(letter)'")
            }
            position += 1
        }
        if take(")") { return false }
        guard take(":") else { throw fault("the group is not closed: expected ')'") }
        return true
    }
}
