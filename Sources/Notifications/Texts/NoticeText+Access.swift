import JSONModel

/// What is said of IAM itself: of access that is not as Steward believes. What IAM said is quoted as IAM says it, in
/// English.
extension NoticeText {
    static func principalGone(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            facts, .warning,
            facts.say(
                "No longer in IAM, budget closed: \(facts.name)",
                es: "Ya no está en IAM, presupuesto cerrado: \(facts.name)"),
            [
                facts.say(
                    "\(facts.name) was deleted from IAM. There is nothing left to suspend or to give back, and its budget "
                        + "is closed; it opens again when somebody of that name spends.",
                    es:
                        "\(facts.name) se ha borrado de IAM. No queda nada que suspender ni que devolver, y su presupuesto "
                        + "se ha cerrado; se abrirá de nuevo cuando alguien con ese nombre gaste."),
                facts.say("It had spent \(facts.spending).", es: "Había gastado \(facts.spending)."), facts.period,
            ])
    }

    static func protectionChanged(_ facts: NoticeFacts) -> NoticeText {
        let isProtected = facts.data["isProtected"]?.boolValue ?? false
        let command = "`workflowctl principal unprotect \(facts.shellName) --reason \(facts.say("WHY", es: "MOTIVO"))`"
        return NoticeText(
            facts, isProtected ? .warning : .information,
            isProtected
                ? facts.say(
                    "Protected from suspension: \(facts.name)",
                    es: "Con protección frente a suspensiones: \(facts.name)")
                : facts.say(
                    "No longer protected from suspension: \(facts.name)",
                    es: "Sin protección frente a suspensiones: \(facts.name)"),
            [
                isProtected
                    ? facts.say(
                        "Whatever \(facts.name) spends, no budget takes its access to Amazon Bedrock: that is only "
                            + "reported.",
                        es:
                            "Gaste lo que gaste \(facts.name), ningún presupuesto le retira su acceso a Amazon Bedrock: "
                            + "solo se informa de ello.")
                    : facts.say(
                        "A budget that is used up takes the access of \(facts.name) to Amazon Bedrock again.",
                        es: "Un presupuesto agotado vuelve a retirar a \(facts.name) su acceso a Amazon Bedrock."),
                facts.protectionOrder, facts.hasSpent, facts.period,
            ],
            advice: isProtected
                ? facts.say("\(command) takes the protection back.", es: "\(command) retira la protección.") : nil)
    }

    static func unenforceable(_ facts: NoticeFacts) -> NoticeText {
        let isElsewhere = facts.data["Error"]?.stringValue == "Steward.OtherAccount"
        return NoticeText(
            facts, .critical,
            facts.isUsedUp
                ? facts.say(
                    "Bedrock budget exceeded, and nobody here can take the access: \(facts.name)",
                    es: "Presupuesto de Bedrock superado, y aquí nadie puede retirar el acceso: \(facts.name)")
                : facts.say(
                    "Nobody here can take the Bedrock access: \(facts.name)",
                    es: "Aquí nadie puede retirar el acceso a Bedrock: \(facts.name)"),
            [
                facts.isUsedUp
                    ? facts.say(
                        "\(facts.name) has used up its Amazon Bedrock budget: \(facts.spending).",
                        es: "\(facts.name) ha agotado su presupuesto de Amazon Bedrock: \(facts.spending).")
                    : facts.say(
                        "The access of \(facts.name) was to be taken away. It has spent \(facts.spending).",
                        es: "Se iba a retirar el acceso de \(facts.name). Ha gastado \(facts.spending)."),
                facts.order,
                isElsewhere
                    ? facts.say(
                        "It belongs to another AWS account than the one in which Steward acts.",
                        es: "Pertenece a otra cuenta de AWS que aquella en la que actúa Steward.")
                    : facts.say(
                        "AWS manages this identity, and lets nobody in this account change its policies.",
                        es: "AWS administra esta identidad y no deja que nadie de esta cuenta cambie sus políticas."),
                facts.period,
            ],
            advice: isElsewhere
                ? facts.say(
                    "It goes on spending. Limit it in its own account, or run a Steward there.",
                    es: "Sigue gastando. Limítela en su propia cuenta, o ejecute allí un Steward.")
                : facts.say(
                    "It goes on spending. Limit it where it is assigned: in IAM Identity Center, in the service it "
                        + "belongs to, or with a service control policy. Steward does not try again.",
                    es:
                        "Sigue gastando. Limítela donde se asigna: en IAM Identity Center, en el servicio al que "
                        + "pertenece, o con una política de control de servicios. Steward no vuelve a intentarlo."))
    }

    static func grantElsewhere(_ facts: NoticeFacts) -> NoticeText {
        let grants = facts.list("grantedElsewhere").joined(separator: "; ")
        return NoticeText(
            facts, .warning,
            facts.say(
                "Access came from elsewhere, and was denied: \(facts.name)",
                es: "El acceso venía de otro sitio y se ha denegado: \(facts.name)"),
            [
                facts.say(
                    "Taking what the budget's enforcement takes would not have stopped \(facts.name), so Steward's deny "
                        + "was put as well: \(grants).",
                    es:
                        "Retirar lo que retira la aplicación del presupuesto no habría detenido a \(facts.name), así que "
                        + "también se ha puesto la denegación de Steward: \(grants)."),
                facts.hasSpent, facts.period,
            ],
            advice: facts.say(
                "The deny goes again when its access is given back. Look whether it should have those grants at all.",
                es:
                    "La denegación se quita cuando se le devuelva el acceso. Mire si de verdad debe tener esos permisos."
            ))
    }

    static func accessDrift(_ facts: NoticeFacts) -> NoticeText {
        let faults = facts.list("faults").joined(separator: "; ")
        return NoticeText(
            facts, .critical,
            facts.say(
                "IAM is not as Steward left it: \(facts.name)", es: "IAM no está como lo dejó Steward: \(facts.name)"),
            [
                facts.reasonCode == "orphan-deny"
                    ? facts.say(
                        "\(facts.name) carries Steward's deny, and no suspension of it is known.",
                        es: "\(facts.name) lleva la denegación de Steward, y no se conoce ninguna suspensión suya.")
                    : facts.say(
                        "\(facts.name) is suspended, and IAM shows otherwise.",
                        es: "\(facts.name) está en suspensión, e IAM muestra otra cosa."),
                facts.say("What is found: \(faults).", es: "Lo que se ha encontrado: \(faults)."),
                facts.hasSpending ? facts.hasSpent : nil, facts.period,
            ],
            advice: facts.text("action") == "repair"
                ? facts.say(
                    "Steward repairs it (access.reconcile: repair).",
                    es: "Steward lo repara (access.reconcile: repair).")
                : facts.say(
                    "Nothing was changed. Find out who changes it: CloudTrail names the caller.",
                    es: "No se ha cambiado nada. Averigüe quién lo cambia: CloudTrail nombra a quien llamó."))
    }

    static func bypass(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            facts, .warning,
            facts.say("Ways around the Bedrock budgets", es: "Formas de eludir los presupuestos de Bedrock"),
            [
                facts.say(
                    "Spending could escape, or escapes, its budgets:",
                    es: "El gasto podría escapar, o escapa, a sus presupuestos:")
            ] + facts.list("findings"),
            advice: facts.say(
                "`workflowctl radar` says more, and what to do about each.",
                es: "`workflowctl radar` dice más, y qué hacer con cada una."))
    }
}
