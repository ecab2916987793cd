/// One match, of a regular expression or of a function that plays one.
struct TextMatch {
    let text: String
    let start: Int
    let end: Int
    let groups: [Value]
    fileprivate let origin: Origin

    fileprivate enum Origin {
        case regex(FunctionValue.Regex, RegexMatch)
        case function(Value)
    }
}

/// The matches of a pattern in a text, one after the other. A pattern is a regular expression, or any function that
/// answers objects with `match`, `start`, `end`, `groups` and `next`.
struct MatchSequence {
    private enum Source {
        case regex(FunctionValue.Regex, end: Int?)
        case function(FunctionValue, isFirst: Bool)
        case exhausted
    }

    private let evaluator: Evaluator
    private let text: Utf16Text
    private let subject: String
    private var source: Source

    init(_ pattern: FunctionValue, in subject: String, _ evaluator: Evaluator) {
        self.evaluator = evaluator
        self.subject = subject
        text = Utf16Text(subject)
        if case .regex(let regex) = pattern.kind {
            source = .regex(regex, end: nil)
        } else {
            source = .function(pattern, isFirst: true)
        }
    }

    /// - Throws: `D1004` for a match that takes nothing, `T1010` when a function's answer is no match.
    mutating func next() throws(JSONataError) -> TextMatch? {
        try evaluator.charge()
        switch source {
        case .exhausted: return nil
        case .regex(let regex, let end): return try next(regex, end)
        case .function(let function, let isFirst):
            let result = try evaluator.apply(function, isFirst ? [.string(subject)] : [], context: .null)
            return try match(from: result)
        }
    }

    private mutating func next(_ regex: FunctionValue.Regex, _ end: Int?) throws(JSONataError) -> TextMatch? {
        let found =
            if let end {
                try evaluator.firstMatch(regex, in: text, behind: end)
            } else {
                try evaluator.firstMatch(regex, in: text, from: 0)
            }
        guard let found else {
            source = .exhausted
            return nil
        }
        source = .regex(regex, end: found.range.upperBound)
        let groups = found.groups.map { $0.map { Value.string(text[$0]) } ?? .undefined }
        return TextMatch(
            text: text[found.range], start: found.range.lowerBound, end: found.range.upperBound, groups: groups,
            origin: .regex(regex, found))
    }

    private mutating func match(from result: Value) throws(JSONataError) -> TextMatch? {
        guard !result.isUndefined else {
            source = .exhausted
            return nil
        }
        guard case .object(let object) = result, let start = offset(object["start"]), let matched = object["match"].text
        else { throw .make("T1010") }
        let end = offset(object["end"]) ?? start + matched.utf16.count
        if case .function(let next) = object["next"] {
            source = .function(next, isFirst: false)
        } else {
            source = .exhausted
        }
        return TextMatch(
            text: matched, start: start, end: max(start, end), groups: object["groups"].array?.values ?? [],
            origin: .function(result))
    }

    /// The object that a replacement function gets.
    func object(for match: TextMatch) throws(JSONataError) -> Value {
        switch match.origin {
        case .regex(let regex, let found): try evaluator.object(for: found, regex, in: text)
        case .function(let value): value
        }
    }

    private func offset(_ value: Value) -> Int? {
        value.double.map { Int(Swift.max(0, Swift.min($0, Double(text.count)))) }
    }

    /// The text between two offsets.
    func slice(_ start: Int, _ end: Int) -> String { start < end ? text[start..<end] : "" }

    var count: Int { text.count }
}
