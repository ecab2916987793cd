import CZlib

/// One gzip member that holds `bytes`, as compressed as zlib can.
package func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var input = bytes
    // zlib keeps a pointer back to its stream, so the stream may not move.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    guard cz_deflate_init2(stream, 9, 15 + 16) == Z_OK else { preconditionFailure("zlib") }
    var output = [UInt8](repeating: 0, count: Int(deflateBound(stream, uLong(input.count))) + 64)
    let capacity = output.count
    input.withUnsafeMutableBufferPointer { source in
        output.withUnsafeMutableBufferPointer { target in
            stream.pointee.next_in = source.baseAddress
            stream.pointee.avail_in = uInt(source.count)
            stream.pointee.next_out = target.baseAddress
            stream.pointee.avail_out = uInt(capacity)
            guard deflate(stream, Z_FINISH) == Z_STREAM_END else { preconditionFailure("zlib") }
        }
    }
    let count = capacity - Int(stream.pointee.avail_out)
    deflateEnd(stream)
    return Array(output.prefix(count))
}

package func gzip(_ text: String) -> [UInt8] { gzip(Array(text.utf8)) }
