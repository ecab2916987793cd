/// An item of a path with the variables bound on the way to it.
struct Tuple {
    var item: Value
    private(set) var bindings: [(name: String, value: Value)] = []

    init(item: Value) { self.item = item }

    mutating func bind(_ name: String, _ value: Value) {
        if let place = bindings.firstIndex(where: { $0.name == name }) {
            bindings[place].value = value
        } else {
            bindings.append((name, value))
        }
    }

    /// Takes over the item and the variables of a tuple that a step produced.
    mutating func merge(_ other: Tuple) {
        item = other.item
        for (name, value) in other.bindings { bind(name, value) }
    }

    /// A frame in which the variables can be read.
    func frame(in parent: Frame) -> Frame {
        let frame = Frame(parent: parent)
        for (name, value) in bindings { frame.bind(name, value) }
        return frame
    }
}

/// The tuples of a path. A class, so that a value stays small.
final class TupleStream {
    let tuples: [Tuple]

    init(_ tuples: [Tuple]) { self.tuples = tuples }
}
