import JSONModel

/// An array while an expression is evaluated. Immutable; what JSON brought in and ranges are not copied.
final class ArrayValue {
    struct Flags: OptionSet {
        let rawValue: UInt8
        /// The result of a path or of a function that maps: one element stands for itself.
        static let sequence = Flags(rawValue: 1)
        /// A sequence of one element stays an array (`[]` was written).
        static let keepsSingleton = Flags(rawValue: 2)
        /// Built by an array constructor as a step: a path does not flatten it.
        static let constructed = Flags(rawValue: 4)
        /// Wraps an input document that is an array, so that it counts as one item.
        static let wrapsInput = Flags(rawValue: 8)
    }

    private enum Storage {
        case values([Value])
        case json([JSONValue])
        case range(first: Int, count: Int)
    }

    private let storage: Storage
    let flags: Flags
    let depth: Int

    private init(storage: Storage, flags: Flags, depth: Int) {
        self.storage = storage
        self.flags = flags
        self.depth = depth
    }

    convenience init(_ values: [Value], flags: Flags = []) {
        var depth = 0
        for value in values { depth = max(depth, value.depth) }
        self.init(storage: .values(values), flags: flags, depth: depth + 1)
    }

    convenience init(json elements: [JSONValue]) { self.init(storage: .json(elements), flags: [], depth: 0) }

    /// The integers from `first`, `count` of them.
    convenience init(first: Int, count: Int, flags: Flags) {
        self.init(storage: .range(first: first, count: count), flags: flags, depth: 1)
    }

    /// The same elements under other flags.
    func with(_ flags: Flags) -> ArrayValue {
        flags == self.flags ? self : ArrayValue(storage: storage, flags: flags, depth: depth)
    }

    var isSequence: Bool { flags.contains(.sequence) }
    var isEmpty: Bool { count == 0 }

    var count: Int {
        switch storage {
        case .values(let values): values.count
        case .json(let elements): elements.count
        case .range(_, let count): count
        }
    }

    subscript(_ place: Int) -> Value {
        switch storage {
        case .values(let values): values[place]
        case .json(let elements): Value(elements[place])
        case .range(let first, _): .number(Double(first + place))
        }
    }

    var values: [Value] {
        switch storage {
        case .values(let values): values
        case .json(let elements): elements.map(Value.init)
        case .range(let first, let count): (first..<first + count).map { .number(Double($0)) }
        }
    }

    /// The elements as they came in, when nothing was made of them.
    var untouchedJSON: [JSONValue]? { if case .json(let elements) = storage { elements } else { nil } }

    /// True for a range whose elements exist only as bounds.
    var isRange: Bool { if case .range = storage { true } else { false } }
}
