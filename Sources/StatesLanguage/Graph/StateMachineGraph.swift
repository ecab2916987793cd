/// A state machine as nodes and arrows, for drawing.
package struct StateMachineGraph: Sendable {
    package struct Node: Sendable, Equatable {
        /// Unique over all scopes: the names on the way, joined by `/`.
        package var id: String
        package var name: String
        package var type: StateType
    }

    package struct Edge: Sendable, Equatable {
        package enum Kind: Sendable, Equatable { case next, choice, catching, branch }

        package var from: String
        package var to: String
        package var label: String
        package var kind: Kind
    }

    package private(set) var nodes: [Node] = []
    package private(set) var edges: [Edge] = []
    package private(set) var start = ""

    package init(_ machine: StateMachine) {
        start = machine.scope.startAt
        add(machine.scope, prefix: "")
    }

    private mutating func add(_ scope: StateScope, prefix: String) {
        for name in scope.order {
            guard let state = scope.states[name] else { continue }
            let id = prefix + name
            nodes.append(Node(id: id, name: name, type: state.kind.type))
            if case .next(let next) = state.transition { connect(id, prefix + next, "", .next) }
            for catcher in state.catchers {
                connect(id, prefix + catcher.next, catcher.errorEquals.joined(separator: ", "), .catching)
            }
            addKind(state.kind, id: id, prefix: prefix)
        }
    }

    private mutating func addKind(_ kind: StateKind, id: String, prefix: String) {
        switch kind {
        case .choice(let choice):
            for (number, rule) in choice.rules.enumerated() {
                connect(id, prefix + rule.next, "rule \(number + 1)", .choice)
            }
            if let next = choice.defaultNext { connect(id, prefix + next, "default", .choice) }
        case .parallel(let branches):
            for (number, branch) in branches.enumerated() {
                let inner = "\(id)/\(number + 1)/"
                connect(id, inner + branch.startAt, "branch \(number + 1)", .branch)
                add(branch, prefix: inner)
            }
        case .map(let map):
            connect(id, "\(id)/each/" + map.processor.startAt, "each item", .branch)
            add(map.processor, prefix: "\(id)/each/")
        case .pass, .task, .wait, .succeed, .fail: break
        }
    }

    private mutating func connect(_ from: String, _ to: String, _ label: String, _ kind: Edge.Kind) {
        edges.append(Edge(from: from, to: to, label: label, kind: kind))
    }

    /// The graph in Graphviz's language.
    package var dot: String {
        var lines = ["digraph stateMachine {", "  node [shape=box, style=rounded, fontname=\"sans-serif\"];"]
        lines.append("  \"(start)\" [shape=circle, label=\"\", width=0.2, style=filled, fillcolor=black];")
        lines.append("  \"(start)\" -> \(Self.quoted(start));")
        for node in nodes {
            let shape =
                switch node.type {
                case .choice: "diamond"
                case .succeed, .fail: "oval"
                default: "box"
                }
            lines.append("  \(Self.quoted(node.id)) [label=\(Self.quoted(node.name)), shape=\(shape)];")
        }
        for edge in edges {
            let style = edge.kind == .catching ? ", style=dashed" : ""
            lines.append(
                "  \(Self.quoted(edge.from)) -> \(Self.quoted(edge.to)) [label=\(Self.quoted(edge.label))\(style)];")
        }
        return (lines + ["}"]).joined(separator: "\n")
    }

    /// The graph as a Mermaid flow chart.
    package var mermaid: String {
        let numbers = Dictionary(nodes.enumerated().map { ($1.id, "s\($0)") }, uniquingKeysWith: { first, _ in first })
        var lines = ["flowchart TD", "  start(( )) --> \(numbers[start] ?? "start")"]
        for node in nodes {
            let name = Self.quoted(node.name)
            let shape =
                switch node.type {
                case .choice: "{\(name)}"
                case .succeed, .fail: "([\(name)])"
                default: "[\(name)]"
                }
            lines.append("  \(numbers[node.id] ?? "")\(shape)")
        }
        for edge in edges {
            guard let from = numbers[edge.from], let to = numbers[edge.to] else { continue }
            let arrow = edge.kind == .catching ? "-.->" : "-->"
            lines.append("  \(from) \(arrow)\(edge.label.isEmpty ? "" : "|\(Self.quoted(edge.label))|") \(to)")
        }
        return lines.joined(separator: "\n")
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "'") + "\""
    }
}
