import JSONModel

/// A parsed path: where it starts and the steps from there.
struct PathQuery: Sendable {
    enum Origin: Sendable { case root, item }

    let origin: Origin
    let segments: [PathSegment]

    /// Answers one value or nothing, rather than a list.
    var isDefinite: Bool {
        if gathersForFunction { return true }
        for (place, segment) in segments.enumerated() {
            switch segment {
            case .name, .index, .function: continue
            case .names where place == segments.count - 1: continue
            case .names, .wildcard, .union, .filter, .descent: return false
            }
        }
        return true
    }

    /// `$..price.sum()`: Jayway hands all that a deep scan from the start finds to the function at the end, instead of
    /// calling it once for each.
    var gathersForFunction: Bool {
        guard case .descent = segments.first, case .function = segments.last else { return false }
        return true
    }
}

/// One step of a path.
enum PathSegment: Sendable {
    /// `.name` or `['name']`. `isPlain` is false when the name holds an operator of the language unquoted (`$.a:b`),
    /// which Jayway reads as a name and a Reference Path may not have.
    case name(String, isPlain: Bool)
    /// `['a','b']`: one object with the members found; before further steps, each member in turn.
    case names([String])
    /// `[n]`; a negative one counts from the end.
    case index(Int)
    /// `*`: all elements or all members' values.
    case wildcard
    /// Several selectors in one bracket, or a slice.
    case union([PathSelector])
    /// `[?(...)]`: the elements of an array for which it holds; an object itself if it holds for it.
    case filter(FilterExpression)
    /// `..`: the next step from here and from everything below.
    case descent
    /// `.name(...)`
    case function(FunctionCall)

    var isReference: Bool {
        switch self {
        case .name(_, let isPlain): isPlain
        case .index(let index): index >= 0
        default: false
        }
    }
}

/// What a bracket may hold; several are separated by commas.
enum PathSelector: Sendable {
    case name(String)
    case index(Int)
    case slice(IndexSlice)
    case wildcard
    case filter(FilterExpression)
}

/// `[start:end:step]` with the meaning of RFC 9535, section 2.3.4.
struct IndexSlice: Sendable {
    var start: Int?
    var end: Int?
    var step = 1

    /// The indexes that it selects of an array of `count` elements, in order.
    func indexes(count: Int) -> StrideTo<Int> {
        guard step != 0 else { return stride(from: 0, to: 0, by: 1) }
        let first = place(start ?? (step > 0 ? 0 : count - 1), count: count)
        let last = end.map { place($0, count: count) } ?? (step > 0 ? count : -1)
        return stride(from: first, to: last, by: step)
    }

    /// Counts a negative place from the end, and brings one outside the array to its edge.
    private func place(_ place: Int, count: Int) -> Int {
        let place = place < 0 ? place + count : place
        return step > 0 ? min(max(place, 0), count) : min(max(place, -1), count - 1)
    }
}

/// The call of a function at the end of a path.
struct FunctionCall: Sendable {
    enum Argument: Sendable {
        case literal(JSONValue)
        case query(PathQuery)
    }

    let function: PathFunction
    let arguments: [Argument]
}

/// What stands in the parentheses of `[?(...)]`.
indirect enum FilterExpression: Sendable {
    case any([FilterExpression])
    case all([FilterExpression])
    case not(FilterExpression)
    case exists(PathQuery)
    case comparison(FilterOperand, FilterOperator, FilterOperand)
}

/// One side of a comparison.
enum FilterOperand: Sendable {
    case query(PathQuery)
    case literal(JSONValue)
    case pattern(Pattern)
}

/// The comparisons of Jayway. The words are read in any case.
enum FilterOperator: String, Sendable, CaseIterable {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case matches = "=~"
    /// Left is an element of right.
    case isIn = "in"
    case isNotIn = "nin"
    /// Left's elements are all in right.
    case subsetOf = "subsetof"
    case anyOf = "anyof"
    case noneOf = "noneof"
    /// Right's elements are all in left.
    case all
    /// Left is an array with right as an element, or a string with right as a part.
    case contains
    /// Left's length is right.
    case size
    /// Left has no elements, or has some when right is false.
    case empty
}
