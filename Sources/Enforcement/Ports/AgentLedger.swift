package import Budgets
package import WallTime

/// Runtimes of Bedrock AgentCore, as CloudTrail tells of them.
package protocol AgentLedger: AnyObject, SendableMetatype {
    func agentRuntime(_ id: String) throws -> AgentRuntime?
    /// Adds the runtime or replaces it.
    func saveAgentRuntime(_ runtime: AgentRuntime) throws
    /// Those that were not deleted, by id; of one role, or of all.
    func agentRuntimes(ofRole role: PrincipalID?, limit: Int) throws -> [AgentRuntime]
}

/// A runtime of Bedrock AgentCore. Times are those of the events, which may come in any order.
package struct AgentRuntime: Sendable, Hashable {
    package var id: String
    package var arn: String?
    package var name: String?
    /// As whom it acts, and so who spends.
    package var role: Principal?
    package var region: String
    /// Of the last event that said its role.
    package var changedAt: Instant
    package var deletedAt: Instant?

    package init(
        id: String, arn: String? = nil, name: String? = nil, role: Principal? = nil, region: String,
        changedAt: Instant, deletedAt: Instant? = nil
    ) {
        self.id = id
        self.arn = arn
        self.name = name
        self.role = role
        self.region = region
        self.changedAt = changedAt
        self.deletedAt = deletedAt
    }
}
