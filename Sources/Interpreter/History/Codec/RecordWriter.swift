import JSONModel
import WallTime

/// Writes the parts of a record.
struct RecordWriter {
    private(set) var bytes: [UInt8] = []
    /// Where in `bytes` the texts stand that were written so far, in order.
    private var texts: [Range<Int>] = []
    /// Their places by hash, counted from 1; 0 is free. A power of two, at least half of them free.
    private var slots = [UInt32](repeating: 0, count: 32)
    /// A text in the making, until it is known to be new.
    private var draft: [UInt8] = []
    /// The payload that was written last, and its place: most states hand on what they were given.
    private var payload: (value: JSONValue, place: UInt64)?

    init() {
        bytes.reserveCapacity(512)
        texts.reserveCapacity(16)
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
        let slot = slotOfDraft
        let place = UInt64(slots[slot])
        if place > 0 {
            unsigned(place)
            return place
        }
        byte(0)
        unsigned(UInt64(draft.count))
        let start = bytes.count
        bytes += draft
        texts.append(start..<bytes.count)
        slots[slot] = UInt32(texts.count)
        if texts.count > slots.count / 2 { growSlots() }
        return UInt64(texts.count)
    }

    /// Where the draft's place stands, or is to be put.
    private var slotOfDraft: Int {
        bytes.withUnsafeBytes { written in
            draft.withUnsafeBytes { draft in
                var slot = draft.textHash & (slots.count - 1)
                while slots[slot] > 0 {
                    let range = texts[Int(slots[slot]) - 1]
                    if range.count == draft.count, written[range].elementsEqual(draft) { return slot }
                    slot = (slot + 1) & (slots.count - 1)
                }
                return slot
            }
        }
    }

    private mutating func growSlots() {
        slots = [UInt32](repeating: 0, count: 4 * slots.count)
        bytes.withUnsafeBytes { written in
            for (index, range) in texts.enumerated() {
                var slot = UnsafeRawBufferPointer(rebasing: written[range]).textHash & (slots.count - 1)
                while slots[slot] > 0 { slot = (slot + 1) & (slots.count - 1) }
                slots[slot] = UInt32(index + 1)
            }
        }
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

extension UnsafeRawBufferPointer {
    /// Eight bytes at a time. Nobody gains by texts that collide: they make only their own record slow to write.
    fileprivate var textHash: Int {
        var hash = UInt64(truncatingIfNeeded: count)
        var place = 0
        while place + 8 <= count {
            hash = (hash ^ loadUnaligned(fromByteOffset: place, as: UInt64.self)) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash >> 32
            place += 8
        }
        while place < count {
            hash = (hash ^ UInt64(self[place])) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash >> 32
            place += 1
        }
        return Int(truncatingIfNeeded: hash & 0x7FFF_FFFF)
    }
}
