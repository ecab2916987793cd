import AWSClient
import AWSTasks
import Budgets
import Enforcement
import Notifications

/// What enforcement is told of the configuration.
extension EnforcementSettings {
    /// - Parameter region: where the configuration names none.
    /// - Throws: `ConfigurationError`.
    init(_ configuration: DaemonConfiguration, region: String) throws {
        let channels = configuration.notifications.channels
        self.init(
            prices: configuration.prices.current,
            channels: { notice in channels.filter { $0.takes(notice.kind) }.map(\.name) },
            digest: { hexadecimal(sha256($0)) }, account: configuration.account,
            region: configuration.region ?? region)
        isIAMElsewhere = configuration.remoteSteps.contains("take-away-access")
        try take(configuration)
    }

    /// Takes what may change while the daemon runs, but for the price book.
    /// - Throws: `ConfigurationError`.
    mutating func take(_ configuration: DaemonConfiguration) throws {
        let breakGlass = try configuration.budgets.breakGlass.map { arn in
            do {
                return try Principal(arn: arn).id
            } catch {
                throw ConfigurationError("budgets.breakGlass: \"\(arn)\": \(error).")
            }
        }
        policy = SuspensionPolicy(
            breakGlass: Set(breakGlass), maximumStarts: configuration.budgets.maximumSuspensionsPerHour,
            countsFallbackPrices: configuration.prices.unsureSuspends)
        defaultBudget = configuration.budgets.defaults
        access = configuration.access.settings
        trail = configuration.ingest.trail
        trail.suspensionTags = Set((configuration.access.suspensionTags ?? .standard).keys)
        ingestWatch = configuration.ingest.watch
        agents = configuration.agents
        agents.isEnabled = configuration.features.isOn(.agentcore)
    }
}
