import JSONModel
import StatesLanguage
import WallTime

/// A value of a scenario file, and where it stands. Whoever reads it says what it has to be; anything else is reported
/// with its place, and reads as nil.
struct Node {
    enum Content {
        /// No array and no object.
        case scalar(JSONValue)
        case list([Node])
        case mapping([Node])
    }

    /// What messages call it, such as `'times'`.
    let label: String
    /// The name of a member; empty for anything else.
    let name: String
    /// The name as it stands in the file, before place-holders are filled in.
    let writtenName: String
    /// JSON pointer into the file.
    let pointer: String
    let filling: Filling
    let findings: ScenarioFindings
    /// The text in the file that `foreach` makes the value from; nil for what stands there itself.
    private let writtenText: String?
    /// Whether the value is of `foreach`, so that nothing inside it has a place or is filled in.
    let isFilledIn: Bool
    private let raw: JSONValue

    static func root(_ findings: ScenarioFindings) -> Node {
        Node(findings.document.value, "A scenario file", pointer: "", filling: .none, findings)
    }

    private init(
        _ raw: JSONValue, _ label: String, name: String = "", writtenName: String = "", pointer: String,
        filling: Filling, isFilledIn: Bool = false, _ findings: ScenarioFindings
    ) {
        let value = isFilledIn ? nil : raw.stringValue.flatMap(filling.value(insteadOf:))
        self.raw = value ?? raw
        self.label = label
        self.name = name
        self.writtenName = writtenName
        self.pointer = pointer
        self.filling = filling
        self.isFilledIn = isFilledIn || value != nil
        self.findings = findings
        writtenText = raw.stringValue.flatMap { value != nil || filling.holds(in: $0) ? $0 : nil }
    }

    /// The same value with `filling` filled in.
    func filled(with filling: Filling) -> Node {
        Node(
            raw, label, name: name, writtenName: writtenName, pointer: pointer, filling: filling,
            isFilledIn: isFilledIn, findings)
    }

    var value: JSONValue { isFilledIn ? raw : filling.fill(raw) }

    var position: SourcePosition? { findings.document.position(of: pointer) }
    var keyPosition: SourcePosition? { findings.document.keyPosition(of: pointer) ?? position }

    var content: Content {
        switch raw {
        case .array(let values):
            .list(
                values.enumerated().map { index, value in
                    child(value, "Element \(index + 1) of \(label)", pointer: "\(pointer)/\(index)")
                })
        case .object(let object): .mapping(object.map(member))
        default: .scalar(value)
        }
    }

    private func member(_ written: String, _ value: JSONValue) -> Node {
        let name = isFilledIn ? written : filling.fill(written)
        return child(
            value, "'\(name)'", name: name, writtenName: written,
            pointer: SourceDocument.memberPointer(pointer, written))
    }

    private func child(
        _ value: JSONValue, _ label: String, name: String = "", writtenName: String = "", pointer: String
    ) -> Node {
        Node(
            value, label, name: name, writtenName: writtenName, pointer: isFilledIn ? self.pointer : pointer,
            filling: filling, isFilledIn: isFilledIn, findings)
    }

    /// The value at a JSON pointer that starts here; the nearest one around it when there is none.
    func descendant(_ relative: String) -> Node {
        relative.split(separator: "/").reduce(self) { node, step in
            let name = step.replacing("~1", with: "/").replacing("~0", with: "~")
            switch node.content {
            case .scalar: return node
            case .list(let nodes): return Int(name).flatMap { nodes.indices.contains($0) ? nodes[$0] : nil } ?? node
            case .mapping(let members): return members.first { $0.name == name } ?? node
            }
        }
    }

    // MARK: Reporting

    func report(_ message: String, hint: String) {
        let origin = writtenText.map { " (from '\($0)')" } ?? ""
        findings.report(message + origin, at: pointer, hint: hint)
    }

    /// Reports at the member's name instead of at its value.
    func reportKey(_ message: String, hint: String) {
        let origin = name == writtenName ? "" : " (from '\(writtenName)')"
        findings.report(message + origin, at: pointer, position: keyPosition, hint: hint)
    }

    func reportWrong(_ expected: String, hint: String) {
        let message = "\(label) is \(expected), not \(value.description)"
        // A value that was not written has the place of what comes next.
        if value.isNull, !isFilledIn { reportKey(message, hint: hint) } else { report(message, hint: hint) }
    }

    // MARK: Typed values

    /// - Parameter expected: what the text stands for, as messages say it.
    func text(_ expected: String = "a text") -> String? {
        if let text = value.stringValue { return text }
        switch content {
        case .scalar(.null): reportWrong(expected, hint: "write one behind the colon, or leave the name out")
        case .scalar(let value): reportWrong(expected, hint: "write '\(value.jsonString)', in quotes")
        default: reportWrong(expected, hint: "write one text, without brackets or braces")
        }
        return nil
    }

    func word(among words: [String]) -> String? {
        let expected = "one of \(words.joined(separator: ", "))"
        guard let text = text(expected) else { return nil }
        if words.contains(text) { return text }
        reportWrong(
            expected,
            hint: closest(to: text, among: words).map { "did you mean '\($0)'?" }
                ?? "write one of them as it stands here")
        return nil
    }

    func count() -> Int? {
        if let count = value.intValue, let number = Int(exactly: count), number >= 0 { return number }
        reportWrong("a whole number from 0", hint: "such as 2, without quotes")
        return nil
    }

    /// A text such as `5m`, or a whole number of seconds.
    func span() -> Duration? {
        let text = value.stringValue ?? value.intValue.map { "\($0)" }
        if let span = text.flatMap(DurationText.parse) { return span }
        reportWrong(
            "a span of time such as 90s or 5m", hint: "units are ms, s, m, h, d and w; a number alone is seconds")
        return nil
    }

    func instant() -> Instant? {
        if let instant = value.stringValue.flatMap({ Instant(iso8601: $0) }) { return instant }
        reportWrong("an instant such as 2026-11-20T02:00:00Z", hint: "write date, time and zone in one word")
        return nil
    }

    /// Whether it says `true`, for what is either said so or left out.
    func isTrue(hint: String) -> Bool {
        if value == .bool(true) { return true }
        reportWrong("true", hint: hint)
        return false
    }

    /// - Parameter expected: what the list is of, as messages say it.
    func list(_ expected: String) -> [Node]? {
        if case .list(let nodes) = content { return nodes }
        let text = value.isNull ? "…" : value.stringValue ?? value.jsonString
        reportWrong(expected, hint: "put it in brackets: [\(text.count > 60 ? "…" : text)]")
        return nil
    }

    /// A list with something in it.
    func filledList(_ expected: String, hint: String) -> [Node]? {
        guard let nodes = list(expected) else { return nil }
        if !nodes.isEmpty { return nodes }
        report("\(label) has nothing in it", hint: hint)
        return nil
    }

    /// The members of a mapping whose names are free.
    func members(_ expected: String = "a mapping", hint: String) -> [Node]? {
        if case .mapping(let members) = content { return members }
        reportWrong(expected, hint: hint)
        return nil
    }

    /// The members of a mapping that has no others than `known`.
    /// - Parameter what: the subject of the message about any other.
    func fields(_ what: String, _ known: [String], hint: String) -> Fields? {
        guard let members = members(hint: hint) else { return nil }
        for member in members where !known.contains(member.name) {
            let similar = closest(to: member.name, among: known).map { "did you mean '\($0)'?" }
            member.reportKey(
                "\(what) has no field '\(member.name)'",
                hint: similar ?? "it has: \(known.joined(separator: ", "))")
        }
        return Fields(members: members)
    }
}

/// The members of a mapping by name.
struct Fields {
    let members: [Node]

    subscript(_ name: String) -> Node? { members.first { $0.name == name } }
}

extension JSONValue {
    /// What it is, for people who write YAML.
    fileprivate var description: String {
        switch self {
        case .null: "an empty value (null)"
        case .bool, .int, .double: jsonString
        case .string(let text) where text.count > 40: "the text '\(text.prefix(40))…'"
        case .string(let text): "the text '\(text)'"
        case .array: "a list"
        case .object: "a mapping"
        }
    }
}
