import Budgets
import Engine
import Interpreter
import JSONModel
import StatesAPI
import Testing

/// The order in which a principal is made: nobody gets access before a budget.
@Suite struct PrincipalCreationTests {
    /// An IAM that has made every user, and refuses the operations that `refused` names.
    private static func desk(
        _ operations: LockedBox<[String]>, refusing refused: LockedBox<Set<String>>
    ) -> IdentityDesk {
        IdentityDesk(tiers: { ["low": NanoDollars(rawValue: 1_000_000_000)] }) { operation, _ in
            operations.withLock { $0.append(operation) }
            guard !refused.withLock({ $0.contains(operation) }) else {
                throw TaskFailure(error: "IAM.ServiceFailure", cause: "the model is down")
            }
            return ["arn": .string(APIHarness.arn), "tags": ["Steward:Team": "search"], "created": true]
        }
    }

    @Test func whoseCreationBreaksOffHasNoAccessWithoutABudget() async throws {
        let (operations, refused) = (LockedBox<[String]>([]), LockedBox<Set<String>>(["principal.admit"]))
        let api = try await APIHarness(identities: Self.desk(operations, refusing: refused))
        let body: JSONValue = ["name": "BedrockAPIKey-ab12", "limit": "3.00"]

        let broken = try await api.call(.post, "/api/v1/principals", body)
        #expect(broken.status == 502)
        #expect(operations.withLock { $0 } == ["principal.create", "principal.admit"])
        let budget = try await api.call(.get, "/api/v1/budgets/BedrockAPIKey-ab12")
        #expect(budget.json["limit"] == "3.00")

        refused.withLock { $0 = [] }
        let made = try await api.call(.post, "/api/v1/principals", body)
        #expect(made.status == 201)
        #expect(made.json["created"] == true)
        #expect(made.json["budget"]?["limit"] == "3.00")
        let audit = try await api.call(.get, "/api/v1/audit")
        let actions = audit.json["entries"]?.arrayValue?.compactMap { $0["action"]?.stringValue } ?? []
        #expect(actions.contains("principal.admit.failed"))
        #expect(actions.contains("principal.admit.done"))
    }

    /// Somebody who was given another name does not keep the old one from the next.
    @Test func aNameThatWasGivenUpCanBeUsedAgain() async throws {
        let (operations, refused) = (LockedBox<[String]>([]), LockedBox<Set<String>>([]))
        let api = try await APIHarness(identities: Self.desk(operations, refusing: refused))
        let renamed =
            #"{"eventVersion":"1.11","eventSource":"iam.amazonaws.com","eventName":"UpdateUser","eventID":"e1","#
            + #""eventTime":"2026-11-20T10:00:00Z","awsRegion":"us-east-1","recipientAccountId":"111122223333","#
            + #""userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/admin"},"#
            + #""requestParameters":{"userName":"BedrockAPIKey-ab12","newUserName":"bob"}}"#
        let path = "/ingest/bedrock-invocation-logs"
        _ = try await api.call(.post, path, bytes: APIHarness.record("r1", inputTokens: 1000))
        _ = try await api.call(.post, path, bytes: Array(renamed.utf8))

        let made = try await api.call(
            .post, "/api/v1/principals", ["name": "BedrockAPIKey-ab12", "limit": "3.00"])
        #expect(made.status == 201)
        #expect(made.json["budget"]?["limit"] == "3.00")
        // Orders about it are its own by now.
        let changed = try await api.call(.put, "/api/v1/budgets/BedrockAPIKey-ab12", ["limit": "25.00"])
        #expect(changed.status == 200)
    }

    @Test func whoseBudgetCantBeOpenedIsNotAdmitted() async throws {
        let operations = LockedBox<[String]>([])
        let desk = IdentityDesk(tiers: { ["low": NanoDollars(rawValue: 1_000_000_000)] }) { operation, _ in
            operations.withLock { $0.append(operation) }
            return ["arn": "no ARN", "created": true]
        }
        let api = try await APIHarness(identities: desk)
        let answer = try await api.call(.post, "/api/v1/principals", ["name": "BedrockAPIKey-ab12"])

        #expect(answer.status == 502)
        #expect(operations.withLock { $0 } == ["principal.create"])
    }
}
