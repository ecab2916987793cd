import JSONModel

/// One alternative of a leaf in an event pattern.
indirect enum EventMatcher: Sendable, Hashable {
    case equals(JSONValue)
    case exists(Bool)
    case prefix(String, ignoringCase: Bool)
    case suffix(String, ignoringCase: Bool)
    case equalsIgnoringCase(String)
    case wildcard(EventWildcard)
    case numeric([NumericBound])
    case cidr(AddressRange)
    /// Matches what is there and none of these.
    case anythingBut([EventMatcher])

    struct NumericBound: Sendable, Hashable {
        enum Relation: String, Sendable, Hashable {
            case equal = "="
            case less = "<"
            case lessOrEqual = "<="
            case greater = ">"
            case greaterOrEqual = ">="
        }

        let relation: Relation
        let limit: Double

        func holds(_ number: Double) -> Bool {
            switch relation {
            case .equal: number == limit
            case .less: number < limit
            case .lessOrEqual: number <= limit
            case .greater: number > limit
            case .greaterOrEqual: number >= limit
            }
        }

        /// Whether there is a number for which all of these hold.
        static func leaveNumbers(_ bounds: [NumericBound]) -> Bool {
            let lowest = bounds.filter { ![.less, .lessOrEqual].contains($0.relation) }.map(\.limit).max()
            let highest = bounds.filter { ![.greater, .greaterOrEqual].contains($0.relation) }.map(\.limit).min()
            guard let lowest, let highest else { return true }
            // Between two different limits there is always a number; a single one has to fit itself.
            return lowest < highest || lowest == highest && bounds.allSatisfy { $0.holds(lowest) }
        }
    }

    /// `value` is nil when the event has no such field. One element of an array is enough.
    func matches(_ value: JSONValue?) -> Bool {
        if case .exists(let wanted) = self { return wanted == (value != nil) }
        guard let value else { return false }
        if case .array(let elements) = value { return elements.contains { matches($0) } }
        return matchesScalar(value)
    }

    private func matchesScalar(_ value: JSONValue) -> Bool {
        switch self {
        case .equals(let expected): return value == expected
        case .exists: return true
        case .anythingBut(let matchers):
            if case .object = value { return false }
            return !matchers.contains { $0.matchesScalar(value) }
        case .numeric(let bounds):
            guard let number = value.doubleValue else { return false }
            return bounds.allSatisfy { $0.holds(number) }
        default:
            guard let text = value.stringValue else { return false }
            return matchesText(text)
        }
    }

    private func matchesText(_ text: String) -> Bool {
        switch self {
        case .prefix(let start, let ignoringCase):
            ignoringCase ? text.lowercased().hasPrefix(start.lowercased()) : text.hasPrefix(start)
        case .suffix(let end, let ignoringCase):
            ignoringCase ? text.lowercased().hasSuffix(end.lowercased()) : text.hasSuffix(end)
        case .equalsIgnoringCase(let expected): text.lowercased() == expected.lowercased()
        case .wildcard(let pattern): pattern.matches(text)
        case .cidr(let range): range.contains(text)
        case .equals, .exists, .numeric, .anythingBut: false
        }
    }
}

/// `*` stands for any run of characters; `\*` and `\\` for themselves.
struct EventWildcard: Sendable, Hashable {
    /// What must appear, in order; the first at the beginning and the last at the end.
    private let pieces: [String]

    /// Nil for a backslash that escapes nothing, and for two stars in a row, which EventBridge refuses.
    init?(_ text: String) {
        var pieces = [""]
        var characters = text.makeIterator()
        var followsStar = false
        while let character = characters.next() {
            if character == "*" {
                guard !followsStar else { return nil }
                pieces.append("")
                followsStar = true
                continue
            }
            followsStar = false
            if character == "\\" {
                guard let escaped = characters.next(), escaped == "*" || escaped == "\\" else { return nil }
                pieces[pieces.count - 1].append(escaped)
            } else {
                pieces[pieces.count - 1].append(character)
            }
        }
        self.pieces = pieces
    }

    func matches(_ text: String) -> Bool {
        guard pieces.count > 1 else { return text == pieces[0] }
        guard text.hasPrefix(pieces[0]) else { return false }
        var rest = Array(text.dropFirst(pieces[0].count))
        // The leftmost place for each piece leaves the most for the ones after it, so there is nothing to go back to.
        for piece in pieces[1..<pieces.count - 1].map(Array.init) {
            guard let place = rest.firstRange(of: piece) else { return false }
            rest.removeFirst(place.upperBound)
        }
        let last = pieces[pieces.count - 1]
        return rest.count >= last.count && String(rest).hasSuffix(last)
    }
}
