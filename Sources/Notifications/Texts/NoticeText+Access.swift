/// What is said of IAM itself: of access that is not as Steward believes.
extension NoticeText {
    static func principalGone(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "No longer in IAM, budget closed: \(facts.name)", .warning,
            [
                "\(facts.name) was deleted from IAM. There is nothing left to suspend or to give back, and its budget "
                    + "is closed; it opens again when somebody of that name spends.",
                "It had spent \(facts.spending).", facts.period,
            ])
    }

    static func unenforceable(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "Bedrock budget exceeded, and nobody here can take the access: \(facts.name)", .critical,
            [
                "\(facts.name) has used up its Amazon Bedrock budget: \(facts.spending). AWS manages this identity, and "
                    + "lets nobody in this account change its policies.",
                facts.period, facts.failure,
                "It goes on spending. Limit it where it is assigned: in IAM Identity Center, in the service it belongs "
                    + "to, or with a service control policy. Steward does not try again.",
            ])
    }

    static func grantElsewhere(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "Access came from elsewhere, and was denied: \(facts.name)", .warning,
            [
                "Taking what the budget's enforcement takes would not have stopped \(facts.name), so Steward's deny was "
                    + "put as well: " + facts.list("grantedElsewhere").joined(separator: "; ") + ".",
                "It has spent \(facts.spending).", facts.period,
                "The deny goes again when its access is given back. Look whether it should have those grants at all.",
            ])
    }

    static func accessDrift(_ facts: NoticeFacts) -> NoticeText {
        let isOrphan = facts.reasonCode == "orphan-deny"
        let repaired = facts.text("action") == "repair"
        return NoticeText(
            "IAM is not as Steward left it: \(facts.name)", .critical,
            [
                isOrphan
                    ? "\(facts.name) carries Steward's deny, and no suspension of it is known."
                    : "\(facts.name) is suspended, and IAM shows otherwise.",
                "What is found: " + facts.list("faults").joined(separator: "; ") + ".",
                facts.hasSpending ? "It has spent \(facts.spending)." : nil, facts.period,
                repaired
                    ? "Steward repairs it (access.reconcile: repair)."
                    : "Nothing was changed. Find out who changes it: CloudTrail names the caller.",
            ])
    }

    static func bypass(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "Ways around the Bedrock budgets", .warning,
            ["Spending could escape, or escapes, its budgets:"] + facts.list("findings")
                + ["`workflowctl radar` says more, and what to do about each."])
    }
}
