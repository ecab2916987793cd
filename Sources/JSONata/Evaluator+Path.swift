// Paths: each step is evaluated for every item of the sequence that the step before it gave.
extension Evaluator {
    func evaluatePath(
        _ node: Node, _ steps: [Node], keepsSingleton: Bool, _ input: Value, _ frame: Frame
    ) throws(JSONataError) -> Value {
        var sequence = startOfPath(steps, input)
        var result: Value = .undefined
        var tuples: [Tuple]?
        var isTupleStream = false
        for (place, step) in steps.enumerated() {
            if step.isTuple { isTupleStream = true }
            if place == 0, step.isConstructor {
                result = try evaluate(step, .array(sequence), frame)
                if !isTupleStream, isNothing(result) { break }
                if step.focus == nil { sequence = constructed(result) }
            } else if isTupleStream {
                tuples = try evaluateTupleStep(step, sequence, tuples, frame)
            } else if place == 1, case .sort = step.kind, !isNothing(result), result.array == nil {
                // What a constructor and its predicate left is no array, so there is nothing to sort.
                continue
            } else {
                result = try evaluateStep(step, sequence, frame, isLast: place == steps.count - 1)
                guard let array = result.array, !array.isEmpty else { break }
                if step.focus == nil { sequence = array }
            }
        }
        if let tuples {
            if node.isTuple {
                result = .tuples(TupleStream(tuples))
            } else {
                result = .array(ArrayValue(tuples.map(\.item), flags: .sequence))
            }
        }
        result = keepsSingleton ? keepingSingleton(result) : result
        guard let group = node.group else { return result }
        return try evaluateGroup(group, over: tuples.map { .tuples(TupleStream($0)) } ?? result, frame)
    }

    private func startOfPath(_ steps: [Node], _ input: Value) -> ArrayValue {
        if case .array(let array) = input {
            guard let first = steps.first, case .variable = first.kind else { return array }
        }
        return ArrayValue([input], flags: .sequence)
    }

    private func isNothing(_ result: Value) -> Bool {
        switch result {
        case .undefined: true
        case .array(let array): array.isEmpty
        case .string(let text): text.isEmpty
        default: false
        }
    }

    /// What the steps behind an array constructor iterate over. When a predicate left a single item of the array, the
    /// reference iterates over that: over the characters of a string, over nothing of anything else.
    private func constructed(_ result: Value) -> ArrayValue {
        switch result {
        case .array(let array): array
        case .string(let text): ArrayValue(text.map { .string(String($0)) })
        default: ArrayValue([])
        }
    }

    private func keepingSingleton(_ result: Value) -> Value {
        guard case .array(let array) = result else { return result }
        if array.flags.contains(.constructed), !array.isSequence {
            return .array(ArrayValue([result], flags: [.sequence, .keepsSingleton]))
        }
        return .array(array.with(array.flags.union(.keepsSingleton)))
    }

    // MARK: - One step

    private func evaluateStep(
        _ step: Node, _ input: ArrayValue, _ frame: Frame, isLast: Bool
    ) throws(JSONataError) -> Value {
        if case .sort(let terms) = step.kind {
            var sorted = try sort(input, by: terms, step, frame)
            for case .filter(let filter) in step.stages {
                sorted = try applyFilter(filter, to: sorted, frame)
            }
            return sorted
        }
        var results: [Value] = []
        results.reserveCapacity(input.count)
        for place in 0..<input.count {
            var result = try evaluate(step, input[place], frame)
            for case .filter(let filter) in step.stages { result = try applyFilter(filter, to: result, frame) }
            if !result.isUndefined { results.append(result) }
        }
        if isLast, results.count == 1, case .array(let only) = results[0], !only.isSequence { return results[0] }
        return .array(ArrayValue(try flattened(results), flags: .sequence))
    }

    /// The items with arrays spread out, other than those built by a constructor.
    private func flattened(_ items: [Value]) throws(JSONataError) -> [Value] {
        guard items.contains(where: { $0.array != nil }) else { return items }
        var result: [Value] = []
        for item in items {
            if case .array(let array) = item, !array.flags.contains(.constructed) {
                try chargeElements(array.count)
                result += array.values
            } else {
                result.append(item)
            }
        }
        return result
    }

    // MARK: - Names

    /// The member of an object; of an array, the members of all its elements in one sequence.
    func lookUp(_ name: String, in value: Value) throws(JSONataError) -> Value {
        switch value {
        case .object(let object): return object[name]
        case .array(let array):
            var result: [Value] = []
            for place in 0..<array.count {
                if place & 7 == 0 { try charge() }
                switch try lookUp(name, in: array[place]) {
                case .undefined: continue
                case .array(let found): result += found.values
                case let found: result.append(found)
                }
            }
            return .array(ArrayValue(result, flags: .sequence))
        default: return .undefined
        }
    }

    func evaluateWildcard(_ input: Value) throws(JSONataError) -> Value {
        var input = input
        if case .array(let array) = input, array.flags.contains(.wrapsInput), !array.isEmpty { input = array[0] }
        let members: [Value]
        switch input {
        case .object(let object): members = object.values
        case .array(let array): members = array.values
        default: return .array(ArrayValue([], flags: .sequence))
        }
        var result: [Value] = []
        // As soon as an array was appended, the reference has a plain array in hand rather than a sequence.
        var flags: ArrayValue.Flags = .sequence
        for member in members {
            if case .array(let array) = member {
                flags = []
                try append(array, flattenedTo: &result)
            } else {
                result.append(member)
            }
        }
        try chargeElements(result.count)
        return .array(ArrayValue(result, flags: flags))
    }

    private func append(_ array: ArrayValue, flattenedTo result: inout [Value]) throws(JSONataError) {
        try charge(array.count)
        for place in 0..<array.count {
            if case .array(let inner) = array[place] {
                try append(inner, flattenedTo: &result)
            } else {
                result.append(array[place])
            }
        }
    }

    func evaluateDescendants(_ input: Value) throws(JSONataError) -> Value {
        guard !input.isUndefined else { return .undefined }
        var result: [Value] = []
        try descend(into: input, &result)
        try chargeElements(result.count)
        return result.count == 1 ? result[0] : .array(ArrayValue(result, flags: .sequence))
    }

    private func descend(into value: Value, _ result: inout [Value]) throws(JSONataError) {
        try charge()
        switch value {
        case .array(let array):
            for place in 0..<array.count { try descend(into: array[place], &result) }
        case .object(let object):
            result.append(value)
            for member in object.values { try descend(into: member, &result) }
        default: result.append(value)
        }
    }

    // MARK: - Filters

    func applyFilter(_ filter: Node, to input: Value, _ frame: Frame) throws(JSONataError) -> Value {
        if case .tuples(let stream) = input {
            return .tuples(TupleStream(try applyFilter(filter, to: stream.tuples, frame)))
        }
        let items = input.array ?? ArrayValue([input], flags: .sequence)
        if case .number(let number) = filter.kind, filter.predicates.isEmpty {
            guard let place = Self.place(number, in: items.count) else {
                return .array(ArrayValue([], flags: .sequence))
            }
            let item = items[place]
            if case .array = item { return item }
            return .array(ArrayValue(item.isUndefined ? [] : [item], flags: .sequence))
        }
        var results: [Value] = []
        for place in 0..<items.count {
            let item = items[place]
            let times = try matches(filter, item, frame, place: place, of: items.count)
            for _ in 0..<times { results.append(item) }
        }
        return .array(ArrayValue(results, flags: .sequence))
    }

    func applyFilter(_ filter: Node, to tuples: [Tuple], _ frame: Frame) throws(JSONataError) -> [Tuple] {
        if case .number(let number) = filter.kind, filter.predicates.isEmpty {
            return Self.place(number, in: tuples.count).map { [tuples[$0]] } ?? []
        }
        var results: [Tuple] = []
        for (place, tuple) in tuples.enumerated() {
            let times = try matches(
                filter, tuple.item, tuple.frame(in: frame), place: place, of: tuples.count)
            for _ in 0..<times { results.append(tuple) }
        }
        return results
    }

    /// How often an item is in the result: once for a true predicate, and once for each index that is its own.
    private func matches(
        _ filter: Node, _ item: Value, _ frame: Frame, place: Int, of count: Int
    ) throws(JSONataError) -> Int {
        let result = try evaluate(filter, item, frame)
        if let number = try result.finiteNumber() { return Self.place(number, in: count) == place ? 1 : 0 }
        guard case .array(let array) = result, !array.isEmpty else { return try isTruthy(result) ? 1 : 0 }
        var times = 0
        for element in 0..<array.count {
            if element & 15 == 15 { try charge() }
            guard let number = try array[element].finiteNumber() else { return try isTruthy(result) ? 1 : 0 }
            if Self.place(number, in: count) == place { times += 1 }
        }
        return times
    }

    /// An index rounded down, from the end when negative; nil when it is out of range.
    private static func place(_ number: Double, in count: Int) -> Int? {
        let index = number.rounded(.down)
        let place = index < 0 ? Double(count) + index : index
        return place >= 0 && place < Double(count) ? Int(place) : nil
    }
}
