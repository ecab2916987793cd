import Budgets
import Enforcement
import Engine
import Foundation
import StatesAPI
import StatesLanguage

extension DaemonConfiguration {
    /// Reads the file's settings over those that are there.
    /// - Throws: `ConfigurationError` naming line and column.
    mutating func read(file: String) throws {
        let text: String
        do {
            text = try TextFile.read(file)
        } catch {
            throw ConfigurationError(
                "the configuration file \(file) can't be read: \(error); check --config and its permissions.")
        }
        let (document, diagnostics) = SourceDocument.read(text, file: file)
        guard let document else {
            let findings = DiagnosticPrinter.text(diagnostics, source: text, color: false)
            throw ConfigurationError(findings.trimmingCharacters(in: .newlines))
        }
        written = document.value
        let top = SettingsReader(document: document, pointer: "")
        try top.allow([
            "data", "listen", "authentication", "behindTLSProxy", "limits", "stateMachines", "workflows", "logLevel",
            "account", "region", "drainSeconds", "budgets", "notifications", "quotas", "steps", "http", "disk",
            "retention", "access", "ingest", "prices",
            "reports", "metrics", "agentcore", "features",
        ])
        if let value = try top.text("data") { data = value }
        if let value = try top.text("listen") { listen = try ListenAddress(value, from: top.place(of: "listen")) }
        if let value: Authentication = try top.choice("authentication") { authentication = value }
        if let value = try top.flag("behindTLSProxy") { isBehindTLSProxy = value }
        try limits.read(top.section("limits"))
        if let value = try top.text("stateMachines") { stateMachines = value }
        if let value = try top.text("workflows") { workflows = value }
        if let value = try top.text("logLevel") { logLevel = try Self.level(value, from: top.place(of: "logLevel")) }
        if let value = try top.parsed(
            "account", as: "twelve digits, in quotes where they begin with 0", Self.accountNumber)
        {
            account = value
        }
        if let value = try top.text("region") { region = value }
        if let value = try top.integer("drainSeconds", in: 0...3600) { drainSeconds = value }
        try budgets.read(top.section("budgets"))
        try access.read(top.section("access"))
        try notifications.read(top.section("notifications"))
        try quotas.read(top.section("quotas"))
        let steps = top.section("steps")
        try steps.allow(["remote"])
        if let value = try steps.texts("remote") { remoteSteps = value }
        try http.read(top.section("http"))
        try retention.read(top.section("retention"))
        try ingest.read(top.section("ingest"))
        try prices.read(top.section("prices"))
        try reporting.read(reports: top.section("reports"), metrics: top.section("metrics"))
        try agents.read(top.section("agentcore"))
        try features.read(top.section("features"))
        let disk = top.section("disk")
        try disk.allow(["reserveMiB"])
        if let value = try disk.integer("reserveMiB", in: 0...1 << 30) { diskReserveMiB = value }
    }

    private static func accountNumber(_ text: String) -> String? {
        text.utf8.count == 12 && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? text : nil
    }
}

extension WireQuotas {
    fileprivate mutating func read(_ section: SettingsReader) throws {
        try section.allow(["stateMachines", "activities", "versions", "aliases", "pollers"])
        let range = 0...10_000_000
        stateMachines = try section.integer("stateMachines", in: range) ?? stateMachines
        activities = try section.integer("activities", in: range) ?? activities
        versions = try section.integer("versions", in: range) ?? versions
        aliases = try section.integer("aliases", in: range) ?? aliases
        pollers = try section.integer("pollers", in: range) ?? pollers
    }
}

extension BudgetSettings {
    fileprivate mutating func read(_ section: SettingsReader) throws {
        try section.allow([
            "limit", "period", "warning", "critical", "graceSeconds", "mode", "enforcement", "breakGlass",
            "maximumSuspensionsPerHour",
        ])
        if let value = try section.parsed("limit", as: "dollars such as 25.00", NanoDollars.init(dollars:)) {
            guard !value.isNegative else { throw section.fault("limit", "must not be negative") }
            defaults.limit = value
        }
        if let value = try section.parsed("period", as: "day, month, or a span such as 30d", PeriodRule.init) {
            defaults.periodRule = value
        }
        defaults.thresholds = try section.thresholds(defaults.thresholds)
        if let value = try section.integer("graceSeconds", in: 0...Budget.maximumGraceSeconds) {
            defaults.graceSeconds = value
        }
        if let value: BudgetMode = try section.choice("mode") { defaults.mode = value }
        if let value: EnforcementMode = try section.choice("enforcement") { defaults.enforcement = value }
        if let value = try section.texts("breakGlass") {
            for arn in value {
                do { _ = try Principal(arn: arn) } catch {
                    throw section.fault("breakGlass", "names \"\(arn)\": \(error)")
                }
            }
            breakGlass = value
        }
        if let value = try section.integer("maximumSuspensionsPerHour", in: 0...100_000) {
            maximumSuspensionsPerHour = value
        }
    }
}
