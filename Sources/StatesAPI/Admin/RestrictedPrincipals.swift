import Budgets
import Engine
import Enforcement
import HTTPTypes
import JSONModel

/// Who is suspended gets no access by the way, by what else the admin API does in IAM.
extension AdminAPI {
    /// Refuses to give something to somebody from whom access is taken, or about to be.
    /// - Parameter name: of the user or role in the account of Steward's own; while nobody knows which that is, one of
    ///   that name in any account counts.
    func requireUnrestricted(_ name: String, _ kind: PrincipalID.Kind = .user) async throws {
        let account = ownAccount
        let restricted = try await engine.read { transaction in
            try Self.principals(named: name, kind, in: account, transaction).first {
                try AccessCommands.isRestricted($0, transaction)
            }
        }
        guard let restricted else { return }
        throw APIError(
            .conflict, "Suspended", "\(restricted) is suspended, or about to be: nothing was changed",
            hint: "workflowctl budget get \(restricted.name) says why; raise its limit first.")
    }

    /// Refuses to attach policies to a team when that would give a suspended member its access back: a policy grants
    /// Bedrock, and no deny, which alone covers groups, stands against the member.
    /// - Parameter policies: ARNs.
    func requireNobodyReached(inTeam team: String, by policies: [String], _ desk: IdentityDesk) async throws {
        guard !policies.isEmpty else { return }
        let account = ownAccount
        let members = try await members(ofTeam: team, desk)
        let suspended = try await engine.read { transaction in
            try members.filter { member in
                try Self.principals(named: member, .user, in: account, transaction).contains {
                    try AccessCommands.isTaken($0, transaction)
                }
            }
        }
        guard !suspended.isEmpty else { return }
        let input: JSONObject = [
            "policies": .array(policies.map { .string($0) }), "users": .array(suspended.map { .string($0) }),
        ]
        let answer = try await ask(desk, "policy.reaches", input)
        let reached = (answer["users"]?.arrayValue ?? []).compactMap(\.stringValue)
        guard !reached.isEmpty else { return }
        throw APIError(
            .conflict, "Suspended",
            "the team \(team) has members who are suspended without a deny, and would get access back: "
                + "\(reached.joined(separator: ", ")); nothing was changed",
            hint: "Take them out of the team first (workflowctl team members \(team) --remove NAME), or raise their "
                + "limits.")
    }

    /// The users of an IAM group; none when it does not exist.
    private func members(ofTeam team: String, _ desk: IdentityDesk) async throws -> [String] {
        do {
            let answer = try await ask(desk, "team.get", ["name": .string(team)])
            return (answer["members"]?.arrayValue ?? []).compactMap(\.stringValue)
        } catch let error as APIError where error.status == .notFound {
            return []
        }
    }

    /// The account whose IAM is asked; nil while that is not known.
    private var ownAccount: String? { enforcement.settings.ownIdentity.principal?.id.account }

    private static func principals(
        named name: String, _ kind: PrincipalID.Kind, in account: String?, _ transaction: Store.Transaction
    ) throws -> [PrincipalID] {
        if let account { return [PrincipalID(account: account, kind: kind, name: name)] }
        return try transaction.principals(named: name, limit: 100).map(\.principal.id).filter { $0.kind == kind }
    }
}
