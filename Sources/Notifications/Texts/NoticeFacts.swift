import Budgets
import Enforcement
import JSONModel

/// The facts of a notice, in words. What is not among them is said to be unknown, never made up.
struct NoticeFacts {
    /// A failure's cause may be as long as a step's output; people read its beginning.
    private static let longestFailure = 2000

    private let notice: Notice
    var data: JSONValue { notice.data }

    init(_ notice: Notice) { self.notice = notice }

    /// The IAM name, which people know; without one, the principal's id.
    var name: String {
        let known = [data["principalName"], data["userName"], data["roleName"]].compactMap { $0?.stringValue }
        // A notice about a budget that several share is about nobody in particular.
        let text =
            known.first ?? data["scope"]?.stringValue ?? notice.principal?.name ?? data["principalId"]?.stringValue
            ?? "an unknown principal"
        return Self.oneLine(text)
    }

    var limit: String { dollars("limit") }

    /// Such as `$0.92 of $1.00 (92 %)`, or `350 requests of 350 requests of team:data`: of the budget that it is about.
    var spending: String {
        if let cause = data["cause"], let text = cause["text"]?.stringValue,
            cause["budgetId"]?.stringValue != data["budgetId"]?.stringValue
        {
            return Self.oneLine("\(text) of \(cause["scope"]?.stringValue ?? "another budget")")
        }
        if let text = data["text"]?.stringValue { return Self.oneLine(text) }
        let share = data["percent"]?.intValue.map { " (\($0) %)" } ?? ""
        return "\(dollars("spent")) of \(limit)\(share)"
    }

    /// A notice about no one in particular has none.
    var hasSpending: Bool { data["spent"] != nil }

    var period: String? { span.map { "The budget period runs from \($0.start) to \($0.end)." } }

    /// Of a notice that looks back on a period.
    var pastPeriod: String? {
        span.map { "In the period from \($0.start) to \($0.end) it spent \(spending)." }
    }

    /// Such as `In 5 minutes`; `At once` without any.
    var afterGrace: String {
        guard let seconds = data["graceSeconds"]?.intValue else { return "After the grace period" }
        return seconds > 0 ? "In \(Self.words(seconds: seconds))" : "At once"
    }

    var model: String {
        Self.oneLine(data["model"]?.stringValue ?? data["modelId"]?.stringValue ?? "an unknown model")
    }

    /// What a single use was charged.
    var amount: String { dollars("amount") }

    /// A member as it is, on one line.
    func text(_ member: String) -> String {
        guard let value = data[member], !value.isNull else { return "unknown" }
        return Self.oneLine(value.stringValue ?? value.jsonString)
    }

    /// Why something was done or not, in words where the reason is a code of `SuspensionDecision` or of a check.
    var reason: String {
        guard let code = data["spared"]?.stringValue ?? data["reason"]?.stringValue else { return "no reason is known" }
        return Self.reasons[code] ?? Self.oneLine(code.replacing("-", with: " "))
    }

    var reasonCode: String? { data["reason"]?.stringValue }

    /// What the principal's access was after a failure, such as `active`.
    var status: String? { data["status"]?.stringValue }

    var failure: String? {
        guard let text = data["reason"]?.stringValue, !text.isEmpty else { return nil }
        return "What failed: \(text.count > Self.longestFailure ? text.prefix(Self.longestFailure) + "…" : text)"
    }

    /// The texts of a list that the data holds, without line breaks; at most twenty.
    func list(_ member: String) -> [String] {
        let texts = (data[member]?.arrayValue ?? []).compactMap(\.stringValue).map(Self.oneLine)
        let more = texts.count - 20
        return texts.prefix(20) + (more > 0 ? ["and \(more) more"] : [])
    }

    var remedy: String { "To change the limit: workflowctl budget set \(Self.shellWord(name)) --limit AMOUNT" }

    /// When something happened that the data names, such as `2026-11-20 10:15 UTC`.
    func moment(_ member: String) -> String? { data[member]?.stringValue.map(Self.moment) }

    var isObserveOnly: Bool { data["mode"]?.stringValue == "observe" }

    var shellName: String { Self.shellWord(name) }

    private var span: (start: String, end: String)? {
        if let cause = data["cause"], let start = cause["periodStart"]?.stringValue,
            let end = cause["periodEnd"]?.stringValue
        {
            return (Self.moment(start), Self.moment(end))
        }
        guard let start = moment("periodStart"), let end = moment("periodEnd") else { return nil }
        return (start, end)
    }

    /// Cents, as money is shown everywhere; the exact amount when cents would say nothing of it.
    func dollars(_ member: String) -> String { Self.dollars(data[member]) }

    static func dollars(_ value: JSONValue?) -> String {
        guard let text = value?.stringValue, let amount = NanoDollars(dollars: text) else {
            return "an unknown amount"
        }
        let cents = amount.roundedToCents
        return "$\(cents == "0.00" || cents == "-0.00" ? amount.description : cents)"
    }

    static func moment(_ text: String) -> String {
        oneLine(String(text.prefix(16)).replacing("T", with: " ")) + " UTC"
    }

    /// `90` is "1 minute 30 seconds": no part is rounded away.
    static func words(seconds: Int64) -> String {
        let parts = [
            (seconds / 86_400, "day"), (seconds / 3600 % 24, "hour"), (seconds / 60 % 60, "minute"),
            (seconds % 60, "second"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }
        return parts.isEmpty ? "0 seconds" : parts.joined(separator: " ")
    }

    /// Control characters, line breaks included, would let a name pretend to be more than a name.
    static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.breaksLines ? " " : $0 }))
    }

    /// A name as it may be pasted into a shell.
    static func shellWord(_ text: String) -> String {
        let plain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "_+=,.@/:-".utf8.contains(byte)
            }
        }
        guard !plain || text.isEmpty || text.hasPrefix("-") else { return text }
        return "'" + text.replacing("'", with: "'\\''") + "'"
    }

    private static let reasons = [
        "unscopable-role": "it is a role that several share, and a deny could not be limited to those who spent",
        "not-exceeded": "the budget is not exceeded",
        "fallback-prices-only": "it is exceeded only by usage of models without a known price",
        "observe-only": "the budget only observes",
        "protected": "the principal is protected",
        "break-glass": "the principal is on the break-glass list",
        "own-principal": "Steward itself works as this principal",
        "unenforceable": "IAM can't take access from a principal of this kind",
        "blocked-by-person": "a person has blocked it already",
        "already-suspended": "it is suspended already",
        "restoration-under-way": "its access is being given back",
        "closed": "the principal no longer exists",
        "circuit-breaker": "too many suspensions were started within an hour",
        "period-changed": "a new budget period has begun",
        "period-ended": "the budget period has ended",
        "limit-raised": "its limit was raised",
        "further-budget-exceeded": "another budget that it spends from is exceeded",
        "block-lifted": "the block was lifted",
    ]
}

extension Unicode.Scalar {
    /// A control character, or one that some reader takes for the end of a line.
    var breaksLines: Bool {
        value < 0x20 || (0x7F...0x9F).contains(value) || value == 0x2028 || value == 0x2029
    }
}
