// The transform operator `|pattern|update,deletion|`: a copy with what the pattern finds changed.
extension Evaluator {
    func apply(_ transform: FunctionValue.Transform, _ value: Value, _ frame: Frame) throws(JSONataError) -> Value {
        if value.isUndefined { return .undefined }
        if let clone = frame.lookup("clone") {
            guard case .function = clone else { throw .make("T2013", position: transform.position) }
        }
        let copy = try copied(value)
        let found = try evaluate(transform.pattern, copy, frame)
        if found.isUndefined { return copy }
        let matches = found.array ?? ArrayValue([found])
        for place in 0..<matches.count { try change(matches[place], transform, frame) }
        return copy
    }

    private func change(_ match: Value, _ transform: FunctionValue.Transform, _ frame: Frame) throws(JSONataError) {
        let update = try evaluate(transform.update, match, frame)
        if !update.isUndefined {
            guard case .object(let members) = update else {
                throw .make("T2011", about: update, position: transform.update.position)
            }
            if case .object(let target) = match {
                for (key, value) in zip(members.keys, members.values) { target.set(key, value) }
            }
        }
        guard let deletion = transform.deletion else { return }
        let deleted = try evaluate(deletion, match, frame)
        if deleted.isUndefined { return }
        let names = deleted.array ?? ArrayValue([deleted])
        for place in 0..<names.count where names[place].text == nil {
            throw .make("T2012", about: deleted, position: deletion.position)
        }
        guard case .object(let target) = match else { return }
        for place in 0..<names.count { if let name = names[place].text { target.remove(name) } }
    }

    /// A copy of its own, down to the last object; functions become empty strings, as `$string` has them.
    func copied(_ value: Value) throws(JSONataError) -> Value {
        try charge(3)
        switch value {
        case .array(let array):
            try chargeElements(array.count)
            var elements: [Value] = []
            for place in 0..<array.count { elements.append(try copied(array[place])) }
            return .array(ArrayValue(elements))
        case .object(let object):
            try chargeElements(object.count * 2)
            var members: [Value] = []
            for member in object.values { members.append(try copied(member)) }
            return .object(ObjectValue(MemberTable(keys: object.keys, values: members)))
        case .function: return .string("")
        // The reference copies by way of text.
        case .number: return .number(NumberText.roundedTo15Digits(try value.finiteNumber() ?? 0))
        default: return value
        }
    }
}
