import AWSClient
import AWSTasks
import JSONModel
import Simulator
import Testing
import WallTime

@Suite struct IAMDirectoryTests {
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
