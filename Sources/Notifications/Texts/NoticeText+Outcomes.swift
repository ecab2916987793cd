import JSONModel

/// What is said of how suspensions and restorations end.
extension NoticeText {
    static func restored(_ facts: NoticeFacts) -> NoticeText {
        let why = whyRestored(facts)
        // What crossed while access was away, or was never undone, is acted upon at once (`reset-budget`).
        let isInGrace = facts.data["reset"]?["status"]?.stringValue == "grace"
        return NoticeText(
            facts, .good,
            facts.say("Bedrock access restored: \(facts.name)", es: "Acceso a Bedrock restablecido: \(facts.name)"),
            [
                facts.say(
                    "The access of \(facts.name) to Amazon Bedrock has been given back, and IAM confirms it.",
                    es: "Se ha devuelto a \(facts.name) su acceso a Amazon Bedrock, e IAM lo confirma."),
                why
                    ?? facts.say(
                        "A new budget period has begun, with \(facts.limit) to spend.",
                        es: "Ha empezado un nuevo periodo del presupuesto, con \(facts.limit) para gastar."),
                why == nil ? facts.pastPeriod : facts.period,
                isInGrace
                    ? facts.say(
                        "A budget that is used up stands against it all the same: its access is taken again after a "
                            + "grace, unless the limit is raised or an administrator protects it.",
                        es: "Aun así hay un presupuesto agotado en contra: tras un periodo de gracia se le volverá a "
                            + "retirar el acceso, salvo que se aumente el límite o se proteja la identidad.")
                    : nil,
            ], showsUsage: why != nil)
    }

    /// Why access is back within the period; nil when a new one has begun.
    private static func whyRestored(_ facts: NoticeFacts) -> String? {
        let isOrdered = facts.data["validation"]?["reason"]?.stringValue == "operator-override"
        // Another budget's period may end in the middle of its own.
        let start = facts.data["reset"]?["periodStart"]?.stringValue
        let isOwnPeriodOn = start != nil && start == facts.data["periodStart"]?.stringValue
        switch facts.reasonCode {
        case "usage-repriced":
            return facts.say(
                "Its usage was priced anew: it has spent \(facts.spending).",
                es: "Se ha recalculado el precio de su uso: ha gastado \(facts.spending).")
        case "limit-raised":
            return facts.say(
                "Since a limit was raised, or its budgets changed, none takes its access any more: it has spent "
                    + "\(facts.spending).",
                es: "Como se aumentó un límite o cambiaron sus presupuestos, ninguno le retira ya el acceso: ha "
                    + "gastado \(facts.spending).")
        case "block-lifted", "unscopable-role", "protected", "break-glass":
            return facts.say("Why: \(facts.reason).", es: "Motivo: \(facts.reason).")
        case _ where isOrdered:
            return facts.say(
                "Somebody has ordered it, whatever its budgets say.",
                es: "Alguien lo ha ordenado, digan lo que digan sus presupuestos.")
        case _ where isOwnPeriodOn:
            return facts.say(
                "The period of the budget that had taken it has ended. Of its own budget it has spent "
                    + "\(facts.spending).",
                es: "Ha terminado el periodo del presupuesto que lo había retirado. De su propio presupuesto ha "
                    + "gastado \(facts.spending).")
        default: return nil
        }
    }

    static func restorationSkipped(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            facts, .information,
            facts.say(
                "Bedrock access not restored: \(facts.name)", es: "Acceso a Bedrock sin restablecer: \(facts.name)"),
            [
                facts.say(
                    "The access of \(facts.name) to Amazon Bedrock was to be given back, and stays as it is: "
                        + "\(facts.reason).",
                    es: "Se iba a devolver a \(facts.name) su acceso a Amazon Bedrock, y queda como está: "
                        + "\(facts.reason)."),
                facts.hasSpent, facts.period,
            ])
    }

    static func suspensionFailed(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            facts, .critical,
            facts.say(
                "Suspension needs a person: \(facts.name)",
                es: "Una suspensión necesita intervención humana: \(facts.name)"),
            [
                facts.isUsedUp
                    ? facts.say(
                        "\(facts.name) has exceeded its Amazon Bedrock budget (\(facts.spending)), but its access could "
                            + "not be suspended and verified.",
                        es:
                            "\(facts.name) ha superado su presupuesto de Amazon Bedrock (\(facts.spending)), pero no se "
                            + "ha podido suspender su acceso y comprobarlo.")
                    : facts.say(
                        "The access of \(facts.name) to Amazon Bedrock was to be taken away, but could not be suspended "
                            + "and verified. It has spent \(facts.spending).",
                        es:
                            "Se iba a retirar a \(facts.name) su acceso a Amazon Bedrock, pero no se ha podido suspender "
                            + "y comprobar. Ha gastado \(facts.spending)."),
                facts.order, facts.failure, facts.period,
                facts.status == "active"
                    ? facts.say(
                        "Nothing was changed in IAM: it goes on spending, and the monitor tries again after a while.",
                        es:
                            "No se ha cambiado nada en IAM: sigue gastando, y el monitor volverá a intentarlo dentro de "
                            + "un rato.")
                    : facts.say(
                        "It goes on spending if IAM still grants it access.",
                        es: "Sigue gastando si IAM todavía le da acceso."),
            ], advice: facts.redrive)
    }

    static func restorationFailed(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            facts, .critical,
            facts.say(
                "Restoration needs a person: \(facts.name)",
                es: "Un restablecimiento necesita intervención humana: \(facts.name)"),
            [
                facts.say(
                    "The access of \(facts.name) to Amazon Bedrock was to be given back, but this could not be done and "
                        + "verified.",
                    es: "Se iba a devolver a \(facts.name) su acceso a Amazon Bedrock, pero no se ha podido hacer y "
                        + "comprobar."),
                facts.failure, facts.hasSpent, facts.period,
                facts.status == "suspended"
                    ? facts.say(
                        "Nothing was changed in IAM: it stays suspended.",
                        es: "No se ha cambiado nada en IAM: sigue en suspensión.")
                    : facts.say("It may still be locked out.", es: "Puede que siga sin acceso."),
            ], advice: facts.redrive)
    }

    static func enforcementLeak(_ facts: NoticeFacts) -> NoticeText {
        let when = facts.moment("usedAt").map { facts.say(" at \($0)", es: " (\($0))") } ?? ""
        return NoticeText(
            facts, .critical,
            facts.say(
                "Suspended, but still spending: \(facts.name)", es: "En suspensión, pero sigue gastando: \(facts.name)"),
            [
                facts.say(
                    "\(facts.name) is suspended, and Amazon Bedrock was used in its name all the same\(when). It has "
                        + "spent \(facts.spending).",
                    es:
                        "\(facts.name) está en suspensión, y aun así se ha usado Amazon Bedrock en su nombre\(when). Ha "
                        + "gastado \(facts.spending)."),
                facts.period,
                facts.moment("suspendedAt").map {
                    facts.say("It was suspended at \($0).", es: "La suspensión fue el \($0).")
                },
            ],
            advice: facts.say(
                "Look for what grants it access: another policy, another credential, a resource policy.",
                es: "Busque qué le da acceso: otra política, otra credencial, una política de recurso."))
    }

    static func circuitBreaker(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            facts, .critical,
            facts.say(
                "Too many suspensions at once, waiting for a person: \(facts.name)",
                es: "Demasiadas suspensiones a la vez, se espera a una persona: \(facts.name)"),
            [
                facts.say(
                    "\(facts.name) has exceeded its Amazon Bedrock budget (\(facts.spending)), but so have too many others "
                        + "within an hour: a wrong price or a wrong limit would look like this.",
                    es:
                        "\(facts.name) ha superado su presupuesto de Amazon Bedrock (\(facts.spending)), pero también lo "
                        + "han hecho demasiados otros en una hora: así se vería un precio o un límite equivocado."),
                facts.period,
            ],
            advice: facts.say(
                "If it is right, raise budgets.maximumSuspensionsPerHour; the next monitor run goes on.",
                es:
                    "Si es correcto, aumente budgets.maximumSuspensionsPerHour; la siguiente pasada del monitor continúa."
            ))
    }
}

extension NoticeFacts {
    fileprivate var redrive: String {
        say(
            "`workflowctl dlq list` shows what waits; once the cause is mended, redrive it.",
            es:
                "`workflowctl dlq list` muestra lo que espera; corregida la causa, relánzelo con `workflowctl dlq redrive`."
        )
    }
}
