/// Collects the variables that an expression takes from outside.
struct FreeVariables {
    private(set) var found: Set<String> = []
    /// What the body of a function may read, although it is bound further on: it runs later.
    private var deferred: Set<String> = []

    /// Visits a node; answers the names known behind it.
    @discardableResult
    mutating func visit(_ node: Node, bound: Set<String>) -> Set<String> {
        let known = visitKind(node, bound: bound)
        let inner = known.union(Self.bindings(of: node))
        for filter in node.predicates { visit(filter, bound: inner) }
        for case .filter(let filter) in node.stages { visit(filter, bound: inner) }
        if let group = node.group { visit(group, bound: pathBindings(of: node).union(inner)) }
        return known
    }

    private static func bindings(of step: Node) -> Set<String> {
        var names = Set([step.focus, step.index].compactMap { $0 })
        for case .index(let name) in step.stages { names.insert(name) }
        return names
    }

    private func pathBindings(of node: Node) -> Set<String> {
        guard case .path(let steps, _) = node.kind else { return [] }
        return steps.reduce(into: []) { $0.formUnion(Self.bindings(of: $1)) }
    }

    private mutating func visit(_ group: Node.Group, bound: Set<String>) {
        for (key, value) in group.pairs {
            visit(key, bound: bound)
            visit(value, bound: bound)
        }
    }

    private mutating func visit(_ nodes: [Node], bound: Set<String>) -> Set<String> {
        nodes.reduce(bound) { $0.union(visit($1, bound: $0)) }
    }

    private mutating func visitKind(_ node: Node, bound: Set<String>) -> Set<String> {
        switch node.kind {
        case .variable(let name):
            let isOwn = name.isEmpty || name == "$" || bound.contains(name) || Library.functions[name] != nil
            if !isOwn { found.insert(name) }
            return bound
        case .path(let steps, _):
            _ = steps.reduce(bound) { $0.union(visit($1, bound: $0)).union(Self.bindings(of: $1)) }
            return bound
        case .block(let expressions):
            visitBlock(expressions, bound: bound)
            return bound
        case .bind(let name, let value):
            let outer = deferred
            deferred.insert(name)
            visit(value, bound: bound)
            deferred = outer
            return bound.union([name])
        case .lambda(let parameters, _, let body):
            visit(body, bound: bound.union(deferred).union(parameters))
            return bound
        case .object(let group):
            visit(group, bound: bound)
            return bound
        default: return visit(Self.parts(of: node), bound: bound)
        }
    }

    private mutating func visitBlock(_ expressions: [Node], bound: Set<String>) {
        let outer = deferred
        for case .bind(let name, _) in expressions.map(\.kind) { deferred.insert(name) }
        _ = visit(expressions, bound: bound)
        deferred = outer
    }

    /// The nodes inside one, where they are nothing but that.
    static func parts(of node: Node) -> [Node] {
        switch node.kind {
        case .binary(_, let left, let right), .and(let left, let right), .or(let left, let right),
            .apply(let left, let right):
            [left, right]
        case .negation(let operand): [operand]
        case .array(let items): items
        case .condition(let test, let then, let otherwise): [test, then] + [otherwise].compactMap { $0 }
        case .call(let call), .tailCall(let call), .partial(let call): [call.procedure] + call.arguments
        case .transform(let pattern, let update, let deletion):
            [pattern, update] + [deletion].compactMap { $0 }
        case .sort(let terms): terms.map(\.expression)
        default: []
        }
    }
}
