/// The variables of one block or call, and the frame around it.
final class Frame {
    private var names: [String] = []
    private var values: [Value] = []
    private var parent: Frame?

    init(parent: Frame?) { self.parent = parent }

    /// Binds many at once; `values` is as long as `names`. Of one name twice the last counts.
    init(parent: Frame?, names: [String], values: [Value]) {
        self.parent = parent
        self.names = names
        self.values = values
    }

    func bind(_ name: String, _ value: Value) {
        if let place = names.lastIndex(of: name) {
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
            if let place = current.names.lastIndex(of: name) { return current.values[place] }
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
