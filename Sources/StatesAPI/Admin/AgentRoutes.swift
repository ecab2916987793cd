import Engine
import Enforcement
import Hummingbird
import JSONModel

extension AdminAPI {
    /// AgentCore runtimes with the budgets of their roles.
    func addAgentRoutes(to api: Routes) {
        api.get("agent-runtimes") { _, _ in
            let isEnabled = enforcement.settings.agents.isEnabled
            let runtimes = try await enforcement.read { try AgentReport.list($0) }
            return JSONAnswer(["enabled": .bool(isEnabled), "runtimes": runtimes])
        }
    }
}
