import Enforcement
import StatesAPI
import WallTime

/// How reports are cut, and who may read the metrics.
struct ReportingSettings: Sendable {
    var reports = ReportSettings()
    /// Whether `/metrics` is answered without a key.
    var hasOpenMetrics = false

    mutating func read(reports section: SettingsReader, metrics: SettingsReader) throws {
        try section.allow(["zone"])
        if let zone = try section.parsed("zone", as: "a time zone such as Europe/Madrid", CivilZone.init(identifier:)) {
            reports.zone = zone
        }
        try metrics.allow(["open", "principals"])
        if let open = try metrics.flag("open") { hasOpenMetrics = open }
        if let count = try metrics.integer("principals", in: 0...1000) { reports.limits.principals = count }
    }

    /// - Throws: `ConfigurationError` where the metrics would be open to whoever reaches the address.
    func check(_ configuration: DaemonConfiguration) throws {
        guard hasOpenMetrics, !configuration.listen.isLoopback || configuration.isBehindTLSProxy else { return }
        throw ConfigurationError(
            "metrics.open: names and amounts would be open to whoever reaches \(configuration.listen) or its proxy; give "
                + "Prometheus a key of the role viewer instead (workflowctl key create prometheus --role viewer).")
    }
}
