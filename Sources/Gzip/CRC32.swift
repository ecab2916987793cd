import CZlib

/// The checksum of gzip (RFC 1952, section 8), which S3 also takes for an object's.
package func crc32(_ bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBufferPointer { buffer in
        // zlib takes as many bytes at a time as an unsigned int holds.
        UInt32(truncatingIfNeeded: crc32_z(0, buffer.baseAddress, buffer.count))
    }
}
