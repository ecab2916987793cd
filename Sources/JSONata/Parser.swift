/// A Pratt parser for JSONata. Binding powers and error codes are the reference's.
struct Parser {
    /// Everything after the parser recurses over the tree.
    static let heightLimit = 400

    private var lexer: Lexer
    private(set) var current = Token(kind: .end, position: 0)
    private var nesting = 0
    private let stack = StackGuard()

    private static let bindingPowers: [String: Int] = [
        ".": 75, "[": 80, "{": 70, "(": 80, "@": 80, "#": 80, "?": 20, "+": 50, "-": 50, "*": 60, "/": 60, "%": 60,
        "=": 40, "<": 40, ">": 40, "^": 40, ":=": 10, "!=": 40, "<=": 40, ">=": 40, "~>": 40, "and": 30, "or": 25,
        "in": 40, "&": 50,
    ]

    private static let known: Set<String> = Set(bindingPowers.keys).union([
        "]", "}", ")", ",", ";", ":", "|", "..", "**", "(end)",
    ])

    init(_ text: String) { lexer = Lexer(text) }

    mutating func parse() throws(JSONataError) -> Draft {
        try advance()
        let tree = try expression(0)
        guard current.kind == .end else {
            throw .make("S0201", position: current.position, token: current.text)
        }
        return tree
    }

    // MARK: - Tokens

    mutating func advance(infix: Bool = false) throws(JSONataError) {
        let token = try lexer.next(infix: infix)
        if let symbol = token.symbol, !Self.known.contains(symbol) {
            throw .make("S0204", position: token.position, token: symbol)
        }
        current = token
    }

    mutating func expect(_ symbol: String, infix: Bool = false) throws(JSONataError) {
        guard current.symbol == symbol else {
            let code = current.kind == .end ? "S0203" : "S0202"
            throw .make(code, position: current.position, token: current.text, value: "\"\(symbol)\"")
        }
        try advance(infix: infix)
    }

    /// Takes the token if it is this one.
    mutating func take(_ symbol: String) throws(JSONataError) -> Bool {
        guard current.symbol == symbol else { return false }
        try advance()
        return true
    }

    func isAt(_ symbol: String) -> Bool { current.symbol == symbol }

    // MARK: - Expressions

    mutating func expression(_ power: Int) throws(JSONataError) -> Draft {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Self.heightLimit, !stack.isExhausted else { throw Self.tooDeep(at: current.position) }
        let first = current
        try advance(infix: true)
        var left = try prefix(first)
        while power < bindingPower(of: current) {
            let operation = current
            try advance()
            left = try infix(operation, left)
            guard left.height <= Self.heightLimit else { throw Self.tooDeep(at: operation.position) }
        }
        return left
    }

    static func tooDeep(at position: Int) -> JSONataError {
        .make("S0501", position: position, value: String(heightLimit))
    }

    private func bindingPower(of token: Token) -> Int { token.symbol.flatMap { Self.bindingPowers[$0] } ?? 0 }

    private mutating func prefix(_ token: Token) throws(JSONataError) -> Draft {
        let position = token.position
        switch token.kind {
        case .name(let name): return Draft(.name(name), at: position)
        case .variable(let name): return Draft(.variable(name), at: position)
        case .string(let value): return Draft(.string(value), at: position)
        case .number(let value): return Draft(.number(value), at: position)
        case .bool(let value): return Draft(.bool(value), at: position)
        case .null: return Draft(.null, at: position)
        case .regex(let pattern, let ignoresCase, let isMultiline):
            return Draft(
                .regex(pattern: pattern, ignoresCase: ignoresCase, isMultiline: isMultiline), at: position)
        // What is missing may be noticed first by a bracket that is not closed; else the analyzer reports it.
        case .end: return Draft(.end, at: position)
        case .operation(let symbol): return try prefix(symbol, at: position)
        }
    }

    private mutating func prefix(_ symbol: String, at position: Int) throws(JSONataError) -> Draft {
        switch symbol {
        case "and", "or", "in": return Draft(.word(symbol), at: position)
        case "*": return Draft(.wildcard, at: position)
        case "**": return Draft(.descendants, at: position)
        case "%": return Draft(.parent, at: position)
        case "-":
            let operand = try expression(70)
            return Draft(.negation(operand), at: position, over: [operand])
        case "(": return try block(at: position)
        case "[": return try arrayConstructor(at: position)
        case "{":
            let pairs = try objectPairs()
            return Draft(.object(pairs), at: position, over: pairs.flatMap { [$0, $1] })
        case "|": return try transform(at: position)
        default: throw .make("S0211", position: position, token: symbol)
        }
    }

    private mutating func infix(_ token: Token, _ left: Draft) throws(JSONataError) -> Draft {
        let position = token.position
        let symbol = token.symbol ?? ""
        switch symbol {
        case "(": return try call(left, at: position)
        case "[": return try predicate(left, at: position)
        case "{":
            let pairs = try objectPairs()
            return Draft(.group(left, pairs), at: position, over: [left] + pairs.flatMap { [$0, $1] })
        case "^": return try orderBy(left, at: position)
        case ":=":
            guard case .variable = left.kind else {
                throw .make("S0212", position: left.position, token: left.typeName)
            }
            let right = try expression(9)
            return Draft(.binary(symbol, left, right), at: position, over: [left, right])
        case "@", "#":
            let right = try expression(80)
            guard case .variable = right.kind else {
                throw .make("S0214", position: right.position, token: symbol)
            }
            return Draft(.binary(symbol, left, right), at: position, over: [left, right])
        case "?": return try condition(left, at: position)
        default:
            let right = try expression(Self.bindingPowers[symbol] ?? 0)
            return Draft(.binary(symbol, left, right), at: position, over: [left, right])
        }
    }
}
