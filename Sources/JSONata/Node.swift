/// An expression ready to be evaluated. Immutable, so that one parsed expression serves many threads.
final class Node: Sendable {
    indirect enum Kind: Sendable {
        case path([Node], keepsSingleton: Bool)
        case binary(Operation, Node, Node)
        case and(Node, Node)
        case or(Node, Node)
        case negation(Node)
        case array([Node])
        case object(Group)
        case name(String)
        case variable(String)
        case string(String)
        case number(Double)
        case bool(Bool)
        case null
        case regex(RegexProgram, source: String)
        case wildcard
        case descendants
        case parent(label: String)
        case condition(Node, then: Node, otherwise: Node?)
        case block([Node])
        case bind(String, Node)
        case call(Call)
        case tailCall(Call)
        case partial(Call)
        case lambda(parameters: [String], Signature?, body: Node)
        case apply(Node, Node)
        case transform(pattern: Node, update: Node, deletion: Node?)
        case sort([SortTerm])
        /// The `?` of a partial application.
        case placeholder
    }

    enum Operation: String, Sendable {
        case add = "+"
        case subtract = "-"
        case multiply = "*"
        case divide = "/"
        case remainder = "%"
        case equal = "="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case concatenate = "&"
        case range = ".."
        case includes = "in"
    }

    enum Stage: Sendable {
        case filter(Node)
        case index(String)
    }

    struct Group: Sendable {
        let pairs: [(key: Node, value: Node)]
        let position: Int
    }

    struct SortTerm: Sendable {
        let expression: Node
        let isDescending: Bool
    }

    let kind: Kind
    let position: Int
    let predicates: [Node]
    let stages: [Stage]
    let group: Group?
    let keepsArray: Bool
    let isConstructor: Bool
    let isTuple: Bool
    let focus: String?
    let index: String?
    /// The label under which a step binds its parent for `%`.
    let ancestor: String?

    init(_ kind: Kind, _ draft: Draft, predicates: [Node], stages: [Stage], group: Group?) {
        self.kind = kind
        position = draft.position
        self.predicates = predicates
        self.stages = stages
        self.group = group
        keepsArray = draft.keepsArray
        isConstructor = draft.isConstructor
        isTuple = draft.isTuple
        focus = draft.focus
        index = draft.index
        ancestor = draft.ancestor?.label
    }
}

/// A call: what is called, and with what.
final class Call: Sendable {
    let procedure: Node
    let arguments: [Node]
    let position: Int

    init(procedure: Node, arguments: [Node], position: Int) {
        self.procedure = procedure
        self.arguments = arguments
        self.position = position
    }

    /// The name that was called, for errors.
    var name: String? {
        switch procedure.kind {
        case .variable(let name), .name(let name): name
        case .path(let steps, _): if case .name(let name)? = steps.first?.kind { name } else { nil }
        default: nil
        }
    }

    /// The name when a plain field was called, where a `$` may have been forgotten.
    var fieldName: String? { if case .path = procedure.kind { name } else { nil } }
}
