import Budgets
import Enforcement
import JSONModel
import WallTime
import Words

/// The facts of a notice, in the reader's words. What is not among them is said to be unknown, never made up.
struct NoticeFacts {
    /// A failure's cause may be as long as a step's output; people read its beginning.
    private static let longestFailure = 2000

    private let notice: Notice
    let style: NoticeStyle
    var data: JSONValue { notice.data }

    init(_ notice: Notice, style: NoticeStyle = .standard) {
        self.notice = notice
        self.style = style
    }

    func say(_ english: @autoclosure () -> String, es spanish: @autoclosure () -> String) -> String {
        style.say(english(), es: spanish())
    }

    /// The IAM name, which people know; without one, whose budget it is, or the principal's id.
    var name: String {
        if let knownName { return knownName }
        if let scope = text("scope", orNil: data) { return style.scope(scope) }
        return otherName ?? say("an unknown principal", es: "una identidad desconocida")
    }

    private var knownName: String? {
        ["principalName", "userName", "roleName"].lazy.compactMap { Wording.text($0, in: data) }.first
            .map { Self.oneLine(style.say($0)) }
    }

    private var otherName: String? { (notice.principal?.name ?? data["principalId"]?.stringValue).map(Self.oneLine) }

    /// Whom it is about, with the account: several may have the name.
    var identity: String? { (notice.principal?.description).map(Self.oneLine) }

    /// As commands take it: in no language, quoted for a shell, and meaning nobody else.
    var shellName: String {
        Self.shellWord(identity ?? knownName ?? text("scope", orNil: data) ?? otherName ?? "NAME")
    }

    var limit: String { dollars("limit") }

    /// Such as `$0.92 of $1.00 (92 %)`, or `350 requests of 350 requests of team:data`: of the budget that it is about.
    var spending: String {
        let of = say("of", es: "de")
        if let cause = otherCause, let text = amounts(cause, "spent", "limit") {
            let scope = self.text("scope", orNil: cause).map(style.scope)
            return "\(text) \(of) \(scope ?? say("another budget", es: "otro presupuesto"))"
        }
        if let text = amounts(data, "spentAmount", "limitAmount") { return text }
        let share = data["percent"]?.intValue.map { " (\(style.percent($0)))" } ?? ""
        return "\(dollars("spent")) \(of) \(limit)\(share)"
    }

    /// Amounts of a budget in its unit; what the notice says of itself where it does not tell them.
    private func amounts(_ budget: JSONValue, _ spent: String, _ limit: String) -> String? {
        guard let unit = budget["unit"]?.stringValue.flatMap(BudgetUnit.init(rawValue:)),
            let spent = budget[spent]?.intValue, let limit = budget[limit]?.intValue
        else { return text("text", orNil: budget) }
        let (used, allowed) = (style.amount(spent, of: unit), style.amount(limit, of: unit))
        return say("\(used) of \(allowed)", es: "\(used) de \(allowed)")
    }

    /// The budget that is used up, when that is not the principal's own.
    var otherCause: JSONValue? {
        data["cause"].flatMap { $0["budgetId"]?.stringValue == data["budgetId"]?.stringValue ? nil : $0 }
    }

    /// Whether a budget is used up: its own, or the one that is the cause. A block needs none, and in a grace the limit
    /// may have been raised. What is not known was told because one is.
    var isUsedUp: Bool { otherCause != nil || data["percent"]?.intValue.map { $0 >= 100 } ?? true }

    /// A notice about no one in particular has none.
    var hasSpending: Bool { data["spent"] != nil }

    /// How full the budget is that it is about.
    var usage: UsageMeter? {
        if let cause = otherCause, let spent = cause["spent"]?.intValue, let limit = cause["limit"]?.intValue {
            let share = NanoDollars(rawValue: spent).perMille(of: NanoDollars(rawValue: limit)) / 10
            return UsageMeter(percent: share, caption: spending)
        }
        // Without a limit it is a share of something else.
        guard data["limit"] != nil || data["limitAmount"] != nil else { return nil }
        return data["percent"]?.intValue.map { UsageMeter(percent: Int(clamping: $0), caption: spending) }
    }

    var period: String? {
        span.map {
            say(
                "The budget period runs from \($0.start) to \($0.end).",
                es: "El periodo del presupuesto va del \($0.start) al \($0.end).")
        }
    }

    /// Of a notice that looks back on a period.
    var pastPeriod: String? {
        span.map {
            say(
                "In the period from \($0.start) to \($0.end) it spent \(spending).",
                es: "En el periodo del \($0.start) al \($0.end) gastó \(spending).")
        }
    }

    /// Such as `It has spent $0.92 of $1.00 (92 %).`
    var hasSpent: String { say("It has spent \(spending).", es: "Ha gastado \(spending).") }

    /// Such as `In 5 minutes`; `At once` without any.
    var afterGrace: String {
        guard let seconds = data["graceSeconds"]?.intValue else {
            return say("After the grace period", es: "Tras el periodo de gracia")
        }
        guard seconds > 0 else { return say("At once", es: "De inmediato") }
        return say("In \(style.words(seconds: seconds))", es: "En \(style.words(seconds: seconds))")
    }

    /// Such as `In 10 minutes`, of what is left of a grace.
    var timeLeft: String {
        guard let seconds = data["secondsLeft"]?.intValue else { return say("Soon", es: "Pronto") }
        return say("In \(style.words(seconds: seconds))", es: "En \(style.words(seconds: seconds))")
    }

    var model: String {
        text("model", orNil: data) ?? text("modelId", orNil: data)
            ?? say("an unknown model", es: "un modelo desconocido")
    }

    /// What a single use was charged.
    var amount: String { dollars("amount") }

    /// A member as it is, on one line.
    func text(_ member: String) -> String {
        guard let value = data[member], !value.isNull else { return say("unknown", es: "desconocido") }
        return Self.oneLine(value.stringValue ?? value.jsonString)
    }

    /// A text that Steward wrote, in the reader's language where the data has it.
    func wording(_ member: String) -> String {
        Wording.text(member, in: data).map { Self.oneLine(style.say($0)) } ?? text(member)
    }

    /// A member that is a text, on one line; nil when it is none.
    func text(_ member: String, orNil object: JSONValue) -> String? { object[member]?.stringValue.map(Self.oneLine) }

    var failure: String? {
        guard let told = Wording.text("reason", in: data), !told.english.isEmpty else { return nil }
        let text = style.say(told)
        let cause = text.count > Self.longestFailure ? text.prefix(Self.longestFailure) + "…" : text
        guard let step = self.text("step", orNil: data) else {
            return say("What failed: \(cause)", es: "Qué falló: \(cause)")
        }
        return say("What failed, in the step \(step): \(cause)", es: "Qué falló, en el paso \(step): \(cause)")
    }

    var reasonCode: String? { data["reason"]?.stringValue }

    /// What the principal's access was after a failure, such as `active`.
    var status: String? { data["status"]?.stringValue }

    /// The texts of a list that the data holds, in the reader's language where they have it, without line breaks; at most
    /// twenty.
    func list(_ member: String) -> [String] {
        let texts = Wording.list(member, in: data).map { Self.oneLine(style.say($0)) }
        let more = texts.count - 20
        return texts.prefix(20) + (more > 0 ? [say("and \(more) more", es: "y \(more) más")] : [])
    }

    /// When something happened that the data names, such as `2026-11-20 10:15 UTC`.
    func moment(_ member: String) -> String? { data[member]?.stringValue.map(style.moment) }

    var isObserveOnly: Bool { data["mode"]?.stringValue == "observe" }

    private var span: (start: String, end: String)? {
        for place in [data["cause"], data].compactMap(\.self) {
            if let start = place["periodStart"]?.stringValue, let end = place["periodEnd"]?.stringValue {
                return (style.moment(start), style.moment(end))
            }
        }
        return nil
    }

    func dollars(_ member: String) -> String { dollars(of: data[member]) }

    func dollars(of value: JSONValue?) -> String {
        guard let text = value?.stringValue, let amount = NanoDollars(dollars: text) else {
            return say("an unknown amount", es: "un importe desconocido")
        }
        return style.money(amount)
    }

    /// What is known, each under its name.
    var table: [NoticeText.Fact] {
        let rows: [(String, String?)] = [
            (say("Principal", es: "Identidad"), knownName ?? notice.principal?.name ?? nil),
            (say("Person", es: "Persona"), text("person", orNil: data["owner"] ?? .null)),
            (say("Account", es: "Cuenta"), notice.principal?.account ?? text("account", orNil: data)),
            (say("Budget of", es: "Presupuesto de"), text("scope", orNil: otherCause ?? data).map(style.scope)),
            (say("Used", es: "Usado"), usage?.caption),
            (say("Period", es: "Periodo"), span.map { "\($0.start) – \($0.end)" }),
            (say("Model", es: "Modelo"), text("model", orNil: data) ?? text("modelId", orNil: data)),
            (say("At", es: "Momento"), style.moment(notice.at.iso8601)),
        ]
        return rows.compactMap { row in row.1.map { NoticeText.Fact(label: row.0, value: Self.oneLine($0)) } }
    }
}

extension NoticeStyle {
    /// Whose budget it is: `team:data` stays so in English, where commands and files say it.
    func scope(_ text: String) -> String {
        switch FurtherScope(text) {
        case .team(let name): say(text, es: "equipo \(name)")
        case .pool: say(text, es: "fondo común")
        case .everyone: say(text, es: "todos")
        case .principal, nil: text
        }
    }
}
