import JSONModel

/// What a decoder takes before it refuses, so that a small input can't fill the memory.
package struct DecoderLimits: Sendable {
    /// Of all that one input decompresses to. A day of a busy log is far below it.
    package var decompressedBytes: Int
    /// Of one record or one CloudWatch Logs payload.
    package var recordBytes: Int
    /// Of a record that can't be read: how much of it is kept.
    package var keptBytes: Int

    package init(decompressedBytes: Int = 512 << 20, recordBytes: Int = 16 << 20, keptBytes: Int = 256 << 10) {
        self.decompressedBytes = decompressedBytes
        self.recordBytes = recordBytes
        self.keptBytes = keptBytes
    }

    package static let standard = DecoderLimits()

    /// Bodies are what a caller sends and a model answers: none of it may keep Bedrock's own counts from being read.
    static let json = JSONLimits(cutsOff: true)
}
