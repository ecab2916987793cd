import JSONModel

/// What is said in notices that look at everybody.
extension NoticeText {
    static func dailySummary(_ facts: NoticeFacts) -> NoticeText {
        let command = "workflowctl usage --by day,principal --from 7d"
        return NoticeText(
            facts, .information,
            facts.say(
                "Bedrock spending on \(facts.date): \(facts.dayTotal)",
                es: "Gasto de Bedrock del \(facts.date): \(facts.dayTotal)"),
            [
                facts.dayInWords, facts.fallbackShare,
                facts.list("spenders", facts.say("Most was spent by", es: "Quienes más gastaron:")),
                facts.list("models", facts.say("By model:", es: "Por modelo:")),
                facts.names("suspended", facts.say("Suspended", es: "En suspensión")),
                facts.names("grace", facts.say("In grace", es: "En periodo de gracia")),
                facts.names(
                    "failed",
                    facts.say(
                        "A suspension or a restoration has failed, a person has to look",
                        es: "Ha fallado una suspensión o un restablecimiento, debe mirarlo una persona")),
                facts.names(
                    "held", facts.say("Blocked or protected by a person", es: "Con bloqueo o protección de una persona")
                ),
                facts.forecasts,
            ], advice: facts.say("Details: \(command)", es: "Detalles: \(command)"), showsUsage: false)
    }

    static func costDrift(_ facts: NoticeFacts) -> NoticeText {
        let command = "workflowctl usage --by day,model --from 7d"
        return NoticeText(
            facts, .warning,
            facts.say(
                "AWS's bill and Steward differ by \(facts.count("percent")) % on \(facts.date)",
                es: "La factura de AWS y Steward difieren en un \(facts.count("percent"))\u{A0}% el \(facts.date)"),
            [
                facts.say(
                    "For \(facts.date) Cost Explorer says \(facts.dollars("billed")), and Steward has charged "
                        + "\(facts.dollars("charged")).",
                    es: "Del \(facts.date), Cost Explorer dice \(facts.dollars("billed")), y Steward ha cobrado "
                        + "\(facts.dollars("charged"))."),
                facts.say(
                    "The bill is what \(facts.billedAccount) may see: its own, and that of its organization if it manages "
                        + "one. Steward charges all accounts whose logs it reads.",
                    es:
                        "La factura es la que puede ver \(facts.billedAccount): la suya y, si administra una organización, la "
                        + "de esta. Steward cobra a todas las cuentas cuyos registros lee."),
                facts.say(
                    "Where AWS says more, usage is missing: invocation logging may be off in a Region, or traffic goes to "
                        + "an endpoint that is not logged. Where it says less, a price may be wrong, or credits were used.",
                    es:
                        "Si AWS dice más, falta uso: puede que el registro de invocaciones esté apagado en una región, o que "
                        + "el tráfico vaya a un punto de enlace que no se registra. Si dice menos, puede haber un precio "
                        + "equivocado, o se usaron créditos."),
            ], advice: facts.say("Compare: \(command)", es: "Compare: \(command)"), showsUsage: false)
    }
}

extension NoticeFacts {
    fileprivate var billedAccount: String {
        guard let account = text("account", orNil: data) else {
            return say("the account that asks", es: "la cuenta que pregunta")
        }
        return say("account \(account)", es: "la cuenta \(account)")
    }

    private var hasData: Bool { data["hasData"]?.boolValue ?? false }

    fileprivate var date: String { style.day(text("date")) }

    fileprivate var dayTotal: String { hasData ? dollars("cost") : say("no data", es: "sin datos") }

    fileprivate func count(_ member: String) -> String {
        data[member]?.intValue.map(style.count) ?? say("an unknown number of", es: "un número desconocido de")
    }

    fileprivate var dayInWords: String {
        let day = "\(date) (\(text("zone")))"
        guard hasData else {
            return say(
                "On \(day) no usage was recorded. If Bedrock was used, its logs do not arrive: look with "
                    + "workflowctl doctor.",
                es: "El \(day) no se registró ningún uso. Si se usó Bedrock, sus registros no llegan: mire con "
                    + "workflowctl doctor.")
        }
        return say(
            "On \(day) Amazon Bedrock cost \(dollars("cost")) in \(count("requests")) requests with \(count("tokens")) "
                + "tokens\(comparison).",
            es: "El \(day) Amazon Bedrock costó \(dollars("cost")) en \(count("requests")) peticiones con "
                + "\(count("tokens")) tokens\(comparison).")
    }

    /// `, after $3.00 the day before`
    private var comparison: String {
        guard data["costBefore"]?.stringValue != nil else { return "" }
        let before = dollars("costBefore")
        return say(", after \(before) the day before", es: ", tras \(before) el día anterior")
    }

    fileprivate var fallbackShare: String? {
        guard let text = data["fallbackCost"]?.stringValue, text != "0.00" else { return nil }
        let share = dollars("fallbackCost")
        return say(
            "\(share) of it was charged at safe rates, for models without a price.",
            es: "De ello, \(share) se cobraron a tarifas seguras, por modelos sin precio.")
    }

    /// `Most was spent by ana ($3.00), bob ($2.00).`
    fileprivate func list(_ member: String, _ beginning: String) -> String? {
        let entries = (data[member]?.arrayValue ?? []).compactMap { entry -> String? in
            text("name", orNil: entry).map { "\($0) (\(dollars(of: entry["cost"])))" }
        }
        return entries.isEmpty ? nil : "\(beginning) \(entries.joined(separator: ", "))."
    }

    /// `Suspended: ana, bob.`
    fileprivate func names(_ member: String, _ beginning: String) -> String? {
        let names = (data[member]?.arrayValue ?? []).compactMap(\.stringValue).map(Self.oneLine)
        return names.isEmpty ? nil : "\(beginning): \(names.joined(separator: ", "))."
    }

    fileprivate var forecasts: String? {
        let entries = (data["forecasts"]?.arrayValue ?? []).compactMap { entry -> String? in
            guard let name = text("name", orNil: entry), let at = entry["reachesLimitAt"]?.stringValue else {
                return nil
            }
            let (limit, moment) = (dollars(of: entry["limit"]), style.moment(at))
            return say("\(name) uses up \(limit) at \(moment)", es: "\(name) agota \(limit) el \(moment)")
        }
        guard !entries.isEmpty else { return nil }
        let list = entries.joined(separator: "; ")
        return say("At the rate of the last day, \(list).", es: "Al ritmo del último día, \(list).")
    }
}
