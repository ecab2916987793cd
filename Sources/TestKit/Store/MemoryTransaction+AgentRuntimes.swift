package import Budgets
package import Enforcement

extension MemoryTransaction {
    package func agentRuntime(_ id: String) throws -> AgentRuntime? { tables.ingest.agentRuntimes[id] }

    package func saveAgentRuntime(_ runtime: AgentRuntime) throws {
        try requireWriting()
        tables.set(\.ingest.agentRuntimes[runtime.id], runtime)
    }

    package func agentRuntimes(ofRole role: PrincipalID?, limit: Int) throws -> [AgentRuntime] {
        let found = tables.ingest.agentRuntimes.values.filter { runtime in
            runtime.deletedAt == nil && (role == nil || runtime.role?.id == role)
        }
        return Array(found.sorted { $0.id < $1.id }.prefix(limit))
    }
}
