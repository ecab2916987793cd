/// A place in a path's text, with the reading of its smallest parts.
struct PathReader {
    let scalars: [Unicode.Scalar]
    var position = 0

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    var isAtEnd: Bool { position >= scalars.count }

    var current: Unicode.Scalar? { isAtEnd ? nil : scalars[position] }

    func peek(_ offset: Int) -> Unicode.Scalar? {
        position + offset < scalars.count ? scalars[position + offset] : nil
    }

    /// True when the text goes on with `text` here.
    func isNext(_ text: String) -> Bool {
        var place = position
        for scalar in text.unicodeScalars {
            guard place < scalars.count, scalars[place] == scalar else { return false }
            place += 1
        }
        return true
    }

    mutating func take(_ text: String) -> Bool {
        guard isNext(text) else { return false }
        position += text.unicodeScalars.count
        return true
    }

    mutating func skipBlanks() {
        while let current, current.isBlank { position += 1 }
    }

    mutating func expect(_ text: String, _ place: String) throws(JSONPathSyntaxError) {
        guard take(text) else { throw fault("expected '\(text)' \(place)\(found)") }
    }

    /// What stands here, for a message.
    var found: String { current.map { " and found '\($0)'" } ?? ", but the path ends" }

    func fault(_ message: String, at offset: Int? = nil) -> JSONPathSyntaxError {
        JSONPathSyntaxError(message: message, offset: min(offset ?? position, scalars.count))
    }

    func text(from start: Int) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars[start..<position])
        return String(text)
    }
}

extension PathReader {
    /// An index or a part of a slice: RFC 9535's `int`, without leading zeros and `-0`.
    mutating func integer() throws(JSONPathSyntaxError) -> Int {
        let start = position
        let isNegative = take("-")
        let digitsStart = position
        var value = 0
        while let digit = current?.decimalDigit {
            value = value * 10 + digit
            guard value <= PathLimits.largestIndex else { throw fault("the index is too large", at: start) }
            position += 1
        }
        guard position > digitsStart else { throw fault("expected a digit\(found)") }
        guard scalars[digitsStart] != "0" || (position == digitsStart + 1 && !isNegative) else {
            throw fault("an index is written without leading zeros and without '-0'", at: start)
        }
        return isNegative ? -value : value
    }

    /// A string in single or double quotes, from the opening quote to after the closing one.
    mutating func quotedString() throws(JSONPathSyntaxError) -> String {
        let start = position
        let quote = scalars[position]
        position += 1
        var text = String.UnicodeScalarView()
        while let scalar = current {
            position += 1
            if scalar == quote { return String(text) }
            guard scalar == "\\" else {
                text.append(scalar)
                continue
            }
            try escape(quote: quote, into: &text)
        }
        throw fault("the string is not closed: expected \(quote)", at: start)
    }

    /// The escapes of RFC 9535. A backslash before anything else stands for itself: AWS finds a member `a\"` by
    /// `$['a\"']`.
    private mutating func escape(quote: Unicode.Scalar, into text: inout String.UnicodeScalarView)
        throws(JSONPathSyntaxError)
    {
        guard let letter = current else { throw fault("the string ends after a backslash") }
        switch letter {
        case quote, "\\", "/": text.append(letter)
        case "b": text.append("\u{8}")
        case "f": text.append("\u{C}")
        case "n": text.append("\n")
        case "r": text.append("\r")
        case "t": text.append("\t")
        case "u": return text.append(try unicodeEscape())
        default:
            text.append("\\")
            text.append(letter)
        }
        position += 1
    }

    /// From the `u` of `\uXXXX`; two of them for a character outside the basic plane.
    mutating func unicodeEscape() throws(JSONPathSyntaxError) -> Unicode.Scalar {
        let start = position - 1
        let first = try fourHexadecimalDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        if first < 0xDC00, take("\\"), current == "u" {
            let second = try fourHexadecimalDigits()
            if (0xDC00...0xDFFF).contains(second),
                let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
            {
                return scalar
            }
        }
        throw fault("half of a surrogate pair is not a character", at: start)
    }

    private mutating func fourHexadecimalDigits() throws(JSONPathSyntaxError) -> UInt32 {
        position += 1
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = current?.hexadecimalDigit else { throw fault("expected four hexadecimal digits\(found)") }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}

extension Unicode.Scalar {
    /// A blank of JSON and of RFC 9535.
    var isBlank: Bool { self == " " || self == "\t" || self == "\n" || self == "\r" }

    var decimalDigit: Int? { ("0"..."9").contains(self) ? Int(value - 0x30) : nil }

    var hexadecimalDigit: Int? {
        switch self {
        case "0"..."9": Int(value - 0x30)
        case "a"..."f": Int(value - 0x61) + 10
        case "A"..."F": Int(value - 0x41) + 10
        default: nil
        }
    }
}
