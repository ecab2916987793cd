package import Enforcement
import WallTime

/// What a notice says in the words of a language: a subject, paragraphs, and the same facts as a table.
///
/// Every notice names the principal, what it spent of which limit, the period, what happens next, and what can be done
/// about it, as far as the notice's data tell.
package struct NoticeText: Sendable, Equatable {
    /// How it feels to read it; `Notice.Severity` says how urgent it is.
    package enum Tone: String, Sendable, CaseIterable { case information, warning, critical, good }

    /// One fact under its name.
    package struct Fact: Sendable, Equatable {
        package let label: String
        package let value: String
    }

    package var style: NoticeStyle
    package var subject: String
    /// All that is said, the advice included, which comes last.
    package var paragraphs: [String]
    /// What can be done about it.
    package var advice: String?
    package var tone: Tone
    /// Nil where no budget is filled.
    package var usage: UsageMeter?
    package var facts: [Fact]
    /// The principal's id, where it is about one.
    private let identity: String?

    package init(_ notice: Notice, style: NoticeStyle = .standard) {
        let facts = NoticeFacts(notice, style: style)
        switch notice.kind {
        case .budgetWarning: self = Self.warning(facts)
        case .budgetCritical: self = Self.critical(facts)
        case .furtherBudgetExceeded: self = Self.furtherBudgetExceeded(facts)
        case .graceStarted: self = Self.graceStarted(facts)
        case .graceCountdown: self = Self.graceCountdown(facts)
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
        case .protectionChanged: self = Self.protectionChanged(facts)
        case .principalGone: self = Self.principalGone(facts)
        case .unenforceable: self = Self.unenforceable(facts)
        case .grantElsewhere: self = Self.grantElsewhere(facts)
        case .accessDrift: self = Self.accessDrift(facts)
        case .bypass: self = Self.bypass(facts)
        case .rogueKey: self = Self.rogueKey(facts)
        case .tagTampering: self = Self.tagTampering(facts)
        case .unknownOperation: self = Self.unknownOperation(facts)
        case .ingestSilent: self = Self.ingestSilent(facts)
        case .implausibleCost: self = Self.implausibleCost(facts)
        case .priceQuarantined: self = Self.priceQuarantined(facts)
        case .pricesStale: self = Self.pricesStale(facts)
        case .dailySummary: self = Self.dailySummary(facts)
        case .costDrift: self = Self.costDrift(facts)
        case .test: self = Self.test(facts)
        }
    }

    /// - Parameter showsUsage: whether what was used of the budget is still what it is about.
    init(
        _ facts: NoticeFacts, _ tone: Tone, _ subject: String, _ paragraphs: [String?], advice: String? = nil,
        showsUsage: Bool = true
    ) {
        style = facts.style
        self.subject = subject
        self.paragraphs = (paragraphs + [advice]).compactMap(\.self)
        self.advice = advice
        self.tone = tone
        usage = showsUsage ? facts.usage : nil
        self.facts = facts.table
        identity = facts.identity
    }

    /// The paragraphs as plain text.
    package var plain: String { (paragraphs + notes).joined(separator: "\n\n") + "\n" }

    /// What stands below: whom it is about, and whose clocks the times are of.
    var notes: [String] {
        let principal = identity.map { style.say("Principal: \($0)", es: "Identidad: \($0)") }
        return [principal, zoneNote].compactMap(\.self)
    }

    /// Nothing where the times say UTC.
    private var zoneNote: String? {
        guard style.zone != .utc else { return nil }
        return style.say(
            "Times are those of \(style.zone.identifier).", es: "Las horas son las de \(style.zone.identifier).")
    }
}
