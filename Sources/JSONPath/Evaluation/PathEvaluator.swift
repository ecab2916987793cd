import JSONModel

/// Why an evaluation ends without a value.
enum EvaluationFault: Error {
    case notFound
    case wrongArgument(String)
    case tooMuchWork(String)
}

/// Follows a path through a document, step by step, always with the list of values reached so far.
struct PathEvaluator {
    private let root: JSONValue
    private var stepsLeft = PathLimits.evaluationSteps

    init(root: JSONValue) { self.root = root }

    /// Work done so far.
    var steps: Int { PathLimits.evaluationSteps - stepsLeft }

    /// The value of a definite query or nil where it leads nowhere; for any other the array of what it found.
    mutating func value(of query: PathQuery, item: JSONValue) throws(EvaluationFault) -> JSONValue? {
        let start = query.origin == .root ? root : item
        if query.gathersForFunction { return try gather(query.segments, from: start, item: item) }
        let found = try follow(query.segments[...], from: [start], item: item)
        return query.isDefinite ? found.first : .array(found)
    }

    /// Counts work, so that no path can hold up the process.
    mutating func spend(_ steps: Int) throws(EvaluationFault) {
        stepsLeft -= steps
        guard stepsLeft >= 0 else { throw Self.tooMuchWork }
    }

    private static let tooMuchWork = EvaluationFault.tooMuchWork(
        "it takes more than \(PathLimits.evaluationSteps) steps")

    /// Whether the whole text matches, paid for from the same account.
    mutating func matches(_ pattern: Pattern, _ text: String) throws(EvaluationFault) -> Bool {
        guard let isMatch = pattern.matches(text, budget: &stepsLeft) else { throw Self.tooMuchWork }
        return isMatch
    }

    /// `$..price.sum()`: the functions get the list of all that was found. `length()` counts what these hold, as it
    /// does in Jayway, so that `$..book.length()` is the number of books.
    private mutating func gather(_ segments: [PathSegment], from start: JSONValue, item: JSONValue)
        throws(EvaluationFault) -> JSONValue?
    {
        var base = Array(segments.prefix { if case .function = $0 { false } else { true } })
        let functions = segments[base.count...]
        if case .function(let call) = functions.first, call.function == .length || call.function == .size {
            base.append(.wildcard)
        }
        let found = try follow(base[...], from: [start], item: item)
        return try follow(functions, from: [.array(found)], item: item).first
    }

    private mutating func follow(_ segments: ArraySlice<PathSegment>, from start: [JSONValue], item: JSONValue)
        throws(EvaluationFault) -> [JSONValue]
    {
        var values = start
        var isBelow = false
        for place in segments.indices {
            if values.isEmpty { break }
            var next: [JSONValue] = []
            if case .descent = segments[place] {
                try containers(in: values, into: &next)
                isBelow = true
            } else {
                let isLast = place == segments.endIndex - 1
                for value in values {
                    try step(segments[place], from: value, isLast, isBelow, item: item, into: &next)
                }
                isBelow = false
            }
            values = next
        }
        return values
    }

    /// One step from one value. `isBelow` says that the step stands after `..`, `isLast` that none follows it.
    private mutating func step(
        _ segment: PathSegment, from value: JSONValue, _ isLast: Bool, _ isBelow: Bool, item: JSONValue,
        into found: inout [JSONValue]
    ) throws(EvaluationFault) {
        try spend(1)
        switch segment {
        case .name(let name, _): if let member = value[name] { found.append(member) }
        case .index(let index): if let element = value.arrayValue?.element(index) { found.append(element) }
        case .names(let names): members(names, of: value, merged: isLast, needsAll: isBelow, into: &found)
        case .wildcard: try children(of: value, into: &found)
        case .union(let selectors):
            for selector in selectors { try select(selector, from: value, isBelow, into: &found) }
        case .filter(let filter): try select(.filter(filter), from: value, isBelow, into: &found)
        case .function(let call): found.append(try self.call(call, on: value, item: item))
        case .descent: break
        }
    }

    /// Several names at the end of a path make one object of the members that are there; below `..` only of objects
    /// that have them all. Before further steps each member is followed on its own.
    private func members(
        _ names: [String], of value: JSONValue, merged: Bool, needsAll: Bool, into found: inout [JSONValue]
    ) {
        guard case .object(let object) = value else { return }
        guard merged else { return found.append(contentsOf: names.compactMap { object[$0] }) }
        if needsAll, !names.allSatisfy(object.contains) { return }
        let members = names.compactMap { name in object[name].map { (name, $0) } }
        found.append(.object(JSONObject(members)))
    }

    private mutating func select(
        _ selector: PathSelector, from value: JSONValue, _ isBelow: Bool, into found: inout [JSONValue]
    ) throws(EvaluationFault) {
        switch selector {
        case .name(let name): if let member = value[name] { found.append(member) }
        case .index(let index): if let element = value.arrayValue?.element(index) { found.append(element) }
        case .wildcard: try children(of: value, into: &found)
        case .slice(let slice):
            guard case .array(let elements) = value else { return }
            for index in slice.indexes(count: elements.count) {
                try spend(1)
                found.append(elements[index])
            }
        case .filter(let filter): try select(filter, from: value, isBelow, into: &found)
        }
    }

    /// Tests the elements of an array. An object is tested itself, unlike in RFC 9535. Below `..` the objects in an
    /// array are reached on their own, so here only its other elements are tested.
    private mutating func select(
        _ filter: FilterExpression, from value: JSONValue, _ isBelow: Bool, into found: inout [JSONValue]
    ) throws(EvaluationFault) {
        switch value {
        case .object: if try holds(filter, for: value) { found.append(value) }
        case .array(let elements):
            for element in elements {
                if isBelow, element.objectValue != nil { continue }
                if try holds(filter, for: element) { found.append(element) }
            }
        default: break
        }
    }

    private mutating func children(of value: JSONValue, into found: inout [JSONValue]) throws(EvaluationFault) {
        switch value {
        case .array(let elements):
            try spend(elements.count)
            found.append(contentsOf: elements)
        case .object(let object):
            try spend(object.count)
            found.append(contentsOf: object.values)
        default: break
        }
    }

    /// The arrays and objects among the values and below them, each before what it holds.
    private mutating func containers(in values: [JSONValue], into found: inout [JSONValue]) throws(EvaluationFault) {
        var pending = Array(values.reversed())
        while let value = pending.popLast() {
            try spend(1)
            switch value {
            case .array(let elements): pending.append(contentsOf: elements.reversed())
            case .object(let object): pending.append(contentsOf: object.values.reversed())
            default: continue
            }
            found.append(value)
        }
    }

    private mutating func call(_ call: FunctionCall, on value: JSONValue, item: JSONValue)
        throws(EvaluationFault) -> JSONValue
    {
        var arguments: [JSONValue] = []
        for argument in call.arguments {
            switch argument {
            case .literal(let literal): arguments.append(literal)
            case .query(let query):
                guard let argument = try self.value(of: query, item: item) else { throw .notFound }
                arguments.append(argument)
            }
        }
        if let elements = value.arrayValue { try spend(elements.count) }
        return try call.function.call(on: value, arguments)
    }
}
