/// Why a regular expression is not one.
struct RegexFault: Error {
    let reason: String
}

/// Reads regular expressions as JavaScript does without the `u` flag.
struct RegexParser {
    private static let nestingLimit = 100

    private let units: [UInt16]
    private var position = 0
    private(set) var groupCount = 0
    private(set) var names: [String: Int] = [:]
    private var nesting = 0
    /// All groups there are, counted beforehand: `\5` is a reference only if there are as many.
    private let totalGroups: Int

    init(_ pattern: String) {
        units = Array(pattern.utf16)
        totalGroups = Self.countGroups(units)
    }

    mutating func parse() throws(RegexFault) -> RegexSyntax {
        let result = try alternatives()
        guard position == units.count else { throw RegexFault(reason: "unmatched ')'") }
        return result
    }

    private static func countGroups(_ units: [UInt16]) -> Int {
        var (count, inClass, place) = (0, false, 0)
        while place < units.count {
            switch units[place] {
            case .ascii("\\"): place += 1
            case .ascii("["): inClass = true
            case .ascii("]"): inClass = false
            case .ascii("(") where !inClass:
                let isPlain = place + 1 >= units.count || units[place + 1] != .ascii("?")
                let isNamed =
                    place + 3 < units.count && units[place + 2] == .ascii("<")
                    && units[place + 3] != .ascii("=") && units[place + 3] != .ascii("!")
                if isPlain || isNamed { count += 1 }
            default: break
            }
            place += 1
        }
        return count
    }

    // MARK: - Reading

    private func isAt(_ character: Character) -> Bool { position < units.count && units[position] == .ascii(character) }

    private mutating func take(_ text: String) -> Bool {
        let wanted = Array(text.utf16)
        guard units[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    private mutating func alternatives() throws(RegexFault) -> RegexSyntax {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Self.nestingLimit else { throw RegexFault(reason: "groups are nested too deep") }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(RegexFault) -> RegexSyntax {
        var terms: [RegexSyntax] = []
        while position < units.count, !isAt("|"), !isAt(")") {
            let firstGroup = groupCount + 1
            let term = try term()
            terms.append(try quantified(term, groups: firstGroup..<groupCount + 1))
        }
        return terms.count == 1 ? terms[0] : terms.isEmpty ? .empty : .sequence(terms)
    }

    private mutating func quantified(_ term: RegexSyntax, groups: Range<Int>) throws(RegexFault) -> RegexSyntax {
        let least: Int
        let most: Int?
        if take("*") {
            (least, most) = (0, nil)
        } else if take("+") {
            (least, most) = (1, nil)
        } else if take("?") {
            (least, most) = (0, 1)
        } else if let counts = counts() {
            (least, most) = counts
        } else {
            return term
        }
        switch term {
        case .lineStart, .lineEnd, .wordBoundary, .look(_, isBehind: true, _):
            throw RegexFault(reason: "nothing to repeat")
        default: break
        }
        if let most, most < least { throw RegexFault(reason: "numbers out of order in {} quantifier") }
        let isLazy = take("?")
        if isAt("*") || isAt("+") || isAt("?") { throw RegexFault(reason: "nothing to repeat") }
        return .repetition(term, least: least, most: most, isLazy: isLazy, groups: groups)
    }

    /// `{2}`, `{2,}` or `{2,5}`; anything else after a brace is text.
    private mutating func counts() -> (Int, Int?)? {
        let start = position
        guard take("{"), let least = digits() else {
            position = start
            return nil
        }
        if take("}") { return (least, least) }
        guard take(",") else {
            position = start
            return nil
        }
        if take("}") { return (least, nil) }
        guard let most = digits(), take("}") else {
            position = start
            return nil
        }
        return (least, most)
    }

    private mutating func digits() -> Int? {
        var value: Int?
        while position < units.count, (0x30...0x39).contains(units[position]) {
            value = min((value ?? 0) * 10 + Int(units[position] - 0x30), 1_000_000)
            position += 1
        }
        return value
    }

    private mutating func term() throws(RegexFault) -> RegexSyntax {
        let unit = units[position]
        position += 1
        switch unit {
        case .ascii("^"): return .lineStart
        case .ascii("$"): return .lineEnd
        case .ascii("."): return .any
        case .ascii("("): return try group()
        case .ascii("["): return .set(try set())
        case .ascii("\\"): return try escape()
        case .ascii("*"), .ascii("+"), .ascii("?"): throw RegexFault(reason: "nothing to repeat")
        case .ascii("{"):
            position -= 1
            if counts() != nil { throw RegexFault(reason: "nothing to repeat") }
            position += 1
            return .unit(unit)
        default: return .unit(unit)
        }
    }

    private mutating func group() throws(RegexFault) -> RegexSyntax {
        let result: RegexSyntax
        if take("?:") {
            result = try alternatives()
        } else if take("?=") {
            result = .look(try alternatives(), isBehind: false, isNegated: false)
        } else if take("?!") {
            result = .look(try alternatives(), isBehind: false, isNegated: true)
        } else if take("?<=") {
            result = .look(try alternatives(), isBehind: true, isNegated: false)
        } else if take("?<!") {
            result = .look(try alternatives(), isBehind: true, isNegated: true)
        } else {
            groupCount += 1
            let index = groupCount
            if take("?<") {
                let name = try groupName()
                guard names.updateValue(index, forKey: name) == nil else {
                    throw RegexFault(reason: "duplicate capture group name")
                }
            } else if isAt("?") {
                throw RegexFault(reason: "invalid group")
            }
            result = .group(try alternatives(), index: index)
        }
        guard take(")") else { throw RegexFault(reason: "unterminated group") }
        return result
    }

    private mutating func groupName() throws(RegexFault) -> String {
        guard let end = units[position...].firstIndex(of: .ascii(">")), end > position else {
            throw RegexFault(reason: "invalid capture group name")
        }
        let name = String(decoding: units[position..<end], as: UTF16.self)
        position = end + 1
        return name
    }
}

// MARK: - Escapes and sets

extension RegexParser {
    private mutating func escape() throws(RegexFault) -> RegexSyntax {
        guard position < units.count else { throw RegexFault(reason: "\\ at end of pattern") }
        let unit = units[position]
        switch unit {
        case .ascii("b"), .ascii("B"):
            position += 1
            return .wordBoundary(isNegated: unit == .ascii("B"))
        case .ascii("k") where !names.isEmpty || hasNamedGroups:
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

    private var hasNamedGroups: Bool {
        let text = String(decoding: units, as: UTF16.self)
        return text.indices.contains {
            text[$0...].hasPrefix("(?<") && !text[$0...].hasPrefix("(?<=") && !text[$0...].hasPrefix("(?<!")
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

    private mutating func set() throws(RegexFault) -> RegexSet {
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
