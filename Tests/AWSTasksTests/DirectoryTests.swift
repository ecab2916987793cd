import AWSClient
import AWSTasks
import Interpreter
import JSONModel
import Simulator
import Testing
import WallTime

/// Making principals, against the model of IAM.
@Suite struct DirectoryTests {
    @Test func aUserIsMadeBeforeItGetsAccess() async throws {
        let policy = "arn:aws:iam::aws:policy/AmazonBedrockLimitedAccess"
        let iam = IAMModel(pageSize: 1)
        iam.addPolicy(
            arn: policy,
            document: ["Statement": [["Effect": "Allow", "Action": ["bedrock:InvokeModel"], "Resource": "*"]]])
        iam.addUser("search-bot")
        iam.meddle(with: "search-bot") { $0.tags = ["Steward:Provisioned": "true"] }
        // A creation that was cut off is asked for again: the user is there.
        iam.inject([.error(code: "EntityAlreadyExists", status: 409)], into: "CreateUser")
        let directory = IAMDirectory(
            access: IAMAccess(client: .model(iam), clock: .stopped), policyARN: policy)

        let made = try await directory.perform(
            "principal.create", ["name": "search-bot", "tags": ["Steward:Team": "search"]])
        #expect(made["created"] == false)
        #expect(iam.user("search-bot")?.tags["Steward:Team"] == "search")
        #expect(!iam.allowsInvocation(by: "search-bot"))

        for _ in 0..<2 {
            let admitted = try await directory.perform("principal.admit", ["name": "search-bot"])
            #expect(admitted["policies"] == .array([.string(policy)]))
        }
        #expect(iam.allowsInvocation(by: "search-bot"))
        #expect(iam.calls.filter { $0.action == "AttachUserPolicy" }.count == 1)
    }
}
