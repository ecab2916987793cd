/// A recursive-descent parser of Jayway's dialect: this file reads the steps of a path, its extensions filters and
/// literals.
struct PathParser {
    /// Where a path stands, which decides how it ends: on its own it runs to the end of the text, inside a filter or
    /// between the parentheses of a function it stops at a blank or an operator.
    enum Place { case alone, nested }

    var reader: PathReader
    private var depth = 0

    init(_ text: String) throws(JSONPathSyntaxError) {
        guard text.utf8.count <= PathLimits.textBytes else {
            throw JSONPathSyntaxError(message: "a path has at most \(PathLimits.textBytes) bytes", offset: 0)
        }
        reader = PathReader(text)
    }

    /// The whole text as one path.
    mutating func path() throws(JSONPathSyntaxError) -> PathQuery {
        try reader.expect("$", "at the start of a path")
        return PathQuery(origin: .root, segments: try segments(.alone))
    }

    /// A path inside a filter or a function's parentheses: from `$` the document, from `@` the value being tested.
    mutating func nestedQuery() throws(JSONPathSyntaxError) -> PathQuery {
        let origin: PathQuery.Origin = reader.current == "$" ? .root : .item
        reader.position += 1
        return PathQuery(origin: origin, segments: try segments(.nested))
    }

    /// Counts a level of nesting; the caller leaves it again with `leave()`.
    mutating func enter() throws(JSONPathSyntaxError) {
        guard depth < PathLimits.nesting else {
            throw reader.fault("filters and literals nest at most \(PathLimits.nesting) levels")
        }
        depth += 1
    }

    mutating func leave() { depth -= 1 }
}

// MARK: - Segments

extension PathParser {
    private mutating func segments(_ place: Place) throws(JSONPathSyntaxError) -> [PathSegment] {
        var segments: [PathSegment] = []
        while try segment(place, into: &segments) {
            guard segments.count <= PathLimits.segments else {
                throw reader.fault("a path has at most \(PathLimits.segments) steps")
            }
        }
        return segments
    }

    /// Reads one step, or two for `..`; false at the end of the path.
    private mutating func segment(_ place: Place, into segments: inout [PathSegment])
        throws(JSONPathSyntaxError) -> Bool
    {
        let afterBracket = !segments.isEmpty && reader.scalars[reader.position - 1] == "]"
        let start = reader.position
        if place == .alone { reader.skipBlanks() }
        switch reader.current {
        case ".":
            if reader.take("..") {
                segments.append(.descent)
            } else {
                reader.position += 1
            }
            segments.append(try segmentAfterDot(place))
        case "[": segments.append(try bracket())
        case nil: return false
        default:
            if place == .nested { return false }
            // Jayway reads `$[*]name` as `$[*].name`.
            guard afterBracket, start == reader.position else {
                throw reader.fault(
                    start == reader.position || segments.isEmpty
                        ? "expected '.' or '['\(reader.found)" : "a name with blanks is written in brackets: ['a b']")
            }
            segments.append(try segmentAfterDot(place))
        }
        return true
    }

    /// What may follow `.` and `..`: a bracket, `*`, a name, or a function.
    private mutating func segmentAfterDot(_ place: Place) throws(JSONPathSyntaxError) -> PathSegment {
        if reader.current == "[" { return try bracket() }
        if reader.current == "*", isEndOfName(place, offset: 1) {
            reader.position += 1
            return .wildcard
        }
        let start = reader.position
        let (name, isPlain) = try bareName(place)
        guard !name.isEmpty else { throw reader.fault("expected a name, '*' or '['\(reader.found)") }
        guard reader.current == "(" else { return .name(name, isPlain: isPlain) }
        return .function(try functionCall(name, at: start))
    }

    /// A name after a dot. ASL lets a backslash take away the meaning of the character after it, and `\uXXXX` stand for
    /// any character.
    private mutating func bareName(_ place: Place) throws(JSONPathSyntaxError) -> (name: String, isPlain: Bool) {
        var name = String.UnicodeScalarView()
        var isPlain = true
        while let scalar = reader.current, !isEndOfName(place, offset: 0) {
            reader.position += 1
            guard scalar == "\\" else {
                isPlain = isPlain && !"@,:?*".unicodeScalars.contains(scalar)
                name.append(scalar)
                continue
            }
            guard let escaped = reader.current else { throw reader.fault("the name ends after a backslash") }
            if escaped == "u", reader.peek(1)?.hexadecimalDigit != nil {
                name.append(try reader.unicodeEscape())
            } else {
                name.append(escaped)
                reader.position += 1
            }
        }
        if place == .alone, let stop = reader.current, "])".unicodeScalars.contains(stop) {
            throw reader.fault("unexpected '\(stop)' in a name; write the name in brackets and quotes")
        }
        return (String(name), isPlain)
    }

    private func isEndOfName(_ place: Place, offset: Int) -> Bool {
        guard let scalar = reader.peek(offset) else { return true }
        if scalar.isBlank || scalar.value < 0x20 { return true }
        switch scalar {
        case ".", "[", "]", "(", ")": return true
        case "<", ">", "=", "~", "!", ",": return place == .nested
        case "&", "|": return place == .nested && reader.peek(offset + 1) == scalar
        default: return false
        }
    }

    private mutating func functionCall(_ name: String, at start: Int) throws(JSONPathSyntaxError) -> FunctionCall {
        guard let function = PathFunction(rawValue: name) else {
            let names = PathFunction.allCases.map(\.rawValue).joined(separator: ", ")
            throw reader.fault("there is no function '\(name)'; there are \(names)", at: start)
        }
        try enter()
        defer { leave() }
        reader.position += 1
        var arguments: [FunctionCall.Argument] = []
        reader.skipBlanks()
        if !reader.take(")") {
            repeat {
                reader.skipBlanks()
                switch reader.current {
                case "$", "@": arguments.append(.query(try nestedQuery()))
                default: arguments.append(.literal(try literal()))
                }
                reader.skipBlanks()
            } while reader.take(",")
            try reader.expect(")", "after the arguments")
        }
        guard function != .index || arguments.count == 1 else {
            throw reader.fault("index() takes one argument, the place of the element", at: start)
        }
        return FunctionCall(function: function, arguments: arguments)
    }
}

// MARK: - Brackets

extension PathParser {
    private mutating func bracket() throws(JSONPathSyntaxError) -> PathSegment {
        var selectors: [PathSelector] = []
        reader.position += 1
        repeat {
            reader.skipBlanks()
            selectors.append(try selector())
            reader.skipBlanks()
        } while reader.take(",")
        try reader.expect("]", "at the end of the bracket")
        if selectors.count > 1 {
            let names = selectors.compactMap { if case .name(let name) = $0 { name } else { nil } }
            return names.count == selectors.count ? .names(names) : .union(selectors)
        }
        switch selectors[0] {
        case .name(let name): return .name(name, isPlain: true)
        case .index(let index): return .index(index)
        case .wildcard: return .wildcard
        case .filter(let filter): return .filter(filter)
        case .slice: return .union(selectors)
        }
    }

    private mutating func selector() throws(JSONPathSyntaxError) -> PathSelector {
        switch reader.current {
        case "'", "\"": return .name(try reader.quotedString())
        case ("0"..."9")?, "-", ":": return try indexOrSlice()
        case "?":
            reader.position += 1
            return .filter(try filter())
        case "*":
            reader.position += 1
            return .wildcard
        default:
            throw reader.fault("expected a name in quotes, an index, a slice, '*' or '?('\(reader.found)")
        }
    }

    private mutating func indexOrSlice() throws(JSONPathSyntaxError) -> PathSelector {
        let start = try optionalInteger()
        reader.skipBlanks()
        guard reader.take(":") else {
            guard let start else { throw reader.fault("expected an index") }
            return .index(start)
        }
        var slice = IndexSlice(start: start, end: try optionalInteger())
        reader.skipBlanks()
        if reader.take(":") { slice.step = try optionalInteger() ?? 1 }
        return .slice(slice)
    }

    private mutating func optionalInteger() throws(JSONPathSyntaxError) -> Int? {
        reader.skipBlanks()
        guard let scalar = reader.current, scalar == "-" || scalar.decimalDigit != nil else { return nil }
        return try reader.integer()
    }
}
