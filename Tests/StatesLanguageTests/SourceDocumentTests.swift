import JSONModel
import StatesLanguage
import Testing

@Suite struct SourceDocumentTests {
    private func value(_ text: String, file: String? = nil) throws -> JSONValue {
        let (document, diagnostics) = SourceDocument.read(text, file: file)
        return try #require(document, "\(diagnostics)").value
    }

    private func fault(
        _ text: String, file: String? = nil, limits: SourceDocument.Limits = .init()
    ) throws -> Diagnostic {
        let (document, diagnostics) = SourceDocument.read(text, file: file, limits: limits)
        #expect(document == nil)
        #expect(diagnostics.count == 1)
        return try #require(diagnostics.first)
    }

    @Test(arguments: [
        ("yes", JSONValue.string("yes")), ("no", "no"), ("on", "on"), ("y", "y"), ("True", true), ("false", false),
        ("~", .null), ("", .null), ("null", .null), ("Null", .null), ("12", 12), ("-3", -3), ("+4", 4), ("007", 7),
        ("0x1F", 31), ("0o17", 15), ("1e3", 1000.0), ("1.50", 1.5), (".5", 0.5), ("1.", 1.0), ("1_000", "1_000"),
        (".inf", ".inf"), (".nan", ".nan"), ("-.inf", "-.inf"), ("0x", "0x"), ("1e", "1e"), ("e3", "e3"), ("-x", "-x"),
        ("2026-11-20", "2026-11-20"), ("2026-11-20T02:00:00Z", "2026-11-20T02:00:00Z"), ("12:30:45", "12:30:45"),
        ("9223372036854775807", .int(.max)), ("9223372036854775808", 9223372036854775808.0), ("1e400", "1e400"),
        ("'12'", "12"), ("\"true\"", "true"), ("!!str 12", "12"), ("!!int '12'", 12), ("$.a.b", "$.a.b"),
        ("|\n  a\n  b\n", "a\nb\n"), (">\n  a\n  b\n", "a b\n"),
    ])
    func plainScalarsFollowTheCoreSchema(text: String, expected: JSONValue) throws {
        #expect(try value("a: \(text)")["a"] == expected)
    }

    @Test func yamlValuesAndNamesHavePositions() throws {
        let text = """
            StartAt: One   # comment
            States:
              One:
                Type: Pass
                List: [1, "two", {Ä: 3}]
            """
        let document = try #require(SourceDocument.read(text, file: nil).0)

        #expect(document.position(of: "/StartAt") == SourcePosition(line: 1, column: 10))
        #expect(document.keyPosition(of: "/States/One") == SourcePosition(line: 3, column: 3))
        #expect(document.position(of: "/States/One/List/1") == SourcePosition(line: 5, column: 15))
        #expect(document.position(of: "/States/One/List/1", character: 2) == SourcePosition(line: 5, column: 18))
        #expect(document.position(of: "/States/One/List/2/Ä") == SourcePosition(line: 5, column: 26))
        #expect(document.keyPosition(of: "/States/One/List/2") == nil)
        #expect(document.position(of: "/None") == nil)
    }

    @Test func jsonValuesAndNamesHavePositions() throws {
        let text = "{\n  \"a/b\": {\"~\": [1, \"x\"]},\n  \"e\\u0041\": \"y\" }"
        let document = try #require(SourceDocument.read(text, file: "a.json").0)

        #expect(document.value["eA"] == "y")
        #expect(document.keyPosition(of: "/a~1b") == SourcePosition(line: 2, column: 3))
        #expect(document.position(of: "/a~1b/~0/1") == SourcePosition(line: 2, column: 20))
        #expect(document.position(of: "/a~1b/~0/1", character: 0) == SourcePosition(line: 2, column: 21))
        #expect(document.keyPosition(of: "/eA") == SourcePosition(line: 3, column: 3))
    }

    @Test func jsonEscapesThatYAMLLacksAreRead() throws {
        #expect(try value(#"{"a": "\/ \ud83d\ude00"}"#)["a"] == "/ 😀")
    }

    @Test func aJSONFileMustBeJSON() throws {
        let fault = try fault("a: 1", file: "machine.asl.json")

        #expect(fault.code == "E002")
        #expect(fault.position == SourcePosition(line: 1, column: 1))
    }

    @Test func jsonFaultsCountCharacters() throws {
        let fault = try fault("{\"ä\": 'x'}", file: "a.json")

        #expect(fault.position == SourcePosition(line: 1, column: 7))
        #expect(fault.hint == "JSON strings are written in double quotes")
    }

    @Test func aliasesAndMergeKeysAreExpanded() throws {
        let text = """
            defaults: &defaults {A: 1, B: 2}
            retry: &retry [x]
            one:
              <<: *defaults
              B: 3
            two:
              <<: [*defaults, {C: 4, A: 9}]
              Retry: *retry
            """

        let document = try #require(SourceDocument.read(text, file: nil).0)

        #expect(document.value["one"] == ["B": 3, "A": 1])
        #expect(document.value["two"] == ["Retry": ["x"], "A": 1, "B": 2, "C": 4])
        #expect(document.position(of: "/one/A") == SourcePosition(line: 1, column: 25))
    }

    @Test func aQuotedMergeKeyIsAnOrdinaryName() throws {
        #expect(try value("{'<<': 1}") == ["<<": 1])
    }

    @Test(arguments: [
        ("a: 1\nb: 2\na: 3\n", 3, 1, "line 1, column 1"),
        ("x:\n  - name: 1\n    name: 2\n", 3, 5, "line 2, column 5"),
        ("{\"a\": 1,\n \"a\": 2}", 2, 2, "line 1, column 2"),
        ("a: 1\n'a': 2\n", 2, 1, "line 1, column 1"),
        ("1: x\n\"1\": y\n", 2, 1, "line 1, column 1"),
    ])
    func duplicateNamesAreRefusedWithBothPlaces(text: String, line: Int, column: Int, first: String) throws {
        let fault = try fault(text)

        #expect(fault.code == "E003")
        #expect(fault.position == SourcePosition(line: line, column: column))
        #expect(fault.message.contains(first), "\(fault.message)")
    }

    @Test(arguments: [
        ("a: 1\n---\nb: 2\n", "E004", 2, 1), ("a: !Ref x\n", "E004", 1, 4), ("a:\n\t- b\n", "E001", 2, 1),
        ("a: b: c\n", "E001", 1, 5), ("a: %x\n", "E001", 1, 4), ("a: {% $x %}\n", "E001", 1, 5),
        ("a: [1, 2\n", "E001", 2, 1), ("a: *none\n", "E001", 1, 4), ("[a]: 1\n", "E001", 1, 1),
        ("a: !!int x\n", "E001", 1, 4), ("<<: 1\n", "E001", 1, 5),
    ])
    func brokenYAMLHasAPlace(text: String, code: String, line: Int, column: Int) throws {
        let fault = try fault(text)

        #expect(fault.code == code, "\(fault)")
        #expect(fault.position == SourcePosition(line: line, column: column), "\(fault)")
    }

    @Test func tabsAndUnquotedExpressionsComeWithAHint() throws {
        #expect(try fault("a:\n\t- b\n").hint == "YAML is indented with spaces; this line has a tab")
        #expect(try fault("a: {% $x %}\n").hint?.contains("must be quoted") == true)
    }

    @Test(arguments: ["", "   \n", "# nothing\n", "---\n...\n"])
    func anEmptyDocumentIsNotADefinition(text: String) throws {
        let reading = StateMachineReader.read(text, file: nil)

        #expect(reading.machine == nil)
        #expect(reading.diagnostics.count == 1)
    }

    // MARK: Limits

    @Test func aDocumentThatIsTooLargeIsRefused() throws {
        let fault = try fault("a: \(String(repeating: "x", count: 1 << 20))")

        #expect(fault.code == "E005")
    }

    @Test(arguments: [("[", "]"), ("{a: ", "}")])
    func nestingEndsAt256Levels(open: String, close: String) throws {
        let nested = { (depth: Int) in
            String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
        }

        #expect(throws: Never.self) { try self.value("a: " + nested(255)) }
        #expect(try fault("a: " + nested(257)).code == "E005")
        #expect(try ["E001", "E005"].contains(fault("a: " + nested(200_000)).code))
        #expect(try ["E001", "E005"].contains(fault(String(repeating: "- ", count: 100_000)).code))
    }

    @Test func aBillionLaughsAreRefused() throws {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }

        #expect(try fault(text, limits: .init(nodes: 20_000)).code == "E005")
    }

    @Test func aLongChainOfAnchorsIsRefused() throws {
        var text = "a0: &a0 [x]\n"
        for level in 1...40_000 { text += "a\(level): &a\(level) [*a\(level - 1)]\n" }

        let fault = try fault(text)
        #expect(fault.code == "E005")
        #expect(fault.position == SourcePosition(line: 2, column: 10))
    }

    @Test func aChainOfAnchorsWithOneNameIsRefused() throws {
        let text = "a: &a [x]\n" + (1...40_000).map { "a\($0): &a [*a]\n" }.joined()

        #expect(try fault(text).code == "E005")
    }

    /// Brackets and ampersands within texts are no levels and no anchors.
    @Test func aFlatDocumentMayHaveManyAnchors() throws {
        var text = ""
        for number in 0..<150 {
            text += "a\(number): &a\(number) {x: \"States.Format('{} {}', $.a[0], $.b[0])\"}\n"
            text += "b\(number): [*a\(number), \"{% 'x ' & $y & ' [' %}\"]\n"
        }

        let value = try value(text)
        #expect(value["b149"]?[0] == value["a149"])
    }

    @Test(arguments: [
        "a: !Join [1, 2]", "a: !GetAtt [Q, Arn]", "a: !Whatever {b: 1}", "!Foo\na: 1", "a: !Ref x",
    ])
    func tagsAreRefused(text: String) throws {
        #expect(try fault(text).code == "E004")
    }

    @Test(arguments: ["a: !!bool nope", "a: !!null nope", "a: !!int nope"])
    func aTagThatItsTextDoesNotFitIsRefused(text: String) throws {
        #expect(try fault(text).code == "E001")
    }

    @Test func tagsOfWhatAValueIsAnywayAreTaken() throws {
        #expect(
            try value("!!map\na: !!seq [!!bool true, !!null null, !!str 1]") == ["a": [true, .null, "1"]])
    }

    @Test func aModestChainOfAnchorsIsJustTooDeep() throws {
        var text = "a0: &a0 [x]\n"
        for level in 1...90 { text += "a\(level): &a\(level) [[[*a\(level - 1)]]]\n" }

        #expect(try fault(text).code == "E005")
    }

    /// A pointer holds the names around a value, so that a long name would be kept once for each value in it.
    @Test(arguments: ["m.json", "m.yaml"])
    func aLongNameAroundManyValuesIsRefused(file: String) throws {
        let members = (0..<4000).map { "\"\($0)\": 1" }.joined(separator: ", ")
        let name = String(repeating: "n", count: 100_000)
        let text = file == "m.json" ? "{\"\(name)\": {\(members)}}" : "? \(name)\n: {\(members)}"

        #expect(try fault(text, file: file).code == "E005")
    }

    @Test func manyMergesAreReadInLinearTime() throws {
        let base = (0..<300).map { "k\($0): 1" }.joined(separator: ", ")
        let text = "b: &b {\(base)}\n" + (0..<1000).map { "m\($0): {<<: *b}\n" }.joined()

        #expect(try value(text)["m999"]?["k299"] == 1)
        #expect(try self.fault(text, limits: .init(nodes: 100_000)).code == "E005")
    }
}
