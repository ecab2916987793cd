import JSONModel

/// What is said of keys, tags and sources, as CloudTrail and the sources themselves show them.
extension NoticeText {
    static func rogueKey(_ facts: NoticeFacts) -> NoticeText {
        let key = facts.text("credential", orNil: facts.data)
        return NoticeText(
            facts, .warning,
            facts.say(
                "A Bedrock key that nobody provisioned: \(facts.name)",
                es: "Una clave de Bedrock que nadie aprovisionó: \(facts.name)"),
            [
                facts.say(
                    "\(facts.caller) made the key \(key ?? "without an id") for \(facts.name)\(facts.happened). It carries "
                        + "no tag that says who provisioned it and for whom.",
                    es:
                        "\(facts.caller) creó la clave \(key ?? "sin identificador") para \(facts.name)\(facts.happened). "
                        + "No lleva ninguna etiqueta que diga quién la aprovisionó ni para quién."),
                facts.say(
                    "It is budgeted like any other: it spends from the default budget.",
                    es: "Tiene presupuesto como cualquier otra: gasta del predeterminado."),
            ],
            advice: facts.say(
                "If it is wanted, give it a team and a budget; otherwise delete it in IAM.",
                es: "Si hace falta, asígnele un equipo y un presupuesto; si no, bórrela en IAM."))
    }

    static func tagTampering(_ facts: NoticeFacts) -> NoticeText {
        let unset = facts.say("not set", es: "sin valor")
        let changes = (facts.data["tags"]?.arrayValue ?? []).map { tag in
            let key = facts.text("key", orNil: tag) ?? facts.say("a tag", es: "una etiqueta")
            let became = facts.say("became", es: "pasó a")
            return "\(key): \(facts.text("before", orNil: tag) ?? unset) \(became) "
                + (facts.text("after", orNil: tag) ?? unset)
        }
        return NoticeText(
            facts, .critical,
            facts.say(
                "A tag that budgets go by was changed: \(facts.name)",
                es: "Ha cambiado una etiqueta por la que se rigen los presupuestos: \(facts.name)"),
            [
                facts.say(
                    "\(facts.caller) changed tags of \(facts.name)\(facts.happened), and not through Steward.",
                    es: "\(facts.caller) cambió etiquetas de \(facts.name)\(facts.happened), y no a través de Steward."),
                changes.isEmpty ? nil : changes.joined(separator: "\n"),
            ],
            advice: facts.say(
                "Its budget and its team stay as they were. Ask who changed them and why; put the tags right in IAM.",
                es: "Su presupuesto y su equipo siguen como estaban. Pregunte quién las cambió y por qué; corrija las "
                    + "etiquetas en IAM."))
    }

    static func unknownOperation(_ facts: NoticeFacts) -> NoticeText {
        let name = facts.text("operation", orNil: facts.data) ?? facts.say("without a name", es: "sin nombre")
        let operation = "\(facts.text("endpoint", orNil: facts.data) ?? "bedrock") \(name)"
        return NoticeText(
            facts, .warning,
            facts.say(
                "An operation that Steward doesn't know: \(operation)",
                es: "Una operación que Steward no conoce: \(operation)"),
            [
                facts.say(
                    "\(facts.name) called \(operation)\(facts.happened). Whether it spends is not known.",
                    es: "\(facts.name) llamó a \(operation)\(facts.happened). No se sabe si gasta.")
            ],
            advice: facts.say(
                "Its record is kept: `workflowctl dlq list --kind usage` shows it. See whether a newer version of Steward "
                    + "knows the operation.",
                es:
                    "Su registro se conserva: `workflowctl dlq list --kind usage` lo muestra. Mire si una versión más nueva "
                    + "de Steward conoce la operación."))
    }

    static func ingestSilent(_ facts: NoticeFacts) -> NoticeText {
        let busy = facts.list("busy").joined(separator: ", ")
        let name = facts.text("source", orNil: facts.data) ?? facts.say("without a name", es: "sin nombre")
        let kind = facts.text("kind", orNil: facts.data) ?? facts.say("of an unknown kind", es: "de tipo desconocido")
        let since = facts.moment("since") ?? facts.say("it is known", es: "que se conoce")
        return NoticeText(
            facts, .critical,
            facts.say(
                "An ingest source is silent: \(name)", es: "Una fuente de datos de uso guarda silencio: \(name)"),
            [
                facts.say(
                    "The source \(name) (\(kind)) has brought nothing since \(since), while others do: \(busy).",
                    es: "La fuente \(name) (\(kind)) no ha traído nada desde \(since), mientras que otras sí: \(busy)."),
                facts.text("lastError", orNil: facts.data).map {
                    facts.say("Its last error: \($0)", es: "Su último error: \($0)")
                },
            ],
            advice: facts.say(
                "Spending that only this source tells of is not seen and stops nobody. Look at its log delivery, its rule, "
                    + "its filter and its permissions; `workflowctl ingest sources` shows how all sources do.",
                es:
                    "El gasto que solo cuenta esta fuente no se ve y no detiene a nadie. Mire su entrega de registros, su "
                    + "regla, su filtro y sus permisos; `workflowctl ingest sources` muestra cómo van todas."))
    }
}

extension NoticeFacts {
    fileprivate var caller: String {
        text("by", orNil: data)
            ?? say("Somebody whom CloudTrail does not name", es: "Alguien a quien CloudTrail no nombra")
    }

    fileprivate var happened: String { moment("happenedAt").map { say(" at \($0)", es: " el \($0)") } ?? "" }
}
