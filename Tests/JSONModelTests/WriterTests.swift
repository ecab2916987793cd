import JSONModel
import Testing

@Suite struct WriterTests {
    private static let texts: [(JSONValue, String)] = [
        (.null, "null"), (true, "true"), (false, "false"), (.int(.min), "-9223372036854775808"), (1.5, "1.5"),
        (1.0, "1.0"), (.double(1e300), "1e+300"), (.double(0.1), "0.1"), (.double(.nan), "null"),
        (.double(.infinity), "null"), ("", "\"\""), ([], "[]"), ([:], "{}"), ([1, [2], [:]], "[1,[2],{}]"),
        (["b": 1, "a": [true, .null]], #"{"b":1,"a":[true,null]}"#),
        ("\"\\/\u{8}\u{C}\n\r\t\u{0}\u{1F}\u{7F}é😀", "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\u{7F}é😀\""),
        (["a\"b": 1], #"{"a\"b":1}"#),
    ]

    @Test(arguments: texts)
    func compact(_ value: JSONValue, _ text: String) {
        #expect(value.jsonString == text)
        #expect(value.description == text)
        #expect(value.jsonBytes == Array(text.utf8))
    }

    @Test func prettyTextIndentsEachLevel() {
        let value: JSONValue = ["a": [1, ["b": .null]], "c": [], "d": [:]]

        #expect(
            value.prettyJSON() == """
                {
                  "a": [
                    1,
                    {
                      "b": null
                    }
                  ],
                  "c": [],
                  "d": {}
                }
                """)
        #expect(JSONValue.value([[1]]).prettyJSON(indentation: 1) == "[\n [\n  1\n ]\n]")
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func whatIsWrittenReadsBackTheSame(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<250 {
            let value = JSONValue.random(depth: 5, using: &random)

            let compact = try JSONValue(parsing: value.jsonBytes)
            let pretty = try JSONValue(parsing: value.prettyJSON())

            #expect(compact == value, "seed \(seed)")
            #expect(pretty == value, "seed \(seed)")
            #expect(compact.jsonString == value.jsonString, "seed \(seed)")
            #expect(compact.hashValue == value.hashValue, "seed \(seed)")
        }
    }
}

extension JSONValue {
    /// `[[1]]` as a value, where a literal alone would be Swift's array.
    fileprivate static func value(_ value: JSONValue) -> JSONValue { value }

    fileprivate static func random(depth: Int, using random: inout SeededRandom) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &random) {
        case 0: .null
        case 1: .bool(.random(using: &random))
        case 2: .int(Int64(truncatingIfNeeded: random.next() >> UInt64.random(in: 0..<64, using: &random)))
        case 3: .double(finite(using: &random))
        case 4: .double(Double(Int.random(in: -100_000...100_000, using: &random)) / 100)
        case 5: .string(text(using: &random))
        case 6, 7:
            .array((0..<Int.random(in: 0...6, using: &random)).map { _ in .random(depth: depth - 1, using: &random) })
        default:
            .object(
                JSONObject(
                    (0..<Int.random(in: 0...20, using: &random)).map { _ in
                        (text(using: &random), .random(depth: depth - 1, using: &random))
                    }))
        }
    }

    private static func finite(using random: inout SeededRandom) -> Double {
        while true {
            let number = Double(bitPattern: random.next())
            if number.isFinite { return number }
        }
    }

    private static func text(using random: inout SeededRandom) -> String {
        let ranges: [ClosedRange<UInt32>] = [
            0...0x1F, 0x20...0x7E, 0x20...0x7E, 0x300...0x36F, 0x80...0xD7FF, 0x1F600...0x1F64F,
        ]
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            let number = UInt32.random(in: ranges.randomElement(using: &random)!, using: &random)
            if let scalar = Unicode.Scalar(number) { text.append(scalar) }
        }
        return String(text)
    }
}
