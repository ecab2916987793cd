import JSONModel
import WallTime

/// Reads the parts of a record. Whatever the bytes are, it ends with a value or an error.
struct RecordReader {
    private let bytes: [UInt8]
    private(set) var offset = 0
    private var texts: [Range<Int>] = []
    /// Payloads that were parsed already, by place.
    private var parsed: [Int: JSONValue] = [:]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { offset == bytes.count }

    func damage(_ reason: String) -> HistoryCodecError { .damaged(offset: offset, reason: reason) }

    mutating func byte() throws(HistoryCodecError) -> UInt8 {
        guard offset < bytes.count else { throw damage("the record ends too early") }
        defer { offset += 1 }
        return bytes[offset]
    }

    mutating func unsigned() throws(HistoryCodecError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            let next = try byte()
            if shift == 63, next > 1 { break }
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return value }
        }
        throw damage("an integer has more than 64 bits")
    }

    mutating func signed() throws(HistoryCodecError) -> Int64 {
        let value = try unsigned()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func integer() throws(HistoryCodecError) -> Int { Int(try signed()) }

    mutating func instant() throws(HistoryCodecError) -> Instant { Instant(milliseconds: try signed()) }

    /// A number of things that take so many bytes each at least, so that damage cannot ask for endless memory.
    mutating func count(atLeastBytesEach size: Int) throws(HistoryCodecError) -> Int {
        let count = try unsigned()
        guard count <= UInt64((bytes.count - offset) / size) else { throw damage("a count is larger than the record") }
        return Int(count)
    }

    mutating func string() throws(HistoryCodecError) -> String {
        String(decoding: bytes[try text().range], as: UTF8.self)
    }

    mutating func json() throws(HistoryCodecError) -> JSONValue {
        let (place, range) = try text()
        if let value = parsed[place] { return value }
        do {
            let value = try JSONValue(parsing: Array(bytes[range]), limits: JSONLimits(depth: 1024))
            parsed[place] = value
            return value
        } catch {
            throw damage("a payload is not JSON: \(error)")
        }
    }

    mutating func failure() throws(HistoryCodecError) -> TaskFailure {
        TaskFailure(error: try string(), cause: try string())
    }

    private mutating func text() throws(HistoryCodecError) -> (place: Int, range: Range<Int>) {
        let reference = try unsigned()
        guard reference == 0 else {
            guard reference <= UInt64(texts.count) else { throw damage("a reference points nowhere") }
            return (Int(reference), texts[Int(reference) - 1])
        }
        let length = try count(atLeastBytesEach: 1)
        let range = offset..<(offset + length)
        offset += length
        texts.append(range)
        return (texts.count, range)
    }

    /// The kind of the next event and an event without it.
    mutating func header(
        _ state: inout HeaderState
    ) throws(HistoryCodecError) -> (kind: UInt8, header: HeaderState) {
        let kind = try byte()
        let expected = HeaderState.Expected(rawValue: try byte())
        var header = state
        if expected.contains(.note) {
            header.id = 0
        } else if expected.contains(.nextID) {
            let (id, overflows) = state.id.addingReportingOverflow(1)
            guard !overflows else { throw damage("an event id is too large") }
            header.id = id
        } else {
            header.id = try integer()
        }
        if !expected.contains(.afterLast) { header.previousID = try integer() }
        if !expected.contains(.sameFrame) { header.frame = try integer() }
        if !expected.contains(.sameInstant) { header.at = state.at &+ (try signed()) }
        return (kind, header)
    }
}
