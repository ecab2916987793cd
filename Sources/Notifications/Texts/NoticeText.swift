package import Enforcement
package import JSONModel

/// What a notice says, in plain English: a subject, and paragraphs.
///
/// Every notice names the principal, what it spent of which limit, the period, what happens next, and what can be done
/// about it.
package struct NoticeText: Sendable, Equatable {
    package enum Tone: String, Sendable { case information, warning, critical, good }

    package var subject: String
    package var paragraphs: [String]
    package var tone: Tone

    /// - Parameters:
    ///   - kind: the notice's kind, such as `graceStarted`.
    ///   - data: the facts: `principal`, `budget`, `period`, `graceSeconds`, `failure`…, as the workflow has them.
    package init(kind: Notice.Kind, data: JSONValue) {
        let facts = NoticeFacts(data)
        switch kind {
        case .budgetWarning: self = Self.warning(facts)
        case .budgetCritical: self = Self.critical(facts)
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
        }
    }

    private init(_ subject: String, _ tone: Tone, _ paragraphs: [String?]) {
        self.subject = subject
        self.tone = tone
        self.paragraphs = paragraphs.compactMap(\.self)
    }

    /// The paragraphs as plain text.
    package var plain: String { paragraphs.joined(separator: "\n\n") + "\n" }

    private static func warning(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "Bedrock budget warning: \(facts.name)", .warning,
            [
                "\(facts.name) has spent \(facts.spending) of its Amazon Bedrock budget.", facts.period,
                "Nothing is taken away yet. When the budget is used up, access is suspended after a grace period.",
                facts.remedy,
            ])
    }

    private static func critical(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "Bedrock budget critical: \(facts.name)", .critical,
            [
                "\(facts.name) has spent \(facts.spending) of its Amazon Bedrock budget and is about to use it up.",
                facts.period, "When it is used up, access is suspended after a grace period.", facts.remedy,
            ])
    }

    private static func graceStarted(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "Bedrock budget exceeded, grace period begins: \(facts.name)", .critical,
            [
                "\(facts.name) has used up its Amazon Bedrock budget: \(facts.spending).", facts.period,
                "In \(facts.grace) its access to Bedrock is suspended. Finish what is running, or ask for a higher "
                    + "limit before then.",
                facts.remedy,
            ])
    }

    private static func finalWarning(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "Final warning, Bedrock access is being suspended: \(facts.name)", .critical,
            [
                "The grace period of \(facts.name) is over and its Amazon Bedrock budget is still exceeded: "
                    + "\(facts.spending).",
                facts.period, "Its access to Bedrock is being taken away now.", facts.remedy,
            ])
    }

    private static func suspended(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "Bedrock access suspended: \(facts.name)", .critical,
            [
                "The access of \(facts.name) to Amazon Bedrock has been suspended, and IAM confirms it.",
                "It spent \(facts.spending).", facts.period,
                "Its policies were backed up before; they are given back when the next budget period begins.",
                facts.remedy,
            ])
    }

    private static func spared(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "Bedrock access stays: \(facts.name)", .good,
            [
                "The budget of \(facts.name) was looked at again after the grace period: \(facts.reason). "
                    + "Nothing was changed.",
                facts.period,
            ])
    }

    private static func restored(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "Bedrock access restored: \(facts.name)", .good,
            [
                "The access of \(facts.name) to Amazon Bedrock has been given back, and IAM confirms it.",
                "A new budget period has begun, with \(facts.limit) to spend.",
            ])
    }

    private static func suspensionFailed(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "Suspension needs a person: \(facts.name)", .critical,
            [
                "\(facts.name) has exceeded its Amazon Bedrock budget (\(facts.spending)), but its access could not be "
                    + "suspended and verified.",
                facts.failure,
                "It goes on spending if IAM still grants it access. `workflowctl dlq list` shows what waits; once the "
                    + "cause is mended, redrive it.",
            ])
    }

    private static func restorationFailed(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "Restoration needs a person: \(facts.name)", .critical,
            [
                "The access of \(facts.name) to Amazon Bedrock was to be given back, but this could not be done and "
                    + "verified.",
                facts.failure,
                "It may still be locked out. `workflowctl dlq list` shows what waits; once the cause is mended, redrive it.",
            ])
    }

    private static func restorationSkipped(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "Bedrock access not restored: \(facts.name)", .information,
            ["The access of \(facts.name) was looked at, and stays as it is: \(facts.reason).", facts.period])
    }

    private static func enforcementLeak(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "Suspended, but still spending: \(facts.name)", .critical,
            [
                "\(facts.name) is suspended, and Bedrock was used in its name all the same. It has spent "
                    + "\(facts.spending).",
                "Look for what grants it access: another policy, another credential, a resource policy.", facts.period,
            ])
    }

    private static func circuitBreaker(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "Too many suspensions at once, waiting for a person: \(facts.name)", .critical,
            [
                "\(facts.name) has exceeded its Amazon Bedrock budget (\(facts.spending)), but so have too many others "
                    + "within an hour: a wrong price or a wrong limit would look like this.",
                "If it is right, raise budgets.maximumSuspensionsPerHour; the next monitor run goes on.", facts.period,
            ])
    }

    private static func unknownModel(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "A Bedrock model without a price was used: \(facts.model)", .warning,
            [
                "\(facts.name) used \(facts.model), for which Steward has no price. It was charged at the safe rate.",
                "Add the model's price, and charge the period anew.",
            ])
    }
}

/// The facts of a notice, in words.
struct NoticeFacts {
    private let data: JSONValue

    init(_ data: JSONValue) { self.data = data }

    var name: String {
        data["userName"]?.stringValue ?? data["principalName"]?.stringValue ?? data["principalId"]?.stringValue
            ?? "an unknown principal"
    }

    var limit: String { dollars(data["limit"]) }

    var spending: String { "\(dollars(data["spent"])) of \(limit)" }

    var period: String? {
        guard let start = data["periodStart"]?.stringValue, let end = data["periodEnd"]?.stringValue else {
            return nil
        }
        return "The budget period runs from \(moment(start)) to \(moment(end))."
    }

    var grace: String { Self.words(seconds: data["graceSeconds"]?.intValue ?? 0) }

    var model: String { data["modelId"]?.stringValue ?? data["model"]?.stringValue ?? "an unknown model" }

    /// Why something was or was not done, in words where the reason is a code.
    var reason: String {
        guard let code = data["spared"]?.stringValue ?? data["reason"]?.stringValue else { return "no reason is known" }
        return code.replacing("-", with: " ")
    }

    var failure: String? { data["reason"]?.stringValue }

    var remedy: String { "To change the limit: workflowctl budget set \(name) --limit AMOUNT" }

    private func dollars(_ value: JSONValue?) -> String { value?.stringValue.map { "$\($0)" } ?? "an unknown amount" }

    private func moment(_ text: String) -> String { text.prefix(16).replacing("T", with: " ") + " UTC" }

    /// `90` is "1 minute 30 seconds": no part is rounded away.
    static func words(seconds: Int64) -> String {
        let parts = [
            (seconds / 86_400, "day"), (seconds / 3600 % 24, "hour"), (seconds / 60 % 60, "minute"),
            (seconds % 60, "second"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }
        return parts.isEmpty ? "a moment" : parts.joined(separator: " ")
    }
}
