/// One journal record: the events of one decision, in a compact binary form.
///
/// A record begins with the number of its format, so that a later version reads what this one wrote. Then come the
/// number of events and the events, each as its kind, what its header cannot leave out, and its fields. Integers are
/// LEB128 varints, signed ones in zigzag form. Every text, a payload as compact JSON included, is written once: where it
/// occurs again, a reference to the first occurrence stands instead. A step's record with small payloads comes to about
/// 150 bytes.
package enum HistoryCodec {
    /// The format that `encode` writes.
    static let version: UInt8 = 1

    /// The record of the events of one decision.
    package static func encode(_ events: [HistoryEvent]) -> [UInt8] {
        var writer = RecordWriter()
        writer.byte(version)
        writer.unsigned(UInt64(events.count))
        var header = HeaderState()
        for event in events { writer.event(event, &header) }
        return writer.bytes
    }

    /// The events of a record.
    /// - Throws: `HistoryCodecError` for a record of a newer format, and for bytes that `encode` cannot have written.
    package static func decode(_ record: [UInt8]) throws(HistoryCodecError) -> [HistoryEvent] {
        var reader = RecordReader(record)
        let version = try reader.byte()
        guard version == Self.version else { throw .unknownFormat(version) }
        let count = try reader.count(atLeastBytesEach: 2)
        var events: [HistoryEvent] = []
        events.reserveCapacity(count)
        var header = HeaderState()
        for _ in 0..<count { events.append(try reader.event(&header)) }
        guard reader.isAtEnd else { throw .damaged(offset: reader.offset, reason: "bytes after the last event") }
        return events
    }
}

/// Why a journal record cannot be read.
package enum HistoryCodecError: Error, Equatable, Sendable {
    /// Written by a newer version of Steward, or no journal record at all.
    case unknownFormat(UInt8)
    case damaged(offset: Int, reason: String)
}

extension HistoryCodecError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownFormat(let version):
            "the journal record has format \(version); this version reads format \(HistoryCodec.version): use the version "
                + "of Steward that wrote it, or a later one"
        case .damaged(let offset, let reason):
            "the journal record is damaged at byte \(offset): \(reason); restore the database from a backup"
        }
    }
}

/// What the header of the next event is likely to be: only differences from it are written.
struct HeaderState {
    var id = 0
    var previousID = 0
    var frame = 0
    var at: Int64 = 0

    /// The parts of a header that are as expected, one bit each.
    struct Expected: OptionSet {
        let rawValue: UInt8
        /// One more than the last event's id.
        static let nextID = Expected(rawValue: 1)
        /// A note: id 0.
        static let note = Expected(rawValue: 2)
        /// The predecessor is the last event.
        static let afterLast = Expected(rawValue: 4)
        static let sameFrame = Expected(rawValue: 8)
        static let sameInstant = Expected(rawValue: 16)
    }
}
