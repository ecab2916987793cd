import AWSClient
import AWSTasks
import Engine
import Interpreter
import JSONModel
import Simulator
import Testing

/// One kind of access is taken after another, only what was taken is given back, and who is deleted meanwhile is not taken
/// for a policy that is missing: against the model of IAM.
@Suite struct TakingStepTests {
    private static let limited = IAMAccessTests.limited
    private static let other = "arn:aws:iam::111122223333:policy/AlsoBedrock"
    private let iam = IAMModel(pageSize: 1)

    init() {
        for arn in [Self.limited, Self.other] {
            iam.addPolicy(
                arn: arn, document: ["Statement": [["Effect": "Allow", "Action": "bedrock:*", "Resource": "*"]]])
        }
        iam.addUser(
            "ana", attached: [Self.limited, Self.other],
            keys: ["ACCA1": "Active", "ACCA2": "Active", "ACCA3": "Inactive"])
    }

    /// - Parameter act: done before the first call of `action`.
    private func access(
        before action: String = "", _ act: @escaping @Sendable (IAMModel) -> Void = { _ in }
    ) -> IAMAccess {
        IAMAccess(client: .model(iam, before: action, act), clock: .stopped)
    }

    private func mutations() -> [String] { iam.calls.filter(\.isMutation).map(\.action) }

    /// Each step of a workflow, with what its answer says is about to be taken noted before the next begins.
    @Test func eachStepTakesOnlyWhatTheOneBeforeSaidItWould() async throws {
        let access = access()
        var snapshot = try await access.snapshot(of: .user("ana"))
        iam.meddle(with: "ana") { user in
            user.attached = [Self.limited]
            user.keys["ACCA2"] = "Inactive"
        }
        let steps = IAMSteps(access: access).performs
        var taken: JSONValue = ["next": ["step": "first"]]
        var noted: [JSONValue] = []
        let expected: [(done: [String], next: JSONValue)] = [
            (["PutUserPolicy"], ["step": "detach", "items": [.string(Self.limited)]]),
            (["DetachUserPolicy"], ["step": "key", "items": ["ACCA1"]]),
            (["UpdateServiceSpecificCredential"], .null),
        ]
        for (done, next) in expected {
            iam.forgetCalls()
            let input: JSONValue = [
                "userName": "ana", "enforcement": "both+key", "taken": taken,
                "backup": ["snapshot": snapshot.json, "taking": .array(noted)],
            ]
            // Told twice, it is done once.
            for _ in 0..<2 { taken = try await steps["take-away-access"]?(.test, input) ?? .null }
            #expect(mutations() == done)
            #expect(taken["next"] == next)
            noted += taken["next"]?["items"]?.arrayValue ?? []
        }
        #expect(taken["denied"] == true && taken["detached"] == [.string(Self.limited)])
        #expect(taken["inactivated"] == ["ACCA1"])
        #expect(!iam.allowsInvocation(by: "ana"))

        snapshot.taken = Set(noted.compactMap(\.stringValue))
        let given = try await access.giveBack(snapshot, mode: .all)
        #expect(given.attached == [Self.limited])
        #expect(iam.user("ana")?.attached == [Self.limited])
        #expect(iam.user("ana")?.keys == ["ACCA1": "Active", "ACCA2": "Inactive", "ACCA3": "Inactive"])
        #expect(
            given.drift == [
                "\(Self.other) is not attached, and Steward has not detached it",
                "the key ACCA2 is not active, and Steward has not set it inactive",
            ])
        #expect(try await access.verifyBack(snapshot, mode: .all)["verified"] == true)
    }

    @Test(
        arguments: [
            (.deny, ["PutUserPolicy"]), (.detach, [nil, "DetachUserPolicy"]),
            (.key, [nil, "UpdateServiceSpecificCredential"]), (.both, ["PutUserPolicy", "DetachUserPolicy"]),
            (.detachAndKey, [nil, "DetachUserPolicy", "UpdateServiceSpecificCredential"]),
        ] as [(SuspensionMode, [String?])])
    func theStepsOfAMode(_ mode: SuspensionMode, _ expected: [String?]) async throws {
        let access = access()
        let snapshot = try await access.snapshot(of: .user("ana"))
        var done: [String?] = []
        var taken: TakenAway? = TakenAway(next: TakingStep(kind: .first))
        while let before = taken, before.next != nil {
            iam.forgetCalls()
            taken = try await access.takeAway(snapshot, mode: mode, after: before)
            done.append(mutations().first)
        }
        #expect(done == expected)
        #expect(try await access.verifyGone(snapshot, mode: mode)["verified"] == true)
    }

    /// What was noted and is attached still was not taken, or came back: nothing is done about it.
    @Test func whatIsThereStaysThere() async throws {
        let access = access()
        var snapshot = try await access.snapshot(of: .user("ana"))
        snapshot.taken = [Self.limited, "ACCA1"]
        iam.forgetCalls()
        _ = try await access.giveBack(snapshot, mode: .all)
        #expect(mutations() == [])
        #expect(try await access.verifyBack(snapshot, mode: .all)["verified"] == true)
    }

    /// A workflow of an earlier version takes all at once, and of a backup that says what may be taken only that.
    @Test func allAtOnceIsNoMoreThanTheBackupSays() async throws {
        let access = access()
        var snapshot = try await access.snapshot(of: .user("ana"))
        snapshot.taken = [Self.limited, "ACCA2"]
        let taken = try await access.takeAway(snapshot, mode: .all)
        #expect(taken.next == nil)
        #expect(iam.user("ana")?.attached == [Self.other])
        #expect(iam.user("ana")?.keys == ["ACCA1": "Active", "ACCA2": "Inactive", "ACCA3": "Inactive"])
    }

    // MARK: Deleted meanwhile

    @Test(arguments: [false, true], ["PutUserPolicy", "DetachUserPolicy", "ListServiceSpecificCredentials"])
    func whoIsDeletedWhileAccessIsTakenIsGone(isMadeAnew: Bool, _ action: String) async throws {
        let access = access(before: action) { Self.delete($0, isMadeAnew) }
        let snapshot = try await self.access().snapshot(of: .user("ana"))
        let failure = await #expect(throws: TaskFailure.self) {
            _ = try await access.takeAway(snapshot, mode: .all)
            _ = try await access.verifyGone(snapshot, mode: .all)
        }
        #expect(failure?.error == (isMadeAnew ? "Steward.PrincipalReplaced" : "Steward.PrincipalGone"))
    }

    @Test(
        arguments: [false, true],
        ["AttachUserPolicy", "UpdateServiceSpecificCredential", "DeleteUserPolicy", "SimulatePrincipalPolicy"])
    func whoIsDeletedWhileAccessIsGivenBackIsGone(isMadeAnew: Bool, _ action: String) async throws {
        let plain = self.access()
        let snapshot = try await plain.snapshot(of: .user("ana"))
        _ = try await plain.takeAway(snapshot, mode: .all)
        let access = access(before: action) { Self.delete($0, isMadeAnew) }
        let failure = await #expect(throws: TaskFailure.self) {
            _ = try await access.giveBack(snapshot, mode: .all)
            _ = try await access.verifyBack(snapshot, mode: .all)
            // The last read of the step was of somebody who is gone since.
            _ = try await access.verifyBack(snapshot, mode: .all)
        }
        #expect(failure?.error == (isMadeAnew ? "Steward.PrincipalReplaced" : "Steward.PrincipalGone"))
    }

    private static func delete(_ iam: IAMModel, _ isMadeAnew: Bool) {
        iam.deleteUser("ana")
        if isMadeAnew { iam.addUser("ana") }
    }
}

extension AWSClient {
    /// The same, with something that happens before the first call of an action.
    static func model(
        _ iam: IAMModel, before action: String, _ act: @escaping @Sendable (IAMModel) -> Void
    ) -> AWSClient {
        let isDone = LockedBox(false)
        return model(
            HTTPTransport { request in
                let isTime = String(decoding: request.body, as: UTF8.self).contains("Action=\(action)&")
                let isFirst =
                    isTime
                    && isDone.withLock { done in
                        defer { done = true }
                        return !done
                    }
                if isFirst { act(iam) }
                return try await iam.transport.send(request)
            })
    }
}
