import Budgets
import Enforcement
import JSONModel
import Testing
import WallTime
import Words

@testable import Notifications

/// Notices in Spanish, on the clocks of Madrid.
@Suite struct SpanishTextTests {
    static let style = NoticeStyle(language: .spanish, zone: CivilZone(identifier: "Europe/Madrid") ?? .utc)

    /// What notices of every kind may say, with names that are in no language.
    static let everything: JSONObject = [
        "model": "acme.x", "amount": "101", "requestId": "r-7", "usedAt": "2026-11-20T09:00:00Z", "number": 17,
        "problem": "0.1 -> 0", "confirmedAt": "2026-11-01T01:00:00Z", "suspendedAt": "2026-11-20T08:00:00Z",
        "by": "zoe", "credential": "ACCA1", "happenedAt": "2026-11-20T09:00:00Z",
        "tags": [["key": "Steward:Team", "before": "x", "after": .null]], "endpoint": "bedrock",
        "operation": "Telepathy", "source": "q1", "kind": "sqs", "since": "2026-11-20T08:00:00Z", "busy": ["q2"],
        "lastError": "E42", "grantedElsewhere": ["p1"], "faults": ["f1"], "findings": ["b1", "b2"],
        "action": "repair", "date": "2026-11-20", "zone": "Europe/Madrid", "hasData": true, "cost": "12345.678",
        "requests": 42, "tokens": 123_456, "fallbackCost": "1.5", "costBefore": "10",
        "spenders": [["name": "ana", "cost": "8"]], "models": [["name": "acme.x", "cost": "8"]], "suspended": ["cy"],
        "grace": ["dee"], "failed": ["eli"], "held": ["zoe"], "billed": "120", "charged": "100",
        "forecasts": [["name": "ana", "limit": "20", "reachesLimitAt": "2026-11-25T10:15:00Z"]],
    ]

    /// Names, commands and words that are the same in both languages.
    private static let shared: Set<String> = [
        "bedrock", "steward", "iam", "aws", "ana", "acme", "telepathy", "no", "us", "price", "list", "cost",
        "explorer",
    ]

    private static func words(_ text: String) -> Set<String> {
        Set(text.lowercased().split { !$0.isLetter }.map(String.init).filter { $0.count > 1 })
    }

    private static func notice(_ kind: Notice.Kind, _ extra: JSONObject = [:]) throws -> Notice {
        var data = everything
        for (name, value) in extra { data[name] = value }
        return try makeNotice(kind, adding: data)
    }

    @Test(arguments: Notice.Kind.allCases)
    func subjectsHaveNoEnglishWordLeft(_ kind: Notice.Kind) throws {
        let notice = try Self.notice(kind)
        let (english, spanish) = (NoticeText(notice), NoticeText(notice, style: Self.style))

        #expect(english.subject != spanish.subject)
        #expect(Self.words(english.subject).intersection(Self.words(spanish.subject)).subtracting(Self.shared) == [])
    }

    /// Words without which there is no English sentence, and that are none in Spanish.
    private static let english: Set<String> = [
        "the", "of", "its", "it", "is", "was", "has", "been", "to", "and", "for", "from", "with", "that", "this", "at",
        "in", "on", "by", "what", "when", "which", "who", "not", "or", "unknown", "access", "budget", "spent",
    ]

    @Test(arguments: Notice.Kind.allCases)
    func bodiesHaveNoEnglishSentenceLeft(_ kind: Notice.Kind) throws {
        for reason in Self.reasons {
            let text = NoticeText(try Self.notice(kind, ["reason": .string(reason)]), style: Self.style)
            // Commands and settings are said as they are.
            let sentences = text.plain.replacing(Self.quoted, with: "").replacing("Qué falló: \(reason)", with: "")
            #expect(Self.words(sentences).intersection(Self.english) == [], "\(text.plain)")
            #expect(text.facts.allSatisfy { Self.words($0.label).isDisjoint(with: ["principal", "period", "used"]) })
        }
    }

    /// What stands in no language: commands with their options, settings.
    private static var quoted: Regex<Substring> {
        /`[^`]+`|workflowctl [a-z]+(?: [a-z]+)?(?: -[-a-z]+ [^ \n]+)*|[a-z]+\.[a-zA-Z]+/
    }

    private static let reasons =
        NoticeFacts.knownReasons.sorted() + SuspensionRequest.Reason.allCases.map(\.rawValue)

    /// Both languages say the same facts: every number, name and command of one is in the other.
    @Test(arguments: Notice.Kind.allCases)
    func bothLanguagesSayTheSameFacts(_ kind: Notice.Kind) throws {
        let notice = try Self.notice(kind)
        let (english, spanish) = (NoticeText(notice), NoticeText(notice, style: NoticeStyle(language: .spanish)))

        #expect(english.paragraphs.count == spanish.paragraphs.count)
        #expect((english.advice == nil) == (spanish.advice == nil))
        #expect(english.usage?.percent == spanish.usage?.percent)
        #expect(english.facts.count == spanish.facts.count)
        #expect(english.tone == spanish.tone)
        for name in ["ana", "acme.x", "ACCA1", "r-7", "zoe", "q1", "q2", "E42", "p1", "f1", "b1", "Telepathy", " 17"] {
            // A channel is a "canal", which has a name in it.
            let said = spanish.plain.replacing("canal", with: "")
            #expect(english.plain.contains(name) == said.contains(name), "\(name)")
        }
        let commands = /workflowctl [a-z]+ [a-z]+/
        let said = Set(english.plain.matches(of: commands).map { String($0.output) })
        #expect(said.isSubset(of: spanish.plain.matches(of: commands).map { String($0.output) }))
    }

    @Test func whatWasFoundIsSaidInSpanish() throws {
        let bypass = NoticeText(
            try makeNotice(.bypass, adding: JSONObject(Wording.members("findings", [Wording("Boo", es: "Bu")]))),
            style: Self.style)
        #expect(bypass.paragraphs.contains("Bu") && !bypass.plain.contains("Boo"))

        let unknown = Wording(
            "principals unknown to this ledger", es: "identidades que este libro de cuentas no conoce")
        let drift = try makeNotice(
            .accessDrift,
            adding: JSONObject(
                Wording.members("faults", [Wording("x is attached", es: "x está asociada")])
                    + Wording.members("principalName", unknown)))
        let spanish = NoticeText(drift, style: Self.style)
        #expect(spanish.subject == "IAM no está como lo dejó Steward: \(unknown.spanish)")
        #expect(spanish.plain.contains("Lo que se ha encontrado: x está asociada."))
        #expect(NoticeText(drift).plain.contains("What is found: x is attached."))
    }

    /// Steward's own words about a failure; what AWS said stays as it is.
    @Test(arguments: [Notice.Kind.suspensionFailed, .restorationFailed])
    func whatFailedIsSaidInSpanish(_ kind: Notice.Kind) throws {
        for error in Wording.knownFailures.sorted() {
            let failure = Wording.failure(error, cause: "AWS said E42")
            let notice = try makeNotice(kind, adding: JSONObject(Wording.members("reason", failure)))
            let spanish = NoticeText(notice, style: Self.style).plain
            #expect(spanish.contains("Qué falló: \(failure.spanish)") && spanish.contains("AWS said E42"))
            let own = failure.spanish.replacing("AWS said E42", with: "").replacing(error, with: "")
            #expect(Self.words(own).intersection(Self.english) == [], "\(own)")
            #expect(NoticeText(notice).plain.contains("What failed: \(error): AWS said E42"))
        }
    }

    @Test func aWarningReadsAsPeopleInMadridWriteIt() throws {
        let text = NoticeText(
            try makeNotice(.budgetWarning, spent: "12345.6", limit: "15000", adding: ["percent": 82]), style: Self.style
        )

        #expect(text.subject == "Aviso del presupuesto de Bedrock: ana")
        #expect(
            text.paragraphs[0]
                == "ana ha gastado 12.345,60\u{A0}US$ de 15.000,00\u{A0}US$ (82\u{A0}%) de su presupuesto de Amazon Bedrock."
        )
        #expect(
            text.plain.contains("El periodo del presupuesto va del 19/11/2026 11:00 UTC+1 al 19/12/2026 11:00 UTC+1."))
        let command = "workflowctl budget set 111122223333/user/ana --limit IMPORTE"
        #expect(text.plain.contains("Para cambiar el límite: \(command)"))
        #expect(text.plain.contains("Identidad: 111122223333/user/ana\n"))
        #expect(text.plain.hasSuffix("Las horas son las de Europe/Madrid.\n"))
        #expect(text.html.contains("<html lang=\"es\">"))
        #expect(text.html.contains("Enviado por Steward."))
    }

    @Test(arguments: [
        ("0.92", "0,92\u{A0}US$"), ("1234.5", "1234,50\u{A0}US$"), ("12345.678", "12.345,68\u{A0}US$"),
        ("1234567", "1.234.567,00\u{A0}US$"), ("-12345.5", "-12.345,50\u{A0}US$"),
        ("0.000000125", "0,000000125\u{A0}US$"),
        ("0", "0,00\u{A0}US$"),
    ])
    func amountsHaveADecimalComma(_ dollars: String, _ expected: String) throws {
        #expect(Self.style.money(try #require(NanoDollars(dollars: dollars))) == expected)
    }

    /// Before, in and after the hour that comes twice, and over the one that is skipped.
    @Test(arguments: [
        ("2026-07-01T22:30:00.000Z", "02/07/2026 00:30 UTC+2"), ("2026-10-25T00:30:00.000Z", "25/10/2026 02:30 UTC+2"),
        ("2026-10-25T01:30:00.000Z", "25/10/2026 02:30 UTC+1"), ("2026-03-29T00:59:59.999Z", "29/03/2026 01:59 UTC+1"),
        ("2026-03-29T01:00:00.000Z", "29/03/2026 03:00 UTC+2"), ("1969-12-31T23:30:00.000Z", "01/01/1970 00:30 UTC+1"),
        ("soon", "soon UTC"),
    ])
    func timesAreThoseOfTheZone(_ utc: String, _ local: String) {
        #expect(Self.style.moment(utc) == local)
    }

    @Test(arguments: [
        ("Asia/Kolkata", "2026-11-20 15:30 UTC+5:30"), ("America/St_Johns", "2026-11-20 06:30 UTC-3:30"),
        ("UTC", "2026-11-20 10:00 UTC"), ("Africa/Abidjan", "2026-11-20 10:00 UTC"),
    ])
    func offsetsAreExact(_ zone: String, _ expected: String) throws {
        let style = NoticeStyle(zone: try #require(CivilZone(identifier: zone)))
        #expect(style.moment(now.iso8601) == expected)
    }

    @Test(
        arguments: [
            (1, "1 segundo"), (90, "1 minuto y 30 segundos"), (3600, "1 hora"), (0, "0 segundos"),
            (90_061, "1 día 1 hora 1 minuto y 1 segundo"), (172_800, "2 días"),
        ] as [(Int64, String)])
    func spansAreInWords(_ seconds: Int64, _ expected: String) {
        #expect(Self.style.words(seconds: seconds) == expected)
    }

    @Test(arguments: [
        (BudgetUnit.requests, Int64(350), Int64(350), "350\u{A0}peticiones de 350\u{A0}peticiones de equipo data"),
        (.requests, 1, 2, "1\u{A0}petición de 2\u{A0}peticiones de equipo data"),
        (.tokens, 12_000, 10_000, "12.000\u{A0}tokens de 10.000\u{A0}tokens de equipo data"),
        (.money, 1_040_000_000, 1_000_000_000, "1,04\u{A0}US$ de 1,00\u{A0}US$ de equipo data"),
    ])
    func quotasAreInTheirUnit(_ unit: BudgetUnit, _ spent: Int64, _ limit: Int64, _ expected: String) throws {
        let cause: JSONValue = [
            "budgetId": "other", "scope": "team:data", "unit": .string(unit.rawValue), "spent": .int(spent),
            "limit": .int(limit), "text": "in English",
        ]
        let text = NoticeText(try makeNotice(.graceStarted, adding: ["cause": cause]), style: Self.style)

        #expect(text.paragraphs[0] == "ana ha agotado su presupuesto de Amazon Bedrock: \(expected).")
        #expect(text.usage?.caption == expected)
        #expect(text.usage?.percent == Int(spent * 100 / limit))
        #expect(text.facts.contains { $0.label == "Presupuesto de" && $0.value == "equipo data" })
    }

    /// Commands are the same in every language: scopes stand in them as they are typed.
    @Test func commandsAreNotTranslated() {
        let data: JSONValue = [
            "budgetId": "team:data#requests/day", "scope": "team:data", "unit": "requests", "spentAmount": 5,
            "limitAmount": 5, "percent": 100,
        ]
        let text = NoticeText(
            Notice(id: "x", kind: .furtherBudgetExceeded, principal: nil, data: data, at: now), style: Self.style)

        #expect(text.subject == "Presupuesto de Bedrock agotado: equipo data")
        #expect(text.advice?.hasSuffix("workflowctl budget set team:data --requests NÚMERO --period day") == true)
    }

    @Test func missingFactsAreSaidToBeUnknown() {
        let text = NoticeText(
            Notice(id: "x", kind: .graceStarted, principal: nil, data: [:], at: now), style: Self.style)

        #expect(text.subject.hasSuffix(": una identidad desconocida"))
        #expect(text.plain.contains("un importe desconocido de un importe desconocido"))
        #expect(text.usage == nil)
    }
}
