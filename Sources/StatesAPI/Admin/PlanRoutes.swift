import Budgets
import Engine
package import Enforcement
import Hummingbird
package import JSONModel

/// What a suspension would change in IAM, from reading it only.
package typealias AccessPreview = @Sendable (SuspensionRequest) async -> JSONValue

extension AdminAPI {
    /// Suspensions of one plan whose change in IAM is looked up: each costs several calls.
    private static var previews: Int { 25 }

    func addPlanRoutes(to api: RouterGroup<APIContext>) {
        api.get("budget-plan") { request, _ in
            let isRefresh = try Self.isRefresh(request)
            let plan = try await enforcement.plan(isRefresh: isRefresh)
            var (actions, previewed) = ([JSONValue](), 0)
            for action in plan.actions {
                var rendered = Self.rendered(action)
                if action.kind == .suspend, previewed < Self.previews, let change = await change(of: action) {
                    rendered["iam"] = change
                    previewed += 1
                }
                actions.append(.object(rendered))
            }
            return JSONAnswer([
                "run": isRefresh ? "refresh-budgets" : "monitor-budgets", "actions": .array(actions),
                "changesAccess": .bool(plan.changesAccess), "result": plan.result,
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
        do {
            return await previewAccess(try SuspensionRequest(action.data))
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
