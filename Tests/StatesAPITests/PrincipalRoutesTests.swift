import Budgets
import Engine
import Enforcement
import Interpreter
import JSONModel
import TestKit
import Testing
import WallTime

@testable import StatesAPI

/// Principals, teams and policies, with an IAM that does whatever it is asked for.
@Suite struct PrincipalRoutesTests {
    private let asked = Guarded<[String]>([])
    private let policies: JSONValue = ["arn:aws:iam::aws:policy/x"]

    /// - Parameter reached: whom `policy.reaches` finds.
    private func harness(members: [String] = [], reached: [String] = []) async throws -> APIHarness {
        let tiers = ["low": "1", "medium": "5", "high": "25"].compactMapValues { NanoDollars(dollars: $0) }
        let asked = asked
        let desk = IdentityDesk(tiers: { tiers }) { operation, input in
            asked.withLock { $0.append(operation) }
            switch operation {
            case "team.get" where members.isEmpty: throw TaskFailure(error: "IAM.NoSuchEntity", cause: "no group")
            case "team.get": return ["members": .array(members.map { .string($0) })]
            case "policy.reaches": return ["users": .array(reached.map { .string($0) })]
            default:
                let name = input["name"]?.stringValue ?? ""
                return [
                    "name": .string(name), "arn": .string("arn:aws:iam::111122223333:user/\(name)"),
                    "tags": input["tags"] ?? [:],
                ]
            }
        }
        return try await APIHarness(identities: desk)
    }

    private func suspend(_ name: String, in account: String, _ api: APIHarness) async throws {
        let id = PrincipalID(account: account, kind: .user, name: name)
        let path = "/api/v1/budgets/arn:aws:iam::\(account):user/\(name)"
        #expect(try await api.call(.put, path, ["limit": "1.00"]).status == 200)
        try await api.engine.transact { work in
            var known = try #require(try work.transaction.account(BudgetScope.principal(id).budgetID))
            known.standing.access = Access(status: .suspended, since: work.now)
            try work.transaction.saveAccount(known)
        }
    }

    // MARK: Tiers

    @Test(arguments: ["principals", "principals/import", "principals/bot/tags"])
    func anUnknownTierIsRefusedWithThoseThatThereAre(_ route: String) async throws {
        let api = try await harness()
        var body: JSONObject = ["tier": "platinum"]
        if !route.hasSuffix("tags") {
            body["name"] = "bot"
            body["limit"] = "5.00"
        }
        let answer = try await api.call(.post, "/api/v1/\(route)", .object(body))
        #expect(answer.status == 400)
        #expect(answer.json["error"]?["hint"] == "Known: high, low, medium.")
        #expect(asked.withLock { $0 } == [])
    }

    @Test func aTierThatIsTaggedLaterGivesItsLimit() async throws {
        let api = try await harness()
        let made = try await api.call(.post, "/api/v1/principals", ["name": "bot"])
        #expect(made.json["budget"]?["limit"] == "1.00")
        for (tier, limit) in [("medium", "5.00"), ("high", "25.00")] {
            let answer = try await api.call(.post, "/api/v1/principals/bot/tags", ["tier": .string(tier)])
            #expect(answer.status == 200 && answer.json["limitStays"] == false)
            #expect(answer.json["budget"]?["limit"] == .string(limit))
        }
        let entries = try await api.call(.get, "/api/v1/audit").json["entries"]?.arrayValue ?? []
        #expect(entries.filter { $0["action"] == "budget.changed" }.count >= 2)
    }

    @Test func aLimitThatSomebodyHasSetStands() async throws {
        let api = try await harness()
        _ = try await api.call(.post, "/api/v1/principals", ["name": "bot", "tier": "medium", "limit": "7.00"])
        let answer = try await api.call(.post, "/api/v1/principals/bot/tags", ["tier": "high"])
        #expect(answer.json["limitStays"] == true)
        #expect(answer.json["budget"]?["limit"] == "7.00")
    }

    // MARK: Who is suspended

    @Test func whoIsSuspendedElsewhereIsSomebodyElse() async throws {
        let api = try await harness()
        try await suspend("ana", in: "999988887777", api)
        let path = "/api/v1/policies/arn:aws:iam::aws:policy%2Fx/attach"
        // As long as nobody knows whose IAM it is, a name is enough.
        #expect(try await api.call(.post, path, ["user": "ana"]).status == 409)

        let steward = PrincipalID(account: "111122223333", kind: .role, name: "steward")
        api.identity.learn(Principal(id: steward), at: api.clock.now)
        #expect(try await api.call(.post, path, ["user": "ana"]).status == 200)

        try await suspend("ana", in: "111122223333", api)
        #expect(try await api.call(.post, path, ["user": "ana"]).status == 409)
        #expect(try await api.call(.post, "/api/v1/teams/red/members", ["add": ["ana"]]).status == 409)
    }

    @Test(arguments: [[], ["ana"]])
    func aTeamsPolicyIsRefusedWhereItWouldGiveAccessBack(_ reached: [String]) async throws {
        let api = try await harness(members: ["ana", "ben"], reached: reached)
        let path = "/api/v1/policies/arn:aws:iam::aws:policy%2Fx/attach"
        #expect(try await api.call(.post, path, ["team": "red"]).status == 200)
        #expect(asked.withLock { $0 } == ["team.get", "policy.attach"])
        try await suspend("ana", in: "111122223333", api)

        let answer = try await api.call(.post, path, ["team": "red"])
        let again = try await api.call(.post, "/api/v1/teams", ["name": "red", "policies": policies])

        #expect(answer.status == (reached.isEmpty ? 200 : 409))
        #expect(again.status == (reached.isEmpty ? 201 : 409))
        if !reached.isEmpty {
            #expect(answer.json["error"]?["message"]?.stringValue?.contains("get access back: ana") == true)
        }
    }

    @Test func aNewTeamReachesNobody() async throws {
        let api = try await harness()
        let answer = try await api.call(.post, "/api/v1/teams", ["name": "new", "policies": policies])
        #expect(answer.status == 201)
    }
}
