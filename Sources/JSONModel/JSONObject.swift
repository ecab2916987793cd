/// The members of a JSON object in the order in which they were inserted; a name occurs once.
///
/// Look-up is linear up to `indexThreshold` members, through a hash index above it.
package struct JSONObject: Sendable {
    /// Above this many members an index is kept: below it a scan is faster than hashing.
    static let indexThreshold = 12

    package private(set) var keys: [String]
    package private(set) var values: [JSONValue]
    private var index: [MemberName: Int]?

    package init() {
        keys = []
        values = []
    }

    /// Members in order; of several with one name the last value wins, at the first one's place.
    package init(_ members: some Sequence<(String, JSONValue)>) {
        self.init()
        for (key, value) in members { self[key] = value }
    }

    /// Names with their values; of a name that occurs twice the last value wins, at the first one's place.
    init(names: [String], values: [JSONValue]) {
        self.init()
        keys = names
        self.values = values
        if hasDuplicates() { self = JSONObject(zip(names, values)) }
    }

    /// Names, none of which occurs twice, with their values. Cheaper than setting one member after another.
    package init(uniqueNames names: [String], values: [JSONValue]) {
        keys = names
        self.values = values
        if keys.count > Self.indexThreshold { rebuildIndex() }
    }

    /// Keeps the index while it looks, when there is one to keep.
    private mutating func hasDuplicates() -> Bool {
        guard keys.count > Self.indexThreshold else {
            for (place, key) in keys.enumerated().dropFirst() {
                for other in keys[..<place] where other.hasSameScalars(as: key) { return true }
            }
            return false
        }
        var index: [MemberName: Int] = [:]
        index.reserveCapacity(keys.count)
        for (place, key) in keys.enumerated() where index.updateValue(place, forKey: MemberName(key)) != nil {
            return true
        }
        self.index = index
        return false
    }

    package var count: Int { keys.count }
    package var isEmpty: Bool { keys.isEmpty }

    package mutating func reserveCapacity(_ count: Int) {
        keys.reserveCapacity(count)
        values.reserveCapacity(count)
    }

    /// Reads a member; setting appends or replaces in place, and setting nil removes.
    package subscript(_ key: String) -> JSONValue? {
        get { position(of: key).map { values[$0] } }
        set {
            switch (position(of: key), newValue) {
            case (let place?, let value?): values[place] = value
            case (let place?, nil): remove(at: place)
            case (nil, let value?): append(key, value)
            case (nil, nil): break
            }
        }
    }

    package func contains(_ key: String) -> Bool { position(of: key) != nil }

    private func position(of key: String) -> Int? {
        if let index { return index[MemberName(key)] }
        return keys.firstIndex { $0.hasSameScalars(as: key) }
    }

    private mutating func append(_ key: String, _ value: JSONValue) {
        keys.append(key)
        values.append(value)
        if index != nil {
            index?[MemberName(key)] = keys.count - 1
        } else if keys.count > Self.indexThreshold {
            rebuildIndex()
        }
    }

    private mutating func remove(at place: Int) {
        let key = keys.remove(at: place)
        values.remove(at: place)
        guard index != nil else { return }
        index?[MemberName(key)] = nil
        for moved in place..<keys.count { index?[MemberName(keys[moved])] = moved }
    }

    private mutating func rebuildIndex() {
        index = Dictionary(uniqueKeysWithValues: keys.enumerated().map { (MemberName($1), $0) })
    }
}

extension JSONObject: Sequence {
    package func makeIterator() -> Zip2Sequence<[String], [JSONValue]>.Iterator { zip(keys, values).makeIterator() }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}

extension JSONObject: Hashable {
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.count == right.count else { return false }
        return left.allSatisfy { key, value in right[key] == value }
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        var members = 0
        for (key, value) in self {
            var member = Hasher()
            member.combine(key)
            member.combine(value)
            members ^= member.finalize()
        }
        hasher.combine(members)
    }
}

/// A name that is equal to another only when it has the same code points.
package struct MemberName: Hashable, Sendable {
    package let text: String

    package init(_ text: String) { self.text = text }

    package static func == (left: MemberName, right: MemberName) -> Bool { left.text.hasSameScalars(as: right.text) }

    /// Texts with the same code points have the same hash; those that Swift calls equal share one, which is harmless.
    package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

extension String {
    /// Equality by code points, where `==` is up to Unicode normalisation.
    package func hasSameScalars(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        let isSame = utf8.withContiguousStorageIfAvailable { mine in
            other.utf8.withContiguousStorageIfAvailable { theirs in
                var place = 0
                while place < mine.count, mine[place] == theirs[place] { place += 1 }
                return place == mine.count
            }
        }
        // Only a string bridged from elsewhere has no contiguous storage.
        return (isSame ?? nil) ?? utf8.elementsEqual(other.utf8)
    }
}
