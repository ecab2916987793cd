import Budgets
import Enforcement
import JSONModel
import Testing
import WallTime

@testable import Notifications

@Suite struct NoticeTextTests {
    @Test func everyKindHasASubjectOfItsOwn() throws {
        let subjects = try Notice.Kind.allCases.map { NoticeText(try makeNotice($0)).subject }

        #expect(Set(subjects).count == Notice.Kind.allCases.count)
    }

    /// Kinds that are about no budget.
    private static let others: Set<Notice.Kind> = [
        .unknownModel, .bypass, .rogueKey, .tagTampering, .unknownOperation, .ingestSilent,
        .implausibleCost, .priceQuarantined, .pricesStale, .dailySummary, .costDrift,
        .furtherBudgetExceeded, .test,
    ]

    @Test(arguments: Notice.Kind.allCases.filter { !others.contains($0) })
    func everyKindNamesPrincipalMoneyAndPeriod(_ kind: Notice.Kind) throws {
        let text = NoticeText(try makeNotice(kind))

        #expect(text.subject.contains("ana"))
        #expect(text.plain.contains("ana"))
        #expect(text.plain.contains("$0.92 of $1.00 (92 %)"))
        #expect(text.plain.contains("2026-11-19 10:00 UTC to 2026-12-19 10:00 UTC"))
    }

    @Test func aCountdownSaysHowMuchIsLeft() throws {
        let countdown: JSONObject = ["secondsLeft": 600]
        let text = NoticeText(try makeNotice(.graceCountdown, spent: "1.04", adding: countdown))
        let spanish = NoticeText(
            try makeNotice(.graceCountdown, adding: countdown), style: NoticeStyle(language: .spanish))

        #expect(text.plain.contains("In 10 minutes its access to Bedrock is suspended, unless the limit is raised"))
        #expect(spanish.plain.contains("En 10 minutos se suspenderá su acceso"))
    }

    @Test func aProtectionSaysWhoGaveItUntilWhenAndHowItIsTakenBack() throws {
        let hold: JSONValue = [
            "by": "operator:eve", "reason": "demo week", "until": "2026-11-27T10:00:00Z",
            "since": "2026-11-20T10:00:00Z",
        ]
        let given = NoticeText(try makeNotice(.protectionChanged, adding: ["isProtected": true, "protection": hold]))
        let taken = NoticeText(
            try makeNotice(
                .protectionChanged, adding: ["isProtected": false, "by": "operator:zoe", "why": "demo is over"]))

        #expect(given.subject == "Protected from suspension: ana")
        #expect(given.plain.contains("Ordered by operator:eve, until 2026-11-27 10:00 UTC. Why: demo week"))
        #expect(given.advice?.contains("principal unprotect 111122223333/user/ana --reason WHY") == true)
        #expect(taken.subject == "No longer protected from suspension: ana")
        #expect(taken.plain.contains("Ordered by operator:zoe. Why: demo is over") && taken.advice == nil)
    }

    @Test func aBypassListsItsFindings() {
        let findings = (1...22).map { JSONValue.string("finding \($0)\nsecond line") }
        let text = NoticeText(
            Notice(id: "bypass/x", kind: .bypass, principal: nil, data: ["findings": .array(findings)], at: now))

        #expect(text.paragraphs.contains("finding 20 second line"))
        #expect(text.paragraphs.contains("and 2 more"))
        #expect(!text.plain.contains("finding 21"))
    }

    @Test(arguments: [("repair", "Steward repairs it"), ("report", "Nothing was changed")])
    func driftSaysWhatWasFoundAndWhatIsDone(_ action: String, _ words: String) {
        let data: JSONValue = [
            "reason": "orphan-deny", "action": .string(action), "faults": ["the deny is there"],
            "principalName": "ana",
        ]
        let text = NoticeText(
            Notice(id: "access-drift/x", kind: .accessDrift, principal: nil, data: data, at: now))

        #expect(text.plain.contains("no suspension of it is known") && text.plain.contains("the deny is there"))
        #expect(text.plain.contains(words))
    }

    @Test(
        arguments: [
            (Notice.Kind.rogueKey, ["ana", "ACCA1", "111122223333/user/eve", "2026-11-20 09:00 UTC"]),
            (.tagTampering, ["ana", "111122223333/user/eve", "Steward:Team: data became not set"]),
            (.unknownOperation, ["ana", "bedrock Telepathy"]),
            (.ingestSilent, ["logs", "firehose", "2026-11-20 08:00 UTC", "queue, other", "Its last error: gone"]),
        ] as [(Notice.Kind, [String])])
    func whatIngestionTellsNamesItsFacts(_ kind: Notice.Kind, _ facts: [String]) {
        let data: JSONValue = [
            "principalName": "ana", "by": "111122223333/user/eve", "happenedAt": "2026-11-20T09:00:00Z",
            "credential": "ACCA1", "tags": [["key": "Steward:Team", "before": "data", "after": .null]],
            "endpoint": "bedrock", "operation": "Telepathy", "source": "logs", "kind": "firehose",
            "since": "2026-11-20T08:00:00Z", "busy": ["queue", "other"], "lastError": "gone",
        ]
        let text = NoticeText(Notice(id: "x", kind: kind, principal: nil, data: data, at: now))
        for fact in facts { #expect((text.subject + text.plain).contains(fact)) }
    }

    @Test func unknownModelNamesModelAndPrincipal() {
        let principal = PrincipalID(account: "111122223333", kind: .role, name: "batch")
        let data: JSONValue = ["model": "acme.new-v1:0", "principalId": .string(principal.description)]

        let text = NoticeText(
            Notice(id: "unknown-model/x", kind: .unknownModel, principal: principal, data: data, at: now))

        #expect(text.subject.contains("acme.new-v1:0"))
        #expect(text.plain.contains("batch used acme.new-v1:0"))
    }

    @Test(
        arguments: [
            (Notice.Kind.implausibleCost, ["ana", "acme.a", "$101.00", "r-7", "2026-11-20 09:00 UTC"]),
            (.priceQuarantined, ["acme.a", "has become zero", "price accept 17", "price withdraw 17"]),
            (.pricesStale, ["2026-11-01 01:00 UTC", "workflowctl price sync"]),
        ] as [(Notice.Kind, [String])])
    func noticesAboutPricesSayWhatIsWrongAndWhatToDo(_ kind: Notice.Kind, _ parts: [String]) throws {
        let text = NoticeText(
            try makeNotice(
                kind,
                adding: [
                    "model": "acme.a", "amount": "101", "requestId": "r-7", "usedAt": "2026-11-20T09:00:00Z",
                    "number": 17, "problem": "input has become zero", "confirmedAt": "2026-11-01T01:00:00Z",
                ]))
        for part in parts { #expect((text.subject + text.plain).contains(part), "\(part)") }
    }

    @Test func aRestorationAfterRepricingSaysSo() throws {
        let text = NoticeText(try makeNotice(.restored, reason: .repriced))
        #expect(text.plain.contains("priced anew"))
    }

    @Test(arguments: [
        (45, "In 45 seconds "), (60, "In 1 minute "), (90, "In 1 minute 30 seconds "), (300, "In 5 minutes "),
        (3600, "In 1 hour "), (90_061, "In 1 day 1 hour 1 minute 1 second "), (0, "At once "),
    ])
    func graceIsNotRounded(_ seconds: Int, _ words: String) throws {
        let text = NoticeText(try makeNotice(.graceStarted, graceSeconds: seconds))

        #expect(text.plain.contains(words + "its access to Bedrock is suspended."))
        #expect(!text.plain.contains(" 0 minutes"))
    }

    @Test(arguments: [
        ("0.92", "1", "$0.92 of $1.00"), ("1.044999999", "1.5", "$1.04 of $1.50"),
        ("0.000000125", "0.01", "$0.000000125 of $0.01"), ("12345.6", "9999", "$12345.60 of $9999.00"),
    ])
    func moneyIsShownInCentsUnlessItIsLess(_ spent: String, _ limit: String, _ words: String) throws {
        #expect(NoticeText(try makeNotice(.budgetWarning, spent: spent, limit: limit)).plain.contains(words))
    }

    @Test func missingFactsAreSaidToBeUnknown() {
        let bare = Notice(id: "x", kind: .graceStarted, principal: nil, data: [:], at: now)

        let text = NoticeText(bare)

        #expect(text.subject.contains("an unknown principal"))
        #expect(text.plain.contains("an unknown amount of an unknown amount"))
        #expect(text.plain.contains("After the grace period its access"))
        #expect(!text.plain.contains("The budget period runs"))
    }

    @Test(arguments: SuspensionDecision.Reason.allCases)
    func everyReasonToSpareIsInWords(_ reason: SuspensionDecision.Reason) throws {
        let text = NoticeText(try makeNotice(.spared, adding: ["spared": .string(reason.rawValue)]))

        let sentence = try #require(text.paragraphs.first { $0.hasPrefix("Its access is not taken away: ") })
        #expect(!sentence.contains(": \(reason.rawValue.replacing("-", with: " "))."), "\(reason) is only a code")
    }

    @Test func reasonThatIsNoCodeIsSaidAsItIs() throws {
        let text = NoticeText(try makeNotice(.restorationSkipped, adding: ["reason": "still-over-limit"]))

        #expect(text.plain.contains("stays as it is: still over limit."))
    }

    @Test func restorationSaysWhetherAPeriodBeganOrALimitWasRaised() throws {
        let ended = NoticeText(
            try makeNotice(.restored, reason: .periodEnded, adding: ["periodEnd": .string(now.iso8601)]))
        let raised = NoticeText(try makeNotice(.restored, spent: "1.5", limit: "5", reason: .limitRaised))

        #expect(ended.plain.contains("A new budget period has begun, with $1.00 to spend."))
        #expect(ended.plain.contains("In the period from"))
        #expect(raised.plain.contains("none takes its access any more: it has spent $1.50 of $5.00"))
        #expect(ended.tone == .good)
        let lifted = NoticeText(try makeNotice(.restored, reason: .blockLifted))
        #expect(lifted.plain.contains("Why: the block was lifted."))
        #expect(!lifted.plain.contains("A new budget period"))
    }

    /// A limit that was raised in the grace, or a block: nothing is used up.
    @Test(arguments: [Notice.Kind.spared, .suspensionFailed, .unenforceable])
    func whatIsNotUsedUpIsNotSaidToBe(_ kind: Notice.Kind) throws {
        let below = NoticeText(try makeNotice(kind, spent: "1.35", limit: "50", adding: ["reason": "not-exceeded"]))
        let beyond = NoticeText(try makeNotice(kind, spent: "1.35", limit: "1", adding: ["reason": "protected"]))
        func claims(_ text: NoticeText) -> Bool {
            (text.subject + text.plain).contains(/budget exceeded|used up|exceeded its/)
        }

        #expect(!claims(below) && below.plain.contains("$1.35 of $50.00 (2 %)"))
        #expect(claims(beyond))
    }

    private func cause(_ id: String, _ scope: String, _ unit: String) -> JSONObject {
        [
            "cause": [
                "budgetId": .string(id), "scope": .string(scope), "unit": .string(unit), "spent": 2_500_000_000,
                "limit": 1_000_000_000,
            ]
        ]
    }

    /// With the own budget's limit raised, the other would go on keeping the access away; without its unit or period it
    /// would be another budget.
    @Test(arguments: [
        ("team:data#money/month@Europe/Madrid", "team:data", "team:data --limit AMOUNT --period month@Europe/Madrid"),
        ("team:big data#tokens/day", "team:big data", "'team:big data' --tokens NUMBER --period day"),
        (
            "principal:111122223333/user/ana#requests/7d", "principal:111122223333/user/ana",
            "111122223333/user/ana --requests NUMBER --period 7d"
        ),
        (
            "principal:111122223333/user/ana#money/day", "principal:111122223333/user/ana",
            "111122223333/user/ana --limit AMOUNT --period day --beside"
        ),
        ("pool#money/30d", "pool", "pool --limit AMOUNT --period 30d"),
    ])
    func theRemedyChangesTheBudgetThatIsUsedUp(_ id: String, _ scope: String, _ command: String) throws {
        let unit = id.contains("#tokens") ? "tokens" : id.contains("#requests") ? "requests" : "money"
        let suspended = NoticeText(try makeNotice(.suspended, adding: cause(id, scope, unit)))
        #expect(suspended.advice == "To change the limit: workflowctl budget set \(command)")
        if unit == "money" { #expect(suspended.plain.contains("It spent $2.50 of $1.00 of \(scope).")) }

        let data: JSONValue = [
            "budgetId": .string(id), "scope": .string(scope), "unit": .string(unit), "spentAmount": 5, "limitAmount": 5,
            "percent": 100, "mode": "enforce",
        ]
        let used = NoticeText(Notice(id: "x", kind: .furtherBudgetExceeded, principal: nil, data: data, at: now))
        #expect(used.advice == suspended.advice)
    }

    @Test(arguments: [Notice.Kind.finalWarning, .suspended])
    func aBlockSaysWhoWhyAndUntilWhen(_ kind: Notice.Kind) throws {
        func text(_ until: String, _ style: NoticeStyle = .standard) throws -> NoticeText {
            let block: JSONValue = ["by": "operator:eve", "reason": "leaked key", "until": .string(until)]
            return NoticeText(
                try makeNotice(kind, adding: ["reason": "blocked-by-person", "block": block]), style: style)
        }

        #expect(
            try text("2026-11-20T11:00:00.000Z").plain.contains(
                "Ordered by operator:eve, until 2026-11-20 11:00 UTC. Why: leaked key"))
        #expect(try text("reset").plain.contains("until the next daily reset."))
        let never = try text("never", NoticeStyle(language: .spanish))
        #expect(never.plain.contains("Lo ordenó operator:eve, hasta que alguien lo levante. Motivo: leaked key"))
        let advice = try text("never").advice
        #expect(advice?.hasPrefix("`workflowctl principal unblock 111122223333/user/ana --reason WHY` lifts") == true)
    }

    @Test(arguments: [Notice.Kind.budgetWarning, .budgetCritical])
    func aBudgetThatObservesThreatensNobody(_ kind: Notice.Kind) throws {
        let text = NoticeText(try makeNotice(kind, adding: ["mode": "observe"]))

        #expect(text.plain.contains("It only observes: nobody loses access for it."))
        #expect(!text.plain.contains("suspended"))
        let protected = NoticeText(try makeNotice(kind, adding: ["spared": "protected"]))
        #expect(protected.plain.contains("Its access stays in any case: the principal is protected."))
        #expect(!protected.plain.contains("suspended"))
    }

    /// Another budget's period has ended, or somebody has ordered it: no period of its own has begun.
    @Test func aRestorationWithinThePeriodClaimsNoNewOne() throws {
        let start = try makeNotice(.restored).data["periodStart"] ?? .null
        let reset: JSONValue = ["periodStart": start, "status": "active"]
        let quota = NoticeText(try makeNotice(.restored, reason: .periodEnded, adding: ["reset": reset]))
        #expect(quota.plain.contains("The period of the budget that had taken it has ended."))
        #expect(!quota.plain.contains("A new budget period") && !quota.plain.contains("stands against it"))

        let ordered = NoticeText(
            Notice(
                id: "r", kind: .restored, principal: nil,
                data: ["validation": ["reason": "operator-override"], "reset": ["status": "grace"]], at: now))
        #expect(ordered.plain.contains("Somebody has ordered it"))
        #expect(ordered.plain.contains("taken again after a grace, unless the limit is raised or an administrator"))
        #expect(!ordered.plain.contains("A new budget period"))
    }

    @Test(arguments: [Notice.Kind.suspensionFailed, .restorationFailed])
    func failureIsNamedAndNotEndless(_ kind: Notice.Kind) throws {
        let cause = "IAM.AccessDenied: " + String(repeating: "x", count: 100_000)

        let text = NoticeText(try makeNotice(kind, adding: ["reason": .string(cause)]))

        #expect(text.plain.contains("What failed: IAM.AccessDenied: xxx"))
        #expect(text.plain.count < 4000)
        #expect(text.plain.contains("workflowctl dlq list"))
    }

    @Test(arguments: [Notice.Kind.suspensionFailed, .restorationFailed])
    func failureNamesItsStep(_ kind: Notice.Kind) throws {
        let text = NoticeText(
            try makeNotice(kind, adding: ["reason": "IAM.AccessDenied: no", "step": "DetachPolicies"]))
        #expect(text.plain.contains("What failed, in the step DetachPolicies: IAM.AccessDenied: no"))
    }

    @Test(arguments: [
        (Notice.Kind.suspensionFailed, "active", "Nothing was changed in IAM: it goes on spending"),
        (.suspensionFailed, "suspension-failed", "It goes on spending if IAM still grants it access."),
        (.restorationFailed, "suspended", "Nothing was changed in IAM: it stays suspended."),
        (.restorationFailed, "restoration-failed", "It may still be locked out."),
    ])
    func failureSaysWhatItLeftBehind(_ kind: Notice.Kind, _ status: String, _ words: String) throws {
        #expect(NoticeText(try makeNotice(kind, adding: ["status": .string(status)])).plain.contains(words))
    }

    @Test(arguments: [
        ("ana", "ana"), ("arn:aws:iam::1:user/a+b=c,d@e_f", "arn:aws:iam::1:user/a+b=c,d@e_f"), ("", "''"),
        ("a; rm -rf ~", "'a; rm -rf ~'"), ("it's", "'it'\\''s'"), ("--limit", "'--limit'"), ("$(id)", "'$(id)'"),
    ])
    func namesInCommandsAreQuoted(_ name: String, _ word: String) {
        #expect(NoticeFacts.shellWord(name) == word)
    }

    @Test func nameCannotBeginALineOfItsOwn() throws {
        let text = NoticeText(try makeNotice(.suspended, name: "ana\r\nBcc: all@example.com\u{2028}x\u{0}"))

        #expect(!text.subject.unicodeScalars.contains { $0.breaksLines })
        #expect(!text.plain.contains("\r\n"))
        #expect(text.subject.contains("ana  Bcc: all@example.com x "))
    }

    /// Several accounts may have an `ana`.
    @Test func aMailNamesTheAccount() throws {
        let text = NoticeText(try makeNotice(.suspended))

        #expect(text.plain.contains("\n\nPrincipal: 111122223333/user/ana\n"))
        #expect(text.html.contains("Principal: 111122223333/user/ana<br>Sent by Steward."))
    }

    @Test func htmlEscapesHostileNames() throws {
        let name = "<script>alert(1)</script>&\"'<\u{338}img src=x>"

        let html = NoticeText(try makeNotice(.suspended, name: name)).html

        #expect(!html.contains("<script"))
        #expect(!html.unicodeScalars.map { "\($0)" }.joined().contains("<\u{338}"))
        #expect(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39;&lt;\u{338}img src=x&gt;"))
    }

    @Test(arguments: Notice.Kind.allCases)
    func htmlHoldsEveryParagraph(_ kind: Notice.Kind) throws {
        let text = NoticeText(try makeNotice(kind))

        for paragraph in text.paragraphs { #expect(text.html.contains(NoticeText.escaped(paragraph))) }
        #expect(text.html.contains("<title>\(NoticeText.escaped(text.subject))</title>"))
    }
}
