import Budgets
import JSONModel
import WallTime

/// What a person has ordered, and what a person may do.
extension NoticeFacts {
    /// Who has ordered a block, why, and when it ends; nil where that is not known.
    var order: String? { words(ofHold: data["block"]) }

    /// Who has protected it, or does so no more, and why.
    var protectionOrder: String? {
        if let words = words(ofHold: data["protection"]) { return words }
        guard let by = text("by", orNil: data) else { return nil }
        guard let why = text("why", orNil: data) else { return say("Ordered by \(by).", es: "Lo ordenó \(by).") }
        return say("Ordered by \(by). Why: \(why)", es: "Lo ordenó \(by). Motivo: \(why)")
    }

    private func words(ofHold hold: JSONValue?) -> String? {
        guard let hold, let by = text("by", orNil: hold), let reason = text("reason", orNil: hold),
            let end = hold["until"]?.stringValue.flatMap(HoldEnd.init)
        else { return nil }
        let until =
            switch end {
            case .at(let instant):
                say("until \(style.moment(instant.iso8601))", es: "hasta el \(style.moment(instant.iso8601))")
            case .nextReset: say("until the next daily reset", es: "hasta el próximo reinicio diario")
            case .never: say("until somebody lifts it", es: "hasta que alguien lo levante")
            }
        return say("Ordered by \(by), \(until). Why: \(reason)", es: "Lo ordenó \(by), \(until). Motivo: \(reason)")
    }

    /// How a block is lifted.
    var unblocking: String {
        let command = "`workflowctl principal unblock \(shellName) --reason \(say("WHY", es: "MOTIVO"))`"
        return say(
            "\(command) lifts the block; the audit log says who ordered it and why.",
            es: "\(command) levanta el bloqueo; el registro de auditoría dice quién lo ordenó y por qué.")
    }

    /// How the limit is changed that it is about.
    var remedy: String {
        let command = "workflowctl budget set \(limitCommand)"
        return say("To change the limit: \(command)", es: "Para cambiar el límite: \(command)")
    }

    /// What follows `budget set`. Without its unit and its period, a budget beside the own one would be another.
    private var limitCommand: String {
        let amount = say("AMOUNT", es: "IMPORTE")
        guard let further else { return "\(shellName) --limit \(amount)" }
        let limit =
            further.unit == .money
            ? "--limit \(amount)" : "--\(further.unit.rawValue) \(say("NUMBER", es: "NÚMERO"))"
        // In dollars and without that it would be the principal's own.
        let beside = further.unit == .money && further.isOfPrincipal ? " --beside" : ""
        return "\(Self.shellWord(further.scope)) \(limit) --period \(Self.shellWord(further.period))\(beside)"
    }

    /// The further budget that it is about, from its id, such as `team:data#tokens/day`.
    private var further: (scope: String, isOfPrincipal: Bool, unit: BudgetUnit, period: String)? {
        let budget = otherCause ?? (data["limitAmount"] == nil ? nil : data)
        guard let id = budget.flatMap({ text("budgetId", orNil: $0) }), let mark = id.lastIndex(of: "#") else {
            return nil
        }
        let parts = id[id.index(after: mark)...].split(separator: "/", maxSplits: 1)
        guard parts.count == 2, let unit = BudgetUnit(rawValue: String(parts[0])) else { return nil }
        let scope = id[..<mark]
        let own = "principal:"
        let isOfPrincipal = scope.hasPrefix(own)
        return (
            String(isOfPrincipal ? scope.dropFirst(own.count) : scope), isOfPrincipal, unit, String(parts[1])
        )
    }
}
