/// Types of values, by the letters of a signature; `m` stands for an undefined argument.
struct TypeSet: OptionSet, Sendable {
    let rawValue: UInt16

    static let array = TypeSet(rawValue: 1)
    static let string = TypeSet(rawValue: 2)
    static let number = TypeSet(rawValue: 4)
    static let boolean = TypeSet(rawValue: 8)
    static let null = TypeSet(rawValue: 16)
    static let function = TypeSet(rawValue: 32)
    static let object = TypeSet(rawValue: 64)
    static let missing = TypeSet(rawValue: 128)
}

extension TypeSet {
    private static let byLetter: [Character: TypeSet] = [
        "a": .array, "s": .string, "n": .number, "b": .boolean, "l": .null, "f": .function, "o": .object, "m": .missing,
    ]

    init(letters: some Sequence<Character>) {
        self = letters.reduce(into: []) { $0.formUnion(Self.byLetter[$1] ?? []) }
    }
}

/// A function's signature, `<s-n?:s>`: checks arguments, wraps single values where an array is expected and supplies
/// the context for what is missing.
struct Signature: Sendable {
    struct Parameter: Sendable {
        var type: Character
        var fits: TypeSet
        /// For an array: the type of its elements.
        var subtype: String?
        var isOptional = false
        var isRepeated = false
        var takesContext = false
    }

    struct Fault: Error {
        let code: String
        /// Characters from the start of the signature.
        let offset: Int
    }

    private(set) var parameters: [Parameter] = []

    /// What `|…|…|` makes: it takes an object or an array.
    static let transform = Signature(parameters: [Parameter(type: "(", fits: TypeSet(letters: "oam"))])

    private init(parameters: [Parameter]) { self.parameters = parameters }

    /// Reads `<…>`; the type after `:` is not checked.
    init(parsing text: String) throws(Fault) {
        let symbols = Array(text)
        var place = 1
        while place < symbols.count, symbols[place] != ":" {
            switch symbols[place] {
            case "s", "n", "b", "l", "o": add(symbols[place], fits: "\(symbols[place])m")
            case "a", "x": add(symbols[place], fits: "asnblfom")
            case "f": add("f", fits: "f")
            case "j": add("j", fits: "asnblom")
            case "-":
                change {
                    $0.takesContext = true; $0.isOptional = true
                }
            case "?": change { $0.isOptional = true }
            case "+": change { $0.isRepeated = true }
            case "(":
                let end = Self.closing(symbols, from: place, "(", ")")
                let choice = String(symbols[min(place + 1, end)..<end])
                if choice.contains("<") { throw Fault(code: "S0402", offset: place) }
                add("(", fits: choice + "m")
                place = end
            case "<":
                guard let last = parameters.last, last.type == "a" || last.type == "f" else {
                    throw Fault(code: "S0401", offset: place)
                }
                let end = Self.closing(symbols, from: place, "<", ">")
                change { $0.subtype = String(symbols[min(place + 1, end)..<end]) }
                place = end
            default: break
            }
            place += 1
        }
    }

    mutating func keepFirst(_ count: Int) { parameters.removeLast(parameters.count - count) }

    private mutating func add(_ type: Character, fits symbols: String) {
        parameters.append(Parameter(type: type, fits: TypeSet(letters: symbols)))
    }

    private mutating func change(_ body: (inout Parameter) -> Void) {
        guard !parameters.isEmpty else { return }
        body(&parameters[parameters.count - 1])
    }

    /// The place of the bracket that closes the one at `start`, or the end.
    private static func closing(_ text: [Character], from start: Int, _ open: Character, _ close: Character) -> Int {
        var depth = 1
        var place = start
        while place < text.count {
            place += 1
            guard place < text.count else { break }
            if text[place] == close {
                depth -= 1
                if depth == 0 { return place }
            } else if text[place] == open {
                depth += 1
            }
        }
        return text.count
    }
}
