import JSONModel

// Object constructors, and grouping: `{key: value, …}`.
extension Evaluator {
    private struct Entry {
        var items: [Value] = []
        var tuples: [Tuple] = []
        let pair: Int
    }

    func evaluateGroup(_ group: Node.Group, over input: Value, _ frame: Frame) throws(JSONataError) -> Value {
        var keys: [String] = []
        var entries: [MemberName: Entry] = [:]
        func add(_ key: String, _ pair: Int, _ item: Value, _ tuple: Tuple?) throws(JSONataError) {
            try charge(2)
            try chargeText(key.utf8.count)
            let name = MemberName(key)
            var entry: Entry
            if let existing = entries.removeValue(forKey: name) {
                guard existing.pair == pair else {
                    throw .make("D1009", about: .string(key), position: group.position)
                }
                entry = existing
            } else {
                try charge(8)
                try chargeMemory(256 + key.utf8.count)
                keys.append(key)
                entry = Entry(pair: pair)
            }
            if let tuple { entry.tuples.append(tuple) } else { entry.items.append(item) }
            entries[name] = entry
        }
        func collect(_ item: Value, _ tuple: Tuple?, _ frame: Frame) throws(JSONataError) {
            for (place, pair) in group.pairs.enumerated() {
                switch try evaluate(pair.key, item, frame) {
                case .string(let key): try add(key, place, item, tuple)
                case .undefined: continue
                case let key: throw .make("T1003", about: key, position: group.position)
                }
            }
        }
        switch input {
        case .tuples(let stream):
            for tuple in stream.tuples { try collect(tuple.item, tuple, tuple.frame(in: frame)) }
        case .array(let array) where !array.isEmpty:
            for place in 0..<array.count { try collect(array[place], nil, frame) }
        case .array: try collect(.undefined, nil, frame)
        default: try collect(input, nil, frame)
        }
        return try values(of: keys, entries, group, frame)
    }

    private func values(
        of keys: [String], _ entries: [MemberName: Entry], _ group: Node.Group, _ frame: Frame
    ) throws(JSONataError) -> Value {
        try chargeMemory(keys.count * 64)
        var members = MemberTable()
        for key in keys {
            guard let entry = entries[MemberName(key)] else { continue }
            var context = joined(entry.items)
            var inner = frame
            if let reduced = reduce(entry.tuples) {
                context = reduced.item
                inner = reduced.frame(in: frame)
            }
            let value = try evaluate(group.pairs[entry.pair].value, context, inner)
            if !value.isUndefined { members[key] = value }
        }
        return .object(ObjectValue(members))
    }

    /// One tuple of many: for each variable, all its values.
    private func reduce(_ tuples: [Tuple]) -> Tuple? {
        guard var result = tuples.first, tuples.count > 1 else { return tuples.first }
        result.item = joined(tuples.map(\.item))
        for (name, _) in result.bindings {
            let values = tuples.compactMap { tuple in tuple.bindings.first { $0.name == name }?.value }
            result.bind(name, joined(values))
        }
        return result
    }

    /// Values appended to each other, as `$append` does: one alone stays what it is.
    private func joined(_ items: [Value]) -> Value {
        let defined = items.filter { !$0.isUndefined }
        if defined.count <= 1 { return defined.first ?? .undefined }
        var result: [Value] = []
        for item in defined {
            if case .array(let array) = item { result += array.values } else { result.append(item) }
        }
        return .array(ArrayValue(result))
    }
}
