import JSONModel
import WallTime

/// Writes the parts of a record.
struct RecordWriter {
    private(set) var bytes: [UInt8] = []
    /// Where in `bytes` the texts stand that were written so far, in order. A step's record has so few that looking at
    /// each costs less than a table.
    private var texts: [Range<Int>] = []
    /// Their places, once there are many.
    private var places: [[UInt8]: Int] = [:]
    private static let few = 16
    /// A text in the making, until it is known to be new.
    private var draft: [UInt8] = []
    /// The payload that was written last, and its place: most states hand on what they were given.
    private var payload: (value: JSONValue, place: UInt64)?

    init() {
        bytes.reserveCapacity(512)
        texts.reserveCapacity(Self.few)
    }

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    mutating func unsigned(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func signed(_ value: Int64) { unsigned(UInt64(bitPattern: (value << 1) ^ (value >> 63))) }

    mutating func integer(_ value: Int) { signed(Int64(value)) }

    mutating func instant(_ value: Instant) { signed(value.milliseconds) }

    mutating func string(_ value: String) {
        draft.append(contentsOf: value.utf8)
        text()
    }

    mutating func json(_ value: JSONValue) {
        if let payload, payload.value.isSameStorage(as: value) { return unsigned(payload.place) }
        value.appendJSON(to: &draft)
        payload = (value, text())
    }

    mutating func optional<Value>(_ value: Value?, _ write: (inout RecordWriter, Value) -> Void) {
        guard let value else { return byte(0) }
        byte(1)
        write(&self, value)
    }

    mutating func failure(_ value: TaskFailure) {
        string(value.error)
        string(value.cause)
    }

    /// Writes the draft: 0, the length and the bytes of a new text; else the place of an old one, counted from 1.
    /// - Returns: its place.
    @discardableResult
    private mutating func text() -> UInt64 {
        defer { draft.removeAll(keepingCapacity: true) }
        if let place = placeOfDraft {
            unsigned(UInt64(place))
            return UInt64(place)
        }
        byte(0)
        unsigned(UInt64(draft.count))
        let start = bytes.count
        bytes += draft
        texts.append(start..<bytes.count)
        if texts.count > Self.few { notePlaces() }
        return UInt64(texts.count)
    }

    private var placeOfDraft: Int? {
        if texts.count > Self.few { return places[draft] }
        return texts.firstIndex { $0.count == draft.count && bytes[$0].elementsEqual(draft) }.map { $0 + 1 }
    }

    private mutating func notePlaces() {
        for place in (places.count + 1)...texts.count { places[Array(bytes[texts[place - 1]])] = place }
    }

    mutating func header(_ event: HistoryEvent, kind: UInt8, _ state: inout HeaderState) {
        var expected: HeaderState.Expected = []
        if event.id == 0 {
            expected.insert(.note)
        } else if event.id == state.id + 1 {
            expected.insert(.nextID)
        }
        if event.previousID == state.previousID { expected.insert(.afterLast) }
        if event.frame == state.frame { expected.insert(.sameFrame) }
        if event.at.milliseconds == state.at { expected.insert(.sameInstant) }
        byte(kind)
        byte(expected.rawValue)
        if expected.isDisjoint(with: [.note, .nextID]) { integer(event.id) }
        if !expected.contains(.afterLast) { integer(event.previousID) }
        if !expected.contains(.sameFrame) { integer(event.frame) }
        if !expected.contains(.sameInstant) { signed(event.at.milliseconds &- state.at) }
        state.follow(event)
    }
}

extension HeaderState {
    /// Notes stand aside: the next event follows the last one that counts.
    mutating func follow(_ event: HistoryEvent) {
        if event.id != 0 {
            id = event.id
            previousID = event.id
        }
        frame = event.frame
        at = event.at.milliseconds
    }
}
