/// Turns what the parser read into paths: steps with predicates, grouping, ordering and bindings, and finds the step
/// that each `%` refers to.
struct Analyzer {
    private var labels = 0
    private let stack = StackGuard()

    /// The tree in the form that `Node` is made from.
    /// - Throws: the syntax errors that only show in context, as `S0213` or `S0217`.
    static func analyze(_ tree: Draft) throws(JSONataError) -> Draft {
        var analyzer = Analyzer()
        let result = try analyzer.process(tree)
        if case .parent = result.kind { throw .make("S0217", position: result.position, token: result.typeName) }
        guard result.seekingParent.isEmpty else {
            throw .make("S0217", position: result.position, token: result.typeName)
        }
        return result
    }

    mutating func process(_ draft: Draft) throws(JSONataError) -> Draft {
        guard !stack.isExhausted else { throw Parser.tooDeep(at: draft.position) }
        let result = try processed(draft)
        if draft.keepsArray { result.keepsArray = true }
        return result
    }

    private mutating func processed(_ draft: Draft) throws(JSONataError) -> Draft {
        switch draft.kind {
        case .name: return namePath(draft)
        case .word(let word):
            if word == "?" { return draft }
            draft.kind = .name(word)
            return namePath(draft)
        case .parent: return parentStep(draft)
        case .variable, .string, .number, .bool, .null, .regex, .wildcard, .descendants: return draft
        case .binary(let symbol, let left, let right): return try binary(symbol, left, right, draft)
        case .group(let left, let pairs): return try group(left, pairs, at: draft.position)
        case .sort(let left, let terms): return try sort(left, terms, at: draft.position)
        case .negation(let operand): return try negation(operand, draft)
        case .array(let items): return try array(items, draft)
        case .object(let pairs):
            draft.kind = .object(try self.pairs(pairs, passingOnTo: draft))
            return draft
        case .call(let procedure, let arguments, let isPartial):
            let processed = try parts(arguments, passingOnTo: draft)
            draft.kind = .call(try process(procedure), processed, isPartial: isPartial)
            return draft
        case .lambda(let parameters, let signature, let body):
            draft.kind = .lambda(parameters, signature, try process(body))
            return draft
        case .block(let expressions): return try block(expressions, draft)
        case .condition(let test, let then, let otherwise):
            draft.kind = .condition(
                try part(test, passingOnTo: draft), try part(then, passingOnTo: draft),
                try optional(otherwise, passingOnTo: draft))
            return draft
        case .transform(let pattern, let update, let deletion):
            draft.kind = .transform(
                try process(pattern), try process(update), try optional(deletion, passingOnTo: nil))
            return draft
        case .end: throw .make("S0207", position: draft.position, token: draft.typeName)
        case .path, .sortStep, .bind, .apply: return draft
        }
    }

    // MARK: - Parts

    private mutating func part(_ draft: Draft, passingOnTo parent: Draft) throws(JSONataError) -> Draft {
        let result = try process(draft)
        passOn(from: result, to: parent)
        return result
    }

    private mutating func optional(_ draft: Draft?, passingOnTo parent: Draft?) throws(JSONataError) -> Draft? {
        guard let draft else { return nil }
        let result = try process(draft)
        if let parent { passOn(from: result, to: parent) }
        return result
    }

    private mutating func parts(_ drafts: [Draft], passingOnTo parent: Draft) throws(JSONataError) -> [Draft] {
        var results: [Draft] = []
        for draft in drafts { results.append(try part(draft, passingOnTo: parent)) }
        return results
    }

    private mutating func pairs(
        _ pairs: [(Draft, Draft)], passingOnTo parent: Draft?
    ) throws(JSONataError) -> [(Draft, Draft)] {
        var results: [(Draft, Draft)] = []
        for (key, value) in pairs {
            let pair = (try process(key), try process(value))
            if let parent {
                passOn(from: pair.0, to: parent)
                passOn(from: pair.1, to: parent)
            }
            results.append(pair)
        }
        return results
    }

    // MARK: - Kinds

    private func namePath(_ draft: Draft) -> Draft {
        let path = Draft(.path([draft]), at: draft.position, over: [draft])
        path.keepsSingleton = draft.keepsArray
        return path
    }

    private mutating func parentStep(_ draft: Draft) -> Draft {
        let slot = Draft.Slot(label: "!\(labels)")
        labels += 1
        draft.slot = slot
        return draft
    }

    private mutating func negation(_ operand: Draft, _ draft: Draft) throws(JSONataError) -> Draft {
        let result = try process(operand)
        if case .number(let value) = result.kind {
            result.kind = .number(-value)
            return result
        }
        draft.kind = .negation(result)
        passOn(from: result, to: draft)
        return draft
    }

    private mutating func array(_ items: [Draft], _ draft: Draft) throws(JSONataError) -> Draft {
        draft.kind = .array(try parts(items, passingOnTo: draft))
        return draft
    }

    private mutating func block(_ expressions: [Draft], _ draft: Draft) throws(JSONataError) -> Draft {
        let results = try parts(expressions, passingOnTo: draft)
        draft.kind = .block(results)
        draft.isConstructor = results.contains { result in
            if case .path(let steps) = result.kind, let first = steps.first { return first.isConstructor }
            return result.isConstructor
        }
        return draft
    }

    private mutating func binary(
        _ symbol: String, _ left: Draft, _ right: Draft, _ draft: Draft
    ) throws(JSONataError) -> Draft {
        switch symbol {
        case ".": return try path(left, right, at: draft.position)
        case "[": return try predicate(left, right, at: draft.position)
        case "@": return try focus(left, right, draft)
        case "#": return try index(left, right)
        case ":=":
            guard case .variable(let name) = left.kind else { break }
            draft.kind = .bind(name, try part(right, passingOnTo: draft))
            return draft
        case "~>":
            let first = try process(left)
            let second = try process(right)
            draft.kind = .apply(first, second)
            draft.keepsArray = first.keepsArray || second.keepsArray
            return draft
        default: break
        }
        draft.kind = .binary(
            symbol, try part(left, passingOnTo: draft), try part(right, passingOnTo: draft))
        return draft
    }

    private mutating func group(
        _ left: Draft, _ pairs: [(Draft, Draft)], at position: Int
    ) throws(JSONataError) -> Draft {
        let result = try process(left)
        guard result.group == nil else { throw .make("S0210", position: position) }
        result.group = Draft.Group(pairs: try self.pairs(pairs, passingOnTo: nil), position: position)
        return result
    }
}
