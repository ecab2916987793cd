/// What is said of models and their prices.
extension NoticeText {
    static func unknownModel(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            facts, .warning,
            facts.say(
                "A Bedrock model without a price was used: \(facts.model)",
                es: "Se ha usado un modelo de Bedrock sin precio: \(facts.model)"),
            [
                facts.say(
                    "\(facts.name) used \(facts.model), for which Steward has no price. It was charged at the safe rate, "
                        + "which is high on purpose.",
                    es:
                        "\(facts.name) ha usado \(facts.model), para el que Steward no tiene precio. Se ha cobrado a la "
                        + "tarifa segura, que es alta a propósito.")
            ],
            advice: facts.say(
                "Give it a price (workflowctl price set), or say what it stands for (workflowctl price name); then "
                    + "workflowctl price reprice corrects what was charged.",
                es: "Póngale un precio (workflowctl price set), o diga a qué modelo equivale (workflowctl price name); "
                    + "después, workflowctl price reprice corrige lo cobrado."))
    }

    static func implausibleCost(_ facts: NoticeFacts) -> NoticeText {
        NoticeText(
            facts, .critical,
            facts.say(
                "One Bedrock call cost \(facts.amount): \(facts.name)",
                es: "Una sola llamada a Bedrock ha costado \(facts.amount): \(facts.name)"),
            [
                facts.say(
                    "\(facts.name) made one call of \(facts.model) that was charged \(facts.amount), more than any one "
                        + "call should cost. It counts towards its budget.",
                    es:
                        "\(facts.name) ha hecho una llamada a \(facts.model) que se ha cobrado a \(facts.amount), más de lo "
                        + "que debería costar una sola. Cuenta para su presupuesto."),
                facts.moment("usedAt").map {
                    facts.say(
                        "It was made at \($0), with request id \(facts.text("requestId")).",
                        es: "Se hizo el \($0), con el identificador de petición \(facts.text("requestId")).")
                },
            ],
            advice: facts.say(
                "A wrong price looks like this: see workflowctl price show. Once the price is right, workflowctl price "
                    + "reprice corrects what was charged, and gives access back where the budget is no longer exceeded.",
                es:
                    "Así se ve un precio equivocado: véalo con workflowctl price show. Con el precio correcto, workflowctl "
                    + "price reprice corrige lo cobrado y devuelve el acceso donde el presupuesto ya no esté superado.")
        )
    }

    static func priceQuarantined(_ facts: NoticeFacts) -> NoticeText {
        let number = facts.text("number")
        return NoticeText(
            facts, .warning,
            facts.say(
                "A new Bedrock price waits for a person: \(facts.model)",
                es: "Un nuevo precio de Bedrock espera a una persona: \(facts.model)"),
            [
                facts.say(
                    "AWS's Price List has a new price for \(facts.model) that is hard to believe: "
                        + "\(facts.wording("problem")). It is not used; the price from before stays in force.",
                    es: "La lista de precios de AWS trae un nuevo precio para \(facts.model) difícil de creer: "
                        + "\(facts.wording("problem")). No se usa; sigue en vigor el precio anterior.")
            ],
            advice: facts.say(
                "If it is right: workflowctl price accept \(number). If not: workflowctl price withdraw \(number).",
                es: "Si es correcto: workflowctl price accept \(number). Si no: workflowctl price withdraw \(number)."))
    }

    static func pricesStale(_ facts: NoticeFacts) -> NoticeText {
        let when = facts.moment("confirmedAt")
        return NoticeText(
            facts, .warning,
            facts.say(
                "Bedrock prices have not been confirmed for too long",
                es: "Los precios de Bedrock llevan demasiado tiempo sin confirmar"),
            [
                facts.say(
                    "AWS's Price List was last read at \(when ?? "an unknown time"). Its prices stay in force, but changes "
                        + "since then are not known.",
                    es:
                        "La lista de precios de AWS se leyó por última vez: \(when ?? "no se sabe cuándo"). Sus precios "
                        + "siguen en vigor, pero no se conocen los cambios desde entonces.")
            ],
            advice: facts.say(
                "workflowctl price sync reads it now; workflowctl dlq list shows why the daily run failed.",
                es: "workflowctl price sync la lee ahora; workflowctl dlq list muestra por qué falló la lectura diaria."
            ))
    }
}
