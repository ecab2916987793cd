import JSONModel
import StatesLanguage
import Testing

@Suite struct DiagnosticPrinterTests {
    static let source = """
        StartAt: A
        States:
        \tÄ: {Type: Pas}
        """

    static let error = Diagnostic(
        code: "E106", severity: .error, message: "'Pas' is not a type", hint: "did you mean 'Pass'?",
        pointer: "/States/Ä/Type", file: "a b.yaml", position: SourcePosition(line: 3, column: 12))
    static let warning = Diagnostic(code: "W803", severity: .warning, message: "a secret", pointer: "/States/Ä")

    @Test func textShowsPlaceLineCaretAndHint() {
        let text = DiagnosticPrinter.text([Self.error], source: Self.source, color: false)

        #expect(
            text == """
                a b.yaml:3:12: error: 'Pas' is not a type [E106]
                    \tÄ: {Type: Pas}
                    \t          ^
                    hint: did you mean 'Pass'?

                """)
    }

    @Test(arguments: ["\n", "\r\n", "\r", "\u{2028}"])
    func linesEndAsTheReadersCountThem(_ lineBreak: String) {
        let source = "\u{FEFF}" + Self.source.replacing("\n", with: lineBreak) + lineBreak
        let counted = ["\u{FEFF}a: 1", "b: 2", "a: 3"].joined(separator: lineBreak)
        let (_, found) = SourceDocument.read(counted, file: "a.yaml")

        #expect(
            DiagnosticPrinter.text([Self.error], source: source, color: false)
                == DiagnosticPrinter.text([Self.error], source: Self.source, color: false))
        #expect(found.first?.position == SourcePosition(line: 3, column: 1))
    }

    /// JSON knows no other end of a line.
    @Test(arguments: [("\n", "    {\n    ^\n"), ("\r\n", "    {\n    ^\n"), ("\r", "    {\r\"a\": 1}\n    ^\n")])
    func linesOfJSONEndWithALineFeed(_ lineBreak: String, _ shown: String) {
        let diagnostic = Diagnostic(
            code: "E101", severity: .error, message: "m", pointer: "", file: "a.json",
            position: SourcePosition(line: 1, column: 1))
        let text = DiagnosticPrinter.text([diagnostic], source: "{\(lineBreak)\"a\": 1}", color: false)

        #expect(text == "a.json:1:1: error: m [E101]\n" + shown)
    }

    @Test func textWithoutPositionShowsThePointer() {
        let text = DiagnosticPrinter.text([Self.warning], source: nil, color: false)

        #expect(text == "/States/Ä: warning: a secret [W803]\n")
    }

    @Test func severalDiagnosticsAreSetApartByABlankLine() {
        let text = DiagnosticPrinter.text([Self.warning, Self.warning], source: nil, color: false)

        #expect(text == "/States/Ä: warning: a secret [W803]\n\n/States/Ä: warning: a secret [W803]\n")
    }

    @Test func coloursAreOnlyUsedWhenAskedFor() {
        let text = DiagnosticPrinter.text([Self.error], source: Self.source, color: true)

        #expect(text.contains("\u{1B}[1;31merror\u{1B}[0m"))
        #expect(text.contains("\u{1B}[1;32m^\u{1B}[0m"))
    }

    @Test func aPositionOutsideTheSourceHasNoLine() {
        let text = DiagnosticPrinter.text([Self.error], source: "one line", color: false)

        #expect(text == "a b.yaml:3:12: error: 'Pas' is not a type [E106]\n    hint: did you mean 'Pass'?\n")
    }

    @Test func jsonHasOneObjectForEachDiagnostic() {
        #expect(
            DiagnosticPrinter.json([Self.error, Self.warning]) == [
                [
                    "code": "E106", "severity": "error", "message": "'Pas' is not a type",
                    "hint": "did you mean 'Pass'?", "pointer": "/States/Ä/Type", "file": "a b.yaml", "line": 3,
                    "column": 12,
                ],
                ["code": "W803", "severity": "warning", "message": "a secret", "pointer": "/States/Ä"],
            ])
    }

    @Test func sarifNamesItsRulesAndPlaces() {
        let log = DiagnosticPrinter.sarif([Self.warning, Self.error])
        let run = log["runs"]?[0]
        let rules = run?["tool"]?["driver"]?["rules"]?.arrayValue ?? []
        let result = run?["results"]?[1]
        let place = result?["locations"]?[0]

        #expect(log["version"] == "2.1.0")
        #expect(rules.map { $0["id"] } == ["E106", "W803"])
        #expect(rules[0]["name"] == "unknownValue")
        #expect(result?["ruleId"] == "E106")
        #expect(result?["ruleIndex"] == 0)
        #expect(result?["level"] == "error")
        #expect(result?["message"]?["text"] == "'Pas' is not a type (did you mean 'Pass'?)")
        #expect(place?["physicalLocation"]?["artifactLocation"]?["uri"] == "a%20b.yaml")
        #expect(place?["physicalLocation"]?["region"] == ["startLine": 3, "startColumn": 12])
        #expect(place?["logicalLocations"]?[0]?["fullyQualifiedName"] == "/States/Ä/Type")
        #expect(run?["results"]?[0]?["locations"]?[0]?["physicalLocation"] == nil)
    }

    @Test func sarifTakesFurtherRules() {
        let finding = Diagnostic(code: "F102", severity: .error, message: "m", pointer: "/x")
        let rule = DiagnosticPrinter.Rule(
            code: "F102", name: "unknownField", meaning: "No such field.", severity: .error)
        let run = DiagnosticPrinter.sarif([finding, Self.error], rules: DiagnosticPrinter.rules + [rule])["runs"]?[0]

        #expect(run?["tool"]?["driver"]?["rules"]?.arrayValue?.map { $0["id"] } == ["E106", "F102"])
        #expect(run?["results"]?[0]?["ruleIndex"] == 1)
    }

    @Test func everyCodeHasAMeaningInOneSentence() {
        for code in DiagnosticCode.allCases {
            #expect(code.meaning.hasSuffix("."))
            #expect(!code.meaning.contains("\n"))
        }
        #expect(Set(DiagnosticCode.allCases.map(\.meaning)).count == DiagnosticCode.allCases.count)
    }
}
