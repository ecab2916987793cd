/// The variables of one block or call, and the frame around it.
final class Frame {
    private var names: [String] = []
    private var values: [Value] = []
    private var parent: Frame?

    init(parent: Frame?) { self.parent = parent }

    func bind(_ name: String, _ value: Value) {
        if let place = names.firstIndex(of: name) {
            values[place] = value
        } else {
            names.append(name)
            values.append(value)
        }
    }

    /// The innermost variable of this name; nil when there is none. A variable may be bound to `.undefined`.
    func lookup(_ name: String) -> Value? {
        var frame: Frame? = self
        while let current = frame {
            if let place = current.names.firstIndex(of: name) { return current.values[place] }
            frame = current.parent
        }
        return nil
    }

    func release() {
        names = []
        values = []
        parent = nil
    }
}
