import Gzip
import TestKit
import Testing

@Suite struct GzipStreamTests {
    private func decompressed(_ bytes: [UInt8], pieces: Int = 1 << 16) throws -> (bytes: [UInt8], isWhole: Bool) {
        let stream = try GzipStream()
        var result: [UInt8] = []
        var start = 0
        while start < bytes.count {
            let end = min(start + pieces, bytes.count)
            try stream.decompress(bytes[start..<end]) { result += $0 }
            start = end
        }
        return (result, stream.isAtMemberEnd)
    }

    @Test(arguments: [1, 2, 7, 1000]) func whatWasCompressedComesBackHoweverItArrives(_ pieces: Int) throws {
        var random = SeededRandom(seed: 7)
        let text = (0..<5000).map { _ in UInt8.random(in: 0...9, using: &random) }

        let (bytes, isWhole) = try decompressed(gzip(text), pieces: pieces)

        #expect(bytes == text)
        #expect(isWhole)
    }

    @Test func membersFollowOneAnotherAndMayBePadded() throws {
        let (bytes, isWhole) = try decompressed(gzip("one ") + gzip("two") + [0, 0, 0])

        #expect(String(decoding: bytes, as: UTF8.self) == "one two")
        #expect(isWhole)
    }

    @Test func whatEndsTooEarlyIsNotWhole() throws {
        #expect(try !decompressed(Array(gzip("some text").dropLast(4))).isWhole)
    }

    @Test func damageIsSeen() {
        var bytes = gzip("some text that is long enough to be changed")
        bytes[bytes.count - 6] ^= 0xFF

        #expect(throws: GzipError.damaged) { try decompressed(bytes) }
        #expect(throws: GzipError.damaged) { try decompressed(Array("no gzip at all".utf8)) }
    }

    /// The check value that every catalogue of CRCs has for CRC-32/ISO-HDLC.
    @Test func checksumsAreThoseOfGzip() {
        #expect(crc32(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(crc32([]) == 0)
    }
}
