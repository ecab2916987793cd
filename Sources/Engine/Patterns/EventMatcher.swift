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
        if case .exists(let wanted) = self { return wanted == (value.map(Self.isLeaf) ?? false) }
        guard let value else { return false }
        if case .array(let elements) = value { return elements.contains { matches($0) } }
        return matchesScalar(value)
    }

    /// EventBridge takes only what stands at the end of a path as being there: no object, however much it holds.
    private static func isLeaf(_ value: JSONValue) -> Bool {
        switch value {
        case .object: false
        case .array(let elements): elements.contains(where: isLeaf)
        case .null, .bool, .int, .double, .string: true
        }
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

    /// By code points, as JSON has it: Swift's own comparison takes `é` and `e` with an accent as one character.
    private func matchesText(_ text: String) -> Bool {
        switch self {
        case .prefix(let start, let ignoringCase):
            ignoringCase
                ? text.lowercased().utf8.starts(with: start.lowercased().utf8) : text.utf8.starts(with: start.utf8)
        case .suffix(let end, let ignoringCase):
            ignoringCase
                ? text.lowercased().utf8.ends(with: end.lowercased().utf8) : text.utf8.ends(with: end.utf8)
        case .equalsIgnoringCase(let expected): text.lowercased().hasSameScalars(as: expected.lowercased())
        case .wildcard(let pattern): pattern.matches(text)
        case .cidr(let range): range.contains(text)
        case .equals, .exists, .numeric, .anythingBut: false
        }
    }
}

extension BidirectionalCollection where Element: Equatable {
    fileprivate func ends(with end: some BidirectionalCollection<Element>) -> Bool {
        reversed().starts(with: end.reversed())
    }
}

/// `*` stands for any run of characters; `\*` and `\\` for themselves.
struct EventWildcard: Sendable, Hashable {
    /// What must appear, in order, as UTF-8; the first at the beginning and the last at the end.
    private let pieces: [[UInt8]]

    /// Nil for a backslash that escapes nothing, and for two stars in a row, which EventBridge refuses.
    init?(_ text: String) {
        let (star, backslash) = (UInt8(ascii: "*"), UInt8(ascii: "\\"))
        var pieces: [[UInt8]] = [[]]
        var bytes = text.utf8.makeIterator()
        var followsStar = false
        while let byte = bytes.next() {
            if byte == star {
                guard !followsStar else { return nil }
                pieces.append([])
                followsStar = true
                continue
            }
            followsStar = false
            if byte == backslash {
                guard let escaped = bytes.next(), escaped == star || escaped == backslash else { return nil }
                pieces[pieces.count - 1].append(escaped)
            } else {
                pieces[pieces.count - 1].append(byte)
            }
        }
        self.pieces = pieces
    }

    func matches(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        guard pieces.count > 1 else { return rest.elementsEqual(pieces[0]) }
        guard rest.starts(with: pieces[0]) else { return false }
        rest = rest.dropFirst(pieces[0].count)
        // The leftmost place for each piece leaves the most for the ones after it, so there is nothing to go back to.
        for piece in pieces[1..<pieces.count - 1] {
            guard let place = rest.firstRange(of: piece) else { return false }
            rest = rest[place.upperBound...]
        }
        return rest.ends(with: pieces[pieces.count - 1])
    }
}
