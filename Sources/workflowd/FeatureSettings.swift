/// Parts that can be turned off: what is off does nothing, and says so where it is asked for.
enum Feature: String, Sendable, Hashable, CaseIterable {
    case agentcore
    case provisioning
    case costReports
    case dailySummary
    case radar
    case reconciliation
    case priceSync
    case modelResolution

    /// The workflows that are not bound without it.
    var workflows: [String] {
        switch self {
        case .agentcore, .provisioning: []
        case .costReports: ["cost-reconciliation"]
        case .dailySummary: ["daily-summary"]
        case .radar: ["bypass-radar"]
        case .reconciliation: ["reconciliation", "reconciliation-at-start", "access-changed"]
        case .priceSync: ["price-sync"]
        case .modelResolution: ["model-resolution"]
        }
    }
}

/// `features:` of the configuration file.
struct FeatureSettings: Sendable {
    private(set) var off: Set<Feature> = []

    mutating func read(_ section: SettingsReader) throws {
        try section.allow(Feature.allCases.map(\.rawValue))
        for feature in Feature.allCases {
            guard let isOn = try section.flag(feature.rawValue) else { continue }
            if isOn { off.remove(feature) } else { off.insert(feature) }
        }
    }

    func isOn(_ feature: Feature) -> Bool { !off.contains(feature) }

    /// By name, of those that are off.
    var offWorkflows: Set<String> { Set(off.flatMap(\.workflows)) }
}
