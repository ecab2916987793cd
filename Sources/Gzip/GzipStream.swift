import CZlib

/// Decompresses gzip (RFC 1952) as it arrives, one or several members.
///
/// Not `Sendable`: it belongs to the reader that feeds it.
package final class GzipStream {
    /// zlib keeps a pointer back to its stream, so the stream may not move.
    private let stream: UnsafeMutablePointer<z_stream>
    /// Whether the last member has ended properly.
    package private(set) var isAtMemberEnd = false

    package static func isGzip(_ bytes: ArraySlice<UInt8>) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

    /// - Throws: `GzipError.unavailable` when zlib can't be set up.
    package init() throws(GzipError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 is the largest window, 16 asks for a gzip header.
        guard cz_inflate_init2(stream, 15 + 16) == Z_OK else { throw .unavailable }
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    /// Decompresses `input`, giving what comes out to `take` in pieces.
    /// - Throws: `GzipError` when the data is damaged; what came out before was given to `take`.
    package func decompress(
        _ input: ArraySlice<UInt8>, _ take: ([UInt8]) throws(GzipError) -> Void
    ) throws(GzipError) {
        var rest = input
        while !rest.isEmpty {
            let (produced, failure) = next(&rest)
            if !produced.isEmpty { try take(produced) }
            if let failure { throw failure }
        }
    }

    /// Decompresses the beginning of `rest`, and takes it away: at most 64 KiB come out at a time, so that a little
    /// input which makes much output can be stopped. Call again until `rest` is empty.
    /// - Returns: what came out, perhaps nothing, and why nothing more will.
    package func next(_ rest: inout ArraySlice<UInt8>) -> (produced: [UInt8], failure: GzipError?) {
        if isAtMemberEnd {
            // Some writers pad members with zeros.
            rest = rest.drop { $0 == 0 }
            if rest.isEmpty { return ([], nil) }
            guard inflateReset(stream) == Z_OK else { return ([], .unavailable) }
            isAtMemberEnd = false
        }
        let (consumed, produced, status) = step(rest)
        rest = rest.dropFirst(consumed)
        switch status {
        case Z_STREAM_END: isAtMemberEnd = true
        case Z_OK: break
        // No progress was possible: all input is used, or there was none.
        case Z_BUF_ERROR where consumed > 0 || rest.isEmpty: break
        default: return (produced, .damaged)
        }
        return (produced, nil)
    }

    private func step(_ input: ArraySlice<UInt8>) -> (consumed: Int, produced: [UInt8], status: Int32) {
        let capacity = 64 << 10
        var consumed = 0
        var status = Z_OK
        let produced = [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
            input.withUnsafeBufferPointer { source in
                // zlib never writes through next_in; its declaration is older than const.
                stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
                stream.pointee.avail_in = uInt(clamping: source.count)
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = uInt(capacity)
                let offered = Int(stream.pointee.avail_in)
                status = inflate(stream, Z_NO_FLUSH)
                consumed = offered - Int(stream.pointee.avail_in)
                count = capacity - Int(stream.pointee.avail_out)
            }
        }
        return (consumed, produced, status)
    }
}

/// Why compressed input could not be read to its end.
package enum GzipError: Error, Equatable, CustomStringConvertible {
    case damaged
    case truncated
    case tooLarge(limit: Int)
    case unavailable

    package var description: String {
        switch self {
        case .damaged: "the gzip data is damaged; what came before the damage was read"
        case .truncated: "the gzip data ends too early; what was there was read"
        case .tooLarge(let limit): "the input decompresses to more than \(limit) bytes; split it or raise the limit"
        case .unavailable: "zlib could not be set up; check the memory of the machine"
        }
    }
}
