import Budgets
import Engine
import JSONModel
import TestKit
import Testing
import WallTime

@testable import Enforcement

/// A user that is given another name (`UpdateUser`) is the same user: neither a fresh budget nor a way out of a suspension.
@Suite struct RenamingTests {
    static func event(
        _ id: String, _ occurrence: PrincipalEvent.Occurrence, of name: String = "ana",
        at text: String = "2026-11-20T09:59:30Z"
    ) -> UsageRecord {
        .principal(
            PrincipalEvent(
                id: id, at: day(text), region: "us-east-1", principal: Principal(id: principalID(name)),
                actor: Principal(id: principalID("admin")), occurrence: occurrence, source: "test"))
    }

    static func renamed(
        _ id: String = "e1", _ name: String = "ana", to next: String = "bob", at text: String = "2026-11-20T09:59:30Z"
    ) -> UsageRecord { event(id, .renamed(to: next, path: nil), of: name, at: text) }

    private func openBackup(_ name: String, _ bench: LedgerBench) async throws -> PolicyBackup? {
        try await bench.store.read { try $0.openBackup(of: principalID(name)) }
    }

    /// As the IAM step writes one, with a hash over all else of it.
    private func snapshot(_ bench: LedgerBench) -> JSONValue {
        let bare: JSONValue = [
            "format": 1, "userName": "ana", "userId": "AIDA1", "arn": "arn:aws:iam::111122223333:user/apps/ana",
        ]
        return bare.with("hash", .string(bench.settings.digest(bare.jsonBytes)))
    }

    /// A bench on which ana has spent too much and is in this status.
    private func bench(_ status: AccessStatus, hasBackup: Bool = true) async throws -> LedgerBench {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        if hasBackup { _ = try await bench.backUp(snapshot(bench), request()) }
        if status != .grace {
            let since = bench.now
            try await bench.alter { $0.standing.access = Access(status: status, since: since) }
        }
        return bench
    }

    @Test func theBudgetAndItsSumsGoOnUnderTheNewName() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 60))
        try await bench.meter([Self.event("e0", .tagged(["Team": "data"]), at: "2026-11-20T09:59:10Z")])
        try await bench.alter { account in
            account.budget.limit = dollars("2")
            account.hasOwnTerms = true
        }
        try await bench.meter([Self.renamed()])

        let account = try await bench.account("bob")
        #expect(account.budget.limit == dollars("2") && account.hasOwnTerms && account.team == "data")
        #expect(account.standing.spending.total == dollars("0.60"))
        let old = try await bench.account()
        #expect(old.standing.access.status == .closed && old.standing.access.reason == "renamed")
        #expect(old.standing.spending == Spending() && old.budget.limit == dollars("1") && !old.hasOwnTerms)
        let entry = try #require(try await bench.audit.last { $0.action == "principal.renamed" })
        #expect(entry.subject == "111122223333/user/bob" && entry.actor == "cloudtrail:111122223333/user/admin")
        #expect(entry.detail["before"] == "111122223333/user/ana")

        // The budget goes on where it stood.
        try await bench.meter(use("r2", "bob", cents: 145))
        #expect(try await bench.account("bob").standing.access.status == .grace)
    }

    @Test func whatWasToldOfTheNewNameFirstIsAddedUp() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 60), use("r2", "bob", cents: 50, at: "2026-11-20T09:59:40Z"))
        #expect(try await bench.account("bob").standing.access.status == .active)

        try await bench.meter([Self.renamed()])

        let account = try await bench.account("bob")
        #expect(account.standing.spending.total == dollars("1.10"))
        #expect(account.standing.access.status == .grace)
        let period = try await bench.store.read {
            try $0.spending(of: account.id, periodStart: account.standing.period.start)
        }
        #expect(period?.spending == account.standing.spending)
    }

    @Test func ofTwoQuotasOnlyWhatWasUsedInThisPeriodIsAddedUp() async throws {
        let bench = LedgerBench()
        var quotas: [BudgetID] = []
        for name in ["ana", "bob"] {
            let quota = try await bench.transact {
                try FurtherBudgetCommands.set(
                    FurtherBudgetKey(scope: .principal(principalID(name)), unit: .requests, periodRule: .calendarDay),
                    FurtherBudgetChange(limit: 9), by: "operator:eve", $0)
            }
            quotas.append(quota.id)
        }
        try await bench.meter(use("r1", cents: 1))
        bench.move(to: "2026-11-21T10:00:00Z")
        try await bench.meter(use("r2", "bob", cents: 1, at: "2026-11-21T09:59:40Z"))
        try await bench.meter([Self.renamed(at: "2026-11-21T09:59:30Z")])

        let ids = quotas
        let (old, new) = try await bench.store.read { transaction in
            (try transaction.furtherBudget(ids[0]), try transaction.furtherBudget(ids[1]))
        }
        #expect(old == nil && new?.standing.spent == 1)
    }

    /// With a new name every few minutes it would never be used up.
    @Test func aQuotaCountsWhatWasToldOfTheNewNameFirst() async throws {
        let bench = LedgerBench()
        let quota = FurtherBudgetKey(
            scope: .principal(principalID("ana")), unit: .requests, periodRule: .calendarDay)
        _ = try await bench.transact {
            try FurtherBudgetCommands.set(quota, FurtherBudgetChange(limit: 3), by: "operator:eve", $0)
        }
        try await bench.meter(use("r1", cents: 1))
        try await bench.meter(use("r2", "bob", cents: 1, at: "2026-11-20T09:59:40Z"))
        try await bench.meter(use("r3", "bob", cents: 1, at: "2026-11-20T09:59:41Z"))
        try await bench.meter([Self.renamed()])

        let carried = try await bench.store.read { try $0.furtherBudgets(of: .principal(principalID("bob"))) }
        #expect(carried.map(\.standing.spent) == [3])
        #expect(try await bench.account("bob").standing.access.status == .grace)
    }

    @Test func usesUnderTheOldNameAreTheSameUsers() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 10))
        try await bench.meter([Self.renamed()])

        // Before the renaming, and while IAM's change is not everywhere.
        try await bench.meter(use("r2", cents: 20), use("r3", cents: 5, at: "2026-11-20T09:59:59Z"))
        #expect(try await bench.account("bob").standing.spending.total == dollars("0.35"))
        #expect(try await bench.account().standing.access.status == .closed)

        // Long after it, the name is somebody else's.
        bench.advance(.seconds(3600))
        try await bench.meter(use("r4", cents: 7, at: "2026-11-20T10:59:00Z"))
        #expect(try await bench.account().standing.access.status == .active)
        #expect(try await bench.account().standing.spending.total == dollars("0.07"))
        #expect(try await bench.account("bob").standing.spending.total == dollars("0.35"))
    }

    // MARK: Access

    @Test func whoIsSuspendedStaysSuspendedWithTheBackup() async throws {
        let bench = try await bench(.suspended)
        try await bench.endWorkflows()
        let since = try await bench.account().standing.access.since
        let events = bench.published.count
        let before = try #require(try await openBackup("ana", bench)).id
        try await bench.store.write { try $0.setTaking(["arn:taken"], ofBackup: before) }

        try await bench.meter([Self.renamed()])

        let account = try await bench.account("bob")
        #expect(account.standing.access.status == .suspended && account.standing.access.since == since)
        #expect(account.principal.path == "/apps/")
        #expect(bench.published.count == events)
        #expect(try await openBackup("ana", bench) == nil)
        let kept = try #require(try await openBackup("bob", bench)).backup
        #expect(kept.snapshot["userName"] == "bob" && kept.snapshot["userId"] == "AIDA1")
        #expect(kept.snapshot["arn"] == "arn:aws:iam::111122223333:user/apps/bob")
        #expect(kept.taking == ["arn:taken"])
        var bare = try #require(kept.snapshot.objectValue)
        bare["hash"] = nil
        #expect(kept.snapshot["hash"] == .string(bench.settings.digest(JSONValue.object(bare).jsonBytes)))
        // The deny that came along is no orphan, and the comparison with IAM goes by the new name.
        let deny: JSONValue = ["kind": "user", "name": "bob", "arn": "arn:aws:iam::111122223333:user/apps/bob"]
        #expect(try await bench.step("find-orphan-denies", ["denies": [deny]])["repair"] == [])
        let listed = try await bench.step("list-suspended")["accounts"]
        #expect(listed?[0]?["userName"] == "bob" && listed?[0]?["backup"]?["snapshot"]?["userName"] == "bob")
    }

    @Test func aDamagedBackupStaysDamaged() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        _ = try await bench.backUp(snapshot(bench).with("userId", "AIDA2"), request())

        try await bench.meter([Self.renamed()])

        #expect(try await openBackup("bob", bench)?.backup.snapshot["userName"] == "ana")
    }

    @Test func aGraceGoesOnForWhatIsLeftOfIt() async throws {
        let bench = try await bench(.grace, hasBackup: false)
        let run = try #require(try await bench.account().workflows.first)
        let end = try #require(try await bench.account().standing.access.graceUntil)
        bench.advance(.seconds(60))

        try await bench.meter([Self.renamed(at: "2026-11-20T10:00:30Z")])

        let account = try await bench.account("bob")
        #expect(account.standing.access.status == .grace && account.standing.access.graceUntil == end)
        let started = try #require(bench.published.last)
        #expect(started.detail["userName"] == "bob" && started.detail["resumed"] == true)
        #expect(started.detail["graceSeconds"] == 240)
        #expect(account.workflows == [started.id])
        // What waits under the old name gives way.
        #expect(try await bench.step("check-budget", request(), in: run)["superseded"] == true)
    }

    /// Nobody knows how far the workflow under the old name came, which finds nobody there any more.
    @Test(arguments: [AccessStatus.grace, .restoring, .suspensionFailed, .restorationFailed])
    func whatWasHalfWayIsTakenUpUnderTheNewName(_ status: AccessStatus) async throws {
        let bench = try await bench(status)
        let events = bench.published.count

        try await bench.meter([Self.renamed()])

        let account = try await bench.account("bob")
        #expect(account.standing.access.status == .suspensionFailed)
        #expect(bench.published.count == events + 1)
        #expect(bench.published.last?.detail["userName"] == "bob")
        #expect(account.workflows == bench.published.suffix(1).map(\.id))
        #expect(try await openBackup("bob", bench) != nil)
    }

    /// It looks for the old name in IAM, and tells what it is told to.
    @Test func theWorkflowOfTheOldNameTellsNobodyThatItIsGone() async throws {
        let bench = try await bench(.grace)
        let run = try #require(try await bench.account().workflows.first)
        try await bench.meter([Self.renamed()])
        let status = try await bench.step("record-principal-gone", request(), in: run)
        let told = try await bench.step(
            "send-notice", ["kind": "principal-gone", "principalId": .string(principalID("ana").description)], in: run)

        #expect(status["status"] == "closed" && told == ["noticeId": .null])
        #expect(try await !bench.noticeKinds.contains(.principalGone))
        #expect(try await openBackup("bob", bench) != nil)
    }

    @Test func whatWasBeingGivenBackIsGivenBack() async throws {
        let bench = try await bench(.restoring)
        try await bench.alter { $0.budget.limit = dollars("9") }

        try await bench.meter([Self.renamed()])

        #expect(bench.publishedTypes.last == "Budget Refreshed")
        #expect(bench.published.last?.detail["userName"] == "bob")
    }

    /// The suspension looked for the old name in IAM before CloudTrail told of the new one.
    @Test func whoWasFoundGoneUnderTheOldNameIsNot() async throws {
        let bench = try await bench(.grace)
        try await bench.step("record-principal-gone", request())
        #expect(try await bench.account().standing.access.status == .closed)

        try await bench.meter([Self.renamed()])

        #expect(try await bench.account("bob").standing.access.status == .suspensionFailed)
        #expect(try await openBackup("bob", bench)?.entityID == "AIDA1")
        #expect(bench.published.last?.detail["userName"] == "bob")
    }

    /// Most that are renamed in a grace are: its end comes before CloudTrail's event. Whoever may rename himself would have
    /// another whole grace each time.
    @Test func whoWasFoundGoneAtTheEndOfTheGraceGetsNoOther() async throws {
        let bench = try await bench(.grace, hasBackup: false)
        bench.advance(.seconds(300))
        try await bench.step("record-principal-gone", request())
        try await bench.meter([Self.renamed(at: "2026-11-20T10:02:00Z")])

        let account = try await bench.account("bob")
        let started = try #require(bench.published.last)
        #expect(started.detail["userName"] == "bob" && started.detail["graceSeconds"] == 0)
        #expect(account.standing.access.status == .suspensionFailed && account.workflows == [started.id])

        // Nor does the next name.
        try await bench.step("record-principal-gone", request("bob"))
        try await bench.meter([Self.renamed("e2", "bob", to: "carol", at: "2026-11-20T10:03:00Z")])
        #expect(bench.published.last?.detail["userName"] == "carol")
        #expect(bench.published.last?.detail["graceSeconds"] == 0)
    }

    @Test func whoWasFoundGoneAndIsNotBeyondTheLimitHasItsAccess() async throws {
        let bench = try await bench(.grace, hasBackup: false)
        try await bench.alter { $0.budget.limit = dollars("9") }
        try await bench.step("record-principal-gone", request())
        let events = bench.published.count
        try await bench.meter([Self.renamed()])

        #expect(try await bench.account("bob").standing.access.status == .active)
        #expect(bench.published.count == events)
    }

    @Test func aPersonsWordGoesAlong() async throws {
        let bench = LedgerBench()
        let ana = Principal(id: principalID("ana"))
        let end = HoldEnd.at(bench.now + .seconds(7200))
        _ = try await bench.transact {
            try HoldCommands.block(ana, until: end, reason: "leak", by: "operator:eve", $0)
        }

        try await bench.meter([Self.renamed()])

        let account = try await bench.account("bob")
        #expect(account.block?.by == "operator:eve" && account.standing.access.status == .grace)
        #expect(try await bench.account().block == nil)
        let timer = try #require(bench.published.last { $0.detailType == "Block Timer" })
        #expect(timer.detail["budgetId"] == .string(account.id.rawValue))
        #expect(bench.published.contains { $0.detailType == "Block Ordered" && $0.detail["userName"] == "bob" })
    }

    // MARK: Order

    @Test func namesThatFollowedEachOtherMayBeToldOfBackwards() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 60))
        try await bench.meter([Self.renamed("e2", "bob", to: "carol", at: "2026-11-20T09:59:40Z")])
        try await bench.meter([Self.renamed()])

        #expect(try await bench.account("carol").standing.spending.total == dollars("0.60"))
        #expect(try await bench.store.read { try $0.account(budgetID("bob")) } == nil)
        try await bench.meter(use("r2", "bob", cents: 5, at: "2026-11-20T09:59:35Z"), use("r3", cents: 1))
        #expect(try await bench.account("carol").standing.spending.total == dollars("0.66"))
    }

    @Test func whoWasMadeAnewUnderTheOldNameStartsAfresh() async throws {
        let bench = try await bench(.suspended)
        try await bench.endWorkflows()
        let anew = PrincipalEvent.Occurrence.created(uniqueID: "AIDA9", tags: [:])
        try await bench.meter([Self.event("e2", anew, at: "2026-11-20T09:59:50Z")])
        try await bench.meter([Self.renamed()])

        #expect(try await bench.account("bob").standing.access.status == .suspended)
        let account = try await bench.account()
        #expect(account.standing.access.status == .active && account.standing.spending == Spending())
        #expect(try await bench.store.read { try $0.trail(of: principalID("ana")) }?.uniqueID == "AIDA9")
    }

    @Test func whoWasMadeAnewAndRenamedSoonPaysUnderTheNewName() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 60))
        try await bench.meter([
            Self.renamed(), Self.event("e2", .created(uniqueID: "AIDA9", tags: [:]), at: "2026-11-20T09:59:40Z"),
            Self.renamed("e3", to: "carol", at: "2026-11-20T09:59:50Z"),
        ])
        try await bench.meter(use("r2", cents: 7, at: "2026-11-20T09:59:45Z"))

        #expect(try await bench.account("carol").standing.spending.total == dollars("0.07"))
        #expect(try await bench.account("bob").standing.spending.total == dollars("0.60"))
        #expect(try await bench.account().standing.spending == Spending())
    }

    @Test func whoWasDeletedSinceIsGone() async throws {
        let bench = try await bench(.suspended)
        try await bench.meter([Self.event("e2", .deleted, of: "bob", at: "2026-11-20T09:59:50Z")])
        try await bench.meter([Self.renamed()])

        #expect(try await bench.account("bob").standing.access.status == .closed)
        #expect(try await openBackup("bob", bench) == nil)
    }

    /// Its tags would have sent mail about the one to whom the other had named, and charged a team that it never was in.
    @Test func whatIsKnownOfWhoHadTheNewNameBeforeIsNotTakenOver() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 60), use("r2", "bob", cents: 7, at: "2026-11-20T09:58:00Z"))
        let tags = PrincipalEvent.Occurrence.tagged(["Team": "ops", "Email": "old@example.com"])
        try await bench.meter([
            Self.event("e1", .created(uniqueID: "AIDA7", tags: [:]), of: "bob", at: "2026-11-20T09:57:00Z"),
            Self.event("e2", tags, of: "bob", at: "2026-11-20T09:58:30Z"),
            Self.event("e3", .deleted, of: "bob", at: "2026-11-20T09:58:50Z"),
        ])
        try await bench.meter([Self.renamed("e4")])

        let account = try await bench.account("bob")
        #expect(account.standing.access.status == .active && account.team == nil)
        #expect(account.standing.spending.total == dollars("0.60"))
        #expect(try await bench.store.read { try $0.principal(principalID("bob")) }?.tags == [:])
        #expect(try await bench.store.read { try $0.trail(of: principalID("bob")) }?.uniqueID == nil)

        // What is told of since, is.
        try await bench.meter([Self.event("e5", .tagged(["Team": "data"]), of: "bob", at: "2026-11-20T09:59:50Z")])
        #expect(try await bench.account("bob").team == "data")
    }

    @Test func aRenamingThatIsToldTwiceHappensOnce() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 60))
        for id in ["e1", "e1", "e2"] { try await bench.meter([Self.renamed(id)]) }

        #expect(try await bench.account("bob").standing.spending.total == dollars("0.60"))
        #expect(try await bench.audit.filter { $0.action == "principal.renamed" }.count == 1)
    }

    @Test func anotherPathIsNoOtherUser() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 60))
        try await bench.meter([Self.event("e1", .renamed(to: "ana", path: "/new/"))])

        let record = try await bench.store.read { try $0.principal(principalID("ana")) }
        #expect(record?.principal.path == "/new/")
        #expect(try await bench.account().standing.access.status == .active)
    }

    // MARK: Nobody told

    /// CloudTrail's event was lost: the deny is on a user of whom no suspension is known, and IAM's stable id is that of
    /// somebody who is suspended.
    @Test(arguments: [true, false]) func theReconciliationKnowsWhoHasTheDenyByTheID(_ isKnown: Bool) async throws {
        let bench = try await bench(.suspended)
        try await bench.endWorkflows()
        if isKnown { try await bench.meter(use("r2", "bob", cents: 1)) }
        let deny: JSONValue = [
            "kind": "user", "name": "bob", "arn": "arn:aws:iam::111122223333:user/bob", "id": "AIDA1",
        ]
        let found = try await bench.step("find-orphan-denies", ["denies": [deny]])

        #expect(found["repair"] == [] && found["reported"] == 0)
        #expect(try await bench.account("bob").standing.access.status == .suspended)
        #expect(try await openBackup("bob", bench)?.backup.snapshot["userName"] == "bob")
        #expect(try await bench.account().standing.access.status == .closed)
        let entry = try #require(try await bench.audit.last { $0.action == "principal.renamed" })
        #expect(entry.detail["uniqueId"] == "AIDA1" && entry.actor.hasPrefix("workflow:"))
        // Found again, it is the same.
        #expect(try await bench.step("find-orphan-denies", ["denies": [deny]]) == found)
    }

    /// Of the two events only the second came: that somebody was made anew under the name.
    @Test func whoWasMadeAnewIsNotTakenForTheRenamedOne() async throws {
        let bench = try await bench(.suspended)
        try await bench.endWorkflows()
        bench.advance(.seconds(600))
        let anew = PrincipalEvent.Occurrence.created(uniqueID: "AIDA9", tags: [:])
        try await bench.meter([Self.event("e1", anew, at: "2026-11-20T10:08:00Z")])
        let deny: JSONValue = [
            "kind": "user", "name": "bob", "arn": "arn:aws:iam::111122223333:user/bob", "id": "AIDA1",
        ]
        try await bench.step("find-orphan-denies", ["denies": [deny]])

        #expect(try await bench.account("bob").standing.access.status == .suspended)
        #expect(try await bench.account().standing.access.status == .active)
        try await bench.meter(use("r2", cents: 7, at: "2026-11-20T10:09:00Z"))
        #expect(try await bench.account().standing.spending.total == dollars("0.07"))
    }

    @Test func anotherIDIsAnotherUser() async throws {
        let bench = try await bench(.suspended)
        try await bench.endWorkflows()
        try await bench.meter(use("r2", "bob", cents: 1))
        let deny: JSONValue = [
            "kind": "user", "name": "bob", "arn": "arn:aws:iam::111122223333:user/bob", "id": "AIDA7",
        ]
        let found = try await bench.step("find-orphan-denies", ["denies": [deny]])

        #expect(found["repair"]?[0]?["userName"] == "bob")
        #expect(try await bench.account().standing.access.status == .suspended)
    }
}
