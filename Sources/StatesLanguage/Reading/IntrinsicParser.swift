import JSONModel

/// Why a text is not a path or an intrinsic function call, and where.
package struct PathSyntaxError: Error, Equatable, CustomStringConvertible {
    package var message: String
    /// Unicode scalars before the fault.
    package var offset: Int

    package init(message: String, offset: Int) {
        self.message = message
        self.offset = offset
    }

    package var description: String { "\(message) (at character \(offset + 1))" }
}

extension IntrinsicCall {
    /// Parses a call such as `States.Format('{} of {}', $.done, States.ArrayLength($.all))`.
    ///
    /// The name, the number of arguments and the types of literal arguments are checked.
    /// - Throws: `PathSyntaxError` with the place of the first fault.
    package init(parsing text: String) throws(PathSyntaxError) {
        var parser = IntrinsicParser(text)
        self = try parser.document()
    }
}

/// Recursive descent over the characters of one call; `maximumDepth` bounds it.
struct IntrinsicParser {
    /// AWS allows ten nested calls.
    static let maximumDepth = 10

    private let characters: [Character]
    private var position = 0

    init(_ text: String) { characters = Array(text) }

    mutating func document() throws(PathSyntaxError) -> IntrinsicCall {
        let call = try call(depth: 1)
        skipBlanks()
        guard position == characters.count else { throw fault("unexpected text after the function call") }
        return call
    }

    private mutating func call(depth: Int) throws(PathSyntaxError) -> IntrinsicCall {
        guard depth <= Self.maximumDepth else { throw fault("calls are nested deeper than \(Self.maximumDepth)") }
        let start = position
        let name = takeWhile { $0.isLetter || $0.isNumber || $0 == "." }
        guard let function = IntrinsicFunction(rawValue: name) else { throw unknownFunction(name, at: start) }
        guard take("(") else { throw fault("expected '(' after \(name)") }
        var arguments: [Template] = []
        skipBlanks()
        if !take(")") {
            repeat {
                skipBlanks()
                let place = position
                let argument = try argument(depth: depth, keepsBraces: function == .format && arguments.isEmpty)
                try check(argument, number: arguments.count, of: function, at: place)
                arguments.append(argument)
                skipBlanks()
            } while take(",")
            guard take(")") else { throw fault("expected ',' or ')' in the arguments of \(name)") }
        }
        guard function.arity.contains(arguments.count) else {
            throw PathSyntaxError(
                message: "\(name) takes \(counted(function.arity)), not \(arguments.count)",
                offset: scalars(before: start))
        }
        return IntrinsicCall(name: name, arguments: arguments, text: String(characters[start..<position]))
    }

    private func unknownFunction(_ name: String, at place: Int) -> PathSyntaxError {
        let similar = closest(to: name, among: IntrinsicFunction.allCases.map(\.rawValue))
        let message =
            name.isEmpty
            ? "expected a path that starts with '$' or a function call that starts with 'States.'"
            : "'\(name)' is not an intrinsic function" + (similar.map { "; did you mean '\($0)'?" } ?? "")
        return PathSyntaxError(message: message, offset: scalars(before: place))
    }

    private func counted(_ arity: ClosedRange<Int>) -> String {
        if arity.upperBound == Int.max { return "\(arity.lowerBound) or more arguments" }
        if arity.lowerBound < arity.upperBound { return "\(arity.lowerBound) to \(arity.upperBound) arguments" }
        return arity.lowerBound == 1 ? "1 argument" : "\(arity.lowerBound) arguments"
    }

    private func check(
        _ argument: Template, number: Int, of function: IntrinsicFunction, at place: Int
    ) throws(PathSyntaxError) {
        guard case .literal(let value) = argument, function.parameters.indices.contains(number) else { return }
        let expected = function.parameters[number]
        let fits =
            switch expected {
            case .any: true
            case .string: value.stringValue != nil
            case .number: value.doubleValue != nil
            case .boolean: value.boolValue != nil
            case .array, .object: false
            }
        guard fits else {
            throw PathSyntaxError(
                message: "argument \(number + 1) of \(function.rawValue) must be \(expected.rawValue)",
                offset: scalars(before: place))
        }
    }

    // MARK: Arguments

    private mutating func argument(depth: Int, keepsBraces: Bool) throws(PathSyntaxError) -> Template {
        guard position < characters.count else { throw fault("the function call has no end") }
        switch characters[position] {
        case "'": return .literal(.string(try string(keepsBraces: keepsBraces)))
        case "$": return .path(try path())
        case "-", "0"..."9": return .literal(try number())
        default: break
        }
        for (word, value) in [("null", JSONValue.null), ("true", .bool(true)), ("false", .bool(false))]
        where isAtWord(word) {
            position += word.count
            return .literal(value)
        }
        return .intrinsic(try call(depth: depth + 1))
    }

    /// A literal in apostrophes. `keepsBraces` leaves `\{`, `\}` and `\\` as they are for `States.Format`, which has to
    /// tell an escaped brace from a place-holder.
    private mutating func string(keepsBraces: Bool) throws(PathSyntaxError) -> String {
        let start = position
        position += 1
        var text = ""
        while position < characters.count {
            let character = characters[position]
            position += 1
            if character == "'" { return text }
            guard character == "\\" else {
                text.append(character)
                continue
            }
            guard position < characters.count, "'{}\\".contains(characters[position]) else {
                position -= 1
                throw fault("only \\', \\{, \\} and \\\\ may follow a backslash")
            }
            if keepsBraces && characters[position] != "'" { text.append("\\") }
            text.append(characters[position])
            position += 1
        }
        position = start
        throw fault("the string has no closing apostrophe")
    }

    private mutating func number() throws(PathSyntaxError) -> JSONValue {
        let start = position
        let text = takeWhile { "+-.0123456789eE".contains($0) }
        do { return try JSONValue(parsing: text) } catch {
            position = start
            throw fault("'\(text)' is not a number")
        }
    }

    /// A path ends at a comma or a closing parenthesis outside its brackets and quotes.
    private mutating func path() throws(PathSyntaxError) -> Path {
        let start = position
        var open = 0
        var quote: Character?
        scan: while position < characters.count {
            let character = characters[position]
            if let opened = quote {
                if character == "\\" { position += 1 } else if character == opened { quote = nil }
            } else {
                switch character {
                case "'", "\"": quote = character
                case "[", "(": open += 1
                case "]": open -= 1
                case ")" where open > 0: open -= 1
                case ")", ",":
                    if open <= 0 { break scan }
                default: break
                }
            }
            position += 1
        }
        position = min(position, characters.count)
        let text = String(characters[start..<position])
        let trimmed = String(text.reversed().drop { $0 == " " }.reversed())
        do { return try Path(parsing: trimmed) } catch {
            throw PathSyntaxError(message: error.message, offset: scalars(before: start) + error.offset)
        }
    }

    // MARK: Characters

    private func isAtWord(_ word: String) -> Bool {
        let end = position + word.count
        guard end <= characters.count, characters[position..<end].elementsEqual(word) else { return false }
        return end == characters.count || !(characters[end].isLetter || characters[end].isNumber)
    }

    private mutating func skipBlanks() { _ = takeWhile { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r" } }

    private mutating func takeWhile(_ belongs: (Character) -> Bool) -> String {
        let start = position
        while position < characters.count, belongs(characters[position]) { position += 1 }
        return String(characters[start..<position])
    }

    private mutating func take(_ character: Character) -> Bool {
        guard position < characters.count, characters[position] == character else { return false }
        position += 1
        return true
    }

    private func fault(_ message: String) -> PathSyntaxError {
        PathSyntaxError(message: message, offset: scalars(before: position))
    }

    private func scalars(before place: Int) -> Int {
        characters[..<place].reduce(0) { $0 + $1.unicodeScalars.count }
    }
}
