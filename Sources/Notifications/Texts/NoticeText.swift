package import Enforcement

/// What a notice says, in plain English: a subject, and paragraphs.
///
/// Every notice names the principal, what it spent of which limit, the period, what happens next, and what can be done
/// about it, as far as the notice's data tell.
package struct NoticeText: Sendable, Equatable {
    /// How it feels to read it; `Notice.Severity` says how urgent it is.
    package enum Tone: String, Sendable { case information, warning, critical, good }

    package var subject: String
    package var paragraphs: [String]
    package var tone: Tone

    package init(_ notice: Notice) {
        let facts = NoticeFacts(notice)
        switch notice.kind {
        case .budgetWarning: self = Self.warning(facts)
        case .budgetCritical: self = Self.critical(facts)
        case .furtherBudgetExceeded: self = Self.furtherBudgetExceeded(facts)
        case .graceStarted: self = Self.graceStarted(facts)
        case .finalWarning: self = Self.finalWarning(facts)
        case .suspended: self = Self.suspended(facts)
        case .spared: self = Self.spared(facts)
        case .restored: self = Self.restored(facts)
        case .restorationSkipped: self = Self.restorationSkipped(facts)
        case .suspensionFailed: self = Self.suspensionFailed(facts)
        case .restorationFailed: self = Self.restorationFailed(facts)
        case .enforcementLeak: self = Self.enforcementLeak(facts)
        case .circuitBreaker: self = Self.circuitBreaker(facts)
        case .unknownModel: self = Self.unknownModel(facts)
        case .principalGone: self = Self.principalGone(facts)
        case .unenforceable: self = Self.unenforceable(facts)
        case .grantElsewhere: self = Self.grantElsewhere(facts)
        case .accessDrift: self = Self.accessDrift(facts)
        case .bypass: self = Self.bypass(facts)
        case .rogueKey: self = Self.rogueKey(facts, notice.data)
        case .tagTampering: self = Self.tagTampering(facts, notice.data)
        case .unknownOperation: self = Self.unknownOperation(facts, notice.data)
        case .ingestSilent: self = Self.ingestSilent(facts, notice.data)
        case .implausibleCost: self = Self.implausibleCost(facts)
        case .priceQuarantined: self = Self.priceQuarantined(facts)
        case .pricesStale: self = Self.pricesStale(facts)
        case .dailySummary: self = Self.dailySummary(facts)
        case .costDrift: self = Self.costDrift(facts)
        }
    }

    init(_ subject: String, _ tone: Tone, _ paragraphs: [String?]) {
        self.subject = subject
        self.tone = tone
        self.paragraphs = paragraphs.compactMap(\.self)
    }

    /// The paragraphs as plain text.
    package var plain: String { paragraphs.joined(separator: "\n\n") + "\n" }
}
