/// Why a regular expression is not one.
struct RegexFault: Error {
    let reason: String
}

/// Reads regular expressions as JavaScript does without the `u` flag.
struct RegexParser {
    private static let nestingLimit = 100

    let units: [UInt16]
    var position = 0
    private(set) var groupCount = 0
    private(set) var names: [String: Int] = [:]
    private var nesting = 0
    /// All groups there are, counted beforehand: `\5` is a reference only if there are as many, and `\k` only if one
    /// of them has a name.
    let totalGroups: Int
    let hasNames: Bool

    init(_ pattern: String) {
        units = Array(pattern.utf16)
        (totalGroups, hasNames) = Self.groups(in: units)
    }

    mutating func parse() throws(RegexFault) -> RegexSyntax {
        let result = try alternatives()
        guard position == units.count else { throw RegexFault(reason: "unmatched ')'") }
        return result
    }

    private static func groups(in units: [UInt16]) -> (count: Int, hasNames: Bool) {
        var (count, hasNames, inClass, place) = (0, false, false, 0)
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
                hasNames = hasNames || isNamed && !isPlain
            default: break
            }
            place += 1
        }
        return (count, hasNames)
    }

    // MARK: - Reading

    func isAt(_ character: Character) -> Bool { position < units.count && units[position] == .ascii(character) }

    mutating func take(_ text: String) -> Bool {
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

    mutating func digits() -> Int? {
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
            // Wrapped, since a group of an assertion may be repeated and the assertion itself may not.
            result = .sequence([try alternatives()])
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

    mutating func groupName() throws(RegexFault) -> String {
        guard let end = units[position...].firstIndex(of: .ascii(">")), end > position else {
            throw RegexFault(reason: "invalid capture group name")
        }
        let name = String(decoding: units[position..<end], as: UTF16.self)
        position = end + 1
        return name
    }
}
