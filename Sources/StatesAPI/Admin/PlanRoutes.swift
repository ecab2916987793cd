import Budgets
import Engine
package import Enforcement
import Hummingbird
package import JSONModel

/// What a suspension would change in IAM, from reading it only: of everybody, or of these sessions of a shared role. It
/// keeps to the backup that is open, if that still stands.
package typealias AccessPreview =
    @Sendable (SuspensionRequest, _ sessions: [String]?, _ open: PolicyBackup?) async -> JSONValue

extension AdminAPI {
    /// Suspensions of one plan whose change in IAM is looked up: each costs several calls.
    private static var previews: Int { 25 }

    func addPlanRoutes(to api: Routes) {
        api.get("budget-plan", query: ["run"]) { request, _ in
            let isRefresh = try Self.isRefresh(request)
            let plan = try await enforcement.plan(isRefresh: isRefresh)
            var (actions, previewed, left) = ([JSONValue](), 0, 0)
            for action in plan.actions {
                var rendered = Self.rendered(action)
                if action.kind == .suspend {
                    if previewed < Self.previews, let change = await change(of: action) {
                        rendered["iam"] = change
                        previewed += 1
                    } else {
                        left += 1
                    }
                }
                actions.append(.object(rendered))
            }
            return JSONAnswer([
                "run": isRefresh ? "refresh-budgets" : "monitor-budgets", "actions": .array(actions),
                "changesAccess": .bool(plan.changesAccess), "isEmpty": .bool(plan.isEmpty),
                "withoutPreview": .int(Int64(left)), "result": plan.result,
            ])
        }
    }

    private static func isRefresh(_ request: Request) throws -> Bool {
        switch request.query("run") {
        case nil, "monitor": return false
        case "refresh": return true
        case let other?: throw APIError.invalidRequest("run must be monitor or refresh, not \"\(other)\"")
        }
    }

    private func change(of action: BudgetPlan.Action) async -> JSONValue? {
        guard let previewAccess else { return nil }
        var sessions: [String]?
        switch action.scope {
        case .sessions(let names): sessions = names
        case .declined(let reason): return ["declined": .string(reason)]
        case nil: break
        }
        do {
            return await previewAccess(try SuspensionRequest(action.data), sessions, action.backup)
        } catch {
            return ["error": .string("\(error)")]
        }
    }

    private static func rendered(_ action: BudgetPlan.Action) -> JSONObject {
        [
            "action": .string(action.kind.rawValue), "principal": .optional(action.principal?.description),
            "reason": .string(action.reason), "spent": action.data["spent"] ?? .null,
            "limit": action.data["limit"] ?? .null, "cause": action.data["cause"] ?? .null,
            "graceSeconds": action.data["graceSeconds"] ?? .null,
            "enforcement": action.data["enforcement"] ?? .null,
        ]
    }
}
