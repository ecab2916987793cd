import Budgets
import Engine
import JSONModel
import TestKit
import Testing
import WallTime
import Words

@testable import Enforcement

@Suite struct OwnIdentityTests {
    private struct NoAnswer: Error, CustomStringConvertible { let description = "STS does not answer" }

    private static let session = "arn:aws:sts::111122223333:assumed-role/steward/i-1"

    @Test func whoCannotBeAskedIsAskedAgainUntilItIsKnown() async throws {
        let (clock, identity) = (VirtualClock(), OwnIdentity())
        let (asked, news) = (Guarded<[Instant]>([]), Guarded<[OwnIdentity.News]>([]))
        let start = clock.now
        #expect(identity.unknownBecause == "STS has not been asked yet")

        let keeper = Task {
            try await identity.keep(
                clock: clock.wallClock,
                asking: {
                    let count = asked.withLock { times in
                        times.append(clock.now)
                        return times.count
                    }
                    guard count > 3 else { throw NoAnswer() }
                    return Self.session
                }, tell: { one in news.withLock { $0.append(one) } })
        }
        for _ in 0..<3 {
            try await eventually("it waits") { clock.nextWake != nil }
            #expect(identity.unknownBecause == "STS does not answer")
            clock.advance(to: try #require(clock.nextWake))
        }
        try await eventually("it is known") { identity.principal != nil && clock.nextWake != nil }

        // A session is its role; the waits double; a failure is told once; an hour later it is asked again.
        let role = Principal(id: PrincipalID(account: "111122223333", kind: .role, name: "steward"))
        #expect(identity.principal == role)
        #expect(asked.withLock { $0.map { ($0.milliseconds - start.milliseconds) / 1000 } } == [0, 5, 15, 35])
        #expect(
            news.withLock { $0 }.map { if case .failed = $0 { "failed" } else { "learned" } } == ["failed", "learned"])
        #expect(clock.nextWake == start + .seconds(35 + 3600))
        #expect(identity.json["arn"] == "arn:aws:iam::111122223333:role/steward")
        #expect(identity.json["session"] == "i-1")
        keeper.cancel()
        await #expect(throws: CancellationError.self) { try await keeper.value }
    }

    @Test func aLaterFailureForgetsNothing() {
        let identity = OwnIdentity()
        let steward = Principal(id: principalID("steward"))
        #expect(identity.learn(steward, at: day("2026-11-20")))
        #expect(!identity.learn(steward, at: day("2026-11-21")))
        identity.fail("the network is down")

        #expect(identity.principal == steward)
        #expect(identity.unknownBecause == nil)
        #expect(identity.json["problem"] == "the network is down")
        #expect(identity.json["knownSince"] == .string(day("2026-11-20").iso8601))
        #expect(identity.learn(Principal(id: principalID("other")), at: day("2026-11-22")))
    }

    /// Every copy of the settings knows it, as soon as it is learned.
    @Test func whatIsLearnedSparesStewardItself() async throws {
        let bench = LedgerBench()
        let settings = bench.settings
        settings.ownIdentity.learn(Principal(id: principalID("ana")), at: bench.now)

        try await bench.meter(use("r1", cents: 100), use("r2", "ben", cents: 100))

        #expect(try await bench.account("ana").standing.access.status == .active)
        #expect(try await bench.account("ben").standing.access.status == .grace)
        let spared = try #require(try await bench.notices.first { $0.principal == principalID("ana") })
        #expect(spared.data["spared"] == "own-principal")
    }

    /// IAM goes by names: Steward would suspend whoever has the name in its own account. Where others serve IAM's steps,
    /// their account is not known here.
    @Test(arguments: [false, true])
    func nobodyOfAnotherAccountIsSuspended(isIAMElsewhere: Bool) async throws {
        let bench = LedgerBench()
        bench.configure { $0.isIAMElsewhere = isIAMElsewhere }
        let steward = PrincipalID(account: "999988887777", kind: .role, name: "steward")
        bench.settings.ownIdentity.learn(Principal(id: steward), at: bench.now)

        try await bench.meter(use("r1", cents: 100))

        #expect(try await bench.account().standing.access.status == (isIAMElsewhere ? .grace : .active))
        guard !isIAMElsewhere else { return }
        #expect(try await bench.notices.last?.data["spared"] == "other-account")
        let block = HoldError.untouchable(principalID("ana"), .otherAccount)
        await #expect(throws: block) {
            try await bench.transact { desk in
                try HoldCommands.block(
                    Principal(id: principalID("ana")), until: .never, reason: "r", by: "operator:eve", desk)
            }
        }
    }

    @Test func itsOwnChangesOfTagsAreNoTampering() async throws {
        let bench = LedgerBench()
        func tagged(_ id: String, _ tier: String) -> UsageRecord {
            .principal(
                PrincipalEvent(
                    id: id, at: day("2026-11-20T09:0\(id):00Z"), region: "us-east-1",
                    principal: Principal(id: principalID("BedrockAPIKey-1")),
                    actor: Principal(id: principalID("steward")), occurrence: .tagged(["Steward:BudgetTier": tier]),
                    source: "test"))
        }
        try await bench.meter([tagged("1", "low"), tagged("2", "medium")])
        #expect(try await bench.noticeKinds == [.tagTampering])

        bench.settings.ownIdentity.learn(Principal(id: principalID("steward")), at: bench.now)
        try await bench.meter([tagged("3", "high")])
        #expect(try await bench.noticeKinds == [.tagTampering])
    }

    @Test func theRadarSaysThatItIsNotKnown() async throws {
        let identity = OwnIdentity()
        let radar = Radar(probes: [.ownIdentity(identity)])
        identity.fail("no credentials")
        let found = await radar.look(at: day("2026-11-20"))
        #expect(found.map(\.subject) == ["own-identity"])
        #expect(found.first?.message.english.contains("no credentials") == true)

        identity.learn(Principal(id: principalID("steward")), at: day("2026-11-20"))
        #expect(await radar.look(at: day("2026-11-20")).isEmpty)
    }

    /// The tags that Steward puts on the suspended say nothing about a principal, whoever changes them.
    @Test func suspensionTagsAreNobodysBusiness() async throws {
        let bench = LedgerBench()
        bench.configure { $0.trail.suspensionTags = ["Steward:Restricted"] }
        let key = Principal(id: principalID("BedrockAPIKey-1"))
        func event(_ id: String, _ occurrence: PrincipalEvent.Occurrence) -> UsageRecord {
            .principal(
                PrincipalEvent(
                    id: id, at: day("2026-11-20T09:0\(id):00Z"), region: "us-east-1", principal: key,
                    actor: Principal(id: principalID("eve")), occurrence: occurrence, source: "test"))
        }
        try await bench.meter([
            event("1", .created(uniqueID: nil, tags: ["Team": "data"])),
            event("2", .tagged(["Steward:Restricted": "true"])), event("3", .untagged(["Steward:Restricted"])),
        ])

        #expect(try await bench.noticeKinds == [])
        #expect(try await bench.audit.map(\.action) == ["budget.created", "principal.created"])
        let record = try #require(try await bench.store.read { try $0.principal(key.id) })
        #expect(record.tags == ["Team": "data"])
    }

    @Test func tagsThatWereRefusedAreWrittenDownAndFailNothing() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 10))
        let result: JSONValue = ["denied": true, "tagProblem": "TagUser answered AccessDenied"]
        let step: JSONValue = try await bench.recordTags(result, request())

        #expect(step == result)
        let entry = try #require(try await bench.audit.last)
        #expect(entry.action == "access.tags-refused")
        #expect(entry.detail["problem"] == "TagUser answered AccessDenied")
    }
}
