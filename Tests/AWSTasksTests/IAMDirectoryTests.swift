import AWSClient
import AWSTasks
import Interpreter
import JSONModel
import Simulator
import Testing
import WallTime

@Suite struct IAMDirectoryTests {
    /// IAM would answer with whoever has the name in its own account.
    @Test(arguments: ["principal.get", "principal.tag", "principal.import"])
    func anARNOfAnotherAccountIsNobodyHere(_ operation: String) async throws {
        let iam = IAMModel()
        iam.addUser("ana")
        let access = IAMAccess(client: .model(iam), clock: .stopped)
        let directory = IAMDirectory(access: access, policyARN: IAMAccessTests.limited)
        let tags: JSONValue = ["Steward:Team": "data"]

        let failure = await #expect(throws: TaskFailure.self) {
            try await directory.perform(operation, ["name": "arn:aws:iam::999999999999:user/ana", "tags": tags])
        }
        #expect(failure?.error == "Steward.InvalidInput")
        #expect(iam.user("ana")?.tags == [:])
        let own = try await directory.perform(operation, ["name": .string(iam.arn(of: "ana")), "tags": tags])
        #expect(own["arn"] == .string(iam.arn(of: "ana")))
    }

    @Test func aPolicyOfAGroupReachesThoseWhoHaveNoDeny() async throws {
        let (limited, storage) = (IAMAccessTests.limited, IAMAccessTests.storage)
        let iam = IAMModel()
        iam.addPolicy(
            arn: limited, document: ["Statement": [["Effect": "Allow", "Action": "bedrock:*", "Resource": "*"]]])
        iam.addPolicy(
            arn: storage, document: ["Statement": [["Effect": "Allow", "Action": "s3:Get*", "Resource": "*"]]])
        let access = IAMAccess(client: .model(iam), clock: .stopped)
        for (name, mode) in [("ana", SuspensionMode.deny), ("ben", .detach)] {
            iam.addUser(name, attached: [limited])
            _ = try await access.takeAway(try await access.snapshot(of: .user(name)), mode: mode)
        }
        let directory = IAMDirectory(access: access, policyARN: limited)
        let users: JSONValue = ["ana", "ben"]

        let answer = try await directory.perform(
            "policy.reaches", ["policies": [.string(storage), .string(limited)], "users": users])
        #expect(answer["users"] == ["ben"])
        let none = try await directory.perform("policy.reaches", ["policies": [.string(storage)], "users": users])
        #expect(none["users"] == [])
    }
}
