import JSONModel

/// What is said in notices that look at everybody.
extension NoticeText {
    static func dailySummary(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "Bedrock spending on \(facts.text("date")): \(facts.dayTotal)", .information,
            [
                facts.hasData
                    ? "On \(facts.dayName) Amazon Bedrock cost \(facts.dollars("cost")) in \(facts.count("requests")) "
                        + "requests with \(facts.count("tokens")) tokens\(facts.comparison)."
                    : "On \(facts.dayName) no usage was recorded. If Bedrock was used, its logs do not arrive: look with "
                        + "workflowctl doctor.",
                facts.fallbackShare, facts.list("spenders", "Most was spent by"), facts.list("models", "By model:"),
                facts.names("suspended", "Suspended"), facts.names("grace", "In grace"),
                facts.names("held", "Blocked or protected by a person"), facts.forecasts,
                "Details: workflowctl usage --by day,principal --from 7d",
            ])
    }

    static func costDrift(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            "AWS's bill and Steward differ by \(facts.count("percent")) % on \(facts.text("date"))",
            .warning,
            [
                "For \(facts.text("date")) Cost Explorer says \(facts.dollars("billed")), and Steward "
                    + "has charged \(facts.dollars("charged")).",
                "Where AWS says more, usage is missing: invocation logging may be off in a Region, or traffic goes to an "
                    + "endpoint that is not logged. Where it says less, a price may be wrong, or credits were used.",
                "Compare: workflowctl usage --by day,model --from 7d",
            ])
    }
}

extension NoticeFacts {
    var hasData: Bool { data["hasData"]?.boolValue ?? false }

    var dayName: String { "\(text("date")) (\(text("zone")))" }

    var dayTotal: String { hasData ? dollars("cost") : "no data" }

    func count(_ member: String) -> String { data[member]?.intValue.map { "\($0)" } ?? "an unknown number of" }

    /// `, after $3.00 the day before`
    var comparison: String {
        data["costBefore"]?.stringValue == nil ? "" : ", after \(dollars("costBefore")) the day before"
    }

    var fallbackShare: String? {
        guard let text = data["fallbackCost"]?.stringValue, text != "0.00" else { return nil }
        return "\(dollars("fallbackCost")) of it was charged at safe rates, for models without a price."
    }

    /// `Most was spent by ana ($3.00), bob ($2.00).`
    func list(_ member: String, _ beginning: String) -> String? {
        let entries = (data[member]?.arrayValue ?? []).compactMap { entry -> String? in
            guard let name = entry["name"]?.stringValue else { return nil }
            return "\(Self.oneLine(name)) (\(Self.dollars(entry["cost"])))"
        }
        return entries.isEmpty ? nil : "\(beginning) \(entries.joined(separator: ", "))."
    }

    /// `Suspended: ana, bob.`
    func names(_ member: String, _ beginning: String) -> String? {
        let names = (data[member]?.arrayValue ?? []).compactMap(\.stringValue).map(Self.oneLine)
        return names.isEmpty ? nil : "\(beginning): \(names.joined(separator: ", "))."
    }

    var forecasts: String? {
        let entries = (data["forecasts"]?.arrayValue ?? []).compactMap { entry -> String? in
            guard let name = entry["name"]?.stringValue, let at = entry["reachesLimitAt"]?.stringValue else {
                return nil
            }
            return "\(Self.oneLine(name)) uses up \(Self.dollars(entry["limit"])) at \(Self.moment(at))"
        }
        return entries.isEmpty ? nil : "At the rate of the last day, \(entries.joined(separator: "; "))."
    }
}
