import JSONModel
import StatesLanguage

extension Node {
    /// Reads what a value has to be like.
    /// - Parameter isOpen: whether a mapping may have more members than these.
    /// - Returns: nil when it can't be read, which is reported.
    func matcher(isOpen: Bool = false) -> Matcher? {
        switch content {
        case .scalar(let value): return .exactly(value)
        case .list(let nodes): return .array(nodes.compactMap { $0.matcher(isOpen: isOpen) })
        case .mapping(let members):
            if members.count == 1, members[0].name.hasPrefix("$") { return members[0].special() }
            for member in members where Matcher.names.contains(member.name) {
                member.reportKey(
                    "'\(member.name)' stands alone in its mapping",
                    hint: "for members that are called so: {$exact: {…}}")
            }
            return .object(
                members.compactMap { member in member.matcher(isOpen: isOpen).map { (member.name, $0) } },
                isOpen: isOpen)
        }
    }

    /// What a text has to be like.
    func textMatcher() -> Matcher? {
        if case .mapping(let members) = content, members.contains(where: { $0.name.hasPrefix("$") }) {
            return matcher()
        }
        return text("a text, or something such as {$contains: part}").map { .exactly(.string($0)) }
    }

    /// Reads a member of the kind of `$any` as what it says; the node is the member.
    private func special() -> Matcher? {
        switch name {
        case "$any": return isTrue(hint: "for what must not be there: {$absent: true}") ? .any : nil
        case "$absent": return isTrue(hint: "for what has to be there: {$any: true}") ? .absent : nil
        case "$type": return typeName().map { .type($0) }
        case "$contains": return matcher().map { .contains($0) }
        case "$matches": return pattern().map { .pattern($0) }
        case "$partial": return partial()
        case "$oneOf":
            return filledList("a list of values", hint: "such as [a, b]").map { .oneOf($0.compactMap { $0.matcher() }) }
        case "$exact": return .exactly(value)
        default:
            reportKey(
                "There is no '\(name)'",
                hint: closest(to: name, among: Matcher.names).map { "did you mean '\($0)'?" }
                    ?? "there are: \(Matcher.names.joined(separator: ", ")); for a member that is called so: "
                    + "{$exact: {\(name): …}}")
            return nil
        }
    }

    private func typeName() -> String? {
        if value.isNull {
            reportWrong("a type's name", hint: "for null itself write 'null', in quotes")
            return nil
        }
        return word(among: ["null", "boolean", "number", "string", "array", "object"])
    }

    private func pattern() -> String? {
        guard let pattern = text("a regular expression") else { return nil }
        guard let fault = RegularExpression.fault(in: pattern) else { return pattern }
        report("/\(pattern)/ is no regular expression: \(fault)", hint: "a \\ before a character takes it as it is")
        return nil
    }

    private func partial() -> Matcher? {
        if case .scalar = content {
            reportWrong("a mapping or a list", hint: "what has no members needs no $partial")
            return nil
        }
        return matcher(isOpen: true)
    }
}
