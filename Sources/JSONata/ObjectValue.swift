import JSONModel

/// An object while an expression is evaluated: members in insertion order.
///
/// A class, because the transform operator changes the objects that a pattern finds inside a copy. Nothing else calls
/// the mutating methods.
final class ObjectValue {
    private enum Storage {
        case members(MemberTable)
        case json(JSONObject)
    }

    private var storage: Storage
    private(set) var depth: Int

    init(json object: JSONObject) {
        storage = .json(object)
        depth = 0
    }

    init(_ members: MemberTable = MemberTable()) {
        storage = .members(members)
        depth = 1 + (members.values.map(\.depth).max() ?? 0)
    }

    convenience init(_ members: [(String, Value)]) {
        var table = MemberTable()
        for (key, value) in members { table[key] = value }
        self.init(table)
    }

    var count: Int {
        switch storage {
        case .members(let members): members.keys.count
        case .json(let object): object.count
        }
    }

    var isEmpty: Bool { count == 0 }

    var keys: [String] {
        switch storage {
        case .members(let members): members.keys
        case .json(let object): object.keys
        }
    }

    var values: [Value] {
        switch storage {
        case .members(let members): members.values
        case .json(let object): object.values.map(Value.init)
        }
    }

    /// A member, or `.undefined`.
    subscript(_ key: String) -> Value {
        switch storage {
        case .members(let members): members[key] ?? .undefined
        case .json(let object): object[key].map(Value.init) ?? .undefined
        }
    }

    var untouchedJSON: JSONObject? { if case .json(let object) = storage { object } else { nil } }

    // MARK: - For the transform operator

    func set(_ key: String, _ value: Value) {
        var members = table
        members[key] = value
        storage = .members(members)
        depth = max(depth, value.depth + 1)
    }

    func remove(_ key: String) {
        var members = table
        members[key] = nil
        storage = .members(members)
    }

    private var table: MemberTable {
        switch storage {
        case .members(let members):
            storage = .members(MemberTable())
            return members
        case .json(let object): return MemberTable(keys: object.keys, values: object.values.map(Value.init))
        }
    }
}

/// Members by name, in insertion order.
struct MemberTable {
    /// Above this many members an index is kept.
    private static let indexThreshold = 12

    private(set) var keys: [String]
    private(set) var values: [Value]
    private var index: [MemberName: Int]?

    init() {
        keys = []
        values = []
    }

    /// `keys` holds no name twice.
    init(keys: [String], values: [Value]) {
        self.keys = keys
        self.values = values
        if keys.count > Self.indexThreshold { rebuildIndex() }
    }

    subscript(_ key: String) -> Value? {
        get { position(of: key).map { values[$0] } }
        set {
            switch (position(of: key), newValue) {
            case (let place?, let value?): values[place] = value
            case (let place?, nil):
                keys.remove(at: place)
                values.remove(at: place)
                if index != nil { rebuildIndex() }
            case (nil, let value?):
                keys.append(key)
                values.append(value)
                if index != nil {
                    index?[MemberName(key)] = keys.count - 1
                } else if keys.count > Self.indexThreshold {
                    rebuildIndex()
                }
            case (nil, nil): break
            }
        }
    }

    private func position(of key: String) -> Int? {
        if let index { return index[MemberName(key)] }
        return keys.firstIndex { $0.hasSameScalars(as: key) }
    }

    private mutating func rebuildIndex() {
        index = Dictionary(uniqueKeysWithValues: keys.enumerated().map { (MemberName($1), $0) })
    }
}
