import JSONModel

/// What is said on the way from the first warning to the suspension.
extension NoticeText {
    static func warning(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            facts, .warning,
            facts.say(
                "Bedrock budget warning: \(facts.name)", es: "Aviso del presupuesto de Bedrock: \(facts.name)"),
            [
                facts.notUsedUp, facts.period,
                facts.whatFollows(
                    "Nothing is taken away yet. When the budget is used up, access is suspended after a grace period.",
                    es: "Todavía no se retira nada. Cuando el presupuesto se agote, el acceso se suspenderá tras un "
                        + "periodo de gracia."),
            ], advice: facts.remedy)
    }

    static func critical(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            facts, .critical,
            facts.say(
                "Bedrock budget critical: \(facts.name)", es: "Presupuesto de Bedrock casi agotado: \(facts.name)"),
            [
                facts.say(
                    "\(facts.name) has spent \(facts.spending) of its Amazon Bedrock budget and is about to use it up.",
                    es: "\(facts.name) ha gastado \(facts.spending) de su presupuesto de Amazon Bedrock y está a punto "
                        + "de agotarlo."),
                facts.period,
                facts.whatFollows(
                    "When it is used up, access is suspended after a grace period.",
                    es: "Cuando se agote, el acceso se suspenderá tras un periodo de gracia."),
            ], advice: facts.remedy)
    }

    static func furtherBudgetExceeded(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            facts, .critical,
            facts.say("Bedrock budget used up: \(facts.name)", es: "Presupuesto de Bedrock agotado: \(facts.name)"),
            [
                facts.say(
                    "The budget of \(facts.name) is used up: \(facts.spending).",
                    es: "El presupuesto de \(facts.name) se ha agotado: \(facts.spending)."),
                facts.period,
                facts.isObserveOnly
                    ? facts.onlyObserves
                    : facts.say(
                        "Those who spend from it are warned one by one, and lose access after their grace period.",
                        es: "Quienes gastan de él reciben un aviso cada uno y pierden el acceso tras su periodo de "
                            + "gracia."),
            ], advice: facts.remedy)
    }

    static func graceStarted(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            facts, .critical,
            facts.say(
                "Bedrock budget exceeded, grace period begins: \(facts.name)",
                es: "Presupuesto de Bedrock superado, empieza el periodo de gracia: \(facts.name)"),
            [
                facts.usedUp, facts.period,
                facts.say(
                    "\(facts.afterGrace) its access to Bedrock is suspended. Finish what is running, or ask for a higher "
                        + "limit before then.",
                    es: "\(facts.afterGrace) se suspenderá su acceso a Bedrock. Termine antes lo que esté en marcha, o "
                        + "pida un límite mayor."),
            ], advice: facts.remedy)
    }

    static func graceCountdown(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            facts, .critical,
            facts.say(
                "Bedrock access is suspended soon: \(facts.name)",
                es: "Pronto se suspenderá el acceso a Bedrock: \(facts.name)"),
            [
                facts.usedUp, facts.period,
                facts.say(
                    "\(facts.timeLeft) its access to Bedrock is suspended, unless the limit is raised before then.",
                    es: "\(facts.timeLeft) se suspenderá su acceso a Bedrock, salvo que antes se aumente el límite."),
            ], advice: facts.remedy)
    }

    static func finalWarning(_ facts: NoticeFacts) -> NoticeText {
        guard facts.reasonCode != "blocked-by-person" else { return blocked(facts) }
        return NoticeText(
            facts, .critical,
            facts.say(
                "Final warning, Bedrock access is being suspended: \(facts.name)",
                es: "Último aviso, se está suspendiendo el acceso a Bedrock: \(facts.name)"),
            [
                facts.say(
                    "The grace period of \(facts.name) is over and its Amazon Bedrock budget is still exceeded: "
                        + "\(facts.spending).",
                    es: "El periodo de gracia de \(facts.name) ha terminado y su presupuesto de Amazon Bedrock sigue "
                        + "superado: \(facts.spending)."),
                facts.period,
                facts.say(
                    "Its access to Bedrock is being taken away now.",
                    es: "En este momento se le retira el acceso a Bedrock."
                ),
            ], advice: facts.remedy)
    }

    private static func blocked(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            facts, .critical,
            facts.say(
                "Bedrock access is being taken away by order: \(facts.name)",
                es: "Se está retirando el acceso a Bedrock por orden de una persona: \(facts.name)"),
            [
                facts.say(
                    "A person has ordered that \(facts.name) loses its access to Amazon Bedrock. It is being taken away "
                        + "now.",
                    es:
                        "Una persona ha ordenado que \(facts.name) pierda su acceso a Amazon Bedrock. En este momento se "
                        + "le retira."),
                facts.order, facts.hasSpent,
            ], advice: facts.unblocking)
    }

    static func suspended(_ facts: NoticeFacts) -> NoticeText {
        let isBlocked = facts.reasonCode == "blocked-by-person"
        return NoticeText(
            facts, .critical,
            facts.say(
                "Bedrock access suspended: \(facts.name)", es: "Acceso a Bedrock suspendido: \(facts.name)"),
            [
                facts.say(
                    "The access of \(facts.name) to Amazon Bedrock has been suspended, and IAM confirms it.",
                    es: "El acceso de \(facts.name) a Amazon Bedrock se ha suspendido, e IAM lo confirma."),
                facts.say("It spent \(facts.spending).", es: "Gastó \(facts.spending)."), facts.period,
                isBlocked ? facts.order : nil,
                isBlocked
                    ? facts.say(
                        "A person has ordered it. Its policies were backed up before; they are given back when the block "
                            + "ends or is lifted.",
                        es:
                            "Lo ha ordenado una persona. Antes se guardó copia de sus políticas; se le devuelven cuando "
                            + "el bloqueo termine o se levante.")
                    : facts.say(
                        "Its policies were backed up before; they are given back when the budget's next period begins, "
                            + "or when its limit is raised above what was spent.",
                        es:
                            "Antes se guardó copia de sus políticas; se le devuelven cuando empiece el siguiente periodo "
                            + "del presupuesto, o cuando su límite se aumente por encima de lo gastado."),
            ], advice: isBlocked ? facts.unblocking : facts.remedy)
    }

    static func spared(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            facts, .warning,
            facts.isUsedUp
                ? facts.say(
                    "Bedrock budget exceeded, access stays: \(facts.name)",
                    es: "Presupuesto de Bedrock superado, el acceso se mantiene: \(facts.name)")
                : facts.say(
                    "Bedrock access stays: \(facts.name)", es: "El acceso a Bedrock se mantiene: \(facts.name)"),
            [
                facts.isUsedUp ? facts.usedUp : facts.notUsedUp, facts.period,
                facts.say(
                    "Its access is not taken away: \(facts.reason). It may go on spending.",
                    es: "No se le retira el acceso: \(facts.reason). Puede seguir gastando."),
            ], advice: facts.remedy)
    }
}

extension NoticeFacts {
    fileprivate var onlyObserves: String {
        say("It only observes: nobody loses access for it.", es: "Solo observa: nadie pierde el acceso por él.")
    }

    /// What comes of it once the budget is used up; where nothing does, why.
    fileprivate func whatFollows(_ english: String, es spanish: String) -> String {
        if isObserveOnly { return onlyObserves }
        guard data["spared"] != nil else { return say(english, es: spanish) }
        return say("Its access stays in any case: \(reason).", es: "Conserva el acceso en todo caso: \(reason).")
    }

    fileprivate var notUsedUp: String {
        say(
            "\(name) has spent \(spending) of its Amazon Bedrock budget.",
            es: "\(name) ha gastado \(spending) de su presupuesto de Amazon Bedrock.")
    }

    fileprivate var usedUp: String {
        say(
            "\(name) has used up its Amazon Bedrock budget: \(spending).",
            es: "\(name) ha agotado su presupuesto de Amazon Bedrock: \(spending).")
    }
}
