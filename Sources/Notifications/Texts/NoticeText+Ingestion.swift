import JSONModel

/// What is said of keys, tags and sources, as CloudTrail and the sources themselves show them.
extension NoticeText {
    static func rogueKey(_ facts: NoticeFacts, _ data: JSONValue) -> NoticeText {
        NoticeText(
            "A Bedrock key that nobody provisioned: \(facts.name)", .warning,
            [
                "\(who(data)) made the key \(text("credential", data) ?? "without an id") for "
                    + "\(facts.name)\(when(facts)). It carries no tag that says who provisioned it and for whom.",
                "It is budgeted like any other: it spends from the default budget.",
                "If it is wanted, give it a team and a budget; otherwise delete it in IAM.",
            ])
    }

    static func tagTampering(_ facts: NoticeFacts, _ data: JSONValue) -> NoticeText {
        let changes = (data["tags"]?.arrayValue ?? []).map { tag in
            "\(text("key", tag) ?? "a tag"): \(text("before", tag) ?? "not set") became "
                + "\(text("after", tag) ?? "not set")"
        }
        return NoticeText(
            "A tag that budgets go by was changed: \(facts.name)", .critical,
            [
                "\(who(data)) changed tags of \(facts.name)\(when(facts)), and not through Steward.",
                changes.isEmpty ? nil : changes.joined(separator: "\n"),
                "Its budget and its team stay as they were. Ask who changed them and why; put the tags right in IAM.",
            ])
    }

    static func unknownOperation(_ facts: NoticeFacts, _ data: JSONValue) -> NoticeText {
        let operation = "\(text("endpoint", data) ?? "bedrock") \(text("operation", data) ?? "without a name")"
        return NoticeText(
            "An operation that Steward doesn't know: \(operation)", .warning,
            [
                "\(facts.name) called \(operation)\(when(facts)). Whether it spends is not known.",
                "Its record is kept: `workflowctl dlq list --kind usage` shows it. See whether a newer version of Steward "
                    + "knows the operation.",
            ])
    }

    static func ingestSilent(_ facts: NoticeFacts, _ data: JSONValue) -> NoticeText {
        let busy = (data["busy"]?.arrayValue ?? []).compactMap { $0.stringValue.map(NoticeFacts.oneLine) }
        let name = text("source", data) ?? "without a name"
        return NoticeText(
            "An ingest source is silent: \(name)", .critical,
            [
                "The source \(name) (\(text("kind", data) ?? "of an unknown kind")) has brought nothing since "
                    + "\(facts.moment("since") ?? "it is known"), while others do: \(busy.joined(separator: ", ")).",
                text("lastError", data).map { "Its last error: \($0)" },
                "Spending that only this source tells of is not seen and stops nobody. Look at its log delivery, its rule, "
                    + "its filter and its permissions; `workflowctl ingest sources` shows how all sources do.",
            ])
    }

    private static func who(_ data: JSONValue) -> String {
        text("by", data) ?? "Somebody whom CloudTrail does not name"
    }

    private static func when(_ facts: NoticeFacts) -> String { facts.moment("happenedAt").map { " at \($0)" } ?? "" }

    private static func text(_ member: String, _ data: JSONValue) -> String? {
        data[member]?.stringValue.map(NoticeFacts.oneLine)
    }
}
