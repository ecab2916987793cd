/// What is said for each kind of notice.
extension NoticeText {
    static func warning(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "Bedrock budget warning: \(facts.name)", .warning,
            [
                "\(facts.name) has spent \(facts.spending) of its Amazon Bedrock budget.", facts.period,
                "Nothing is taken away yet. When the budget is used up, access is suspended after a grace period.",
                facts.remedy,
            ])
    }

    static func critical(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "Bedrock budget critical: \(facts.name)", .critical,
            [
                "\(facts.name) has spent \(facts.spending) of its Amazon Bedrock budget and is about to use it up.",
                facts.period, "When it is used up, access is suspended after a grace period.", facts.remedy,
            ])
    }

    static func furtherBudgetExceeded(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "Bedrock budget used up: \(facts.name)", .critical,
            [
                "The budget of \(facts.name) is used up: \(facts.spending).", facts.period,
                facts.isObserveOnly
                    ? "It only observes: nobody loses access for it."
                    : "Those who spend from it are warned one by one, and lose access after their grace period.",
                facts.remedy,
            ])
    }

    static func graceStarted(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "Bedrock budget exceeded, grace period begins: \(facts.name)", .critical,
            [
                "\(facts.name) has used up its Amazon Bedrock budget: \(facts.spending).", facts.period,
                "\(facts.afterGrace) its access to Bedrock is suspended. Finish what is running, or ask for a higher "
                    + "limit before then.",
                facts.remedy,
            ])
    }

    static func finalWarning(_ facts: NoticeFacts) -> NoticeText {
        guard facts.reasonCode != "blocked-by-person" else { return blocked(facts) }
        return NoticeText(
            "Final warning, Bedrock access is being suspended: \(facts.name)", .critical,
            [
                "The grace period of \(facts.name) is over and its Amazon Bedrock budget is still exceeded: "
                    + "\(facts.spending).",
                facts.period, "Its access to Bedrock is being taken away now.", facts.remedy,
            ])
    }

    private static func blocked(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "Bedrock access is being taken away by order: \(facts.name)", .critical,
            [
                "A person has ordered that \(facts.name) loses its access to Amazon Bedrock. It is being taken away now.",
                "It has spent \(facts.spending).",
                "`workflowctl principal unblock \(facts.shellName)` lifts the block; the audit log says who ordered it "
                    + "and why.",
            ])
    }

    static func suspended(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "Bedrock access suspended: \(facts.name)", .critical,
            [
                "The access of \(facts.name) to Amazon Bedrock has been suspended, and IAM confirms it.",
                "It spent \(facts.spending).", facts.period,
                facts.reasonCode == "blocked-by-person"
                    ? "A person has ordered it. Its policies were backed up before; they are given back when the block "
                        + "ends or is lifted."
                    : "Its policies were backed up before; they are given back when the next budget period begins, or "
                        + "when its limit is raised above what it spent.",
                facts.remedy,
            ])
    }

    static func spared(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "Bedrock budget exceeded, access stays: \(facts.name)", .warning,
            [
                "\(facts.name) has used up its Amazon Bedrock budget: \(facts.spending).", facts.period,
                "Its access is not taken away: \(facts.reason). It may go on spending.", facts.remedy,
            ])
    }

    static func restored(_ facts: NoticeFacts) -> NoticeText {
        let isRepriced = facts.reasonCode == "usage-repriced"
        let isLimitRaised = facts.reasonCode == "limit-raised"
        let isSamePeriod = isRepriced || isLimitRaised
        return NoticeText(
            "Bedrock access restored: \(facts.name)", .good,
            [
                "The access of \(facts.name) to Amazon Bedrock has been given back, and IAM confirms it.",
                isRepriced
                    ? "Its usage was priced anew: it has spent \(facts.spending)."
                    : isLimitRaised
                        ? "Its limit was raised: it has spent \(facts.spending)."
                        : "A new budget period has begun, with \(facts.limit) to spend.",
                isSamePeriod ? facts.period : facts.pastPeriod,
            ])
    }

    static func restorationSkipped(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "Bedrock access not restored: \(facts.name)", .information,
            [
                "The access of \(facts.name) to Amazon Bedrock was to be given back, and stays as it is: "
                    + "\(facts.reason).",
                "It has spent \(facts.spending).", facts.period,
            ])
    }

    static func suspensionFailed(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "Suspension needs a person: \(facts.name)", .critical,
            [
                "\(facts.name) has exceeded its Amazon Bedrock budget (\(facts.spending)), but its access could not be "
                    + "suspended and verified.",
                facts.failure, facts.period,
                facts.status == "active"
                    ? "Nothing was changed in IAM: it goes on spending, and the monitor tries again after a while."
                    : "It goes on spending if IAM still grants it access.",
                redrive,
            ])
    }

    static func restorationFailed(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "Restoration needs a person: \(facts.name)", .critical,
            [
                "The access of \(facts.name) to Amazon Bedrock was to be given back, but this could not be done and "
                    + "verified.",
                facts.failure, "It has spent \(facts.spending).", facts.period,
                facts.status == "suspended"
                    ? "Nothing was changed in IAM: it stays suspended." : "It may still be locked out.",
                redrive,
            ])
    }

    static func enforcementLeak(_ facts: NoticeFacts) -> NoticeText {
        let when = facts.moment("usedAt").map { " at \($0)" } ?? ""
        return NoticeText(
            "Suspended, but still spending: \(facts.name)", .critical,
            [
                "\(facts.name) is suspended, and Amazon Bedrock was used in its name all the same\(when). It has spent "
                    + "\(facts.spending).",
                facts.period, facts.moment("suspendedAt").map { "It was suspended at \($0)." },
                "Look for what grants it access: another policy, another credential, a resource policy.",
            ])
    }

    static func circuitBreaker(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "Too many suspensions at once, waiting for a person: \(facts.name)", .critical,
            [
                "\(facts.name) has exceeded its Amazon Bedrock budget (\(facts.spending)), but so have too many others "
                    + "within an hour: a wrong price or a wrong limit would look like this.",
                facts.period, "If it is right, raise budgets.maximumSuspensionsPerHour; the next monitor run goes on.",
            ])
    }

    static func unknownModel(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "A Bedrock model without a price was used: \(facts.model)", .warning,
            [
                "\(facts.name) used \(facts.model), for which Steward has no price. It was charged at the safe rate, "
                    + "which is high on purpose.",
                "Give it a price (workflowctl price set), or say what it stands for (workflowctl price name); then "
                    + "workflowctl price reprice corrects what was charged.",
            ])
    }

    static func implausibleCost(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "One Bedrock call cost \(facts.amount): \(facts.name)", .critical,
            [
                "\(facts.name) made one call of \(facts.model) that was charged \(facts.amount), more than any one call "
                    + "should cost. It counts towards its budget.",
                facts.moment("usedAt").map { "It was made at \($0), with request id \(facts.text("requestId"))." },
                "A wrong price looks like this: see workflowctl price show. Once the price is right, workflowctl price "
                    + "reprice corrects what was charged, and gives access back where the budget is no longer exceeded.",
            ])
    }

    static func priceQuarantined(_ facts: NoticeFacts) -> NoticeText {
        let number = facts.text("number")
        return NoticeText(
            "A new Bedrock price waits for a person: \(facts.model)", .warning,
            [
                "AWS's Price List has a new price for \(facts.model) that is hard to believe: "
                    + "\(facts.text("problem")). It is not used; the price from before stays in force.",
                "If it is right: workflowctl price accept \(number). If not: workflowctl price withdraw \(number).",
            ])
    }

    static func pricesStale(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "Bedrock prices have not been confirmed for too long", .warning,
            [
                "AWS's Price List was last read at \(facts.moment("confirmedAt") ?? "an unknown time"). Its prices stay in "
                    + "force, but changes since then are not known.",
                "workflowctl price sync reads it now; workflowctl dlq list shows why the daily run failed.",
            ])
    }

    private static let redrive =
        "`workflowctl dlq list` shows what waits; once the cause is mended, redrive it."
}
