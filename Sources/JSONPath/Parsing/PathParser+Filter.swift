import JSONModel

/// Jayway's filter grammar:
///
///     any        = all { "||" all }
///     all        = test { "&&" test }
///     test       = "!" test | "(" any ")" | path | operand operator operand
///     operand    = path | literal | "/" pattern "/" flags
extension PathParser {
    /// From after the `?` to after the closing parenthesis. Jayway wants both parentheses, but they need not belong
    /// together: `[?(@.a) || (@.b)]` is a filter.
    mutating func filter() throws(JSONPathSyntaxError) -> FilterExpression {
        reader.skipBlanks()
        guard reader.current == "(" else {
            throw reader.fault("expected '(' after '?'\(reader.found)")
        }
        try enter()
        defer { leave() }
        let expression = try any()
        guard reader.scalars[reader.position - 1] == ")" else {
            throw reader.fault("expected ')' at the end of the filter\(reader.found)")
        }
        return expression
    }

    private mutating func any() throws(JSONPathSyntaxError) -> FilterExpression {
        var operands = [try all()]
        while takeAfterBlanks("||") { operands.append(try all()) }
        return operands.count == 1 ? operands[0] : .any(operands)
    }

    private mutating func all() throws(JSONPathSyntaxError) -> FilterExpression {
        var operands = [try test()]
        while takeAfterBlanks("&&") { operands.append(try test()) }
        return operands.count == 1 ? operands[0] : .all(operands)
    }

    /// Leaves the blanks alone when the token isn't there.
    private mutating func takeAfterBlanks(_ token: String) -> Bool {
        let start = reader.position
        reader.skipBlanks()
        if reader.take(token) { return true }
        reader.position = start
        return false
    }

    private mutating func test() throws(JSONPathSyntaxError) -> FilterExpression {
        try enter()
        defer { leave() }
        reader.skipBlanks()
        switch reader.current {
        case "!":
            reader.position += 1
            return .not(try negatedTest())
        case "(":
            reader.position += 1
            let expression = try any()
            reader.skipBlanks()
            try reader.expect(")", "at the end of the group")
            return expression
        default: return try comparisonOrExistence()
        }
    }

    private mutating func negatedTest() throws(JSONPathSyntaxError) -> FilterExpression {
        let start = reader.position
        let inner = try test()
        if case .comparison = inner, reader.scalars[start...].first(where: { !$0.isBlank }) != "(" {
            throw reader.fault("'!' stands before a path or before parentheses: !(...)", at: start - 1)
        }
        return inner
    }

    private mutating func comparisonOrExistence() throws(JSONPathSyntaxError) -> FilterExpression {
        let start = reader.position
        let left = try operand()
        let end = reader.position
        reader.skipBlanks()
        guard let comparison = try comparisonOperator() else {
            guard case .query(let query) = left else {
                throw reader.fault("a literal alone is no condition; compare it with something", at: start)
            }
            reader.position = end
            return .exists(query)
        }
        reader.skipBlanks()
        return .comparison(left, comparison, try operand())
    }

    private mutating func comparisonOperator() throws(JSONPathSyntaxError) -> FilterOperator? {
        switch reader.current {
        case "=", "!", "<", ">": return try symbolOperator()
        case ("a"..."z")?, ("A"..."Z")?:
            let start = reader.position
            while let scalar = reader.current, scalar.properties.isAlphabetic { reader.position += 1 }
            let word = reader.text(from: start)
            guard let comparison = FilterOperator(rawValue: word.lowercased()) else {
                throw reader.fault("there is no operator '\(word)'", at: start)
            }
            return comparison
        default: return nil
        }
    }

    private mutating func symbolOperator() throws(JSONPathSyntaxError) -> FilterOperator {
        let start = reader.position
        while let scalar = reader.current, "=!<>~".unicodeScalars.contains(scalar) { reader.position += 1 }
        let symbol = reader.text(from: start)
        switch symbol {
        // Of one type and equal; here nothing of another type is ever equal.
        case "===": return .equal
        case "!==": return .notEqual
        default:
            guard let comparison = FilterOperator(rawValue: symbol) else {
                throw reader.fault("there is no operator '\(symbol)'", at: start)
            }
            return comparison
        }
    }

    private mutating func operand() throws(JSONPathSyntaxError) -> FilterOperand {
        switch reader.current {
        case "$", "@": .query(try nestedQuery())
        case "/": .pattern(try pattern())
        default: .literal(try literal())
        }
    }

    /// `/pattern/flags`, where `\/` stands for a slash.
    private mutating func pattern() throws(JSONPathSyntaxError) -> Pattern {
        reader.position += 1
        let start = reader.position
        while let scalar = reader.current, scalar != "/" { reader.position += scalar == "\\" ? 2 : 1 }
        guard !reader.isAtEnd else { throw reader.fault("the pattern is not closed: expected /", at: start - 1) }
        let text = reader.scalars[start..<reader.position]
        reader.position += 1
        let flagsStart = reader.position
        while let scalar = reader.current, scalar.properties.isAlphabetic { reader.position += 1 }
        do throws(PatternError) {
            return try Pattern(text, flags: reader.scalars[flagsStart..<reader.position])
        } catch {
            throw reader.fault("in the pattern: \(error.message)", at: error.position)
        }
    }
}
