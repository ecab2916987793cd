import JSONModel

/// A path to one place of an event: `$`, `.name`, `['name']`, `[0]`.
struct EventPath: Sendable, Hashable {
    private enum Step: Sendable, Hashable {
        case member(String)
        case element(Int)
    }

    let text: String
    private let steps: [Step]

    init?(_ text: String) {
        guard text.first == "$" else { return nil }
        var rest = text.dropFirst()
        var steps: [Step] = []
        while let first = rest.first {
            rest = rest.dropFirst()
            if first == "." {
                let name = rest.prefix { $0 != "." && $0 != "[" && !$0.isWhitespace }
                guard !name.isEmpty else { return nil }
                steps.append(.member(String(name)))
                rest = rest.dropFirst(name.count)
            } else if first == "[", let close = rest.firstIndex(of: "]") {
                let inside = rest[..<close]
                if let quote = inside.first, quote == "'" || quote == "\"" {
                    guard inside.count > 2, inside.last == quote else { return nil }
                    steps.append(.member(String(inside.dropFirst().dropLast())))
                } else {
                    guard let index = Int(inside), index >= 0 else { return nil }
                    steps.append(.element(index))
                }
                rest = rest[rest.index(after: close)...]
            } else {
                return nil
            }
        }
        self.text = text
        self.steps = steps
    }

    func value(in event: JSONValue) throws(InputTemplateError) -> JSONValue {
        var value = event
        for step in steps {
            let next =
                switch step {
                case .member(let name): value[name]
                case .element(let index): value[index]
                }
            guard let next else { throw InputTemplateError(message: "the event has nothing at \(text)") }
            value = next
        }
        return value
    }
}
