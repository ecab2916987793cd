extension JSONValue {
    /// The value as compact JSON: no blanks, members in their order.
    package var jsonString: String { String(decoding: jsonBytes, as: UTF8.self) }

    /// The value as compact JSON in UTF-8.
    package var jsonBytes: [UInt8] {
        var writer = JSONWriter(indentation: nil)
        writer.write(self, level: 0)
        return writer.bytes
    }

    /// Writes the value as compact JSON in UTF-8 behind what `bytes` holds.
    package func appendJSON(to bytes: inout [UInt8]) {
        var writer = JSONWriter(indentation: nil, bytes: exchange(&bytes, with: []))
        writer.write(self, level: 0)
        bytes = writer.bytes
    }

    /// The value as JSON over several lines, for people; `indentation` is the number of blanks per level.
    package func prettyJSON(indentation: Int = 2) -> String {
        var writer = JSONWriter(indentation: indentation)
        writer.write(self, level: 0)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension JSONValue: CustomStringConvertible {
    package var description: String { jsonString }
}

struct JSONWriter {
    private(set) var bytes: [UInt8]
    private let indentation: Int?

    init(indentation: Int?, bytes: consuming [UInt8] = []) {
        self.indentation = indentation
        self.bytes = bytes
    }

    mutating func write(_ value: JSONValue, level: Int) {
        switch value {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .int(let value): bytes.append(contentsOf: String(value).utf8)
        case .double(let value): write(double: value)
        case .string(let value): write(string: value)
        case .array(let elements): write(array: elements, level: level)
        case .object(let object): write(object: object, level: level)
        }
    }

    private mutating func write(array elements: [JSONValue], level: Int) {
        bytes.append(UInt8(ascii: "["))
        for (place, element) in elements.enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            newLine(level + 1)
            write(element, level: level + 1)
        }
        if !elements.isEmpty { newLine(level) }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func write(object: JSONObject, level: Int) {
        bytes.append(UInt8(ascii: "{"))
        var first = true
        for (key, value) in object {
            if !first { bytes.append(UInt8(ascii: ",")) }
            first = false
            newLine(level + 1)
            write(string: key)
            bytes.append(UInt8(ascii: ":"))
            if indentation != nil { bytes.append(UInt8(ascii: " ")) }
            write(value, level: level + 1)
        }
        if !object.isEmpty { newLine(level) }
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func newLine(_ level: Int) {
        guard let indentation else { return }
        bytes.append(0x0A)
        bytes.append(contentsOf: repeatElement(0x20, count: level * indentation))
    }

    /// The shortest text that reads back as the same number; JSON has no infinity and no NaN, which become null.
    private mutating func write(double value: Double) {
        guard value.isFinite else { return bytes.append(contentsOf: "null".utf8) }
        bytes.append(contentsOf: value.description.utf8)
    }

    private mutating func write(string: String) {
        bytes.append(UInt8(ascii: "\""))
        var string = string
        string.withUTF8 { buffer in
            var start = 0
            for place in 0..<buffer.count where buffer[place] < 0x20 || buffer[place] == 0x22 || buffer[place] == 0x5C {
                bytes.append(contentsOf: buffer[start..<place])
                write(escaped: buffer[place])
                start = place + 1
            }
            bytes.append(contentsOf: buffer[start...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func write(escaped byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x22, 0x5C: bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            let digits = Array("0123456789abcdef".utf8)
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        }
    }
}
