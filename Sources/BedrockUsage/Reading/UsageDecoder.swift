package import Budgets
import Gzip
import JSONModel

/// Turns the bytes of an ingest source into usage records, as they arrive.
///
/// Takes model invocation logs and CloudTrail records as JSON objects (one a line, one after the other, or spread over
/// lines), in CloudWatch Logs payloads or EventBridge events, and any of them compressed with gzip, several members
/// included. A record that can't be read becomes `.unreadable`; the rest goes on. Not `Sendable`: one input, one decoder.
package final class UsageDecoder {
    private let limits: DecoderLimits
    private let reader: RecordReader
    private var splitter: RecordSplitter
    /// The first bytes of the input, until it is known whether it is compressed.
    private var head: [UInt8]? = []
    private var gzip: GzipStream?
    package private(set) var decompressed = 0
    /// Set when the input can't be read any further.
    private var failure: GzipError?

    /// - Parameter source: the ingest source's name, kept in each event.
    package init(source: String, limits: DecoderLimits = .standard) {
        self.limits = limits
        reader = RecordReader(source: source, limits: limits)
        splitter = RecordSplitter(limits: limits)
    }

    /// Decodes a whole input.
    package static func decode(
        _ bytes: [UInt8], source: String, limits: DecoderLimits = .standard
    ) -> [UsageRecord] {
        let decoder = UsageDecoder(source: source, limits: limits)
        return decoder.append(bytes) + decoder.finish()
    }

    /// Takes the next bytes of the input.
    /// - Returns: the records that are complete with them.
    package func append(_ bytes: [UInt8]) -> [UsageRecord] {
        guard failure == nil else { return [] }
        guard let start = head else { return read(bytes) }
        let known = start + bytes
        // Two bytes tell.
        guard known.count >= 2 else {
            head = known
            return []
        }
        head = nil
        return read(known)
    }

    /// The input has ended.
    /// - Returns: the last records, and an unreadable one when the input was damaged or cut off.
    package func finish() -> [UsageRecord] {
        var records: [UsageRecord] = []
        if let start = head {
            head = nil
            records += read(start)
        }
        if failure == nil, let gzip, !gzip.isAtMemberEnd { failure = .truncated }
        records += splitter.finish().flatMap(records(of:))
        if let failure {
            let report = UnreadableRecord(bytes: [], reason: failure.description, position: decompressed)
            records.append(.unreadable(report))
        }
        return records
    }

    private func read(_ bytes: [UInt8]) -> [UsageRecord] {
        do throws(GzipError) {
            if decompressed == 0, gzip == nil, GzipStream.isGzip(bytes[...]) { gzip = try GzipStream() }
            var pieces: [RecordSplitter.Piece] = []
            guard let gzip else {
                try count(bytes)
                return splitter.append(bytes).flatMap(records(of:))
            }
            do throws(GzipError) {
                try gzip.decompress(bytes[...]) { plain throws(GzipError) in
                    try self.count(plain)
                    pieces += self.splitter.append(plain)
                }
            } catch {
                failure = error
            }
            return pieces.flatMap(records(of:))
        } catch {
            failure = error
            return []
        }
    }

    private func count(_ bytes: [UInt8]) throws(GzipError) {
        decompressed += bytes.count
        guard decompressed <= limits.decompressedBytes else { throw .tooLarge(limit: limits.decompressedBytes) }
    }

    private func records(of piece: RecordSplitter.Piece) -> [UsageRecord] {
        switch piece.kind {
        case .tooLong: return [unreadable(piece, "it is longer than \(limits.recordBytes) bytes")]
        case .garbage: return [unreadable(piece, "it is not a JSON object")]
        case .object: break
        }
        do {
            return try records(piece, JSONValue(parsing: piece.bytes, limits: DecoderLimits.json))
        } catch {
            let lines = RecordSplitter.lines(of: piece)
            guard lines.count > 1 else { return [unreadable(piece, error.description)] }
            return lines.flatMap { line in
                do throws(JSONParseError) {
                    return records(line, try JSONValue(parsing: line.bytes, limits: DecoderLimits.json))
                } catch {
                    return [unreadable(line, error.description)]
                }
            }
        }
    }

    private func records(_ piece: RecordSplitter.Piece, _ json: JSONValue) -> [UsageRecord] {
        guard json.objectValue != nil else {
            return [unreadable(piece, InvocationLogError.notAnObject(json.typeName).description)]
        }
        return reader.records(RecordReader.Piece(json: json, bytes: piece.bytes, position: piece.position))
    }

    private func unreadable(_ piece: RecordSplitter.Piece, _ reason: String) -> UsageRecord {
        reader.unreadable(piece.bytes, reason, piece.position)
    }
}
