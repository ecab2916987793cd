import Budgets
import Enforcement
import JSONModel

/// What an incident is about: it lasts until another notice about the same settles it, or a person closes it.
enum Trouble: String, Sendable, CaseIterable {
    /// Somebody loses access, or has lost it.
    case suspension
    /// Access is not as it should be: a person has to see to it.
    case enforcement
    case budget
    case prices
    case grants
    case keys
    case bypass
    case ingestion
    /// None: somebody tries the channel.
    case test
}

extension Notice.Kind {
    /// Whether it is about something that lasts until it is settled, rather than news.
    package var isTrouble: Bool { trouble != nil }

    /// What it opens an incident about; nil for news that is no trouble.
    var trouble: Trouble? {
        switch self {
        case .graceStarted, .graceCountdown, .finalWarning, .suspended: .suspension
        case .suspensionFailed, .restorationFailed, .enforcementLeak, .circuitBreaker, .unenforceable, .accessDrift:
            .enforcement
        case .budgetWarning, .budgetCritical, .furtherBudgetExceeded: .budget
        case .unknownModel, .implausibleCost, .priceQuarantined, .pricesStale, .costDrift: .prices
        case .grantElsewhere: .grants
        case .rogueKey, .tagTampering: .keys
        case .bypass: .bypass
        case .unknownOperation, .ingestSilent: .ingestion
        case .spared, .restored, .restorationSkipped, .protectionChanged, .principalGone, .dailySummary, .test: nil
        }
    }

    /// What is over, for the same principal, when it comes.
    var settles: [Trouble] {
        switch self {
        // What had kept it from being suspended is mended.
        case .suspended: [.enforcement]
        case .spared: [.suspension, .enforcement]
        case .restored: [.suspension, .enforcement, .grants]
        case .principalGone: [.suspension, .enforcement, .grants, .keys]
        default: []
        }
    }
}

extension Notice {
    /// The same for all notices about one trouble of one principal: what settles it finds it by this.
    func incident(_ trouble: Trouble) -> String {
        var parts = [principal?.description ?? data["scope"]?.stringValue].compactMap(\.self)
        switch trouble {
        case .suspension, .enforcement, .grants: break
        // Nothing says that a budget is no longer used up: with a new period there is a new one.
        case .budget: parts += [data["budgetId"], data["periodStart"]].compactMap { $0?.stringValue }
        case .prices: parts += [data["model"] ?? data["modelId"]].compactMap { $0?.stringValue }
        case .keys, .bypass: break
        case .test: parts += [data["channel"]].compactMap { $0?.stringValue }
        case .ingestion: parts += [data["source"] ?? data["operation"]].compactMap { $0?.stringValue }
        }
        return (["steward", trouble.rawValue] + (parts.isEmpty ? ["all"] : parts)).joined(separator: "/")
    }
}
