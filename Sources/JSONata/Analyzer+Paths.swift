// Steps, and what is written behind them.
extension Analyzer {
    mutating func path(_ left: Draft, _ right: Draft, at position: Int) throws(JSONataError) -> Draft {
        let first = try process(left)
        let result = asPath(first)
        if let slot = first.slot { result.seekingParent = [slot] }
        let rest = try process(right)
        var steps = Self.steps(of: result)
        if case .path(let more) = rest.kind {
            steps += more
        } else {
            if !rest.predicates.isEmpty {
                rest.stages = rest.predicates.map { .filter($0) }
                rest.predicates = []
            }
            steps.append(rest)
        }
        for step in steps { try nameStep(step) }
        if steps.contains(where: \.keepsArray) { result.keepsSingleton = true }
        for end in [steps.first, steps.last] {
            if let end, case .array = end.kind { end.isConstructor = true }
        }
        result.kind = .path(steps)
        try resolveParents(of: result)
        return result
    }

    /// A string as a step is a name; another literal is no step.
    private func nameStep(_ step: Draft) throws(JSONataError) {
        switch step.kind {
        case .string(let name): step.kind = .name(name)
        case .number(let value):
            throw .make("S0213", position: step.position, value: NumberText.shortest(value))
        case .bool(let value): throw .make("S0213", position: step.position, value: "\(value)")
        case .null: throw .make("S0213", position: step.position, value: "null")
        default: break
        }
    }

    private func asPath(_ draft: Draft) -> Draft {
        if case .path = draft.kind { return draft }
        return Draft(.path([draft]), at: draft.position, over: [draft])
    }

    static func steps(of draft: Draft) -> [Draft] {
        if case .path(let steps) = draft.kind { return steps }
        return [draft]
    }

    mutating func predicate(_ left: Draft, _ right: Draft, at position: Int) throws(JSONataError) -> Draft {
        let result = try process(left)
        var step = result
        var isStep = false
        if case .path(let steps) = result.kind, let last = steps.last {
            step = last
            isStep = true
        }
        guard step.group == nil else { throw .make("S0209", position: position) }
        let filter = try process(right)
        for slot in filter.seekingParent {
            if slot.level == 1 {
                _ = try seekParent(step, slot)
            } else {
                slot.level -= 1
            }
        }
        if !filter.seekingParent.isEmpty { passOn(from: filter, to: step) }
        if isStep {
            step.stages = (step.stages ?? []) + [.filter(filter)]
        } else {
            step.predicates.append(filter)
        }
        return result
    }

    mutating func sort(
        _ left: Draft, _ terms: [(Draft, isDescending: Bool)], at position: Int
    ) throws(JSONataError) -> Draft {
        let result = asPath(try process(left))
        let step = Draft(.sortStep([]), at: position)
        var processed: [(Draft, isDescending: Bool)] = []
        for (term, isDescending) in terms {
            let expression = try process(term)
            passOn(from: expression, to: step)
            processed.append((expression, isDescending))
        }
        step.kind = .sortStep(processed)
        result.kind = .path(Self.steps(of: result) + [step])
        try resolveParents(of: result)
        return result
    }

    mutating func focus(_ left: Draft, _ right: Draft, _ draft: Draft) throws(JSONataError) -> Draft {
        let result = try process(left)
        let step = Self.steps(of: result).last ?? result
        guard step.stages == nil, step.predicates.isEmpty else { throw .make("S0215", position: draft.position) }
        if case .sortStep = step.kind { throw .make("S0216", position: draft.position) }
        if draft.keepsArray { step.keepsArray = true }
        if case .variable(let name) = right.kind { step.focus = name }
        step.isTuple = true
        return result
    }

    mutating func index(_ left: Draft, _ right: Draft) throws(JSONataError) -> Draft {
        var result = try process(left)
        let step = Self.steps(of: result).last ?? result
        if case .path = result.kind {
        } else {
            result = asPath(result)
            if !step.predicates.isEmpty {
                step.stages = step.predicates.map { .filter($0) }
                step.predicates = []
            }
        }
        guard case .variable(let name) = right.kind else { return result }
        if step.stages == nil {
            step.index = name
        } else {
            step.stages?.append(.index(name))
        }
        step.isTuple = true
        return result
    }
}
