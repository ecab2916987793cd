package import JSONModel

/// A document as it was written: its value, and where in the text everything stands.
package struct SourceDocument: Sendable {
    /// Where a value stands, and its name if it is a member of an object.
    struct Place: Sendable {
        var key: SourcePosition?
        var value: SourcePosition
        /// Whether the value is a scalar whose characters have places of their own: a JSON string, any scalar of YAML.
        var isText = false
    }

    /// What a document may not exceed.
    package struct Limits: Sendable {
        /// Bytes of the text.
        package var bytes: Int
        /// Nested arrays and objects.
        package var depth: Int
        /// Values after aliases have been expanded.
        package var nodes: Int

        package init(bytes: Int = 1 << 20, depth: Int = 256, nodes: Int = 1_000_000) {
            self.bytes = bytes
            self.depth = depth
            self.nodes = nodes
        }
    }

    /// What a reader makes of a text.
    struct Parts {
        var value: JSONValue
        var places: [String: Place]
        /// Faults that leave a value: names that occur twice, of which the last counts.
        var faults: [SourceFault]
    }

    package let value: JSONValue
    package let file: String?
    package let text: String
    /// By JSON pointer.
    let places: [String: Place]
    private let isYAML: Bool
    private let source: SourceText

    init(value: JSONValue, file: String?, text: String, places: [String: Place], isYAML: Bool) {
        self.value = value
        self.file = file
        self.text = text
        self.places = places
        self.isYAML = isYAML
        source = SourceText(text, isYAML: isYAML)
    }

    /// A value without a text, and so without places.
    init(value: JSONValue) {
        self.init(value: value, file: nil, text: "", places: [:], isYAML: false)
    }

    /// Reads YAML 1.2 (core schema) or JSON. A file whose name ends in `.json` must be JSON; any other text may be
    /// either.
    /// - Returns: no document if there is an error; the diagnostics are in the order of their places.
    package static func read(_ text: String, file: String?) -> (SourceDocument?, [Diagnostic]) {
        read(text, file: file, limits: Limits())
    }

    package static func read(_ text: String, file: String?, limits: Limits) -> (SourceDocument?, [Diagnostic]) {
        let (document, diagnostics) = readAsFarAsPossible(text, file: file, limits: limits)
        return (diagnostics.isEmpty ? document : nil, diagnostics)
    }

    /// Like `read`, but there may be both a document and diagnostics, so that more can be found in it.
    static func readAsFarAsPossible(
        _ text: String, file: String?, limits: Limits = Limits()
    ) -> (SourceDocument?, [Diagnostic]) {
        let text = withoutByteOrderMark(text)
        let result: Result<Parts, SourceFault>
        let isYAML = file?.hasSuffix(".json") != true && !looksLikeJSON(text, limits: limits)
        if text.utf8.count > limits.bytes {
            let message = "the document has \(text.utf8.count) bytes; the limit is \(limits.bytes)"
            result = .failure(SourceFault(code: .documentLimit, message: message))
        } else if isYAML {
            result = YAMLSource.read(text, limits: limits)
        } else {
            result = JSONSource.read(text, limits: limits)
        }
        switch result {
        case .success(let parts):
            let document = SourceDocument(
                value: parts.value, file: file, text: text, places: parts.places, isYAML: isYAML)
            return (document, parts.faults.map { $0.diagnostic(file: file) })
        case .failure(let fault): return (nil, [fault.diagnostic(file: file)])
        }
    }

    /// A text that starts with `{` and is JSON as a whole is read as JSON: the YAML reader does not know all of JSON's
    /// escapes.
    private static func looksLikeJSON(_ text: String, limits: Limits) -> Bool {
        guard text.utf8.count <= limits.bytes, text.first(where: { !$0.isWhitespace }) == "{" else { return false }
        do {
            _ = try JSONValue(parsing: text)
            return true
        } catch { return false }
    }

    /// Some editors begin a file with U+FEFF, which is no part of its text.
    private static func withoutByteOrderMark(_ text: String) -> String {
        guard text.unicodeScalars.first == "\u{FEFF}" else { return text }
        return String(text.unicodeScalars.dropFirst())
    }

    /// Where the value at `pointer` (RFC 6901) stands; nil if there is none, or no text.
    package func position(of pointer: String) -> SourcePosition? { places[pointer]?.value }

    /// Where the name of the member at `pointer` stands; nil for elements of arrays.
    package func keyPosition(of pointer: String) -> SourcePosition? { places[pointer]?.key }

    /// Where a character of the string at `pointer` stands: behind escapes, over folded lines, inside block scalars.
    /// - Parameter character: Unicode scalars of the string before the one that is meant.
    package func position(of pointer: String, character: Int) -> SourcePosition? {
        guard let place = places[pointer] else { return nil }
        guard place.isText, let start = source.offset(of: place.value) else { return place.value }
        let parent = place.key.map { $0.column - 1 } ?? source.indentation(ofLine: place.value.line)
        let offset = ScalarWalk.offset(
            ofCharacter: character, in: source, from: start, isYAML: isYAML, parentIndentation: parent)
        return source.position(ofOffset: offset)
    }
}

/// Why a text cannot be read.
struct SourceFault: Error {
    var code: DiagnosticCode
    var message: String
    var hint: String?
    var position: SourcePosition?

    init(code: DiagnosticCode, message: String, hint: String? = nil, position: SourcePosition? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
        self.position = position
    }

    func diagnostic(file: String?) -> Diagnostic {
        Diagnostic(
            code: code.rawValue, severity: code.severity, message: message, hint: hint, pointer: "", file: file,
            position: position)
    }
}

/// Counts the pointers that a document's places need: a long name with many members would fill the memory.
struct PathBytes {
    static let limit = 64 << 20
    private var count = 0

    mutating func add(_ pointer: String) throws(SourceFault) {
        count += pointer.utf8.count
        guard count <= Self.limit else {
            throw SourceFault(
                code: .documentLimit, message: "the names around the values of this document are too long",
                hint: "shorten the longest names")
        }
    }
}

extension SourceDocument {
    /// The JSON pointer (RFC 6901) of a member of the object at `parent`.
    package static func memberPointer(_ parent: String, _ key: String) -> String { pointer(parent, key) }
}

/// JSON pointers (RFC 6901).
func pointer(_ parent: String, _ key: String) -> String {
    guard key.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else {
        return "\(parent)/\(key)"
    }
    var escaped = ""
    for character in key {
        switch character {
        case "~": escaped += "~0"
        case "/": escaped += "~1"
        default: escaped.append(character)
        }
    }
    return "\(parent)/\(escaped)"
}

func pointer(_ parent: String, _ index: Int) -> String { "\(parent)/\(index)" }
