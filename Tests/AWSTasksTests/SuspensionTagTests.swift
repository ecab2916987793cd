import AWSClient
import AWSTasks
import Interpreter
import JSONModel
import Simulator
import Testing
import WallTime

/// The labels on those whose access is taken, against the model of IAM.
@Suite struct SuspensionTagTests {
    private static let limited = "arn:aws:iam::aws:policy/AmazonBedrockLimitedAccess"
    private let iam = IAMModel(pageSize: 1)
    private let access: IAMAccess

    init() {
        iam.addPolicy(
            arn: Self.limited,
            document: ["Statement": [["Effect": "Allow", "Action": ["bedrock:InvokeModel"], "Resource": "*"]]])
        iam.addUser("ana", attached: [Self.limited])
        iam.addRole("app", attached: [Self.limited])
        access = IAMAccess(client: .model(iam), clock: .stopped, tags: .standard)
    }

    private func tags(of identity: IAMIdentity) -> [String: String]? {
        (identity.kind == .user ? iam.user(identity.name) : iam.role(identity.name))?.tags
    }

    private func mutations() -> [String] { iam.calls.filter(\.isMutation).map(\.action) }

    @Test(arguments: [IAMIdentity.user("ana"), .role("app")])
    func whoIsSuspendedIsTaggedAndWhoIsBackIsNot(_ identity: IAMIdentity) async throws {
        let snapshot = try await access.snapshot(of: identity)
        for _ in 0..<2 {
            #expect(try await access.takeAway(snapshot, mode: .deny).tagProblem == nil)
        }
        let tags = try #require(self.tags(of: identity))
        #expect(Set(tags.keys) == Set(SuspensionTags.standard.keys))
        #expect(tags["StewardRestricted"] == "true")
        #expect(tags["StewardRestrictionLevel"] == "deny")
        // Told twice, done once.
        #expect(mutations().filter { $0.hasPrefix("Tag") }.count == 1)

        for _ in 0..<2 { #expect(try await access.giveBack(snapshot, mode: .deny).tagProblem == nil) }
        #expect(self.tags(of: identity) == [:])
        #expect(mutations().filter { $0.hasPrefix("Untag") }.count == 1)
    }

    @Test func theLevelSaysHowAccessWasTaken() async throws {
        let role = try await access.snapshot(of: .role("app"))
        _ = try await access.takeAway(role, mode: .both, scope: .sessions(["ana"]))
        #expect(tags(of: .role("app"))?["StewardRestrictionLevel"] == "sessions")
        _ = try await access.takeAway(role, mode: .both)
        #expect(tags(of: .role("app"))?["StewardRestrictionLevel"] == "both")
    }

    @Test(arguments: ["AccessDenied", "ConcurrentModification", "LimitExceeded"])
    func tagsThatAreRefusedTakeAccessAllTheSame(_ code: String) async throws {
        iam.inject(Array(repeating: .error(code: code, status: 409), count: 20), into: "TagUser")
        iam.inject(Array(repeating: .error(code: code, status: 409), count: 20), into: "UntagUser")
        let snapshot = try await access.snapshot(of: .user("ana"))
        let taken = try await access.takeAway(snapshot, mode: .deny)
        #expect(!iam.allowsInvocation(by: "ana"))
        #expect(taken.json["tagProblem"]?.stringValue?.contains(code) == true)
        #expect(try await access.verifyGone(snapshot, mode: .deny)["verified"] == true)

        iam.forgetFaults()
        _ = try await access.takeAway(snapshot, mode: .deny)
        iam.inject(Array(repeating: .error(code: code, status: 409), count: 20), into: "UntagUser")
        #expect(try await access.giveBack(snapshot, mode: .deny).tagProblem?.contains(code) == true)
        #expect(iam.allowsInvocation(by: "ana"))
    }

    @Test func anOrphanLosesItsTagsWithItsDeny() async throws {
        _ = try await access.takeAway(try await access.snapshot(of: .user("ana")), mode: .deny)
        #expect(try await access.removeOrphan(.user("ana"))["removed"] == true)
        #expect(tags(of: .user("ana")) == [:])
    }

    @Test func otherNamesAndNoTagsAtAll() async throws {
        let named = SuspensionTags(
            restricted: "BedrockBudgeteerRestricted", level: "RestrictionLevel", timestamp: "RestrictionTimestamp")
        let snapshot = try await access.snapshot(of: .user("ana"))
        _ = try await IAMAccess(client: .model(iam), clock: .stopped, tags: named).takeAway(snapshot, mode: .deny)
        #expect(Set(tags(of: .user("ana"))?.keys.map { $0 } ?? []) == Set(named.keys))

        let role = try await access.snapshot(of: .role("app"))
        _ = try await IAMAccess(client: .model(iam), clock: .stopped).takeAway(role, mode: .deny)
        #expect(tags(of: .role("app")) == [:])
    }

    @Test(arguments: [
        ("StewardRestricted", true), ("a b:c/d=e+f-g@h_i.j", true), ("aws:restricted", false), ("", false),
        ("a#b", false), (String(repeating: "x", count: 129), false),
    ])
    func keysAreThoseThatIAMTakes(_ text: String, _ isKey: Bool) {
        #expect(SuspensionTags.isKey(text) == isKey)
    }
}
