import JSONModel
import Testing
import Words

@Suite struct WordingTests {
    private static let texts = [Wording("one", es: "uno"), Wording("two", es: "dos")]

    @Test func aListIsHandedOnInEveryLanguage() {
        let handed = JSONValue.object(JSONObject(Wording.members("faults", Self.texts)))

        #expect(handed == ["faults": ["one", "two"], "faultsIn": ["es": ["uno", "dos"]]])
        #expect(Wording.list("faults", in: handed) == Self.texts)
    }

    @Test func aTextIsHandedOnInEveryLanguage() {
        let handed = JSONValue.object(JSONObject(Wording.members("message", Self.texts[0])))

        #expect(handed == ["message": "one", "messageIn": ["es": "uno"]])
        #expect(Wording.text("message", in: handed) == Self.texts[0])
        #expect(Wording.text("advice", in: handed) == nil)
    }

    /// Rows and workers from before there were other languages; and texts that do not belong together.
    @Test(
        arguments: [
            ["faults": ["one"]], ["faults": ["one"], "faultsIn": ["es": ["uno", "dos"]]],
            ["faults": ["one"], "faultsIn": ["fr": ["un"]]], ["faults": ["one"], "faultsIn": 7],
        ] as [JSONValue])
    func whatIsOnlyThereInEnglishIsQuoted(_ handed: JSONValue) {
        #expect(Wording.list("faults", in: handed) == [.quoted("one")])
    }

    @Test func whatIsNotThereIsNothing() {
        #expect(Wording.list("faults", in: [:]) == [])
        #expect(Wording.list("faults", in: ["faults": "text"]) == [])
    }

    /// The cause is what somebody else said; what the error stands for is Steward's.
    @Test func aFailureIsExplainedWhereItsErrorIsKnown() {
        let known = Wording.failure("IAM.Throttling", cause: "Rate exceeded")
        #expect(known.english == "IAM.Throttling: Rate exceeded")
        #expect(known.spanish == "IAM.Throttling: IAM recibe demasiadas peticiones. En inglés: Rate exceeded")
        let away = Wording.failure("IAM.Transport.CouldNotConnect", cause: "")
        #expect(away.spanish.hasPrefix("IAM.Transport.CouldNotConnect: no se llega a IAM"))
        #expect(Wording.failure("Steward.NoBackup", cause: "").english == "Steward.NoBackup")
        #expect(
            Wording.failure("Steward.NoBackup", cause: "").spanish
                == "Steward.NoBackup: no hay ninguna copia de seguridad de lo que se retiró.")
        #expect(Wording.failure("Mine", cause: "way") == .quoted("Mine: way"))
        #expect(Wording.failure("", cause: "way") == .quoted("way"))
    }

    @Test(arguments: [
        ("0", "0"), ("1234.5", "1234,5"), ("12345.678", "12.345,678"), ("-1234567", "-1.234.567"),
        ("999999", "999.999"), ("0.000000125", "0,000000125"),
    ])
    func numbersAreWrittenAsSpanishWritesThem(_ number: String, _ expected: String) {
        #expect(SpanishNumber.text(number) == expected)
        #expect(SpanishNumber.dollars(number) == "\(expected)\u{A0}US$")
    }
}
