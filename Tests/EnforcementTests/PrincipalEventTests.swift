import Budgets
import Engine
import JSONModel
import TestKit
import Testing
import WallTime

@testable import Enforcement

@Suite struct PrincipalEventTests {
    private static let key = "BedrockAPIKey-ab12"
    private static let admin = Principal(id: principalID("admin"))

    private static func event(
        _ id: String, _ occurrence: PrincipalEvent.Occurrence, of name: String = key,
        by actor: Principal? = admin, at text: String = "2026-11-20T09:00:00Z", path: String = "/"
    ) -> UsageRecord {
        .principal(
            PrincipalEvent(
                id: id, at: day(text), region: "us-east-1",
                principal: Principal(id: principalID(name), path: path), actor: actor, occurrence: occurrence,
                source: "test"))
    }

    private static let bedrockKey = PrincipalEvent.Occurrence.credentialCreated(
        Credential(kind: .bedrockKey, id: "ACCA1"))

    @Test func aNewKeyGetsTheDefaultBudget() async throws {
        let bench = LedgerBench()

        let report = try await bench.meter([
            Self.event("e1", .created(uniqueID: "AIDA1", tags: ["Team": "data"]), path: "/apps/")
        ])

        #expect(report.events == 1)
        #expect(report.newPrincipals == 1)
        let account = try await bench.account(Self.key)
        #expect(account.budget.limit == dollars("1"))
        #expect(account.team == "data")
        #expect(!account.hasOwnTerms)
        let record = try #require(try await bench.store.read { try $0.principal(principalID(Self.key)) })
        #expect(record.principal.path == "/apps/")
        #expect(record.tags == ["Team": "data"])
        #expect(try await bench.audit.map(\.action) == ["budget.created", "principal.created"])
        #expect(try await bench.audit.last?.actor == "cloudtrail:111122223333/user/admin")
    }

    @Test(arguments: [("low", "1"), ("Medium", "5"), ("high", "25")])
    func aTierIsABudgetOfItsOwn(_ tier: String, _ limit: String) async throws {
        let bench = LedgerBench()

        try await bench.meter([
            Self.event("e1", .created(uniqueID: nil, tags: ["BedrockBudgeteer:BudgetTier": tier]))
        ])

        #expect(try await bench.account(Self.key).budget.limit == dollars(limit))
        #expect(try await bench.account(Self.key).hasOwnTerms)
    }

    @Test func otherUsersAreNoneOfOurs() async throws {
        let bench = LedgerBench()

        try await bench.meter([
            Self.event("e1", .created(uniqueID: nil, tags: [:]), of: "someone"),
            Self.event("e2", .tagged(["Team": "x"]), of: "someone"), Self.event("e3", .deleted, of: "someone"),
            Self.event("e4", .credentialCreated(Credential(kind: .accessKey, id: "AKIA1")), of: "someone"),
        ])

        #expect(try await bench.store.read { try $0.principal(principalID("someone")) } == nil)
        #expect(try await bench.audit.isEmpty)
    }

    @Test func aBedrockKeyOfAnybodyIsOurs() async throws {
        let bench = LedgerBench()
        try await bench.meter([Self.event("e1", Self.bedrockKey, of: "someone")])
        #expect(try await bench.account("someone").budget.limit == dollars("1"))
    }

    @Test func whoIsBehindAPrincipalStandsInItsNotices() async throws {
        let bench = LedgerBench()
        try await bench.meter([
            Self.event("e1", .created(uniqueID: nil, tags: ["Person": "Ana", "Steward:Email": "ana@example.com"]))
        ])
        try await bench.meter(use("r1", Self.key, cents: 75), use("r2", "bob", cents: 75))

        let told = try await bench.notices.filter { $0.kind == .budgetWarning }
        #expect(told.count == 2)
        let owner = told.first { $0.principal == principalID(Self.key) }?.data["owner"]
        #expect(owner == ["person": "Ana", "email": "ana@example.com"])
        #expect(told.first { $0.principal == principalID("bob") }?.data["owner"] == nil)
    }

    @Test func theSameEventAgainChangesNothing() async throws {
        let bench = LedgerBench()
        let batch = [
            Self.event("e1", .created(uniqueID: nil, tags: [:])), Self.event("e2", Self.bedrockKey),
            Self.event("e3", .deleted, at: "2026-11-20T09:30:00Z"),
        ]
        try await bench.meter(batch)
        let before = (try await bench.audit, try await bench.notices, try await bench.account(Self.key))

        let again = try await bench.meter(batch)

        #expect(again.duplicates == 3)
        #expect(try await bench.audit == before.0)
        #expect(try await bench.notices == before.1)
        #expect(try await bench.account(Self.key) == before.2)
    }

    @Test func aDeletedPrincipalIsClosedAndAnOlderCreationDoesNotOpenIt() async throws {
        let bench = LedgerBench()
        try await bench.meter([Self.event("e1", .created(uniqueID: "AIDA1", tags: [:]))])

        try await bench.meter([Self.event("e2", .deleted, at: "2026-11-20T09:30:00Z")])
        try await bench.meter([Self.event("late", .created(uniqueID: "AIDA1", tags: [:]))])

        #expect(try await bench.account(Self.key).standing.access.status == .closed)
        #expect(try await bench.audit.map(\.action).filter { $0 == "principal.closed" }.count == 1)

        let anew = PrincipalEvent.Occurrence.created(uniqueID: "AIDA2", tags: [:])
        try await bench.meter([Self.event("e3", anew, at: "2026-11-20T09:40:00Z")])

        #expect(try await bench.account(Self.key).standing.access.status == .active)
        // The deletion of the one before comes late, and again.
        try await bench.meter([Self.event("e4", .deleted, at: "2026-11-20T09:35:00Z")])
        #expect(try await bench.account(Self.key).standing.access.status == .active)
    }

    /// As the workflows do that find it out in IAM: nothing is left to take or to give back.
    @Test(arguments: [AccessStatus.grace, .suspended, .restoring, .suspensionFailed, .restorationFailed])
    func aDeletionEndsWhatIsUnderWay(_ status: AccessStatus) async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        let run = try #require(try await bench.account().workflows.first)
        _ = try await bench.backUp(["userId": "AIDA1"], request())
        try await bench.alter { $0.standing.access = Access(status: status, since: day("2026-11-20")) }

        try await bench.meter([Self.event("e1", .deleted, of: "ana", at: "2026-11-20T09:59:59Z")])

        let account = try await bench.account()
        #expect(account.standing.access.status == .closed)
        #expect(account.workflows == [])
        #expect(try await bench.store.read { try $0.openBackup(of: principalID("ana")) } == nil)
        #expect(try await bench.noticeKinds == [.principalGone])
        let entry = try #require(try await bench.audit.last)
        #expect(entry.action == "principal.closed" && entry.detail["from"] == .string(status.rawValue))
        #expect(entry.detail["backupId"] == 1)
        // What waits for the end of its grace gives way, and tells nobody that access is kept.
        #expect(try await bench.step("check-budget", request(), in: run)["superseded"] == true)
    }

    /// A workflow of the one who was deleted wakes late, and finds another under the name.
    @Test func aRunOfTheOneBeforeLeavesAloneWhoWasMadeAnew() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        let run = try #require(try await bench.account().workflows.first)
        _ = try await bench.backUp(["userId": "AIDA1"], request())
        try await bench.meter([Self.event("e1", .deleted, of: "ana", at: "2026-11-20T09:59:59Z")])
        bench.advance(.seconds(60))
        let anew = PrincipalEvent.Occurrence.created(uniqueID: "AIDA2", tags: [:])
        try await bench.meter([Self.event("e2", anew, of: "ana", at: "2026-11-20T10:00:30Z")])
        let since = bench.now
        try await bench.alter {
            $0.standing.access = Access(status: .suspended, since: since)
            $0.workflows = ["another"]
        }
        _ = try await bench.backUp(["userId": "AIDA2"], request())
        let before = try await bench.account()

        #expect(try await bench.step("record-principal-gone", request(), in: run)["status"] == "suspended")
        let ordered = try await bench.step("validate-restoration", request().with("override", true), in: run)

        #expect(ordered["eligible"] == false)
        // People were told of the one before.
        let notice = try await bench.step("send-notice", request().with("kind", "principal-gone"), in: run)
        #expect(notice["noticeId"] == .null)
        #expect(try await bench.noticeKinds == [.principalGone])
        #expect(try await bench.account() == before)
        #expect(try await bench.store.read { try $0.openBackup(of: principalID("ana")) } != nil)
    }

    /// A workflow finds it out in IAM, and CloudTrail tells of it: whoever comes second says nothing.
    @Test(arguments: [true, false])
    func thatSomebodyIsGoneIsToldOnce(isCloudTrailFirst: Bool) async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        let run = try #require(try await bench.account().workflows.first)
        func findOut() async throws {
            try await bench.step("record-principal-gone", request(), in: run)
            try await bench.step("send-notice", request().with("kind", "principal-gone"), in: run)
        }
        if !isCloudTrailFirst { try await findOut() }

        try await bench.meter([Self.event("e1", .deleted, of: "ana", at: "2026-11-20T09:59:59Z")])
        bench.advance(.seconds(300))
        try await findOut()

        #expect(try await bench.noticeKinds == [.principalGone])
    }

    /// A redrive would find nobody.
    @Test(arguments: ["cloudtrail", "person", "workflow"])
    func theDeadLettersOfSomebodyDeletedAreTakenAway(by who: String) async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        let run = try #require(try await bench.account().workflows.first)
        try await bench.endWorkflows()
        let now = bench.now
        try await bench.store.write { transaction in
            let execution = try transaction.execution(named: run, of: "machine")
            _ = try transaction.insertDeadLetter(
                NewDeadLetter(
                    kind: .execution, subject: run, source: "machine", error: "IAM.AccessDenied", cause: "",
                    payload: [], execution: execution?.id, at: now, nextRedrive: now + .seconds(300)))
        }

        switch who {
        case "cloudtrail":
            try await bench.meter([Self.event("e1", .deleted, of: "ana", at: "2026-11-20T09:59:59Z")])
        case "person":
            try await bench.transact { try AccessCommands.close(principalID("ana"), by: "operator:eve", $0) }
        default: try await bench.step("record-principal-gone", request())
        }

        let letter = try #require(try await bench.deadLetters.first)
        #expect(letter.status == .discarded && letter.letter.nextRedrive == nil)
        let entry = try #require(try await bench.audit.first { $0.action == "deadLetter.discarded" })
        #expect(entry.subject == run && entry.detail["reason"] == "principal-gone")
    }

    /// The creation of the next one is heard of before the deletion of the one from whom access was taken.
    @Test func whoWasMadeAnewIsNotTakenForTheOneWhoWasSuspended() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        _ = try await bench.backUp(["userId": "AIDA1"], request())
        try await bench.step("record-suspended", request().with("verified", true))
        bench.advance(.seconds(60))
        let anew = PrincipalEvent.Occurrence.created(uniqueID: "AIDA2", tags: [:])
        try await bench.meter([Self.event("e2", anew, of: "ana", at: "2026-11-20T10:00:30Z")])

        try await bench.meter([Self.event("e1", .deleted, of: "ana", at: "2026-11-20T10:00:20Z")])

        #expect(try await bench.account().standing.access.status == .active)
        #expect(try await bench.store.read { try $0.openBackup(of: principalID("ana")) } == nil)
        try await bench.meter(use("r2", cents: 4, at: "2026-11-20T10:00:50Z"))
        #expect(try await bench.account().standing.access.status == .grace)
    }

    @Test(arguments: [true, false])
    func aPersonsBlockIsOfTheName(_ isSeenByItsCreation: Bool) async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 4))
        try await bench.meter([Self.event("e1", .deleted, of: "ana", at: "2026-11-20T09:59:59Z")])
        let since = bench.now
        try await bench.alter { $0.block = Hold(end: .never, reason: "misuse", by: "operator:eve", since: since) }
        bench.advance(.seconds(60))

        let anew = PrincipalEvent.Occurrence.created(uniqueID: "AIDA2", tags: [:])
        try await bench.meter(
            isSeenByItsCreation
                ? [Self.event("e2", anew, of: "ana", at: "2026-11-20T10:00:30Z")]
                : [.usage(use("r2", cents: 1, at: "2026-11-20T10:00:30Z"))])

        #expect(try await bench.account().standing.access.status == .grace)
    }

    @Test func whoWasBackedUpAfterTheDeletionIsAnother() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        _ = try await bench.backUp(["userId": "AIDA2"], request())

        try await bench.meter([Self.event("e1", .deleted, of: "ana", at: "2026-11-20T09:30:00Z")])

        #expect(try await bench.account().standing.access.status == .grace)
        #expect(try await bench.store.read { try $0.openBackup(of: principalID("ana")) } != nil)
        #expect(try await bench.noticeKinds == [])
    }

    @Test(
        arguments: [
            ([:], admin, true), (["Steward:Provisioned": "cli"], admin, false),
            (["BedrockBudgeteer:Provisioned": "script"], admin, false), (["Team": "data"], admin, true),
            ([:], nil, true), ([:], Principal(id: principalID("provisioner")), false),
        ] as [([String: String], Principal?, Bool)])
    func aKeyThatNobodyProvisionedIsToldOnce(
        _ tags: [String: String], _ actor: Principal?, _ isRogue: Bool
    ) async throws {
        let bench = LedgerBench()
        bench.configure { $0.trail.trusted = [principalID("provisioner")] }

        try await bench.meter([
            Self.event("e1", .created(uniqueID: nil, tags: tags), by: actor),
            Self.event("e2", Self.bedrockKey, by: actor), Self.event("e2", Self.bedrockKey, by: actor),
        ])

        #expect(try await bench.noticeKinds == (isRogue ? [.rogueKey] : []))
        let trail = try await bench.store.read { try $0.trail(of: principalID(Self.key)) }
        #expect((trail?.rogueSince != nil) == isRogue)
        let counts = try await bench.store.read { try $0.ingestCounts() }
        #expect(counts.first { $0.name == "rogue-keys" }?.count == (isRogue ? 1 : nil))
    }

    @Test(
        arguments: [
            // A budget tag that changes, that goes, that is forged.
            (["Steward:BudgetTier": "high"], [], admin, true), ([:], ["Steward:Team"], admin, true),
            (["BedrockBudgeteer:Provisioned": "cdk"], [], admin, true), (["Team": "rich"], [], nil, true),
            // One that was not there, one that stays, one that budgets do not go by, one that Steward changes.
            (["Steward:Purpose": "demo"], [], admin, false), (["Steward:BudgetTier": "low"], [], admin, false),
            (["Colour": "red"], ["Mood"], admin, false),
            (["Steward:BudgetTier": "high"], [], Principal(id: principalID("steward")), false),
        ] as [([String: String], [String], Principal?, Bool)])
    func aChangedBudgetTagIsTampering(
        _ set: [String: String], _ removed: [String], _ actor: Principal?, _ isTampering: Bool
    ) async throws {
        let bench = LedgerBench(policy: SuspensionPolicy(own: principalID("steward")))
        let tags = ["Steward:BudgetTier": "low", "Steward:Team": "data", "Team": "data", "Mood": "good"]
        try await bench.meter([Self.event("e1", .created(uniqueID: nil, tags: tags))])

        if !set.isEmpty {
            try await bench.meter([Self.event("e2", .tagged(set), by: actor, at: "2026-11-20T09:01:00Z")])
        }
        if !removed.isEmpty {
            try await bench.meter([Self.event("e3", .untagged(removed), by: actor, at: "2026-11-20T09:02:00Z")])
        }

        #expect(try await bench.noticeKinds == (isTampering ? [.tagTampering] : []))
        // The budget stays, whoever changes a tag.
        #expect(try await bench.account(Self.key).budget.limit == dollars("1"))
        #expect(try await bench.account(Self.key).team == "data")
        let record = try #require(try await bench.store.read { try $0.principal(principalID(Self.key)) })
        for (name, value) in set { #expect(record.tags[name] == value) }
        for name in removed { #expect(record.tags[name] == nil) }
    }

    /// Nobody who is not trusted leaves a team: by a tag that goes before the one that names it, by taking that one off
    /// and putting another on, or by a harmless change after one that was told of; nor by what a trusted one does then.
    @Test(
        arguments: [
            [.tagged(["Steward:Team": "rich"])], [.untagged(["Team"]), .tagged(["Team": "rich"])],
            [.tagged(["Team": "rich"]), .tagged(["Colour": "red"])],
        ] as [[PrincipalEvent.Occurrence]])
    func aTeamIsNotLeftInSeveralSteps(_ changes: [PrincipalEvent.Occurrence]) async throws {
        let bench = LedgerBench()
        let provisioner = Principal(id: principalID("provisioner"))
        bench.configure { $0.trail.trusted = [provisioner.id] }
        try await bench.meter([Self.event("e0", .created(uniqueID: nil, tags: ["Team": "data"]))])

        for (number, change) in changes.enumerated() {
            try await bench.meter([Self.event("c\(number)", change, at: "2026-11-20T09:0\(number + 1):00Z")])
        }
        try await bench.meter([
            Self.event("t", .tagged(["Steward:Purpose": "demo"]), by: provisioner, at: "2026-11-20T09:10:00Z")
        ])

        #expect(try await bench.account(Self.key).team == "data")
        #expect(try await bench.noticeKinds.contains(.tagTampering))
        try await bench.meter([
            Self.event("u", .tagged(["Steward:Team": "poor"]), by: provisioner, at: "2026-11-20T09:20:00Z")
        ])
        #expect(try await bench.account(Self.key).team == "poor")
    }

    /// The team is the one that the tags which are left name, or none.
    @Test(
        arguments: [(["Steward:Team"], "all"), (["Steward:Team", "Team"], nil), (["Team"], "data")]
            as [([String], String?)])
    func aTrustedUntaggingOfTheTeamEndsIt(_ removed: [String], _ team: String?) async throws {
        let bench = LedgerBench()
        let provisioner = Principal(id: principalID("provisioner"))
        bench.configure { $0.trail.trusted = [provisioner.id] }
        let tags = ["Steward:Team": "data", "Team": "all"]
        try await bench.meter([Self.event("e1", .created(uniqueID: nil, tags: tags))])
        #expect(try await bench.account(Self.key).team == "data")

        try await bench.meter([Self.event("e2", .untagged(removed), by: provisioner, at: "2026-11-20T09:05:00Z")])

        #expect(try await bench.account(Self.key).team == team)
        let former = try await bench.store.read { try $0.formerMemberships(of: principalID(Self.key)) }
        #expect(former.contains { $0.membership.team == "data" } == (team != "data"))
        #expect(try await bench.notices.isEmpty)
    }

    @Test func aTagChangeThatWasOvertakenSaysNothing() async throws {
        let bench = LedgerBench()
        try await bench.meter([
            Self.event("e1", .created(uniqueID: nil, tags: ["Steward:Team": "new"]), at: "2026-11-20T09:10:00Z"),
            Self.event("e0", .tagged(["Steward:Team": "old"]), at: "2026-11-20T09:00:00Z"),
        ])

        #expect(try await bench.account(Self.key).team == "new")
        #expect(try await bench.notices.isEmpty)
    }

    @Test func callsAreSeenAndGiveABudgetButChargeNothing() async throws {
        let bench = LedgerBench()
        let call = PrincipalEvent.Occurrence.called(BedrockCall(endpoint: "bedrock", operation: "Converse"))
        let mantle = PrincipalEvent.Occurrence.called(
            BedrockCall(endpoint: "bedrock-mantle", operation: "CreateInference"))

        let report = try await bench.meter([
            Self.event("c1", call, of: "ana"), Self.event("c2", call, of: "ana", at: "2026-11-20T09:30:00Z"),
            Self.event("c3", mantle, of: "bob"),
        ])

        #expect(report.newPrincipals == 2)
        #expect(report.charged == .zero)
        #expect(try await bench.account("ana").standing.spending == Spending())
        let sightings = try await bench.store.read { try $0.sightings(SightingQuery()) }
        #expect(
            sightings == [
                Sighting(
                    principal: principalID("ana"), endpoint: "bedrock", region: "us-east-1", operation: "Converse",
                    count: 2, firstAt: day("2026-11-20T09:00:00Z"), lastAt: day("2026-11-20T09:30:00Z")),
                Sighting(
                    principal: principalID("bob"), endpoint: "bedrock-mantle", region: "us-east-1",
                    operation: "CreateInference", count: 1, firstAt: day("2026-11-20T09:00:00Z"),
                    lastAt: day("2026-11-20T09:00:00Z")),
            ])
    }

    @Test(
        arguments: [
            (BedrockJob.Kind.batch, "Batch Job Submitted"), (.invocation, "Async Invocation Started"),
            (.throughput, nil),
        ] as [(BedrockJob.Kind, String?)])
    func aJobIsAuditedCountedAndAnnounced(_ kind: BedrockJob.Kind, _ type: String?) async throws {
        let bench = LedgerBench()
        let call = BedrockCall(endpoint: "bedrock", operation: "CreateModelInvocationJob")

        try await bench.meter([
            Self.event("j1", .jobStarted(BedrockJob(kind: kind, call: call, arn: "arn:job", model: "m")), of: "ana")
        ])

        #expect(bench.publishedTypes == (type.map { [$0] } ?? []))
        #expect(try await bench.audit.map(\.action).contains("bedrock.job-started"))
        let counts = try await bench.store.read { try $0.ingestCounts() }
        #expect(counts == [IngestCount(name: "jobs-\(kind.rawValue)", count: 1)])
    }

    @Test func anUnknownOperationIsToldOnceAndItsRecordKeptOnceADay() async throws {
        let bench = LedgerBench()
        let call = BedrockCall(endpoint: "bedrock", operation: "Telepathy")
        func seen(_ id: String, _ day: String) -> UsageRecord {
            Self.event(id, .unknownOperation(call, record: Array(id.utf8)), of: "ana", at: day)
        }

        try await bench.meter([
            seen("u1", "2026-11-19T10:00:00Z"), seen("u2", "2026-11-19T11:00:00Z"), seen("u3", "2026-11-20T09:00:00Z"),
        ])

        #expect(
            try await bench.deadLetters.map(\.letter.payload).sorted { $0[1] < $1[1] } == [
                Array("u1".utf8), Array("u3".utf8),
            ])
        #expect(try await bench.noticeKinds == [.unknownOperation])
        let counts = try await bench.store.read { try $0.ingestCounts() }
        #expect(counts == [IngestCount(name: "unknown-operations", count: 3)])
    }

    @Test(arguments: [(300, false), (301, true)])
    func aCallOfASuspendedPrincipalIsALeak(_ seconds: Int, _ isLeak: Bool) async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 5))
        let since = day("2026-11-20T09:00:00Z")
        try await bench.alter { $0.standing.access = Access(status: .suspended, since: since) }
        let call = PrincipalEvent.Occurrence.called(BedrockCall(endpoint: "bedrock", operation: "Converse"))
        let at = (since + .seconds(seconds)).iso8601

        try await bench.meter([
            Self.event("c1", call, of: "ana", at: at), Self.event("c2", call, of: "ana", at: at),
        ])

        #expect(try await bench.noticeKinds == (isLeak ? [.enforcementLeak] : []))
    }

    @Test func usageAndEventsOfOneBatchAgree() async throws {
        let bench = LedgerBench()

        try await bench.meter([
            Self.event("e1", .deleted, of: "ana", at: "2026-11-20T09:59:30Z"), .usage(use("r1", cents: 5)),
        ])

        let account = try await bench.account()
        #expect(account.standing.spending.total == dollars("0.05"))
        #expect(account.standing.access.status == .closed)
    }
}
