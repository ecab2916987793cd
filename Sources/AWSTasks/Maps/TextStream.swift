import Gzip

/// The text of an object as its bytes arrive: decompressed when it is gzip, without a byte order mark.
///
/// Not `Sendable`: one object, one stream.
struct TextStream {
    private var gzip: GzipStream?
    private var hasBegun = false
    /// The first bytes of the text, until it is known whether they are a byte order mark.
    private var head: [UInt8]? = []

    /// Takes the next bytes and gives their text to `take`, in pieces, until that wants no more.
    /// - Parameter take: returns whether it goes on.
    mutating func append(
        _ bytes: [UInt8], _ take: (ArraySlice<UInt8>) throws(ItemFault) -> Bool
    ) throws(ItemFault) {
        if !hasBegun, !bytes.isEmpty {
            hasBegun = true
            if GzipStream.isGzip(bytes[...]) { gzip = try Self.stream() }
        }
        guard let gzip else {
            _ = try take(text(bytes))
            return
        }
        var rest = bytes[...]
        while !rest.isEmpty {
            let (produced, failure) = gzip.next(&rest)
            if !produced.isEmpty, try !take(text(produced)) { return }
            if let failure { throw .refused(failure.description) }
        }
    }

    /// The object has ended: gives what is left to `take`.
    mutating func finish(_ take: (ArraySlice<UInt8>) throws(ItemFault) -> Bool) throws(ItemFault) {
        if let gzip, !gzip.isAtMemberEnd { throw .refused(GzipError.truncated.description) }
        if let head, !head.isEmpty { _ = try take(head[...]) }
        head = nil
    }

    private static func stream() throws(ItemFault) -> GzipStream {
        do { return try GzipStream() } catch { throw .refused(error.description) }
    }

    private mutating func text(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        guard let start = head else { return bytes[...] }
        let known = start + bytes
        guard known.count >= Self.mark.count else {
            head = known
            return []
        }
        head = nil
        return known.starts(with: Self.mark) ? known[Self.mark.count...] : known[...]
    }

    /// The byte order mark in UTF-8.
    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
}
