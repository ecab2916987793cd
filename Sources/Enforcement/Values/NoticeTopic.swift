/// For whom a notice is, roughly: what a channel may take instead of naming every kind. The three that Bedrock Budgeteer
/// publishes to.
package enum NoticeTopic: String, Sendable, Hashable, CaseIterable {
    /// How suspensions and restorations go.
    case operational
    /// Money: thresholds, prices, bills, summaries.
    case budget
    /// What somebody has to know at once: access was taken, or could not be, or spending may escape.
    case high
}

extension Notice.Kind {
    package var topic: NoticeTopic {
        switch self {
        case .graceStarted, .graceCountdown, .finalWarning, .spared, .restored, .restorationSkipped,
            .protectionChanged, .principalGone, .grantElsewhere, .unknownOperation, .test:
            .operational
        case .budgetWarning, .budgetCritical, .furtherBudgetExceeded, .unknownModel, .priceQuarantined, .pricesStale,
            .dailySummary, .costDrift:
            .budget
        case .suspended, .suspensionFailed, .restorationFailed, .enforcementLeak, .circuitBreaker, .unenforceable,
            .accessDrift, .bypass, .rogueKey, .tagTampering, .ingestSilent, .implausibleCost:
            .high
        }
    }
}
