import JSONModel
import Testing

@Suite struct ParserTests {
    private static let kinds: [(String, JSONValue)] = [
        ("null", .null), ("true", true), ("false", false), (" \t\r\n1 ", 1), ("\"\"", ""), ("[]", []), ("{}", [:]),
        ("[1,[2,{\"a\":null}],\"x\"]", [1, [2, ["a": .null]], "x"]), ("{\"a\":{\"b\":[true]}}", ["a": ["b": [true]]]),
        ("[ 1 , 2 ]", [1, 2]), ("{ \"a\" : 1 , \"b\" : 2 }", ["a": 1, "b": 2]),
    ]

    @Test(arguments: kinds)
    func valuesOfEveryKind(_ text: String, _ value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
    }

    @Test(arguments: [
        ("", 1, 1, "unexpected end"), ("  \n ", 2, 2, "unexpected end"), ("nul", 1, 1, "expected null"),
        ("nulL", 1, 1, "expected null"), ("tru", 1, 1, "expected true"), ("falsy", 1, 1, "expected false"),
        ("x", 1, 1, "expected a value"), ("'a'", 1, 1, "expected a value"), ("1 2", 1, 3, "after the value"),
        ("{}\n}", 2, 1, "after the value"), ("[1", 1, 3, "expected ',' or ']'"), ("[1 2]", 1, 4, "expected ',' or ']'"),
        ("[1,]", 1, 4, "expected a value"), ("[,1]", 1, 2, "expected a value"), ("[", 1, 2, "unexpected end"),
        ("{", 1, 2, "member name"), ("{a:1}", 1, 2, "member name"), ("{\"a\"}", 1, 5, "':'"),
        ("{\"a\":}", 1, 6, "expected a value"), ("{\"a\":1", 1, 7, "expected ',' or '}'"),
        ("{\"a\":1,}", 1, 8, "member name"), ("{\n  \"a\": 1,\n  \"b\" 2\n}", 3, 7, "':'"),
        ("\"abc", 1, 1, "not closed"), ("[\"abc", 1, 2, "not closed"), ("\"a\\", 1, 3, "not closed"),
        ("\"a\\n", 1, 1, "not closed"), ("\"a\tb\"", 1, 3, "control character"), ("\"\\n\u{1}\"", 1, 4, "control"),
        ("\"a\\qb\"", 1, 3, "unknown escape '\\q'"), ("\"\\u12\"", 1, 4, "hexadecimal"),
        ("\"\\u12G4\"", 1, 4, "hexadecimal"), ("\"\\u", 1, 4, "hexadecimal"), ("-", 1, 2, "expected a digit"),
        ("-a", 1, 2, "expected a digit"), ("+1", 1, 1, "expected a value"), (".5", 1, 1, "expected a value"),
        ("01", 1, 1, "may not start with 0"), ("-01", 1, 2, "may not start with 0"), ("1.", 1, 3, "decimal point"),
        ("1.e1", 1, 3, "decimal point"), ("1e", 1, 3, "exponent"), ("1e+", 1, 4, "exponent"),
        ("[1e999]", 1, 2, "out of range"), ("-1e400", 1, 1, "out of range"), ("NaN", 1, 1, "expected a value"),
        ("[1,\r\n2,\r\nx]", 3, 1, "expected a value"), ("/* c */1", 1, 1, "expected a value"),
        ("\u{FEFF}1", 1, 1, "expected a value"),
    ])
    func faultsSayWhere(_ text: String, _ line: Int, _ column: Int, _ message: String) {
        let error = #expect(throws: JSONParseError.self) { try JSONValue(parsing: text) }
        #expect(error?.line == line && error?.column == column, "\(error.map { "\($0)" } ?? "")")
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test func errorsReadAsSentences() {
        let error = #expect(throws: JSONParseError.self) { try JSONValue(parsing: "{\n\"a\" 1}") }

        #expect(error?.description == "invalid JSON at line 2, column 5: expected ':' after the member name")
        #expect(error?.offset == 6)
    }

    private static let wholeNumbers: [(String, JSONValue)] = [
        ("0", .int(0)), ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)),
        ("-1", .int(-1)), ("12345678901234567", .int(12_345_678_901_234_567)),
    ]

    @Test(arguments: wholeNumbers)
    func wholeNumbersThatFitAreExact(_ text: String, _ value: JSONValue) throws {
        let parsed = try JSONValue(parsing: text)

        guard case .int = parsed else {
            Issue.record("\(text) is no integer")
            return
        }
        #expect(parsed == value)
        #expect(parsed.jsonString == text)
    }

    @Test(arguments: [
        ("9223372036854775808", 9_223_372_036_854_775_808.0), ("-9223372036854775809", -9_223_372_036_854_775_808.0),
        ("123456789012345678901234567890", 1.2345678901234568e29), ("1.0", 1), ("1.5", 1.5), ("1e2", 100),
        ("1E+2", 100), ("1e-2", 0.01), ("-1.5e3", -1500), ("0.1", 0.1), ("0.30000000000000004", 0.30000000000000004),
        ("2.2250738585072014e-308", 2.2250738585072014e-308), ("5e-324", 0x1p-1074), ("1e-400", 0),
        ("1.7976931348623157e308", 1.7976931348623157e308), ("179769313486231570e291", 1.7976931348623157e308),
        ("0e99999", 0), ("1.00000000000000000000000000000000000001", 1), ("8.41e21", 8.41e21), ("3.0e-22", 3e-22),
        ("9007199254740993.0", 9_007_199_254_740_992), ("7205759403792793.5e1", 72_057_594_037_927_936),
    ])
    func otherNumbersAreTheNearestDouble(_ text: String, _ number: Double) throws {
        guard case .double(let parsed) = try JSONValue(parsing: text) else {
            Issue.record("\(text) is no double")
            return
        }
        #expect(parsed.bitPattern == number.bitPattern)
    }

    @Test func minusZeroKeepsItsSign() throws {
        for text in ["-0.0", "-0e5"] {
            guard case .double(let number) = try JSONValue(parsing: text) else {
                Issue.record("\(text) is no double")
                continue
            }
            #expect(number == 0 && number.sign == .minus)
        }
        // An integer has no sign at zero: so AWS parses `-0`.
        #expect(try JSONValue(parsing: "-0").jsonString == "0")
    }

    @Test(arguments: [
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0041\u00e9\u20AC""#, "Aé€"), (#""\uD83D\uDE00""#, "😀"),
        (#""a\u0000b""#, "a\u{0}b"), (#""\uDBFF\uDFFF""#, "\u{10FFFF}"), (#""\uFFFF""#, "\u{FFFF}"),
        // A lone half of a pair has no place in a Swift string.
        (#""\uD83D""#, "\u{FFFD}"), (#""\uD83Dx""#, "\u{FFFD}x"), (#""\uDE00""#, "\u{FFFD}"),
        (#""\uD83D\u0041""#, "\u{FFFD}A"), (#""\uD83D\uD83D\uDE00""#, "\u{FFFD}😀"), (#""\uD83D\n""#, "\u{FFFD}\n"),
        ("\"\u{7F}\u{2028}é😀\"", "\u{7F}\u{2028}é😀"),
    ])
    func strings(_ text: String, _ value: String) throws {
        let parsed = try JSONValue(parsing: text).stringValue

        #expect(parsed.map { Array($0.unicodeScalars) } == Array(value.unicodeScalars))
    }

    @Test(
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xE2, 0x82, 0x22],
            [0x22, 0xF5, 0x80, 0x80, 0x80, 0x22], [0x22, 0x5C, 0x6E, 0x80, 0x22],
            [0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D],
        ] as [[UInt8]])
    func invalidUTF8IsAnError(_ bytes: [UInt8]) {
        let error = #expect(throws: JSONParseError.self) { try JSONValue(parsing: bytes) }

        #expect(error?.message == "the string is not valid UTF-8")
    }

    @Test func ofEqualMemberNamesTheLastValueWinsAtTheFirstPlace() throws {
        let value = try JSONValue(parsing: #"{"a":1,"b":2,"a":3}"#)

        #expect(value.jsonString == #"{"a":3,"b":2}"#)
    }

    @Test func namesThatDifferInTheirCharactersAreTwoMembers() throws {
        let composed = "\u{E9}"
        let decomposed = "e\u{301}"
        let value = try JSONValue(parsing: "{\"\(composed)\":1,\"\(decomposed)\":2}")

        #expect(value.objectValue?.count == 2)
        #expect(value[composed] == 1)
        #expect(value[decomposed] == 2)
        #expect(JSONValue.string(composed) != .string(decomposed))
    }

    @Test func depthIsLimited() throws {
        let limits = JSONLimits(depth: 3)
        _ = try JSONValue(parsing: #"[[{"a":1}]]"#, limits: limits)
        for text in ["[[[[]]]]", #"{"a":[{"b":{}}]}"#] {
            let error = #expect(throws: JSONParseError.self) { try JSONValue(parsing: text, limits: limits) }
            #expect(error?.message == "nested deeper than 3 levels")
        }
        let deep = String(repeating: "[", count: 100_000)
        let error = #expect(throws: JSONParseError.self) { try JSONValue(parsing: deep) }
        #expect(error?.column == 257)
        _ = try JSONValue(parsing: String(repeating: "[", count: 256) + String(repeating: "]", count: 256))
    }

    @Test func sizeIsLimited() throws {
        _ = try JSONValue(parsing: "[1]", limits: JSONLimits(bytes: 3))

        #expect(throws: JSONParseError.self) { try JSONValue(parsing: "[11]", limits: JSONLimits(bytes: 3)) }
    }

    @Test func everyPrefixOfADocumentIsAnError() throws {
        let document = Array(#"{"a":[1.5e3,"x\u0041é",true,null],"b":{"c":-12}}"#.utf8)
        for length in 0..<document.count {
            #expect(throws: JSONParseError.self) { try JSONValue(parsing: Array(document[..<length])) }
        }
        _ = try JSONValue(parsing: document)
    }

    @Test func randomBytesNeverCrash() {
        var random = SeededRandom(seed: 20_261_120)
        let alphabet = Array(#"{}[]",:\ue0123456789+-.Etrufalsn "#.utf8) + [0x80, 0xC3, 0xA9, 0xFF, 0x0A, 0x01]
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...24, using: &random)).map { _ in alphabet.randomElement(using: &random)!
            }
            if let value = try? JSONValue(parsing: bytes) {
                #expect((try? JSONValue(parsing: value.jsonBytes)) == value)
            }
        }
    }

    /// Where the limits say so, what is nested too deep is null, and so is a number out of range.
    @Test func whatIsTooDeepMayBeCutOff() throws {
        let limits = JSONLimits(depth: 3, cutsOff: true)
        let value = try JSONValue(parsing: #"[{"a":[[1,"]"],{"b":{}},2],"c":1e999}]"#, limits: limits)
        #expect(value == [["a": [.null, .null, 2], "c": .null]])
        for text in ["[[[[", #"[[[["]]]]"#, "[[[[]]]", "[[[{]]]]]"] {
            #expect(throws: JSONParseError.self, "\(text)") { try JSONValue(parsing: text, limits: limits) }
        }
    }
}
