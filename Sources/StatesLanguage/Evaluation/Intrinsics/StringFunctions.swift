import JSONModel

// `States.Format`, `States.StringSplit`, `States.StringToJson` and `States.JsonMerge`.

extension IntrinsicFunction {
    /// `States.Format`: every `{}` stands for the next argument; `\{`, `\}`, `\\` and `\'` for the character itself.
    func formatted(_ arguments: IntrinsicArguments) throws(IntrinsicFault) -> String {
        let template = Array(try arguments.string(0))
        var text = ""
        var used = 1
        var place = 0
        while place < template.count {
            let character = template[place]
            let next = place + 1 < template.count ? template[place + 1] : nil
            place += 1
            switch (character, next) {
            case ("\\", let escaped?) where "\\{}'".contains(escaped):
                text.append(escaped)
                place += 1
            case ("{", "}"):
                guard used < arguments.count else {
                    throw IntrinsicFault("The template has more occurrences of {} than there are arguments")
                }
                text += interpolated(arguments[used])
                used += 1
                place += 1
            default: text.append(character)
            }
        }
        guard used == arguments.count else {
            throw IntrinsicFault("The template has fewer occurrences of {} than there are arguments")
        }
        return text
    }

    /// The longest text that a function makes, in bytes: far more than a payload may have, so that another function can
    /// still make less of it.
    private static let maximumResult = 16_777_216

    func limited(_ text: String) throws(IntrinsicFault) -> String {
        guard text.utf8.count <= Self.maximumResult else {
            throw IntrinsicFault("The result is longer than \(Self.maximumResult) bytes")
        }
        return text
    }

    /// AWS writes arrays and objects as Java's `toString()` does: `{Arg1=1, Arg2=[a, b]}`.
    private func interpolated(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text
        case .array(let elements): "[" + elements.map(interpolated).joined(separator: ", ") + "]"
        case .object(let object):
            "{" + object.map { "\($0)=\(interpolated($1))" }.joined(separator: ", ") + "}"
        default: value.jsonString
        }
    }

    /// `States.StringSplit`: every character of the second argument separates; empty parts are dropped.
    func split(_ arguments: IntrinsicArguments) throws(IntrinsicFault) -> JSONValue {
        let separators = Set(try arguments.string(1).unicodeScalars)
        let parts = try arguments.string(0).unicodeScalars.split { separators.contains($0) }
        return .array(parts.map { .string(String(String.UnicodeScalarView($0))) })
    }

    /// `States.StringToJson`; a blank text is null, as on AWS.
    func parsed(_ arguments: IntrinsicArguments) throws(IntrinsicFault) -> JSONValue {
        let text = try arguments.string(0)
        guard text.contains(where: { !$0.isWhitespace }) else { return .null }
        do { return try JSONValue(parsing: text) } catch { throw IntrinsicFault("\(error)") }
    }

    /// `States.JsonMerge`: members of the second object win. AWS offers the shallow mode only.
    func merged(_ arguments: IntrinsicArguments) throws(IntrinsicFault) -> JSONValue {
        var object = try arguments.object(0)
        guard try !arguments.boolean(2) else {
            throw IntrinsicFault("The deep merging mode is not supported; the third argument must be false")
        }
        for (key, value) in try arguments.object(1) { object[key] = value }
        return .object(object)
    }
}
