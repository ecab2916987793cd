/// A node of the syntax tree while the parser and the analyzer work on it; `Node` is what comes out.
///
/// The parser links drafts as the expression was written. The analyzer turns them into paths with steps, predicates
/// and groups. A class, because later parts of an expression change earlier ones (`[]`, `@`, `#`, `%`).
final class Draft {
    enum Kind {
        // Written
        case name(String)
        case variable(String)
        case string(String)
        case number(Double)
        case bool(Bool)
        case null
        case regex(pattern: String, ignoresCase: Bool, isMultiline: Bool)
        case wildcard
        case descendants
        case parent
        /// `and`, `or`, `in` where a value is expected (then a name), or the `?` of a partial application.
        case word(String)
        case binary(String, Draft, Draft)
        case negation(Draft)
        case array([Draft])
        case object([(Draft, Draft)])
        case group(Draft, [(Draft, Draft)])
        case sort(Draft, [(Draft, isDescending: Bool)])
        case call(Draft, [Draft], isPartial: Bool)
        case lambda([String], Signature?, Draft)
        case block([Draft])
        case condition(Draft, Draft, Draft?)
        case transform(Draft, Draft, Draft?)
        /// Where the expression ended although something had to follow.
        case end
        // Made by the analyzer
        case path([Draft])
        case sortStep([(Draft, isDescending: Bool)])
        case bind(String, Draft)
        case apply(Draft, Draft)
    }

    enum Stage {
        case filter(Draft)
        case index(String)
    }

    struct Group {
        let pairs: [(Draft, Draft)]
        let position: Int
    }

    /// Where a `%` finds its value: the step that binds `label` is `level` steps further out.
    final class Slot {
        var label: String
        var level = 1

        init(label: String) { self.label = label }
    }

    var kind: Kind
    let position: Int
    /// How deep the tree is below; bounded, since everything after the parser recurses.
    private(set) var height: Int
    var keepsArray = false
    var keepsSingleton = false
    var isConstructor = false
    var predicates: [Draft] = []
    var stages: [Stage]?
    var group: Group?
    var focus: String?
    var index: String?
    var isTuple = false
    /// Of a `%`: its own slot.
    var slot: Slot?
    /// Of a step: the slot whose label it binds to its parent.
    var ancestor: Slot?
    /// The slots below that still look for their step.
    var seekingParent: [Slot] = []

    init(_ kind: Kind, at position: Int, over parts: [Draft] = []) {
        self.kind = kind
        self.position = position
        height = 1 + (parts.map(\.height).max() ?? 0)
    }

    /// The node's name in an error.
    var typeName: String {
        switch kind {
        case .name: "name"
        case .variable: "variable"
        case .string: "string"
        case .number: "number"
        case .bool, .null: "value"
        case .regex: "regex"
        case .wildcard: "wildcard"
        case .descendants: "descendant"
        case .parent: "parent"
        case .word: "operator"
        case .binary: "binary"
        case .negation, .array, .object: "unary"
        case .group, .sort: "binary"
        case .call(_, _, let isPartial): isPartial ? "partial" : "function"
        case .lambda: "lambda"
        case .block: "block"
        case .condition: "condition"
        case .transform: "transform"
        case .path: "path"
        case .sortStep: "sort"
        case .bind: "bind"
        case .apply: "apply"
        case .end: "(end)"
        }
    }
}
