import AWSClient
import AWSTasks
import Engine
import Interpreter
import JSONModel
import Simulator
import Testing
import WallTime
import Words

/// Roles, keys, denies that do not fit, and access that comes from elsewhere, against the model of IAM.
@Suite struct IAMBranchTests {
    static let limited = IAMAccessTests.limited
    static let storage = IAMAccessTests.storage
    static let managedDeny = "arn:aws:iam::111122223333:policy/StewardBedrockDeny"
    static let grant = #"{"Statement":[{"Effect":"Allow","Action":"bedrock:*","Resource":"*"}]}"#

    let iam = IAMModel(pageSize: 1)
    let access: IAMAccess

    init() {
        iam.addPolicy(
            arn: Self.limited,
            document: ["Statement": [["Effect": "Allow", "Action": ["bedrock:InvokeModel"], "Resource": "*"]]])
        iam.addPolicy(
            arn: Self.storage,
            document: ["Statement": [["Effect": "Allow", "Action": "s3:Get*", "Resource": "*"]]])
        iam.addUser("ana", attached: [Self.limited, Self.storage], keys: ["ACCA1": "Active", "ACCA2": "Inactive"])
        iam.addRole("app", attached: [Self.limited, Self.storage], path: "/service/")
        access = IAMAccess(client: .model(iam), clock: .stopped)
    }

    private func mutations() -> [String] { iam.calls.filter(\.isMutation).map(\.action) }

    // MARK: Roles

    @Test(arguments: [
        (SuspensionMode.deny, ["PutRolePolicy"]), (.detach, ["DetachRolePolicy"]),
        (.both, ["PutRolePolicy", "DetachRolePolicy"]),
    ])
    func aRoleLosesAndGetsBackItsAccess(_ mode: SuspensionMode, _ expected: [String]) async throws {
        let before = iam.role("app")
        let snapshot = try await access.snapshot(of: .role("app"))
        #expect(AccessSnapshot(json: snapshot.json) == snapshot)
        #expect(snapshot.json["roleName"] == "app" && snapshot.json["userName"] == nil)
        _ = try await access.takeAway(snapshot, mode: mode)
        #expect(mutations() == expected)
        #expect(!iam.allowsInvocation(by: "app", session: "s-1"))
        #expect(try await access.verifyGone(snapshot, mode: mode)["verified"] == true)

        _ = try await access.giveBack(snapshot, mode: mode)
        #expect(try await access.verifyBack(snapshot, mode: mode)["verified"] == true)
        #expect(iam.role("app").map { Set($0.attached) } == before.map { Set($0.attached) })
        #expect(iam.role("app")?.inline == [:])
    }

    @Test(arguments: SuspensionMode.allCases)
    func inASharedRoleOnlyTheSessionsThatSpentAreDenied(_ mode: SuspensionMode) async throws {
        let snapshot = try await access.snapshot(of: .role("app"))
        let scope = AccessScope.sessions(["ana", "ben"])
        let taken = try await access.takeAway(snapshot, mode: mode, scope: scope)
        #expect(mutations() == ["PutRolePolicy"])
        #expect(taken.sessions == ["ana", "ben"])
        #expect(try await access.verifyGone(snapshot, mode: mode, scope: scope)["simulation"] == "explicitDeny")
        #expect(!iam.allowsInvocation(by: "app", session: "ana") && !iam.allowsInvocation(by: "app", session: "ben"))
        #expect(iam.allowsInvocation(by: "app", session: "eve"))
        let document = try #require(iam.role("app")?.inline[DenyPolicy.name])
        let roleID = try #require(iam.role("app")?.id)
        #expect(document.contains(#""StringLike":{"aws:userid":["\#(roleID):ana","\#(roleID):ben"]}"#))

        _ = try await access.giveBack(snapshot, mode: .deny)
        #expect(iam.allowsInvocation(by: "app", session: "ana"))
    }

    /// An attempt has failed when the role was not shared yet: the sessions that have spent nothing get back what it took.
    @Test(arguments: [false, true])
    func aRoleThatIsSharedSinceAnAttemptFailedIsDeniedToItsSpendersOnly(isManaged: Bool) async throws {
        let snapshot = try await access.snapshot(of: .role("app"))
        if isManaged { iam.limitInlinePolicies(to: 100) }
        _ = try await access.takeAway(snapshot, mode: .both)
        #expect(!iam.allowsInvocation(by: "app", session: "eve"))
        iam.limitInlinePolicies(to: 10_240)
        let input: JSONValue = [
            "roleName": "app", "backup": ["enforcement": "both", "snapshot": snapshot.json],
            "scope": ["enforcement": "deny", "sessions": ["ana"], "fellBack": false, "wasWhole": true],
        ]

        let taken = try await IAMSteps(access: access).performs["take-away-access"]?(.test, input)

        #expect(taken?["givenBack"] == [.string(Self.limited)] && taken?["sessions"] == ["ana"])
        #expect(iam.allowsInvocation(by: "app", session: "eve") && !iam.allowsInvocation(by: "app", session: "ana"))
        #expect(Set(iam.role("app")?.attached ?? []) == [Self.limited, Self.storage])
    }

    @Test func aSharedRoleIsNeverDeniedInWholeForWantOfRoom() async throws {
        let snapshot = try await access.snapshot(of: .role("app"))
        iam.inject([.error(code: "LimitExceeded", status: 409)], into: "PutRolePolicy")
        let failure = await #expect(throws: TaskFailure.self) {
            try await access.takeAway(snapshot, mode: .both, scope: .sessions(["ana"]))
        }
        #expect(failure?.error == "Steward.DenyDoesNotFit")
        #expect(iam.role("app")?.attached == [Self.limited, Self.storage])
        #expect(iam.allowsInvocation(by: "app", session: "eve"))
    }

    @Test(arguments: [
        ("AWSReservedSSO_Admin_0123", "/aws-reserved/sso.amazonaws.com/"),
        ("AWSServiceRoleForLex", "/aws-service-role/lex.amazonaws.com/"),
    ])
    func rolesThatAWSManagesAreUnenforceable(_ name: String, _ path: String) async throws {
        iam.addRole(name, attached: [Self.limited], path: path)
        let failure = await #expect(throws: TaskFailure.self) { try await access.snapshot(of: .role(name)) }
        #expect(failure?.error == "Steward.Unenforceable")
        #expect(mutations() == [])
    }

    /// IAM knows names, not accounts: `ana` of another account is not the one whom Steward could suspend.
    @Test(
        arguments: [
            ["userName": "ana", "account": "999988887777"],
            ["userName": "ana", "principalId": "999988887777/user/ana"],
            ["userName": "nobody", "account": "999988887777"],
        ] as [JSONValue])
    func whoHasTheNameElsewhereIsSomebodyElse(_ input: JSONValue) async throws {
        let steps = IAMSteps(access: access).performs
        let failure = await #expect(throws: TaskFailure.self) {
            _ = try await steps["back-up-access"]?(.test, input)
        }
        #expect(failure?.error == "Steward.OtherAccount")
        #expect(failure?.cause.contains("999988887777") == true && failure?.cause.contains("111122223333") == true)
        let plan = await #expect(throws: TaskFailure.self) {
            try await access.preview(.user("ana"), in: "999988887777", mode: .both)
        }
        #expect(plan?.error == "Steward.OtherAccount")
        let own: JSONValue = ["userName": "ana", "account": "111122223333"]
        #expect(try await steps["back-up-access"]?(.test, own)["userName"] == "ana")
    }

    @Test func aServiceLinkedRoleThatOnlyIAMKnowsAsOneIsUnenforceable() async throws {
        let snapshot = try await access.snapshot(of: .role("app"))
        iam.inject([.error(code: "UnmodifiableEntity", status: 400)], into: "PutRolePolicy")
        let failure = await #expect(throws: TaskFailure.self) { try await access.takeAway(snapshot, mode: .both) }
        #expect(failure?.error == "Steward.Unenforceable")
    }

    @Test(arguments: ["root", "federated-user"])
    func whoHasNoPoliciesIsUnenforceable(_ kind: String) async throws {
        let steps = IAMSteps(access: access).performs
        let failure = await #expect(throws: TaskFailure.self) {
            _ = try await steps["back-up-access"]?(.test, ["principalKind": .string(kind)])
        }
        #expect(failure?.error == "Steward.Unenforceable")
    }

    @Test func stewardDoesNotSuspendTheRoleThatItWorksIn() async throws {
        let iam = IAMModel(caller: "arn:aws:sts::111122223333:assumed-role/steward/i-0123")
        iam.addRole("steward")
        iam.addRole("steward2")
        let access = IAMAccess(client: .model(iam), clock: .stopped)
        let own = try await access.snapshot(of: .role("steward"))
        let failure = await #expect(throws: TaskFailure.self) { try await access.takeAway(own, mode: .deny) }
        #expect(failure?.error == "Steward.RefusesItself")
        let other = try await access.snapshot(of: .role("steward2"))
        #expect(try await access.takeAway(other, mode: .deny).denied)
    }

    // MARK: Keys

    @Test func onlyKeysThatWereActiveAreTakenAndGivenBack() async throws {
        let snapshot = try await access.snapshot(of: .user("ana"))
        let taken = try await access.takeAway(snapshot, mode: .key)
        #expect(
            taken.inactivated == ["ACCA1"] && !taken.denied && taken.detached == []
                && taken.grantedElsewhere.map(\.english) == [])
        #expect(iam.user("ana")?.keys == ["ACCA1": "Inactive", "ACCA2": "Inactive"])
        #expect(iam.user("ana")?.attached.contains(Self.limited) == true)
        #expect(try await access.verifyGone(snapshot, mode: .key)["verified"] == true)

        _ = try await access.giveBack(snapshot, mode: .key)
        #expect(iam.user("ana")?.keys == ["ACCA1": "Active", "ACCA2": "Inactive"])
        #expect(try await access.verifyBack(snapshot, mode: .key)["verified"] == true)
        #expect(mutations() == ["UpdateServiceSpecificCredential", "UpdateServiceSpecificCredential"])
    }

    @Test func aKeyThatWasDeletedOrHasExpiredIsDriftAndNoFailure() async throws {
        iam.addUser("ben", attached: [Self.limited], keys: ["A": "Active", "B": "Active"])
        let snapshot = try await access.snapshot(of: .user("ben"))
        _ = try await access.takeAway(snapshot, mode: .denyAndKey)
        iam.meddle(with: "ben") { user in user.keys = ["A": "Expired"] }
        let given = try await access.giveBack(snapshot, mode: .denyAndKey)
        #expect(given.drift == ["the key A is expired", "the key B is gone"])
        #expect(try await access.verifyBack(snapshot, mode: .denyAndKey)["verified"] == true)
    }

    @Test(arguments: [[:], ["A": "Inactive"]])
    func whoHasNoActiveKeyIsDenied(_ keys: [String: String]) async throws {
        iam.addUser("ben", attached: [Self.limited], keys: keys)
        let snapshot = try await access.snapshot(of: .user("ben"))
        let taken = try await access.takeAway(snapshot, mode: .key)
        #expect(
            taken.denied
                && taken.grantedElsewhere.map(\.english) == ["it has no active Bedrock API key that could be taken"])
        #expect(!iam.allowsInvocation(by: "ben"))
        _ = try await access.giveBack(snapshot, mode: .key)
        #expect(iam.allowsInvocation(by: "ben"))
    }

    @Test func aKeyThatComesBackIsSeen() async throws {
        let snapshot = try await access.snapshot(of: .user("ana"))
        _ = try await access.takeAway(snapshot, mode: .key)
        iam.meddle(with: "ana") { $0.keys["ACCA1"] = "Active" }
        let failure = await #expect(throws: TaskFailure.self) { try await access.verifyGone(snapshot, mode: .key) }
        #expect(failure?.error == "Steward.NotVerified")
    }

    // MARK: Access from elsewhere

    @Test(arguments: [true, false])
    func whatAGroupGrantsIsDeniedEvenWhenOnlyDetachWasAsked(_ hasSimulation: Bool) async throws {
        iam.addGroup("engineers", policies: [Self.limited])
        iam.addGroup("writers", policies: [], inline: ["write": Self.grant])
        iam.addUser("ben", attached: [Self.limited], groups: ["engineers", "writers"])
        let snapshot = try await access.snapshot(of: .user("ben"))
        if !hasSimulation {
            iam.inject(
                Array(repeating: .error(code: "InvalidAction", status: 400), count: 9), into: "SimulatePrincipalPolicy")
        }
        let taken = try await access.takeAway(snapshot, mode: .detach)
        #expect(taken.denied && taken.detached == [Self.limited])
        #expect(
            taken.grantedElsewhere.map(\.english) == [
                "the group engineers grants it by \(Self.limited)",
                "the group writers grants it by its inline policy write",
            ])
        #expect(
            taken.json["grantedElsewhereIn"]?["es"]?[1] == "lo concede el grupo writers con su política insertada write"
        )
        #expect(try await access.verifyGone(snapshot, mode: .detach)["verified"] == true)
        #expect(!iam.allowsInvocation(by: "ben"))
    }

    /// What would be put besides what the mode says, and whom it would name, before anything is touched.
    @Test func aPreviewKnowsOfGroupsAndOfSessions() async throws {
        iam.addGroup("engineers", policies: [Self.limited])
        iam.addUser("ben", attached: [Self.limited], groups: ["engineers"])
        let plain = try await access.preview(.user("ana"), mode: .detach)
        #expect(plain["putPolicy"] == .null && plain["grantedElsewhere"] == [])

        let granted = try await access.preview(.user("ben"), mode: .detach)

        #expect(granted["putPolicy"] == .string(DenyPolicy.name))
        #expect(granted["detach"] == [.string(Self.limited)])
        #expect(granted["grantedElsewhere"] == [.string("the group engineers grants it by \(Self.limited)")])
        let sessions = try await access.preview(.user("ben"), mode: .both, scope: .sessions(["s1"]))
        #expect(sessions["detach"] == [] && sessions["deactivate"] == [])
        #expect(sessions["policyDocument"]?.jsonString.contains(":s1\"") == true)
        #expect(mutations().isEmpty)
    }

    /// A suspension that failed half way has left a backup, and somebody has meddled since: what is planned is what is
    /// then done.
    @Test(arguments: SuspensionMode.allCases)
    func aPreviewKeepsToTheBackupThatIsOpen(_ mode: SuspensionMode) async throws {
        let full = "arn:aws:iam::aws:policy/AmazonBedrockFullAccess"
        iam.addPolicy(arn: full, document: try JSONValue(parsing: Self.grant))
        let backup = try await access.snapshot(of: .user("ana"))
        _ = try await access.takeAway(backup, mode: .detach)
        iam.meddle(with: "ana") { user in
            user.attached.append(full)
            user.keys["ACCA2"] = "Active"
        }
        let before = mutations().count

        let plan = try await access.preview(.user("ana"), mode: mode) { _ in backup.json }
        #expect(mutations().count == before)

        let taken = try await access.takeAway(backup, mode: mode)
        let writes = mutations().dropFirst(before)
        #expect((plan["putPolicy"] != .null) == writes.contains("PutUserPolicy"))
        #expect(plan["detach"] == [] && !writes.contains("DetachUserPolicy"))
        let keys = writes.filter { $0 == "UpdateServiceSpecificCredential" }
        #expect(plan["deactivate"]?.arrayValue?.count == keys.count)
        #expect(plan["grantedElsewhere"] == .array(taken.grantedElsewhere.map { .string($0.english) }))
        #expect(plan["backupTakenAt"] == .string(backup.takenAt.iso8601))
    }

    @Test func whatIsSoAlreadyIsNoChange() async throws {
        let backup = try await access.snapshot(of: .user("ana"))
        _ = try await access.takeAway(backup, mode: .all)
        let plan = try await access.preview(.user("ana"), mode: .all) { _ in backup.json }
        #expect(plan["putPolicy"] == .null && plan["detach"] == [] && plan["deactivate"] == [])
    }

    @Test func whatNobodyMayReadTheSimulationTells() async throws {
        iam.addGroup("engineers", policies: [Self.limited])
        iam.addUser("ben", groups: ["engineers"])
        let snapshot = try await access.snapshot(of: .user("ben"))
        iam.inject([.error(code: "AccessDenied", status: 403)], into: "ListAttachedGroupPolicies")
        let taken = try await access.takeAway(snapshot, mode: .detach)
        #expect(taken.grantedElsewhere.map(\.english) == ["IAM's simulation still allows bedrock:InvokeModel"])
        #expect(!iam.allowsInvocation(by: "ben"))
    }

    @Test func whatNobodyCanTellIsDenied() async throws {
        iam.addGroup("engineers", policies: [Self.limited])
        iam.addUser("ben", groups: ["engineers"])
        let snapshot = try await access.snapshot(of: .user("ben"))
        let refusal = IAMModel.Fault.error(code: "AccessDenied", status: 403)
        for action in ["ListAttachedGroupPolicies", "SimulatePrincipalPolicy"] { iam.inject([refusal], into: action) }
        let taken = try await access.takeAway(snapshot, mode: .detach)
        #expect(taken.grantedElsewhere.map(\.english) == ["Steward may read neither its groups nor IAM's simulation"])
        #expect(taken.denied && !iam.allowsInvocation(by: "ben"))
    }

    @Test func withoutASimulationAGroupIsSeenByTheVerification() async throws {
        iam.addGroup("engineers", policies: [Self.limited])
        iam.addUser("ben", groups: ["engineers"])
        let snapshot = try await access.snapshot(of: .user("ben"))
        iam.inject(
            Array(repeating: .error(code: "InvalidAction", status: 400), count: 9), into: "SimulatePrincipalPolicy")
        let failure = await #expect(throws: TaskFailure.self) { try await access.verifyGone(snapshot, mode: .detach) }
        #expect(failure?.cause.contains("the group engineers grants it") == true)
    }

    @Test func itsOwnInlinePolicyIsNoWayAroundADetach() async throws {
        iam.addUser("ben", inline: ["own": Self.grant])
        let snapshot = try await access.snapshot(of: .user("ben"))
        let taken = try await access.takeAway(snapshot, mode: .detach)
        #expect(taken.grantedElsewhere.map(\.english) == ["its inline policy own grants it"])
        _ = try await access.giveBack(snapshot, mode: .detach)
        #expect(iam.user("ben")?.inline == ["own": Self.grant])
    }

    // MARK: A deny that does not fit

    @Test func whereInlinePoliciesLeaveNoRoomTheDenyIsAttached() async throws {
        iam.limitInlinePolicies(to: 100)
        let snapshot = try await access.snapshot(of: .user("ana"))
        _ = try await access.takeAway(snapshot, mode: .both)
        #expect(iam.user("ana")?.attached == [Self.storage, Self.managedDeny])
        #expect(try await access.verifyGone(snapshot, mode: .both)["denyInPlace"] == true)
        let again = try await access.snapshot(of: .user("ana"))
        #expect(again.underSuspension && again.attached.map(\.arn) == [Self.storage])

        let given = try await access.giveBack(snapshot, mode: .both)
        #expect(given.drift == [])
        #expect(Set(iam.user("ana")?.attached ?? []) == [Self.limited, Self.storage])
        #expect(try await access.verifyBack(snapshot, mode: .both)["verified"] == true)
    }

    @Test func aManagedPolicyOfTheNameThatSaysSomethingElseIsNotAttached() async throws {
        iam.limitInlinePolicies(to: 100)
        iam.addPolicy(arn: Self.managedDeny, document: ["Statement": [["Effect": "Allow", "Action": "*"]]])
        let snapshot = try await access.snapshot(of: .user("ana"))
        let failure = await #expect(throws: TaskFailure.self) { try await access.takeAway(snapshot, mode: .deny) }
        #expect(failure?.error == "Steward.DenyDoesNotFit")
        #expect(iam.user("ana")?.attached == [Self.limited, Self.storage])
    }

    @Test func whereNeitherFitsPoliciesAndKeysAreTaken() async throws {
        iam.limitInlinePolicies(to: 100)
        let full = IAMModel.Fault.error(code: "LimitExceeded", status: 409)
        iam.inject([full], into: "AttachUserPolicy")
        let snapshot = try await access.snapshot(of: .user("ana"))
        let failure = await #expect(throws: TaskFailure.self) { try await access.takeAway(snapshot, mode: .both) }
        #expect(failure?.error == "Steward.DenyDoesNotFit")

        let taken = try await access.takeAway(snapshot, mode: .detachAndKey, mayEscalate: false)
        #expect(taken.detached == [Self.limited] && taken.inactivated == ["ACCA1"] && !taken.denied)
        #expect(try await access.verifyGone(snapshot, mode: .detachAndKey)["verified"] == true)
        #expect(try await access.compare(snapshot, mode: .detachAndKey, scope: .whole)["intact"] == true)
        _ = try await access.giveBack(snapshot, mode: .all)
        #expect(try await access.verifyBack(snapshot, mode: .all)["verified"] == true)
        #expect(iam.user("ana")?.keys["ACCA1"] == "Active")
    }

    // MARK: Giving back in part

    @Test func aLossThatSomebodyAcceptedHoldsNothingUp() async throws {
        let snapshot = try await access.snapshot(of: .user("ana"))
        _ = try await access.takeAway(snapshot, mode: .both)
        iam.deletePolicy(arn: Self.limited)
        let failure = await #expect(throws: TaskFailure.self) { try await access.giveBack(snapshot, mode: .both) }
        #expect(failure?.error == "Steward.RestorationIncomplete")
        #expect(failure?.cause.contains("workflowctl principal accept-loss ana") == true)
        let given = try await access.giveBack(snapshot, mode: .both, accepted: [Self.limited])
        #expect(given.lost == [Self.limited])
        #expect(try await access.verifyBack(snapshot, mode: .both, accepted: [Self.limited])["verified"] == true)
        #expect(iam.user("ana")?.inline == [:])
    }

    // MARK: Looking around

    @Test func allWhoCarryTheDenyAreFoundOverAllPages() async throws {
        iam.limitInlinePolicies(to: 100)
        iam.addUser("eve", attached: [Self.limited])
        for identity in [IAMIdentity.user("ana"), .role("app")] {
            let snapshot = try await access.snapshot(of: identity)
            _ = try await access.takeAway(snapshot, mode: .deny)
        }
        let scan = try await access.scanDenies()
        #expect(scan.isComplete)
        #expect(Set(scan.holders.map(\.identity)) == [.user("ana"), .role("app")])
        #expect(scan.holders.map(\.arn).contains("arn:aws:iam::111122223333:role/service/app"))
    }

    @Test func whoMayNotLookSaysSo() async throws {
        iam.inject([.error(code: "AccessDenied", status: 403)], into: "GetAccountAuthorizationDetails")
        let scan = try await access.scanDenies()
        #expect(!scan.isComplete && scan.holders == [])
        #expect(scan.reason?.contains("iam:GetAccountAuthorizationDetails") == true)
    }

    @Test func theComparisonSeesWhatOthersUndid() async throws {
        let snapshot = try await access.snapshot(of: .user("ana"))
        _ = try await access.takeAway(snapshot, mode: .all)
        #expect(try await access.compare(snapshot, mode: .all, scope: .whole)["intact"] == true)
        iam.meddle(with: "ana") { user in
            user.inline = [:]
            user.attached.append(Self.limited)
            user.keys["ACCA1"] = "Active"
        }
        let found = try await access.compare(snapshot, mode: .all, scope: .whole)
        #expect(found["intact"] == false)
        #expect(
            found["faults"] == [
                "the deny policy is not in place", .string("\(Self.limited) is attached"), "the key ACCA1 is active",
                "IAM's simulation still allows bedrock:InvokeModel",
            ])
        #expect(
            found["faultsIn"]?["es"] == [
                "la política de denegación no está puesta", .string("\(Self.limited) está asociada"),
                "la clave ACCA1 está activa", "la simulación de IAM todavía permite bedrock:InvokeModel",
            ])
        iam.deleteUser("ana")
        #expect(try await access.compare(snapshot, mode: .all, scope: .whole)["gone"] == true)
        iam.addUser("ana")
        #expect(try await access.compare(snapshot, mode: .all, scope: .whole)["replaced"] == true)
    }

    @Test func sessionsThatTheDenyDoesNotNameAreFound() async throws {
        let snapshot = try await access.snapshot(of: .role("app"))
        _ = try await access.takeAway(snapshot, mode: .deny, scope: .sessions(["ana", "ben"]))
        func compare(_ names: [String], any: Bool = false) async throws -> JSONValue {
            try await access.compare(snapshot, mode: .deny, scope: .sessions(names), anySession: any)
        }
        #expect(try await compare(["ben"])["intact"] == true)
        let found = try await compare(["ana", "eve"])
        #expect(found["intact"] == false && found["newSessionsOnly"] == true)
        #expect(found["faults"] == ["the deny does not name the session eve"])
        #expect(try await compare(["eve"], any: true)["intact"] == true)

        _ = try await access.takeAway(snapshot, mode: .deny, scope: .sessions(["ana", "ben", "eve"]))
        #expect(try await compare(["ana", "eve"])["intact"] == true)
        // A deny for everybody names everybody.
        _ = try await access.takeAway(snapshot, mode: .deny)
        #expect(try await compare(["zoe"])["intact"] == true)
        // Who undid the deny is not told as a session that began.
        _ = try await access.giveBack(snapshot, mode: .deny)
        #expect(try await compare(["ana"])["newSessionsOnly"] == false)
    }

    @Test func removingAnOrphanTakesOnlyTheDeny() async throws {
        let before = iam.user("ana")
        let snapshot = try await access.snapshot(of: .user("ana"))
        _ = try await access.takeAway(snapshot, mode: .deny)
        #expect(try await access.removeOrphan(.user("ana")) == ["removed": true])
        #expect(iam.user("ana") == before)
        #expect(try await access.removeOrphan(.user("ana")) == ["removed": false])
    }

    // MARK: Pace

    @Test func writesToIAMKeepTheirDistance() async throws {
        let slept = Slept()
        let clock = WallClock(
            now: { Instant(milliseconds: 0) }, monotonicNanoseconds: { 0 },
            sleepUntil: { await slept.note($0.milliseconds) })
        let access = IAMAccess(client: .model(iam), clock: clock)
        let snapshot = try await access.snapshot(of: .user("ana"))
        _ = try await access.takeAway(snapshot, mode: .all)
        _ = try await access.giveBack(snapshot, mode: .all)
        #expect(mutations().count == 6)
        #expect(await slept.times == [200, 400, 600, 800, 1000])
    }
}

private actor Slept {
    private(set) var times: [Int64] = []
    func note(_ time: Int64) { times.append(time) }
}

extension TaskContext {
    static let test = TaskContext(
        execution: ExecutionID(rawValue: 1), executionARN: "arn", executionName: "run", stateMachine: "suspension",
        state: "State", resource: "activity:x", retryCount: 0, idempotencyKey: "key", now: Instant(milliseconds: 0),
        deadline: nil, heartbeat: {})
}
