import JSONModel
import StatesLanguage
import Testing

/// Every character of a string's value is found where it was written.
@Suite struct PositionTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let text: String
        let value: String
        /// The places of some characters of the value: number, line, column.
        let places: [(Int, Int, Int)]
        var file = "m.yaml"

        var testDescription: String { text }
    }

    static let yaml: [Case] = [
        Case(text: "a: plain\n", value: "plain", places: [(0, 1, 4), (4, 1, 8)]),
        Case(text: "a: 'it''s \"x\"'\n", value: "it's \"x\"", places: [(0, 1, 5), (2, 1, 7), (3, 1, 9), (5, 1, 11)]),
        Case(
            text: "a: \"x\\ty\\\\z\"\n", value: "x\ty\\z",
            places: [(0, 1, 5), (1, 1, 6), (2, 1, 8), (3, 1, 9), (4, 1, 11)]),
        Case(text: "a: \"\\x41\\u00e4\\U0001F600!\"\n", value: "Aä😀!", places: [(1, 1, 9), (2, 1, 15), (3, 1, 25)]),
        // Folded lines of plain and quoted scalars.
        Case(
            text: "a: one\n  two\n\n\n  three\n", value: "one two\n\nthree", places: [(4, 2, 3), (9, 5, 3), (13, 5, 7)]),
        Case(text: "a: 'one  \n  two'\n", value: "one two", places: [(2, 1, 7), (4, 2, 3), (6, 2, 5)]),
        Case(
            text: "a: \"one\n   two\\\n   three\"\n", value: "one twothree", places: [(4, 2, 4), (7, 3, 4), (11, 3, 8)]),
        Case(text: "a: \"one\\\n\n  two\"\n", value: "one\ntwo", places: [(4, 3, 3)]),
        Case(text: "a: \"one\\\n  \\  two\"\n", value: "one  two", places: [(3, 2, 3), (5, 2, 6)]),
        // Block scalars.
        Case(
            text: "a: |\n  one\n   two\n\n  three\n", value: "one\n two\n\nthree\n",
            places: [(0, 2, 3), (5, 3, 4), (10, 5, 3)]),
        Case(text: "a: |-\n\n\n    one\n", value: "\n\none", places: [(2, 4, 5), (4, 4, 7)]),
        Case(
            text: "b:\n  a: |2-  # text\n      one\n    two\n", value: "  one\ntwo",
            places: [(0, 3, 5), (2, 3, 7), (6, 4, 5)]),
        Case(text: "a: >\n  one\n  two\n\n  three\n", value: "one two\nthree\n", places: [(4, 3, 3), (8, 5, 3)]),
        Case(
            text: "a: >-\n\n  one\n  two\n\n\n    code\n    more\n\n  end\n  x\n",
            value: "\none two\n\n\n  code\n  more\n\nend x",
            places: [(1, 3, 3), (5, 4, 3), (13, 7, 5), (20, 8, 5), (26, 10, 3), (30, 11, 3)]),
        // CR and LF, a byte order mark, characters of several units, tags, anchors, flow style.
        Case(text: "a: |\r\n  one\r\n  two\r\n", value: "one\ntwo\n", places: [(2, 2, 5), (4, 3, 3)]),
        Case(text: "a: 'one\r\n  two'\r\n", value: "one two", places: [(4, 2, 3)]),
        Case(text: "\u{FEFF}a: xy\n", value: "xy", places: [(0, 1, 4), (1, 1, 5)]),
        Case(text: "ä😀: 'x'\na: '😀e\u{301}x'\n", value: "😀e\u{301}x", places: [(1, 2, 6), (3, 2, 8)]),
        Case(text: "a: !!str 'xy'\n", value: "xy", places: [(0, 1, 11), (1, 1, 12)]),
        Case(text: "a: &n 'xy'\nb: *n\n", value: "xy", places: [(1, 1, 9)]),
        Case(text: "{a: \"x\\\"y\", b: 1}\n", value: "x\"y", places: [(1, 1, 7), (2, 1, 9)]),
        Case(text: "# JSON in YAML\n{\"a\": \"x\\u0041y\"}\n", value: "xAy", places: [(1, 2, 9), (2, 2, 15)]),
    ]

    static let json: [Case] = [
        Case(text: "{\"a\": \"xy\"}", value: "xy", places: [(0, 1, 8), (1, 1, 9)], file: "m.json"),
        Case(
            text: "{\"a\":\n \"\\\"\\n\\u00e4/\\/z\"}", value: "\"\nä//z",
            places: [(0, 2, 3), (1, 2, 5), (2, 2, 7), (3, 2, 13), (5, 2, 16)], file: "m.json"),
        Case(
            text: "{\"a\": \"\\ud83d\\ude00x😀y\"}", value: "😀x😀y", places: [(1, 1, 20), (2, 1, 21), (3, 1, 22)],
            file: "m.json"),
        Case(text: "\u{FEFF}{\r\n\"a\": \"xy\"}", value: "xy", places: [(1, 2, 8)], file: "m.json"),
    ]

    @Test(arguments: yaml + json) func charactersAreFoundWhereTheyWereWritten(_ written: Case) throws {
        let document = try #require(SourceDocument.read(written.text, file: written.file).0)
        let pointer = document.value["a"] == nil ? "/b/a" : "/a"
        let value = document.value["a"] ?? document.value["b"]?["a"]
        #expect(value == .string(written.value))
        for (number, line, column) in written.places {
            let found = document.position(of: pointer, character: number)
            #expect(found == SourcePosition(line: line, column: column), "character \(number)")
        }
    }

    /// A random value, written in each style, gives every character of its own line back.
    @Test(arguments: 0..<50) func everyCharacterOfALiteralBlockIsFound(seed: Int) throws {
        var random = SplitMix(state: UInt64(seed))
        let letters = ["a", "ä", "😀", " ", "\n", "'", "\"", "\\", "#", ":"]
        var value = "x"
        for _ in 0..<40 { value += letters[Int(random.next() % UInt64(letters.count))] }
        value += "x"
        let block =
            "a: |-\n" + value.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)\n" }.joined()
        let quoted = JSONValue.object(["a": .string(value)]).jsonString
        let texts = [(block, "m.yaml"), (quoted, "m.json"), ("# YAML\n" + quoted, "m.yaml")]
        for (text, file) in texts {
            let document = try #require(SourceDocument.read(text, file: file).0)
            #expect(document.value["a"] == .string(value))
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { Array($0.unicodeScalars) }
            for (number, scalar) in value.unicodeScalars.enumerated() where !"\n\"\\ ".unicodeScalars.contains(scalar) {
                let place = try #require(document.position(of: "/a", character: number))
                #expect(lines[place.line - 1][place.column - 1] == scalar, "\(number) in \(text)")
            }
        }
    }

    // MARK: Findings inside strings

    private func places(_ text: String, file: String = "m.asl.yaml") -> [String] {
        StateMachineReader.read(text, file: file).diagnostics.map {
            "\($0.code) \($0.position?.line ?? 0):\($0.position?.column ?? 0)"
        }
    }

    @Test func aFaultInABlockScalarIsShownInItsLine() {
        let text = """
            QueryLanguage: JSONata
            StartAt: A
            States:
              A:
                Type: Pass
                Output: |-
                  {%
                    $states.input.a
                    + )
                  %}
                Assign:
                  b: >-
                    {%  $states.result
                    & $states.errorOutput %}
                Next: B
            """

        #expect(places(text) == ["E203 3:1", "E304 9:11", "E306 13:13", "E306 14:11", "E201 15:11"])
    }

    @Test func aFaultBehindEscapesIsShownInItsColumn() {
        let text = #"""
            {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true, "Parameters": {
            "x.$": "States.Format('\\'\u00e4', States.Nope())", "y.$": "$.a[\"😀\"].[",
            "z.$": "$ä.b["}}}}
            """#

        #expect(places(text, file: "m.json") == ["E302 2:36", "E301 2:73", "E301 3:14"])
    }

    @Test func linesThatEndInCRAndLFAreCounted() {
        let text = "StartAt: A\nStates:\n  A:\n    Type: Pass\n    InputPath: >\n      $.a\n      [\n    Next: B\n"

        #expect(places(text) == places(text.replacing("\n", with: "\r\n")))
        #expect(
            SourceDocument.read("a: 1\r\nb: 2\r\na: 3\r\n", file: nil).1.first?.position
                == SourcePosition(line: 3, column: 1))
        #expect(SourceDocument.read("a:\r\n\t- b\r\n", file: nil).1.first?.hint?.contains("tab") == true)
    }

    @Test func mergedMembersKeepTheirPlaces() {
        let text = """
            StartAt: A
            States:
              A: &a
                Type: Task
                Resource: activity:x
                Retry: &retry
                  - ErrorEquals: []
                Next: B
              B:
                <<: *a
                Next: C
              C: {<<: [{Type: Pass, InputPath: x, Next: Z}], End: true}
            """

        #expect(
            places(text)
                == ["E401 7:22", "E401 7:22", "E105 12:50", "E301 12:36", "E201 12:45"].sorted { key($0) < key($1) })
    }

    @Test(arguments: [
        ("{StartAt: A, StartAt: B, States: {B: {Type: Pass, Next: C}}}", ["E003 1:14", "E203 1:26", "E201 1:57"]),
        (
            "StartAt: B\nStates:\n  B: {Type: Pass, 'Next': A, \"Next\": C, Next: D}\n",
            ["E203 2:1", "E003 3:30", "E003 3:41", "E201 3:47"]
        ),
        (
            "StartAt: B\nStates:\n  B:\n    Type: Pass\n    Type: Succeed\n    ? Type\n    : Fail\n",
            ["E003 5:5", "E003 6:7"]
        ),
        (
            "x: {a: 1, b: 2}\ny: {a: 1, b: {a: 1, a: 2}, a: 2}\n",
            ["E101 1:1", "E102 1:1", "E102 2:1", "E003 2:21", "E003 2:28"]
        ),
    ])
    func allNamesThatOccurTwiceAreReportedAndTheRestIsRead(text: String, expected: [String]) {
        #expect(places(text) == expected)
    }

    @Test func namesThatOccurTwiceInJSONDoNotHideTheRest() {
        let text = #"{"StartAt": "A", "StartAt": "B", "States": {"B": {"Type": "Pass", "Next": "C", "Next": "D"}}}"#

        #expect(places(text, file: "m.json") == ["E003 1:18", "E203 1:34", "E003 1:80", "E201 1:89"])
    }

    @Test func veryManyNamesThatOccurTwiceAreStillRefused() {
        let text = (0..<100).map { "a\($0): 1\na\($0): 2\n" }.joined()

        #expect(StateMachineReader.read(text, file: nil).diagnostics.map(\.code) == ["E003"])
    }

    private func key(_ place: String) -> Int {
        let numbers = place.split(separator: " ")[1].split(separator: ":").compactMap { Int($0) }
        return numbers[0] * 1000 + numbers[1]
    }
}

private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
