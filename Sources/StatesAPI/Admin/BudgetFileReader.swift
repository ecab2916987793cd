package import Budgets
import JSONModel
package import StatesLanguage
import WallTime

/// Reads a file of budgets (`docs/reports.md`). All that is wrong is told at once, each with its line and column.
package struct BudgetFileReader {
    /// The code of every finding here; what is no YAML at all has the reader's own.
    package static let code = "B101"
    private static let most = 10_000

    private let document: SourceDocument
    private var diagnostics: [Diagnostic] = []

    /// - Returns: no budgets when there is a finding.
    package static func read(_ text: String, file: String?) -> (BudgetFile?, [Diagnostic]) {
        let (document, faults) = SourceDocument.read(text, file: file)
        guard let document else { return (nil, faults) }
        var reader = BudgetFileReader(document: document)
        let file = reader.budgets()
        return (reader.diagnostics.isEmpty ? file : nil, reader.diagnostics)
    }

    /// Of bytes as they came. What is no UTF-8 is refused: a name with a letter of another encoding would be another name.
    package static func read(bytes: [UInt8], file: String?) -> (BudgetFile?, [Diagnostic]) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let finding = Diagnostic(
                code: code, severity: .error, message: "the file is not UTF-8 text", hint: "save it as UTF-8",
                pointer: "", file: file, position: nil)
            return (nil, [finding])
        }
        return read(text, file: file)
    }

    private init(document: SourceDocument) { self.document = document }

    private mutating func budgets() -> BudgetFile {
        guard let root = document.value.objectValue else {
            report("a file of budgets is a mapping with 'budgets'", at: "")
            return BudgetFile(entries: [])
        }
        checkNames(of: root, ["budgets"], at: "")
        guard let list = root["budgets"]?.arrayValue, !list.isEmpty else {
            report(
                "'budgets' is a list of at least one budget", at: "/budgets", hint: "such as {pool: true, limit: 500}")
            return BudgetFile(entries: [])
        }
        guard list.count <= Self.most else {
            report("'budgets' holds \(list.count) budgets; at most \(Self.most) fit in a file", at: "/budgets")
            return BudgetFile(entries: [])
        }
        let entries = list.indices.compactMap { entry(list[$0], at: "/budgets/\($0)") }
        if diagnostics.isEmpty { checkDoubles(entries) }
        return BudgetFile(entries: entries)
    }

    private static let members = [
        "principal", "team", "pool", "everyone", "limit", "tokens", "requests", "period", "warning", "critical", "mode",
        "enforcement", "grace",
    ]

    private mutating func entry(_ value: JSONValue, at place: String) -> BudgetFile.Entry? {
        guard let object = value.objectValue else {
            report("a budget is a mapping, not a \(value.typeName)", at: place)
            return nil
        }
        checkNames(of: object, Self.members, at: place)
        let (target, limit) = (target(of: object, at: place), limit(of: object, at: place))
        let period = text(object, "period", at: place).flatMap { text in
            parsed(PeriodRule(text), "period", "day, month, or a span such as 30d or 6h", text, at: place)
        }
        let thresholds = thresholds(of: object, at: place)
        let grace = grace(of: object, at: place)
        let mode: BudgetMode? = choice(object, "mode", at: place)
        let enforcement: EnforcementMode? = choice(object, "enforcement", at: place)
        guard let target, let limit else { return nil }
        if enforcement != nil, !Self.isOwn(target, limit) {
            report(
                "'enforcement' belongs to a principal's own budget in dollars", at: "\(place)/enforcement",
                hint: "how access is taken goes by the own budget of whom it is taken from; leave the line out here")
        }
        return BudgetFile.Entry(
            target: target, limit: limit, period: period, thresholds: thresholds, mode: mode, enforcement: enforcement,
            graceSeconds: grace, line: document.position(of: place)?.line)
    }
}

// MARK: - Members

extension BudgetFileReader {
    /// Whether an entry is about the budget that every principal has.
    private static func isOwn(_ target: BudgetFile.Target, _ limit: BudgetFile.Limit) -> Bool {
        guard case .principal = target, case .money = limit else { return false }
        return true
    }

    private mutating func target(of object: JSONObject, at place: String) -> BudgetFile.Target? {
        let named = ["principal", "team", "pool", "everyone"].filter { object[$0] != nil }
        guard named.count == 1, let name = named.first else {
            report(
                named.isEmpty
                    ? "a budget says whose it is"
                    : "a budget is of one only, not of \(named.joined(separator: " and "))",
                at: named.count > 1 ? "\(place)/\(named[1])" : place,
                hint: "give one of principal: NAME, team: NAME, pool: true, everyone: true")
            return nil
        }
        switch name {
        case "principal": return text(object, name, at: place).map { .principal($0) }
        case "team": return text(object, name, at: place).map { .team($0) }
        default:
            guard object[name] == .bool(true) else {
                report("'\(name)' can only be true", at: "\(place)/\(name)")
                return nil
            }
            return name == "pool" ? .pool : .everyone
        }
    }

    private mutating func limit(of object: JSONObject, at place: String) -> BudgetFile.Limit? {
        let named = ["limit", "tokens", "requests"].filter { object[$0] != nil }
        guard named.count == 1, let name = named.first else {
            report(
                named.isEmpty
                    ? "a budget has a limit" : "a budget limits one thing, not \(named.joined(separator: " and "))",
                at: named.count > 1 ? "\(place)/\(named[1])" : place,
                hint: "give one of limit: \"25.00\" (dollars), tokens: N, requests: N")
            return nil
        }
        guard name == "limit" else {
            guard let count = object[name]?.intValue, count >= 0 else {
                report("'\(name)' is a whole number of zero or more", at: "\(place)/\(name)")
                return nil
            }
            return name == "tokens" ? .tokens(count) : .requests(count)
        }
        guard let text = text(object, name, at: place) else { return nil }
        guard let amount = NanoDollars(dollars: text), !amount.isNegative else {
            report("'limit' is dollars such as \"25.00\", not \"\(text)\"", at: "\(place)/\(name)")
            return nil
        }
        return .money(amount)
    }

    /// Percent, with one place at most, as the budget's own per mille. One alone is held against the other when it is
    /// known whose budget it is.
    private mutating func thresholds(of object: JSONObject, at place: String) -> ThresholdsChange? {
        let warning = perMille(object, "warning", at: place)
        let critical = perMille(object, "critical", at: place)
        guard warning != nil || critical != nil else { return nil }
        let change = ThresholdsChange(warningPerMille: warning, criticalPerMille: critical)
        guard warning != nil, critical != nil else { return change }
        do throws(BudgetError) {
            _ = try change.over(.standard)
            return change
        } catch {
            report(error.description, at: "\(place)/warning")
            return nil
        }
    }

    private mutating func perMille(_ object: JSONObject, _ name: String, at place: String) -> Int? {
        guard let text = text(object, name, at: place) else { return nil }
        // Tenths of a per cent are whole per mille; dollars read exactly the same way.
        let nanos = NanoDollars(dollars: text)?.rawValue
        guard let nanos, nanos > 0, nanos % 100_000_000 == 0, nanos < 100 * NanoDollars.perDollar else {
            report("'\(name)' is per cent of the limit, such as 70", at: "\(place)/\(name)")
            return nil
        }
        return Int(nanos / 100_000_000)
    }

    private mutating func grace(of object: JSONObject, at place: String) -> Int? {
        guard let text = text(object, "grace", at: place) else { return nil }
        let seconds = DurationText.parse(text).map { Int($0.components.seconds) }
        guard let seconds, (0...Budget.maximumGraceSeconds).contains(seconds) else {
            report("'grace' is a time such as 5m, at most seven days, not \"\(text)\"", at: "\(place)/grace")
            return nil
        }
        return seconds
    }
}

// MARK: - Reading

extension BudgetFileReader {
    /// A text, or a number as the text that it looks like; nil when there is none, or it is reported. A name with nothing
    /// behind it is no member left out: an entry that lost its limit or its principal would be lost with it.
    private mutating func text(_ object: JSONObject, _ name: String, at place: String) -> String? {
        guard let value = object[name] else { return nil }
        switch value {
        case .null, .string(""):
            report("'\(name)' is empty", at: "\(place)/\(name)", hint: "give it a value, or leave the line out")
            return nil
        case .string(let text): return text
        case .int, .double: return value.jsonString
        default:
            report("'\(name)' must be a text, not \(value.typeName)", at: "\(place)/\(name)")
            return nil
        }
    }

    private mutating func parsed<Value>(
        _ value: Value?, _ name: String, _ what: String, _ text: String, at place: String
    ) -> Value? {
        if value == nil { report("'\(name)' is \(what), not \"\(text)\"", at: "\(place)/\(name)") }
        return value
    }

    private mutating func choice<Value: RawRepresentable & CaseIterable>(
        _ object: JSONObject, _ name: String, at place: String
    ) -> Value? where Value.RawValue == String {
        guard let text = text(object, name, at: place) else { return nil }
        let known = Value.allCases.map(\.rawValue).joined(separator: " or ")
        return parsed(Value(rawValue: text), name, known, text, at: place)
    }

    private mutating func checkNames(of object: JSONObject, _ known: [String], at place: String) {
        for name in object.keys where !known.contains(name) {
            report(
                "'\(name)' is not known here", at: "\(place)/\(name)",
                hint: closest(to: name, among: known).map { "did you mean '\($0)'?" }
                    ?? "known: \(known.joined(separator: ", "))")
        }
    }

    /// Two budgets of one target, unit and period would be one.
    private mutating func checkDoubles(_ entries: [BudgetFile.Entry]) {
        var lines: [String: Int?] = [:]
        for (index, entry) in entries.enumerated() {
            let name = "\(entry.target) \(entry.limit.unit) \(entry.period?.description ?? "")"
            if let first = lines[name] {
                report(
                    "\(entry.target) has a budget of this unit and period already, in line \(first ?? 0)",
                    at: "/budgets/\(index)")
            }
            lines[name] = .some(entry.line)
        }
    }

    private mutating func report(_ message: String, at pointer: String, hint: String? = nil) {
        diagnostics.append(
            Diagnostic(
                code: Self.code, severity: .error, message: message, hint: hint, pointer: pointer, file: document.file,
                position: document.keyPosition(of: pointer) ?? document.position(of: pointer)))
    }
}
