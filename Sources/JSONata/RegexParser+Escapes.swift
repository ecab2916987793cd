// Escapes and sets.
extension RegexParser {
    mutating func escape() throws(RegexFault) -> RegexSyntax {
        guard position < units.count else { throw RegexFault(reason: "\\ at end of pattern") }
        let unit = units[position]
        switch unit {
        case .ascii("b"), .ascii("B"):
            position += 1
            return .wordBoundary(isNegated: unit == .ascii("B"))
        case .ascii("k") where hasNames:
            position += 1
            guard take("<") else { throw RegexFault(reason: "invalid named reference") }
            return .namedBackreference(try groupName())
        case .ascii("1")...(.ascii("9")):
            let start = position
            if let number = digits(), number <= totalGroups { return .backreference(number) }
            position = start
            return .unit(try unitEscape())
        default:
            if let set = classEscape() { return .set(set) }
            return .unit(try unitEscape())
        }
    }

    private mutating func classEscape() -> RegexSet? {
        let set: RegexSet
        switch units[position] {
        case .ascii("d"): set = .digits
        case .ascii("D"): set = RegexSet.digits.negated()
        case .ascii("w"): set = .wordUnits
        case .ascii("W"): set = RegexSet.wordUnits.negated()
        case .ascii("s"): set = .blanks
        case .ascii("S"): set = RegexSet.blanks.negated()
        default: return nil
        }
        position += 1
        return set
    }

    private mutating func unitEscape() throws(RegexFault) -> UInt16 {
        let unit = units[position]
        position += 1
        switch unit {
        case .ascii("t"): return 0x09
        case .ascii("n"): return 0x0A
        case .ascii("v"): return 0x0B
        case .ascii("f"): return 0x0C
        case .ascii("r"): return 0x0D
        case .ascii("c"):
            guard position < units.count, let letter = Unicode.Scalar(units[position]), letter.isASCII,
                Character(letter).isLetter
            else {
                position -= 1
                return .ascii("\\")
            }
            position += 1
            return UInt16(letter.value % 32)
        case .ascii("x"): return hexadecimal(2) ?? unit
        case .ascii("u"): return hexadecimal(4) ?? unit
        case .ascii("0")...(.ascii("7")): return octal(from: unit)
        default: return unit
        }
    }

    private mutating func hexadecimal(_ count: Int) -> UInt16? {
        guard position + count <= units.count else { return nil }
        let digits = String(decoding: units[position..<position + count], as: UTF16.self)
        guard digits.allSatisfy(\.isHexDigit), let value = UInt16(digits, radix: 16) else { return nil }
        position += count
        return value
    }

    private mutating func octal(from first: UInt16) -> UInt16 {
        var value = first - 0x30
        while position < units.count, (0x30...0x37).contains(units[position]), value * 8 + units[position] - 0x30 <= 255
        {
            value = value * 8 + units[position] - 0x30
            position += 1
        }
        return value
    }

    mutating func set() throws(RegexFault) -> RegexSet {
        var set = RegexSet()
        let isNegated = take("^")
        while !isAt("]") {
            guard position < units.count else { throw RegexFault(reason: "unterminated character class") }
            let first = try setMember(&set)
            guard isAt("-"), position + 1 < units.count, units[position + 1] != .ascii("]") else {
                if let first { set.insert(first...first) }
                continue
            }
            position += 1
            let last = try setMember(&set)
            guard let first, let last else {
                for unit in [first, .ascii("-"), last] { if let unit { set.insert(unit...unit) } }
                continue
            }
            guard first <= last else { throw RegexFault(reason: "range out of order in character class") }
            set.insert(first...last)
        }
        position += 1
        set.isNegated = isNegated
        return set
    }

    /// One member of a set: its unit, or nil after a class like `\d` was put into the set.
    private mutating func setMember(_ set: inout RegexSet) throws(RegexFault) -> UInt16? {
        guard isAt("\\") else {
            position += 1
            return units[position - 1]
        }
        position += 1
        guard position < units.count else { throw RegexFault(reason: "\\ at end of pattern") }
        if isAt("b") {
            position += 1
            return 0x08
        }
        if let inner = classEscape() {
            set.formUnion(inner)
            return nil
        }
        return try unitEscape()
    }
}

extension UInt16 {
    /// The code unit of an ASCII character.
    static func ascii(_ character: Character) -> UInt16 { UInt16(character.asciiValue ?? 0) }
}
