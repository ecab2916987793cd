import AWSClient
import AWSTasks
import Interpreter
import JSONModel
import Simulator
import Testing
import WallTime
import Words

/// What others change while somebody is suspended, against the model of IAM: keys that are made, policies that grant
/// access anew, and policies that take the room of those that are to come back.
@Suite struct IAMDriftTests {
    static let limited = IAMAccessTests.limited
    static let storage = IAMAccessTests.storage
    static let full = "arn:aws:iam::aws:policy/AmazonBedrockFullAccess"

    let iam = IAMModel(pageSize: 1)
    let access: IAMAccess

    init() {
        let actions = [Self.limited: "bedrock:InvokeModel", Self.full: "bedrock:*", Self.storage: "s3:Get*"]
        for (arn, action) in actions {
            iam.addPolicy(
                arn: arn,
                document: ["Statement": [["Effect": "Allow", "Action": .string(action), "Resource": "*"]]])
        }
        iam.addUser(
            "ana", attached: [Self.limited, Self.full, Self.storage], keys: ["ACCA1": "Active", "ACCA2": "Inactive"])
        access = IAMAccess(client: .model(iam), clock: .stopped)
    }

    // MARK: Keys

    /// Mode `key` takes what there was. What came since is found, and denied by the same step that took the keys; no
    /// restoration gives it anything.
    @Test(arguments: [
        (
            "ACCA9", "the key ACCA9 was made since the backup",
            "la clave ACCA9 se ha creado después de la copia de seguridad"
        ),
        (
            "ACCA2", "the key ACCA2, which was inactive, is active",
            "la clave ACCA2, que estaba inactiva, está activa"
        ),
    ])
    func aKeyThatCameSinceIsFoundAndDenied(_ key: String, _ english: String, _ spanish: String) async throws {
        let snapshot = try await access.snapshot(of: .user("ana"))
        let first = try await access.takeAway(snapshot, mode: .key)
        #expect(!first.denied && first.inactivated == ["ACCA1"])
        #expect(try await access.compare(snapshot, mode: .key, scope: .whole)["intact"] == true)

        iam.meddle(with: "ana") { $0.keys[key] = "Active" }

        let found = try await access.compare(snapshot, mode: .key, scope: .whole)
        #expect(found["intact"] == false)
        #expect(found["faults"] == [.string(english)] && found["faultsIn"]?["es"] == [.string(spanish)])
        let failure = await #expect(throws: TaskFailure.self) { try await access.verifyGone(snapshot, mode: .key) }
        #expect(failure?.error == "Steward.NotVerified")

        let again = try await access.takeAway(snapshot, mode: .key)
        #expect(again.denied && again.grantedElsewhere.map(\.english) == [english])
        #expect(try await access.verifyGone(snapshot, mode: .key)["verified"] == true)
        #expect(try await access.compare(snapshot, mode: .key, scope: .whole)["intact"] == true)

        iam.forgetCalls()
        _ = try await access.giveBack(snapshot, mode: .key)
        let keyCalls = iam.calls.filter { $0.action == "UpdateServiceSpecificCredential" }
        #expect(keyCalls.count == 1)
        #expect(iam.user("ana")?.keys["ACCA1"] == "Active" && iam.user("ana")?.inline == [:])
    }

    /// A deny or a detach holds whatever key there is.
    @Test(arguments: [SuspensionMode.deny, .denyAndKey, .all, .detachAndKey])
    func otherModesNeedNoLookAtNewKeys(_ mode: SuspensionMode) async throws {
        let snapshot = try await access.snapshot(of: .user("ana"))
        _ = try await access.takeAway(snapshot, mode: mode)
        iam.meddle(with: "ana") { $0.keys["ACCA9"] = "Active" }
        #expect(try await access.compare(snapshot, mode: mode, scope: .whole)["intact"] == true)
    }

    // MARK: Policies

    /// An open backup is kept, and knows nothing of what was given since: a detach looks at what is there now, also where
    /// IAM offers no simulation, or the simulation, which asks about any resource, passes over a grant of one model.
    @Test(arguments: [true, false])
    func aPolicyThatCameSinceTheBackupIsFoundAndDenied(isInline: Bool) async throws {
        iam.addUser("ben", attached: [Self.limited, Self.storage])
        let snapshot = try await access.snapshot(of: .user("ben"))
        _ = try await access.takeAway(snapshot, mode: .detach)
        iam.inject(
            Array(repeating: .error(code: "AccessDenied", status: 403), count: 9), into: "SimulatePrincipalPolicy")
        #expect(try await access.compare(snapshot, mode: .detach, scope: .whole)["intact"] == true)

        iam.meddle(with: "ben") { user in
            if isInline { user.inline["new"] = IAMBranchTests.grant } else { user.attached.append(Self.full) }
        }

        let english = isInline ? "its inline policy new grants it" : "\(Self.full) grants it since the backup"
        let failure = await #expect(throws: TaskFailure.self) { try await access.verifyGone(snapshot, mode: .detach) }
        #expect(failure?.error == "Steward.NotVerified" && failure?.cause.contains(english) == true)
        let found = try await access.compare(snapshot, mode: .detach, scope: .whole)
        #expect(found["faults"] == [.string(english)])
        let plan = try await access.preview(.user("ben"), mode: .detach) { _ in snapshot.json }
        #expect(plan["grantedElsewhere"] == [.string(english)] && plan["putPolicy"] == .string(DenyPolicy.name))

        let again = try await access.takeAway(snapshot, mode: .detach)
        #expect(again.denied && again.grantedElsewhere.map(\.english) == [english])
        #expect(try await access.verifyGone(snapshot, mode: .detach)["verified"] == true)
        #expect(try await access.compare(snapshot, mode: .detach, scope: .whole)["intact"] == true)
        // What was given since is nobody's to take: it is there when the deny goes.
        _ = try await access.giveBack(snapshot, mode: .detach)
        let after = try #require(iam.user("ben"))
        #expect(after.attached.contains(Self.limited))
        #expect(after.attached.contains(Self.full) != isInline)
        #expect((after.inline["new"] != nil) == isInline && after.inline[DenyPolicy.name] == nil)
    }

    /// One for all whom it is attached to: whoever edits it gives all of them their access back.
    @Test func aManagedDenyThatSomebodyEditedIsNone() async throws {
        iam.limitInlinePolicies(to: 100)
        let snapshot = try await access.snapshot(of: .user("ana"))
        _ = try await access.takeAway(snapshot, mode: .deny)
        #expect(try await access.compare(snapshot, mode: .deny, scope: .whole)["intact"] == true)

        iam.addPolicy(
            arn: IAMBranchTests.managedDeny,
            document: ["Statement": [["Effect": "Deny", "Action": "s3:*", "Resource": "*"]]])

        let found = try await access.compare(snapshot, mode: .deny, scope: .whole)
        #expect(found["faults"] == ["the deny policy is not in place"])
        let failure = await #expect(throws: TaskFailure.self) { try await access.verifyGone(snapshot, mode: .deny) }
        #expect(failure?.error == "Steward.NotVerified")
    }

    /// Its other sessions go on: the suspension of a role that is not shared is for all of them.
    @Test func aDenyOfSessionsIsNoneForARoleThatIsSharedNoMore() async throws {
        iam.addRole("app", attached: [Self.full])
        let snapshot = try await access.snapshot(of: .role("app"))
        _ = try await access.takeAway(snapshot, mode: .deny, scope: .sessions(["ana"]))
        iam.inject([.error(code: "AccessDenied", status: 403)], into: "SimulatePrincipalPolicy")
        #expect(try await access.compare(snapshot, mode: .deny, scope: .sessions(["ana"]))["intact"] == true)

        let found = try await access.compare(snapshot, mode: .deny, scope: .whole)
        #expect(found["faults"] == ["the deny policy is not in place"])
        _ = try await access.takeAway(snapshot, mode: .deny)
        #expect(try await access.compare(snapshot, mode: .deny, scope: .whole)["intact"] == true)
        #expect(!iam.allowsInvocation(by: "app", session: "eve"))
    }

    /// Steward was given credentials of another account: that nobody is there says nothing of those who are suspended.
    @Test(arguments: [true, false])
    func nobodyIsGoneInAnotherAccount(hasNamesake: Bool) async throws {
        let snapshot = try await access.snapshot(of: .user("ana"))
        let elsewhere = IAMModel(caller: "arn:aws:iam::999988887777:user/steward")
        if hasNamesake {
            for name in ["zoe", "ana"] { elsewhere.addUser(name) }
            #expect(elsewhere.user("ana")?.id != snapshot.entityID)
        }
        let access = IAMAccess(client: .model(elsewhere), clock: .stopped)

        let restored = await #expect(throws: TaskFailure.self) { try await access.giveBack(snapshot, mode: .both) }
        #expect(restored?.error == "Steward.OtherAccount")
        let compared = await #expect(throws: TaskFailure.self) {
            try await access.compare(snapshot, mode: .both, scope: .whole)
        }
        #expect(compared?.error == "Steward.OtherAccount")
    }

    /// However many are suspended, each is found by one of the scans, and what one finds fits into a state.
    @Test func denyScansGoOnWhereOneStopped() async throws {
        let iam = IAMModel()
        let deny = DenyPolicy.document.json.jsonString
        for number in 0..<330 { iam.addUser("user-\(number)", inline: [DenyPolicy.name: deny]) }
        let access = IAMAccess(client: .model(iam), clock: .stopped)

        var found: [String] = []
        var next: String?
        repeat {
            let scan = try await access.scanDenies(from: next)
            #expect(scan.isComplete && scan.holders.count < 150)
            // By the id it is known who was renamed.
            #expect(scan.holders.allSatisfy { $0.id != nil && $0.id == iam.user($0.identity.name)?.id })
            #expect(scan.json["denies"]?[0]?["id"]?.stringValue == scan.holders.first?.id)
            found += scan.holders.map(\.identity.name)
            next = scan.next
        } while next != nil

        #expect(Set(found).count == 330 && found.count == 330)
    }

    /// Whoever may tag must not make the scan too long for a state, nor hide others.
    @Test func tagsThatSayWhoSomebodyIsAreToldAlong() async throws {
        let iam = IAMModel()
        for name in ["ana", "bob", "eve", "zoe"] { iam.addUser(name) }
        iam.meddle(with: "ana") { $0.tags = ["Team": "data", "Color": "red", "acme:Email": "ana@example.com"] }
        iam.meddle(with: "bob") { $0.tags = ["Color": "blue"] }
        iam.meddle(with: "eve") { user in
            for number in 0..<50 { user.tags["\(number):Team"] = String(repeating: "x", count: 250) }
        }
        iam.meddle(with: "zoe") { $0.tags = ["Person": "Zoe"] }

        let scan = try await IAMAccess(client: .model(iam), clock: .stopped).scanDenies()

        #expect(scan.holders == [] && scan.next == nil)
        #expect(
            scan.json["tagged"] == [
                [
                    "arn": .string(iam.arn(of: "ana")),
                    "tags": ["Team": "data", "acme:Email": "ana@example.com"],
                ],
                ["arn": .string(iam.arn(of: "zoe")), "tags": ["Person": "Zoe"]],
            ])
    }

    // MARK: Room for policies

    /// What fits is attached, what does not is named with what to do, and the deny stays until there is room.
    @Test func aPolicyForWhichThereIsNoRoomMakesTheRestorationIncomplete() async throws {
        let snapshot = try await access.snapshot(of: .user("ana"))
        _ = try await access.takeAway(snapshot, mode: .both)
        iam.inject([.error(code: "LimitExceeded", status: 409)], into: "AttachUserPolicy")

        let failure = await #expect(throws: TaskFailure.self) { try await access.giveBack(snapshot, mode: .both) }

        #expect(failure?.error == "Steward.RestorationIncomplete")
        let cause = failure?.cause ?? ""
        #expect(cause.contains(Self.limited) && !cause.contains(Self.full))
        #expect(cause.contains("Detach a policy that ana does not need, or have the quota raised, and redrive"))
        #expect(iam.user("ana")?.inline[DenyPolicy.name] != nil)
        #expect(iam.user("ana")?.attached.contains(Self.full) == true)
        // To have accepted a loss is no word about room.
        iam.inject([.error(code: "LimitExceeded", status: 409)], into: "AttachUserPolicy")
        await #expect(throws: TaskFailure.self) {
            try await access.giveBack(snapshot, mode: .both, accepted: [Self.limited])
        }

        _ = try await access.giveBack(snapshot, mode: .both)
        #expect(try await access.verifyBack(snapshot, mode: .both)["verified"] == true)
        #expect(iam.user("ana")?.inline == [:])
    }

    /// A bench on which the deny is a managed policy, and somebody has attached another since.
    private func managedDeny(room: Int) async throws -> AccessSnapshot {
        iam.limitInlinePolicies(to: 100)
        let snapshot = try await access.snapshot(of: .user("ana"))
        _ = try await access.takeAway(snapshot, mode: .all)
        iam.meddle(with: "ana") { $0.attached.append("arn:aws:iam::aws:policy/Another") }
        iam.limitAttachedPolicies(to: room)
        iam.forgetCalls()
        return snapshot
    }

    private var isDenyAttached: Bool { iam.user("ana")?.attached.contains(IAMBranchTests.managedDeny) == true }

    /// It makes room for the last policy when all else is back.
    @Test func aManagedDenyThatTakesTheLastPlaceGivesItUpLast() async throws {
        let snapshot = try await managedDeny(room: 4)

        let given = try await access.giveBack(snapshot, mode: .all)

        #expect(given.attached == [Self.limited, Self.full] && given.drift == [])
        let changes = iam.calls.filter(\.isMutation)
        #expect(
            changes.map(\.action) == [
                "AttachUserPolicy", "AttachUserPolicy", "UpdateServiceSpecificCredential", "DetachUserPolicy",
                "AttachUserPolicy",
            ])
        #expect(changes.map(\.policy).suffix(2) == [IAMBranchTests.managedDeny, Self.full])
        #expect(try await access.verifyBack(snapshot, mode: .all)["verified"] == true)
    }

    @Test func aManagedDenyStaysWhereItsPlaceIsNotEnough() async throws {
        let snapshot = try await managedDeny(room: 3)

        let failure = await #expect(throws: TaskFailure.self) { try await access.giveBack(snapshot, mode: .all) }

        #expect(failure?.error == "Steward.RestorationIncomplete")
        #expect(isDenyAttached && !iam.calls.contains { $0.action == "DetachUserPolicy" })
    }

    @Test(arguments: [
        ("LimitExceeded", "Steward.RestorationIncomplete"), ("AccessDenied", "IAM.AccessDenied"),
    ])
    func aManagedDenyIsPutBackWhenTheLastPolicyDoesNotCome(_ code: String, _ error: String) async throws {
        let snapshot = try await managedDeny(room: 4)
        iam.meddle(with: "ana") { $0.attached.append(Self.limited) }
        let refusals = ["LimitExceeded", code].map { IAMModel.Fault.error(code: $0, status: 409) }
        iam.inject(refusals, into: "AttachUserPolicy")

        let failure = await #expect(throws: TaskFailure.self) { try await access.giveBack(snapshot, mode: .all) }

        #expect(failure?.error == error)
        #expect(isDenyAttached && !iam.allowsInvocation(by: "ana"))
        _ = try await access.giveBack(snapshot, mode: .all)
        #expect(try await access.verifyBack(snapshot, mode: .all)["verified"] == true)
    }

    @Test func aPolicyThatIsGoneIsNamedBesideOneWithoutRoom() async throws {
        let snapshot = try await access.snapshot(of: .user("ana"))
        _ = try await access.takeAway(snapshot, mode: .both)
        iam.deletePolicy(arn: Self.full)
        iam.inject([.error(code: "LimitExceeded", status: 409)], into: "AttachUserPolicy")

        let failure = await #expect(throws: TaskFailure.self) { try await access.giveBack(snapshot, mode: .both) }

        #expect(failure?.cause.contains("\(Self.full) no longer exists") == true)
        #expect(failure?.cause.contains("\(Self.limited) can't be attached again") == true)
    }
}
