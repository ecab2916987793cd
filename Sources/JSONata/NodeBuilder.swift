/// Makes immutable nodes of analyzed drafts.
struct NodeBuilder {
    private let stack = StackGuard()

    /// - Throws: `S0303` for a regular expression that is not one.
    static func build(_ draft: Draft) throws(JSONataError) -> Node { try NodeBuilder().build(draft) }

    private func build(_ draft: Draft) throws(JSONataError) -> Node {
        guard !stack.isExhausted else { throw Parser.tooDeep(at: draft.position) }
        return try node(draft, try kind(draft))
    }

    private func node(_ draft: Draft, _ kind: Node.Kind) throws(JSONataError) -> Node {
        var stages: [Node.Stage] = []
        for stage in draft.stages ?? [] {
            switch stage {
            case .filter(let filter): stages.append(.filter(try build(filter)))
            case .index(let name): stages.append(.index(name))
            }
        }
        var group: Node.Group?
        if let written = draft.group {
            group = Node.Group(pairs: try pairs(written.pairs), position: written.position)
        }
        return Node(kind, draft, predicates: try build(draft.predicates), stages: stages, group: group)
    }

    private func build(_ drafts: [Draft]) throws(JSONataError) -> [Node] {
        var nodes: [Node] = []
        nodes.reserveCapacity(drafts.count)
        for draft in drafts { nodes.append(try build(draft)) }
        return nodes
    }

    private func pairs(_ pairs: [(Draft, Draft)]) throws(JSONataError) -> [(key: Node, value: Node)] {
        var result: [(key: Node, value: Node)] = []
        for (key, value) in pairs { result.append((try build(key), try build(value))) }
        return result
    }

    private func kind(_ draft: Draft) throws(JSONataError) -> Node.Kind {
        switch draft.kind {
        case .name(let name): .name(name)
        case .variable(let name): .variable(name)
        case .string(let value): .string(value)
        case .number(let value): .number(value)
        case .bool(let value): .bool(value)
        case .null: .null
        case .regex(let pattern, let ignoresCase, let isMultiline):
            .regex(
                try regex(pattern, ignoresCase: ignoresCase, isMultiline: isMultiline, at: draft.position),
                source: pattern)
        case .wildcard: .wildcard
        case .descendants: .descendants
        case .parent: .parent(label: draft.slot?.label ?? "")
        case .word: .placeholder
        case .binary(let symbol, let left, let right): try binary(symbol, left, right, at: draft.position)
        case .negation(let operand): .negation(try build(operand))
        case .array(let items): .array(try build(items))
        case .object(let pairs): .object(Node.Group(pairs: try self.pairs(pairs), position: draft.position))
        case .call(let procedure, let arguments, let isPartial):
            isPartial
                ? .partial(try call(procedure, arguments, draft)) : .call(try call(procedure, arguments, draft))
        case .lambda(let parameters, let signature, let body):
            .lambda(parameters: parameters, signature, body: try tail(body))
        case .block(let expressions): .block(try build(expressions))
        case .condition(let test, let then, let otherwise):
            .condition(try build(test), then: try build(then), otherwise: try optional(otherwise))
        case .transform(let pattern, let update, let deletion):
            .transform(pattern: try build(pattern), update: try build(update), deletion: try optional(deletion))
        case .path(let steps): .path(try build(steps), keepsSingleton: draft.keepsSingleton)
        case .sortStep(let terms): .sort(try sortTerms(terms))
        case .bind(let name, let value): .bind(name, try build(value))
        case .apply(let left, let right): .apply(try build(left), try build(right))
        case .group, .sort, .end: throw .make("S0206", position: draft.position, token: draft.typeName)
        }
    }

    private func optional(_ draft: Draft?) throws(JSONataError) -> Node? {
        guard let draft else { return nil }
        return try build(draft)
    }

    private func call(_ procedure: Draft, _ arguments: [Draft], _ draft: Draft) throws(JSONataError) -> Call {
        Call(procedure: try build(procedure), arguments: try build(arguments), position: draft.position)
    }

    private func sortTerms(_ terms: [(Draft, isDescending: Bool)]) throws(JSONataError) -> [Node.SortTerm] {
        var result: [Node.SortTerm] = []
        for (term, isDescending) in terms {
            result.append(Node.SortTerm(expression: try build(term), isDescending: isDescending))
        }
        return result
    }

    private func binary(
        _ symbol: String, _ left: Draft, _ right: Draft, at position: Int
    ) throws(JSONataError) -> Node.Kind {
        let (left, right) = (try build(left), try build(right))
        switch symbol {
        case "and": return .and(left, right)
        case "or": return .or(left, right)
        default:
            guard let operation = Node.Operation(rawValue: symbol) else {
                throw .make("S0204", position: position, token: symbol)
            }
            return .binary(operation, left, right)
        }
    }

    private func regex(
        _ pattern: String, ignoresCase: Bool, isMultiline: Bool, at position: Int
    ) throws(JSONataError) -> RegexProgram {
        do {
            return try RegexProgram(pattern: pattern, ignoresCase: ignoresCase, isMultiline: isMultiline)
        } catch {
            throw .make("S0303", position: position, value: error.reason)
        }
    }

    // MARK: - Tail calls

    /// A lambda's body with its calls in tail position marked: these return to the caller's loop instead of recursing.
    private func tail(_ draft: Draft) throws(JSONataError) -> Node {
        guard draft.predicates.isEmpty, draft.group == nil, !draft.keepsArray else { return try build(draft) }
        switch draft.kind {
        case .call(let procedure, let arguments, isPartial: false):
            return try node(draft, .tailCall(try call(procedure, arguments, draft)))
        case .condition(let test, let then, let otherwise):
            var last: Node?
            if let otherwise { last = try tail(otherwise) }
            return try node(draft, .condition(try build(test), then: try tail(then), otherwise: last))
        case .block(let expressions):
            guard let last = expressions.last else { return try build(draft) }
            return try node(draft, .block(try build(Array(expressions.dropLast())) + [try tail(last)]))
        default: return try build(draft)
        }
    }
}
