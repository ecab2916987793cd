import AWSClient
import AWSTasks
import Interpreter
import JSONModel
import Simulator
import Testing
import WallTime

/// Backing up, taking away, verifying and giving back, against the model of IAM.
@Suite struct IAMAccessTests {
    static let limited = "arn:aws:iam::aws:policy/AmazonBedrockLimitedAccess"
    static let storage = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    static let user = "BedrockAPIKey-ab12"

    let iam = IAMModel(pageSize: 1)
    let access: IAMAccess

    init() {
        iam.addPolicy(
            arn: Self.limited,
            document: ["Statement": [["Effect": "Allow", "Action": ["bedrock:InvokeModel"], "Resource": "*"]]])
        iam.addPolicy(
            arn: Self.storage,
            document: ["Statement": [["Effect": "Allow", "Action": "s3:Get*", "Resource": "*"]]])
        iam.addUser(Self.user, attached: [Self.limited, Self.storage])
        access = IAMAccess(client: .model(iam), clock: .stopped)
    }

    private func mutations() -> [String] { iam.calls.filter(\.isMutation).map(\.action) }

    @Test func theBackupHoldsEverythingOverAllPages() async throws {
        iam.addGroup("engineers", policies: [])
        iam.addUser(
            "ana", attached: [Self.storage, Self.limited], groups: ["engineers"],
            inline: ["own": #"{"Statement":[{"Effect":"Allow","Action":"bedrock:*","Resource":"*"}]}"#])

        let snapshot = try await access.snapshot(of: .user("ana"))

        #expect(snapshot.attached.map(\.arn) == [Self.storage, Self.limited])
        #expect(snapshot.bedrockPolicies.map(\.arn) == [Self.limited])
        #expect(snapshot.inline.map(\.name) == ["own"])
        #expect(snapshot.inline.map(\.grantsBedrock) == [true])
        #expect(snapshot.groups == ["engineers"])
        #expect(!snapshot.underSuspension)
        #expect(mutations() == [])
    }

    @Test func aBackupReadsBackAsItWasAndADamagedOneDoesNot() async throws {
        let snapshot = try await access.snapshot(of: .user(Self.user))
        #expect(AccessSnapshot(json: snapshot.json) == snapshot)

        var changed = try #require(snapshot.json.objectValue)
        changed["attachedPolicies"] = []
        #expect(AccessSnapshot(json: .object(changed)) == nil)
    }

    @Test(arguments: [
        (SuspensionMode.deny, ["PutUserPolicy"]), (.detach, ["DetachUserPolicy"]),
        (.both, ["PutUserPolicy", "DetachUserPolicy"]),
    ])
    func eachModeChangesWhatItSays(_ mode: SuspensionMode, _ expected: [String]) async throws {
        let snapshot = try await access.snapshot(of: .user(Self.user))
        _ = try await access.takeAway(snapshot, mode: mode)

        #expect(mutations() == expected)
        #expect(!iam.allowsInvocation(by: Self.user))
        let verified = try await access.verifyGone(snapshot, mode: mode)
        #expect(verified["verified"] == true)
        #expect(iam.user(Self.user)?.attached.contains(Self.storage) == true)
    }

    @Test func takingAwayTwiceCallsNothingTwice() async throws {
        let snapshot = try await access.snapshot(of: .user(Self.user))
        _ = try await access.takeAway(snapshot, mode: .both)
        let first = mutations()
        _ = try await access.takeAway(snapshot, mode: .both)
        #expect(mutations() == first)
    }

    @Test func accessFromAGroupIsDeniedToo() async throws {
        iam.addGroup("engineers", policies: [Self.limited])
        iam.addUser("ana", groups: ["engineers"])
        let snapshot = try await access.snapshot(of: .user("ana"))
        await #expect(throws: TaskFailure.self) { try await access.verifyGone(snapshot, mode: .detach) }

        _ = try await access.takeAway(snapshot, mode: .both)
        #expect(try await access.verifyGone(snapshot, mode: .both)["simulation"] == "explicitDeny")
    }

    @Test(arguments: SuspensionMode.allCases)
    func givingBackRestoresExactlyWhatWasThere(_ mode: SuspensionMode) async throws {
        let before = iam.user(Self.user)
        let snapshot = try await access.snapshot(of: .user(Self.user))
        _ = try await access.takeAway(snapshot, mode: mode)
        _ = try await access.giveBack(snapshot, mode: mode)

        let after = iam.user(Self.user)
        #expect(after.map { Set($0.attached) } == before.map { Set($0.attached) })
        #expect(after?.inline == before?.inline)
        #expect(try await access.verifyBack(snapshot, mode: mode)["verified"] == true)
    }

    @Test func nothingIsGrantedThatWasNotThere() async throws {
        iam.addUser("ben", attached: [Self.storage])
        let snapshot = try await access.snapshot(of: .user("ben"))
        _ = try await access.takeAway(snapshot, mode: .both)
        _ = try await access.giveBack(snapshot, mode: .both)
        #expect(iam.user("ben")?.attached == [Self.storage])
        #expect(!iam.allowsInvocation(by: "ben"))
    }

    @Test func theDenyGoesLast() async throws {
        let snapshot = try await access.snapshot(of: .user(Self.user))
        _ = try await access.takeAway(snapshot, mode: .both)
        iam.forgetCalls()
        _ = try await access.giveBack(snapshot, mode: .both)
        #expect(mutations() == ["AttachUserPolicy", "DeleteUserPolicy"])
    }

    @Test func aPolicyThatIsGoneMakesTheRestorationIncompleteAndKeepsTheDeny() async throws {
        let snapshot = try await access.snapshot(of: .user(Self.user))
        _ = try await access.takeAway(snapshot, mode: .both)
        iam.deletePolicy(arn: Self.limited)

        let failure = await #expect(throws: TaskFailure.self) { try await access.giveBack(snapshot, mode: .both) }
        #expect(failure?.error == "Steward.RestorationIncomplete")
        #expect(iam.user(Self.user)?.inline[DenyPolicy.name] != nil)
    }

    @Test func aDenyThatSomebodyRemovedIsReportedAsDrift() async throws {
        let snapshot = try await access.snapshot(of: .user(Self.user))
        _ = try await access.takeAway(snapshot, mode: .detach)
        let given = try await access.giveBack(snapshot, mode: .both)
        #expect(given.drift == ["the deny policy was already gone"])
    }

    @Test func aUserMadeAgainUnderTheSameNameIsNotTouched() async throws {
        let snapshot = try await access.snapshot(of: .user(Self.user))
        iam.deleteUser(Self.user)
        iam.addUser(Self.user, attached: [Self.limited])

        let failure = await #expect(throws: TaskFailure.self) { try await access.takeAway(snapshot, mode: .both) }
        #expect(failure?.error == "Steward.PrincipalReplaced")
        #expect(mutations() == [])
    }

    @Test func theBreakGlassListIsNeverTouched() async throws {
        let snapshot = try await access.snapshot(of: .user(Self.user))
        let spared: Set = [iam.arn(of: Self.user)]
        let guarded = IAMAccess(client: .model(iam), clock: .stopped, untouchable: { spared })
        let failure = await #expect(throws: TaskFailure.self) { try await guarded.takeAway(snapshot, mode: .both) }
        #expect(failure?.error == "Steward.RefusesItself")
        #expect(mutations() == [])
    }

    @Test func stewardDoesNotSuspendItself() async throws {
        iam.addUser("steward", attached: [Self.limited])
        let snapshot = try await access.snapshot(of: .user("steward"))
        let failure = await #expect(throws: TaskFailure.self) { try await access.takeAway(snapshot, mode: .both) }
        #expect(failure?.error == "Steward.RefusesItself")
    }

    @Test func aUserWhoDoesNotExistIsGone() async throws {
        let failure = await #expect(throws: TaskFailure.self) { try await access.snapshot(of: .user("nobody")) }
        #expect(failure?.error == "Steward.PrincipalGone")
    }

    @Test func missingPermissionSaysWhichOne() async throws {
        let snapshot = try await access.snapshot(of: .user(Self.user))
        iam.inject([.error(code: "AccessDenied", status: 403)], into: "PutUserPolicy")
        let failure = await #expect(throws: TaskFailure.self) { try await access.takeAway(snapshot, mode: .both) }
        #expect(failure?.error == "IAM.AccessDenied")
        #expect(failure?.cause.contains("iam:PutUserPolicy") == true)
    }

    /// What can't be read may grant Bedrock: a backup without it would be one that takes too little away.
    @Test(arguments: [
        ["odd": "no policy"], ["StewardBedrockDeny": "%7B%22Statement"],
    ])
    func aPolicyThatCannotBeReadIsNotOneThatIsMissing(_ inline: [String: String]) async throws {
        iam.meddle(with: Self.user) { $0.inline = inline }
        let failure = await #expect(throws: TaskFailure.self) {
            let snapshot = try await access.snapshot(of: .user(Self.user))
            _ = try await access.giveBack(snapshot, mode: .deny)
        }
        #expect(failure?.error == "IAM.Client.UnreadableAnswer")
        #expect(failure?.cause.contains(inline.keys.joined()) == true)
    }

    /// An answer that looks as though IAM had no keys is not one that says that they are inactive.
    @Test func keysThatWereSeenAreNotTakenForNone() async throws {
        iam.meddle(with: Self.user) { $0.keys = ["ACCA1": "Active"] }
        let snapshot = try await access.snapshot(of: .user(Self.user))
        let missing = IAMModel.Fault.error(code: "InvalidAction", status: 400)
        iam.inject([missing], into: "ListServiceSpecificCredentials")
        let taking = await #expect(throws: TaskFailure.self) { try await access.takeAway(snapshot, mode: .key) }
        #expect(taking?.error == "IAM.InvalidAction")

        _ = try await access.takeAway(snapshot, mode: .key)
        iam.inject([missing], into: "ListServiceSpecificCredentials")
        let looking = await #expect(throws: TaskFailure.self) { try await access.verifyGone(snapshot, mode: .key) }
        #expect(looking?.error == "IAM.InvalidAction")
        #expect(try await access.verifyGone(snapshot, mode: .key)["verified"] == true)
    }

    @Test func throttlingIsWaitedOut() async throws {
        let snapshot = try await access.snapshot(of: .user(Self.user))
        let throttled = IAMModel.Fault.error(code: "Throttling", status: 400)
        iam.inject([throttled, throttled], into: "PutUserPolicy")
        _ = try await access.takeAway(snapshot, mode: .deny)
        #expect(!iam.allowsInvocation(by: Self.user))
    }

    /// IAM did it, but the answer was lost: doing it again is harmless.
    @Test(arguments: ["PutUserPolicy", "DetachUserPolicy"])
    func aLostAnswerIsRepaired(_ action: String) async throws {
        let snapshot = try await access.snapshot(of: .user(Self.user))
        iam.inject([.lostAnswer], into: action)
        _ = try? await access.takeAway(snapshot, mode: .both)
        _ = try await access.takeAway(snapshot, mode: .both)
        #expect(try await access.verifyGone(snapshot, mode: .both)["verified"] == true)
    }
}

extension AWSClient {
    /// A client whose network is the model.
    static func model(_ iam: IAMModel) -> AWSClient { model(iam.transport) }

    static func model(_ transport: HTTPTransport) -> AWSClient {
        let configuration: AWSConfiguration
        do {
            configuration = try AWSConfiguration(environment: ["AWS_REGION": "us-east-1"])
        } catch {
            preconditionFailure("a region alone is a configuration: \(error)")
        }
        return AWSClient(
            configuration: configuration,
            credentials: .fixed(
                AWSCredentials(
                    accessKeyID: "AKIAEXAMPLE", secretAccessKey: "secret", sessionToken: nil, expiration: nil)),
            transport: transport, clock: .stopped, randomFraction: { 0 })
    }
}

extension WallClock {
    /// Time stands still, and every sleep is over at once.
    static let stopped = WallClock(
        now: { Instant(milliseconds: 1_795_169_742_000) }, monotonicNanoseconds: { 0 }, sleepUntil: { _ in })
}
