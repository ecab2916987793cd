// Regular expressions as functions: called with a text they answer a match, whose `next` finds the one behind it.
extension Evaluator {
    /// Calls a regular expression like a function: text, and the UTF-16 offset to start from.
    func match(_ regex: FunctionValue.Regex, _ arguments: [Value]) throws(JSONataError) -> Value {
        guard let text = arguments.element(0).text else { return .undefined }
        let start = arguments.element(1).double.flatMap { Int(exactly: $0) } ?? 0
        return try match(regex, in: Utf16Text(text), from: max(0, start))
    }

    func nextMatch(_ regex: FunctionValue.Regex, in text: Utf16Text, from start: Int) throws(JSONataError) -> Value {
        guard let found = try firstMatch(regex, in: text, behind: start) else { return .undefined }
        return try object(for: found, regex, in: text)
    }

    private func match(_ regex: FunctionValue.Regex, in text: Utf16Text, from start: Int) throws(JSONataError) -> Value
    {
        guard let found = try firstMatch(regex, in: text, from: start) else { return .undefined }
        return try object(for: found, regex, in: text)
    }

    func firstMatch(
        _ regex: FunctionValue.Regex, in text: Utf16Text, from start: Int
    ) throws(JSONataError) -> RegexMatch? {
        var matcher = RegexMatcher(regex.program, in: text) { () throws(JSONataError) in try self.charge(4) }
        return try matcher.firstMatch(from: start)
    }

    /// The match behind another one.
    /// - Throws: `D1004` when it is empty, since the search would never get further.
    func firstMatch(
        _ regex: FunctionValue.Regex, in text: Utf16Text, behind end: Int
    ) throws(JSONataError) -> RegexMatch? {
        guard end < text.count, let found = try firstMatch(regex, in: text, from: end) else { return nil }
        guard !found.range.isEmpty else {
            throw .make("D1004", position: regex.position, token: regex.source)
        }
        return found
    }

    func object(
        for match: RegexMatch, _ regex: FunctionValue.Regex, in text: Utf16Text
    ) throws(JSONataError) -> Value {
        let groups = match.groups.map { $0.map { Value.string(text[$0]) } ?? .undefined }
        return .object(
            ObjectValue([
                ("match", .string(text[match.range])),
                ("start", .number(Double(match.range.lowerBound))),
                ("end", .number(Double(match.range.upperBound))),
                ("groups", .array(ArrayValue(groups))),
                ("next", try function(.nextMatch(regex, text: text, from: match.range.upperBound))),
            ]))
    }
}
