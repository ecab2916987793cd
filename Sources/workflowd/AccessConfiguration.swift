import AWSTasks
import Budgets
import Enforcement

/// `access:` of the configuration file: how Steward deals with IAM.
struct AccessConfiguration: Sendable {
    var settings = AccessSettings()
    /// Whether the daemon compares the ledger with IAM when it starts, besides every four hours.
    var reconcilesAtStart = true
    /// Regions whose invocation logging the bypass radar looks at; none takes AWS's own setting.
    var regions: [String] = []
    /// What principals of a tier may spend in a period, in nano-dollars, by the tier's name.
    var tiers: [String: NanoDollars] = [
        "low": NanoDollars(rawValue: NanoDollars.perDollar), "medium": NanoDollars(rawValue: 5 * NanoDollars.perDollar),
        "high": NanoDollars(rawValue: 25 * NanoDollars.perDollar),
    ]
    /// The managed policy that lets a provisioned principal use Bedrock.
    var policyARN = "arn:aws:iam::aws:policy/AmazonBedrockLimitedAccess"

    /// How those are tagged in IAM whose access is taken; nil for not at all.
    var suspensionTags: SuspensionTags? = .standard

    mutating func read(_ section: SettingsReader) throws {
        try section.allow([
            "sharedRoles", "reconcile", "reconcileAtStart", "regions", "tiers", "policyArn", "suspensionTags",
        ])
        if let values = try section.texts("sharedRoles") {
            for value in values where value.hasPrefix("arn:") { try Self.requireRole(value, section) }
            settings.sharedRoles = Set(values)
        }
        if let value: ReconcilePolicy = try section.choice("reconcile") { settings.reconcile = value }
        if let value = try section.flag("reconcileAtStart") { reconcilesAtStart = value }
        if let values = try section.texts("regions") { regions = values }
        if let value = try section.text("policyArn") {
            guard value.hasPrefix("arn:"), value.contains(":policy/") else {
                throw section.fault("policyArn", "must be the ARN of a managed policy, not \"\(value)\"")
            }
            policyARN = value
        }
        try readTags(section.section("suspensionTags"))
        let tiers = section.section("tiers")
        try tiers.allow(["low", "medium", "high"])
        for name in ["low", "medium", "high"] {
            guard let value = try tiers.parsed(name, as: "dollars such as 25.00", NanoDollars.init(dollars:)) else {
                continue
            }
            guard !value.isNegative else { throw tiers.fault(name, "must not be negative") }
            self.tiers[name] = value
        }
    }

    private mutating func readTags(_ section: SettingsReader) throws {
        try section.allow(["enabled", "restricted", "level", "timestamp"])
        var tags = SuspensionTags.standard
        for (name, path) in [
            ("restricted", \SuspensionTags.restricted), ("level", \.level), ("timestamp", \.timestamp),
        ] as [(String, WritableKeyPath<SuspensionTags, String>)] {
            guard let value = try section.text(name) else { continue }
            guard SuspensionTags.isKey(value) else { throw section.fault(name, "is no key of a tag: \"\(value)\"") }
            tags[keyPath: path] = value
        }
        guard Set(tags.keys).count == tags.keys.count else { throw section.fault("", "has to name three tags") }
        suspensionTags = try section.flag("enabled") == false ? nil : tags
    }

    private static func requireRole(_ arn: String, _ section: SettingsReader) throws {
        do {
            guard try Principal(arn: arn).id.kind == .role else {
                throw section.fault("sharedRoles", "has \(arn), which is no role")
            }
        } catch let error as PrincipalError {
            throw section.fault("sharedRoles", "has \(arn): \(error)")
        }
    }
}
