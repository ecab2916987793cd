/// A picture for dates and times, as XPath's `fn:format-dateTime` has it: `[Y0001]-[M01]-[D01]`.
struct DateTimePicture {
    enum Part {
        case literal(String)
        case marker(Marker)
    }

    struct Marker {
        let component: Character
        /// The minimum and maximum width behind a comma.
        var width: (min: Int?, max: Int?)?
        /// Written as a name, in this case.
        var names: IntegerPicture.Case?
        /// Written as a number.
        var integer: IntegerPicture?
        /// `t`: a zero offset is `Z`.
        var isTraditional = false
        /// Digits to keep of a year, or to expect of year, month or day.
        var digits: Int?
    }

    static let defaults: [Character: String] = [
        "Y": "1", "M": "1", "D": "1", "d": "1", "F": "n", "W": "1", "w": "1", "X": "1", "x": "1", "H": "1", "h": "1",
        "P": "n", "m": "01", "s": "01", "f": "1", "Z": "01:01", "z": "01:01", "C": "n", "E": "n",
    ]
    static let iso8601 = "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]"
    static let monthNames = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    static let dayNames = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

    private(set) var parts: [Part] = []

    /// - Throws: `D3135` for a bracket that is not closed, `D3132` for an unknown component.
    init(_ picture: String) throws(JSONataError) {
        var literal = ""
        var rest = Substring(picture)
        func flush(_ parts: inout [Part]) {
            if !literal.isEmpty { parts.append(.literal(literal)) }
            literal = ""
        }
        while let character = rest.popFirst() {
            switch character {
            case "[" where rest.first == "[":
                rest.removeFirst()
                literal.append("[")
            case "]" where rest.first == "]":
                rest.removeFirst()
                literal.append("]")
            case "[":
                guard let end = rest.firstIndex(of: "]") else { throw .make("D3135") }
                flush(&parts)
                parts.append(.marker(try Marker(rest[..<end].filter { !$0.isWhitespace })))
                rest = rest[rest.index(after: end)...]
            default: literal.append(character)
            }
        }
        flush(&parts)
    }
}

extension DateTimePicture.Marker {
    /// - Parameter text: what stands between the brackets, without blanks.
    init(_ text: String) throws(JSONataError) {
        component = text.first ?? " "
        guard let standard = DateTimePicture.defaults[component] else {
            throw .make("D3132", about: .string(String(text.prefix(1))))
        }
        var presentation = text.dropFirst()
        if let comma = presentation.lastIndex(of: ",") {
            let bounds = presentation[presentation.index(after: comma)...].split(
                separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            width = (Self.bound(bounds[0]), bounds.count > 1 ? Self.bound(bounds[1]) : nil)
            presentation = presentation[..<comma]
        }
        var modifier: Character?
        if presentation.count > 1, let last = presentation.last, "atco".contains(last) {
            modifier = last
            presentation = presentation.dropLast()
        }
        try present(presentation.isEmpty ? standard : String(presentation), modifier)
    }

    /// A width; `*` and nothing stand for none. Cut, since nobody needs a field of a thousand digits.
    private static func bound(_ text: Substring) -> Int? { Int(text).map { Swift.max(0, Swift.min($0, 1000)) } }

    private mutating func present(_ presentation: String, _ modifier: Character?) throws(JSONataError) {
        isTraditional = modifier == "t"
        if component == "Z" || component == "z" {
            integer = try IntegerPicture(presentation)
        } else if presentation.hasPrefix("n") {
            names = .lower
        } else if presentation.hasPrefix("N") {
            names = presentation.dropFirst().hasPrefix("n") ? .title : .upper
        } else if "YMDdFWwXxHhmsf".contains(component) {
            integer = try IntegerPicture(presentation + (modifier.map { ";\($0)" } ?? ""))
            applyWidth()
        }
    }

    private mutating func applyWidth() {
        guard var decimal = integer?.decimal else {
            if "YMD".contains(component) { digits = width?.max }
            return
        }
        if let least = width?.min, decimal.mandatoryDigits < least { decimal.mandatoryDigits = least }
        if "YMD".contains(component) {
            if let most = width?.max {
                digits = most
                decimal.mandatoryDigits = most
            } else if decimal.mandatoryDigits + decimal.optionalDigits >= 2 {
                digits = decimal.mandatoryDigits + decimal.optionalDigits
            }
        }
        integer?.decimal = decimal
    }
}
