import Budgets
import Engine
import Interpreter
import JSONModel
import TestKit
import Testing
import WallTime
import Words

@testable import Enforcement

/// What the reconciliation decides about differences between the ledger and IAM.
@Suite struct ReconcilingTests {
    private static func deny(_ name: String) -> JSONValue {
        ["kind": "user", "name": .string(name), "arn": .string("arn:aws:iam::111122223333:user/\(name)")]
    }

    /// A bench on which ana has spent too much and is in this status, with a backup where it has one.
    private func bench(_ status: AccessStatus, hasBackup: Bool = true) async throws -> LedgerBench {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        if hasBackup { _ = try await bench.backUp(["userId": "AIDA1"], request()) }
        try await bench.endWorkflows()
        let since = bench.now
        try await bench.alter { account in
            account.standing.access = Access(status: status, since: since)
        }
        return bench
    }

    // MARK: Denies without a suspension

    @Test(arguments: AccessStatus.allCases, [true, false])
    func onlyADenyThatNothingExplainsIsAnOrphan(_ status: AccessStatus, _ hasBackup: Bool) async throws {
        let bench = try await bench(status, hasBackup: hasBackup)
        let found = try await bench.step("find-orphan-denies", ["denies": [Self.deny("ana")]])
        let isOrphan = (status == .active || status == .closed) && !hasBackup
        #expect(found["repair"]?.arrayValue?.count == (isOrphan ? 1 : 0))
        #expect(try await bench.noticeKinds.contains(.accessDrift) == isOrphan)
        if isOrphan { #expect(found["repair"]?[0]?["userName"] == "ana") }
    }

    /// A person blocks somebody between the scan and the removal: that deny is not to be removed.
    @Test func whoIsBlockedMeanwhileKeepsTheDeny() async throws {
        let bench = try await bench(.active, hasBackup: false)
        let found = try await bench.step("find-orphan-denies", ["denies": [Self.deny("ana")]])
        let only = try #require(found["repair"]?[0])
        #expect(try await bench.step("find-orphan-denies", ["only": only]) == ["orphan": true])
        let told = try await bench.audit.count
        _ = try await bench.transact {
            try HoldCommands.block(
                Principal(id: principalID("ana")), until: .never, reason: "leak", by: "operator:eve", $0)
        }
        #expect(try await bench.step("find-orphan-denies", ["only": only]) == ["orphan": false])
        #expect(try await bench.audit.dropFirst(told).allSatisfy { $0.action != "access.drift" })
    }

    @Test func aSuspensionUnderWayExplainsADeny() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        let since = bench.now
        try await bench.alter { $0.standing.access = Access(status: .active, since: since) }
        #expect(try await bench.step("find-orphan-denies", ["denies": [Self.deny("ana")]])["repair"] == [])
    }

    /// IAM was read while the deny was there: a restoration that ended since is no difference.
    @Test func whoGotAccessBackSinceTheRunBeganIsNoOrphan() async throws {
        let bench = try await bench(.active, hasBackup: false)
        bench.advance(.seconds(1))
        let since = bench.now
        try await bench.alter { $0.standing.access = Access(status: .active, since: since) }

        let found = try await bench.step("find-orphan-denies", ["denies": [Self.deny("ana")]])

        #expect(found["repair"] == [] && found["reported"] == 0)
        #expect(try await !bench.noticeKinds.contains(.accessDrift))
    }

    @Test func byPolicyAnOrphanIsOnlyReported() async throws {
        let bench = try await bench(.active, hasBackup: false)
        bench.configure { $0.access.reconcile = .report }
        let found = try await bench.step("find-orphan-denies", ["denies": [Self.deny("ana")]])
        #expect(found["repair"] == [] && found["reported"] == 1)
        let notice = try #require(try await bench.notices.last)
        #expect(notice.kind == .accessDrift && notice.data["action"] == "report")
    }

    @Test func whomTheLedgerDoesNotKnowIsReportedOnceADayAndLeftAlone() async throws {
        let bench = LedgerBench()
        let denies: JSONValue = ["denies": [Self.deny("eve"), Self.deny("bob")]]
        for _ in 0..<2 {
            let found = try await bench.step("find-orphan-denies", denies)
            #expect(found["repair"] == [] && found["reported"] == 2)
        }
        #expect(try await bench.noticeKinds == [.accessDrift])
        // Another one on the same day is news.
        try await bench.step("find-orphan-denies", ["denies": [Self.deny("eve"), Self.deny("bob"), Self.deny("zoe")]])
        #expect(try await bench.noticeKinds == [.accessDrift, .accessDrift])
        bench.advance(.seconds(86_400))
        try await bench.step("find-orphan-denies", denies)
        #expect(try await bench.noticeKinds.count == 3)
    }

    /// IAM is read page by page: one notice tells of all pages, and does not grow without end.
    @Test func allWhomTheLedgerDoesNotKnowAreInOneNotice() async throws {
        let bench = LedgerBench()
        let first = try await bench.step(
            "find-orphan-denies", ["denies": [Self.deny("ana"), Self.deny("bob")], "next": "m1", "unknown": .null])
        #expect(try await bench.noticeKinds.isEmpty)
        let many = (1...30).map { Self.deny("u\($0)") }
        let unknown = try #require(first["unknown"])

        try await bench.step("find-orphan-denies", ["denies": .array(many), "next": .null, "unknown": unknown])

        let notices = try await bench.notices
        #expect(notices.count == 1)
        let faults = notices[0].data["faults"]?.arrayValue ?? []
        #expect(faults.count == 20)
        #expect(faults.first == "arn:aws:iam::111122223333:user/ana carries Steward's deny")
        #expect(faults.last == "and 13 more (the audit log has all: access.drift)")
        let audited = try await bench.audit.flatMap { $0.detail["faults"]?.arrayValue ?? [] }
        #expect(audited.count == 32)
    }

    /// Tagged before CloudTrail was listened to. What somebody has told of, and a team that was given, stays.
    @Test func tagsOfWhoIsFoundByItsSpendingAreNotedOnce() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 4), use("r2", "bob", cents: 4))
        _ = try await bench.transact { try $0.noteTags(["Team": "ops"], of: principalID("bob")) }
        func tagged(_ name: String, _ tags: JSONValue) -> JSONValue {
            ["arn": .string("arn:aws:iam::111122223333:user/\(name)"), "tags": tags]
        }
        let scan: JSONValue = [
            "denies": [], "next": .null,
            "tagged": [
                tagged("ana", ["Team": "data", "Email": "ana@example.com", "BudgetTier": "high"]),
                tagged("bob", ["Team": "data"]), tagged("eve", ["Team": "data"]),
            ],
        ]

        for _ in 0..<2 { try await bench.step("find-orphan-denies", ["scan": scan, "unknown": .null]) }

        let ana = try await bench.store.read { try $0.principal(principalID("ana")) }
        #expect(ana?.team == "data" && ana?.tags["Email"] == "ana@example.com")
        #expect(try await bench.account().team == "data")
        // Whoever may tag does not say what may be spent.
        #expect(try await bench.account().budget.limit == dollars("1"))
        #expect(try await bench.store.read { try $0.principal(principalID("bob"))?.team } == "ops")
        #expect(try await bench.store.read { try $0.principal(principalID("eve")) } == nil)
        #expect(try await bench.audit.filter { $0.action == "principal.tags-read" }.count == 1)
    }

    @Test func whatWasRemovedIsInTheAuditLog() async throws {
        let bench = try await bench(.active, hasBackup: false)
        try await bench.step("record-orphan-removed", request().with("removal", ["removed": true]))
        let entry = try #require(try await bench.audit.last)
        #expect(entry.action == "access.orphan-removed" && entry.detail == ["removed": true])
    }

    // MARK: Suspensions that were undone

    @Test func suspendedAccountsAreListedWithTheirBackupsPageAfterPage() async throws {
        let bench = LedgerBench()
        for number in 10..<35 {
            let name = "user-\(number)"
            try await bench.meter(use("r\(number)", name, cents: 104))
            _ = try await bench.backUp(["userId": .string(name)], request(name))
            try await bench.step("record-suspended", request(name).with("verified", true))
        }
        #expect(try await bench.step("list-suspended")["accounts"] == [])
        try await bench.endWorkflows()
        var names: [String] = []
        var after: JSONValue = .null
        repeat {
            let page = try await bench.step("list-suspended", ["after": after])
            let accounts = try #require(page["accounts"]?.arrayValue)
            #expect(accounts.count <= 10)
            names += accounts.compactMap { $0["userName"]?.stringValue }
            #expect(accounts.allSatisfy { $0["backup"]?["snapshot"]?["userId"] == $0["userName"] })
            after = page["after"] ?? .null
        } while !after.isNull
        #expect(names == (10..<35).map { "user-\($0)" })
    }

    private func drift(_ bench: LedgerBench, _ more: JSONObject = [:]) async throws -> JSONValue {
        var input = request().with("faults", ["the deny policy is not in place"])
            .with("suspendedAt", .string(bench.now.iso8601))
        for (name, value) in more { input = input.with(name, value) }
        return try await bench.step("record-drift", input)
    }

    @Test func anUndoneSuspensionIsToldAndRepaired() async throws {
        let bench = try await bench(.suspended)
        for _ in 0..<2 { #expect(try await drift(bench) == ["action": "repair"]) }
        #expect(try await bench.noticeKinds.filter { $0 == .accessDrift }.count == 1)
        #expect(try await bench.audit.last?.action == "access.drift")
    }

    @Test func whatIsFoundIsToldInTheLanguagesItComesIn() async throws {
        let bench = try await bench(.suspended)
        let fault = Wording("the key K is active", es: "la clave K está activa")
        _ = try await drift(bench, JSONObject(Wording.members("faults", [fault])))

        let notice = try #require(try await bench.notices.last { $0.kind == .accessDrift })
        #expect(Wording.list("faults", in: notice.data) == [fault])
        #expect(try await bench.audit.last?.detail["faults"] == ["the key K is active"])
    }

    @Test(arguments: [["replaced": true], ["failed": true]] as [JSONObject])
    func whatCanNotBeRepairedIsReported(_ more: JSONObject) async throws {
        let bench = try await bench(.suspended)
        #expect(try await drift(bench, more) == ["action": "report"])
    }

    @Test func byPolicyItIsReported() async throws {
        let bench = try await bench(.suspended)
        bench.configure { $0.access.reconcile = .report }
        #expect(try await drift(bench) == ["action": "report"])
    }

    @Test func whoIsGoneIsToBeClosed() async throws {
        let bench = try await bench(.suspended)
        #expect(try await drift(bench, ["gone": true]) == ["action": "close"])
    }

    @Test(arguments: AccessStatus.allCases.filter { $0 != .suspended })
    func whoHasMovedOnIsLeftAlone(_ status: AccessStatus) async throws {
        let bench = try await bench(status)
        #expect(try await drift(bench) == ["action": "none"])
        #expect(try await !bench.noticeKinds.contains(.accessDrift))
    }

    @Test func anotherSuspensionThanTheOneComparedIsLeftAlone() async throws {
        let bench = try await bench(.suspended)
        let input = request().with("faults", ["x"]).with("suspendedAt", "2026-11-19T00:00:00Z")
        #expect(try await bench.step("record-drift", input) == ["action": "none"])
    }

    @Test(arguments: [
        (AccessStatus.suspended, false), (.active, true), (.restoring, true), (.grace, true), (.closed, false),
        (.restorationFailed, false),
    ])
    func whatARestorationHasOvertakenIsGivenBackAgain(_ status: AccessStatus, _ givesBack: Bool) async throws {
        let bench = try await bench(status)
        let input = request().with("suspendedAt", .string(bench.now.iso8601))
        let result = try await bench.step("record-repaired", input)
        #expect(result == ["stillSuspended": .bool(status == .suspended), "giveBack": .bool(givesBack)])
        let unverified = status == .suspended ? "access.repair-unverified" : "access.repair-overtaken"
        #expect(try await bench.audit.last?.action == unverified)
        try await bench.step("record-repaired", input.with("verification", ["verified": true]))
        #expect(
            try await bench.audit.last?.action
                == (status == .suspended ? "access.repaired" : "access.repair-overtaken"))
    }
}
