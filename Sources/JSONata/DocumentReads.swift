/// A place where an expression reads the document that it is evaluated over.
package struct DocumentRead: Sendable, Equatable {
    /// `$`, `$$`, `*`, `**`, or the name of a field.
    package let name: String
    /// Unicode scalars of the expression up to the end of the name.
    package let position: Int
    /// Whether a field is called, where the `$` of a function was probably forgotten.
    package let isCalled: Bool
}

/// Collects where an expression reads the document itself. Inside predicates, steps, groups, sorts and functions a name
/// belongs to the value at hand; only `$$` is the document there too.
struct DocumentReads {
    private(set) var found: [DocumentRead] = []

    /// - Parameter atTop: whether the document is what `$` stands for here.
    mutating func visit(_ node: Node, atTop: Bool, isCalled: Bool = false) {
        switch node.kind {
        case .name(let name): if atTop { add(name, node, isCalled) }
        case .wildcard: if atTop { add("*", node) }
        case .descendants: if atTop { add("**", node) }
        case .variable("$"): add("$$", node)
        case .variable(""): if atTop { add("$", node) }
        case .path(let steps, _):
            for (place, step) in steps.enumerated() { visit(step, atTop: atTop && place == 0, isCalled: isCalled) }
        case .apply(let left, let right):
            visit(left, atTop: atTop)
            if case .transform = right.kind { visitParts(of: right) } else { visit(right, atTop: atTop) }
        case .block(let expressions): for expression in expressions { visit(expression, atTop: atTop) }
        case .bind(_, let value): visit(value, atTop: atTop)
        case .lambda(_, _, let body): visit(body, atTop: false)
        case .call(let call), .tailCall(let call), .partial(let call):
            visit(call.procedure, atTop: atTop, isCalled: true)
            for argument in call.arguments { visit(argument, atTop: atTop) }
        case .object(let group): visit(group, atTop: atTop)
        case .transform, .sort: visitParts(of: node)
        default: for part in FreeVariables.parts(of: node) { visit(part, atTop: atTop) }
        }
        for filter in node.predicates { visit(filter, atTop: false) }
        for case .filter(let filter) in node.stages { visit(filter, atTop: false) }
        if let group = node.group { visit(group, atTop: false) }
    }

    /// The parts of a transformation or a sort work on what it is given.
    private mutating func visitParts(of node: Node) {
        for part in FreeVariables.parts(of: node) { visit(part, atTop: false) }
    }

    private mutating func visit(_ group: Node.Group, atTop: Bool) {
        for (key, value) in group.pairs {
            visit(key, atTop: atTop)
            visit(value, atTop: atTop)
        }
    }

    private mutating func add(_ name: String, _ node: Node, _ isCalled: Bool = false) {
        found.append(DocumentRead(name: name, position: node.position, isCalled: isCalled))
    }
}
