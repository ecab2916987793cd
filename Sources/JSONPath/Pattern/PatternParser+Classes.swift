/// Escapes, and what stands in square brackets.
extension PatternParser {
    /// From after the backslash.
    mutating func escape() throws(PatternError) -> PatternNode {
        switch current {
        case "b", "B":
            position += 1
            return .assertion(.wordBoundary(isWanted: scalars[position - 1] == "b"))
        case "A":
            position += 1
            return .assertion(.start)
        case "Z":
            position += 1
            return .assertion(.end)
        case "z":
            position += 1
            return .assertion(.veryEnd)
        case ("1"..."9")?, "k": throw fault("back-references are not supported")
        default: return .set(folded(try escapedSet()))
        }
    }

    /// An escape that stands for one character or a class, from after the backslash.
    private mutating func escapedSet() throws(PatternError) -> ScalarSet {
        guard let letter = current else { throw fault("the pattern ends after a backslash") }
        position += 1
        let isUnicode = flags.hasUnicodeClasses
        switch letter {
        case "d": return .digit(isUnicode: isUnicode)
        case "D": return .inverted(.digit(isUnicode: isUnicode))
        case "w": return .word(isUnicode: isUnicode)
        case "W": return .inverted(.word(isUnicode: isUnicode))
        case "s": return .space(isUnicode: isUnicode)
        case "S": return .inverted(.space(isUnicode: isUnicode))
        case "h": return Self.horizontalBlank
        case "H": return .inverted(Self.horizontalBlank)
        case "p": return .property(try property())
        case "P": return .inverted(.property(try property()))
        default:
            position -= 1
            return .one(try escapedScalar())
        }
    }

    private static let horizontalBlank = ScalarSet.union([
        .one(" "), .one("\t"), .one("\u{A0}"), .one("\u{1680}"), .one("\u{180E}"), .range("\u{2000}"..."\u{200A}"),
        .one("\u{202F}"), .one("\u{205F}"), .one("\u{3000}"),
    ])

    private mutating func escapedScalar() throws(PatternError) -> Unicode.Scalar {
        guard let letter = current else { throw fault("the pattern ends after a backslash") }
        position += 1
        switch letter {
        case "t": return "\t"
        case "n": return "\n"
        case "r": return "\r"
        case "f": return "\u{C}"
        case "a": return "\u{7}"
        case "e": return "\u{1B}"
        case "x": return take("{") ? try hexadecimal(closedBy: "}") : try hexadecimal(digits: 2)
        case "u": return try hexadecimal(digits: 4)
        case "a"..."z", "A"..."Z", "0"..."9":
            position -= 1
            throw fault("there is no escape '\\\(letter)'")
        default: return letter
        }
    }

    private mutating func hexadecimal(digits: Int) throws(PatternError) -> Unicode.Scalar {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let digit = current?.hexadecimalDigit else { throw fault("expected \(digits) hexadecimal digits") }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        guard let scalar = Unicode.Scalar(value) else { throw fault("half of a surrogate pair is not a character") }
        return scalar
    }

    private mutating func hexadecimal(closedBy end: String) throws(PatternError) -> Unicode.Scalar {
        var value: UInt32 = 0
        while let digit = current?.hexadecimalDigit, value <= 0x10FFFF {
            value = value << 4 | UInt32(digit)
            position += 1
        }
        guard take(end), let scalar = Unicode.Scalar(value) else {
            throw fault("expected the number of a character in hexadecimal digits and '\(end)'")
        }
        return scalar
    }

    private mutating func property() throws(PatternError) -> ScalarProperty {
        var name = String.UnicodeScalarView()
        if take("{") {
            while let scalar = current, scalar != "}" {
                name.append(scalar)
                position += 1
            }
            guard take("}") else { throw fault("expected '}' after the property's name") }
        } else if let scalar = current {
            name.append(scalar)
            position += 1
        }
        guard let property = ScalarProperty(named: String(name)) else {
            throw fault("there is no character property '\(String(name))'")
        }
        return property
    }

    /// From after the opening bracket to after the closing one. A bracket inside adds its characters, `&&` keeps only
    /// what is on both its sides.
    mutating func characterClass(depth: Int = 0) throws(PatternError) -> ScalarSet {
        guard depth < 16 else { throw fault("character classes nest at most 16 levels") }
        let isInverted = take("^")
        var intersected: [ScalarSet] = []
        var items: [ScalarSet] = []
        var isFirst = true
        while isFirst || current != "]" {
            guard current != nil else { throw fault("the character class is not closed: expected ']'") }
            if take("[") {
                items.append(try characterClass(depth: depth + 1))
            } else if take("&&") {
                intersected.append(.union(items))
                items = []
            } else {
                items.append(try classItem())
            }
            isFirst = false
        }
        position += 1
        let set = intersected.isEmpty ? ScalarSet.union(items) : .intersection(intersected + [.union(items)])
        return isInverted ? .inverted(set) : set
    }

    private mutating func classItem() throws(PatternError) -> ScalarSet {
        let first = try classAtom()
        guard case .one(let lower) = first, current == "-", position + 1 < scalars.endIndex,
            scalars[position + 1] != "]", scalars[position + 1] != "["
        else { return first }
        position += 1
        guard case .one(let upper) = try classAtom(), lower <= upper else {
            throw fault("a range goes from a lower to a higher character")
        }
        return .range(lower...upper)
    }

    private mutating func classAtom() throws(PatternError) -> ScalarSet {
        guard let scalar = current else { throw fault("the character class is not closed: expected ']'") }
        position += 1
        return scalar == "\\" ? try escapedSet() : .one(scalar)
    }
}
