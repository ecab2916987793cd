/// One record of an ingest source, as its decoder understood it.
package enum UsageRecord: Sendable, Hashable {
    case usage(UsageEvent)
    /// It tells of a principal, without counting anything.
    case principal(PrincipalEvent)
    /// What a batch job has used in all.
    case batchOutput(BatchOutput)
    /// It says nothing about usage, and why that is known.
    case ignored(reason: String)
    case unreadable(UnreadableRecord)
}

/// A record that can't be understood; it is kept for a person, and the records after it go on.
package struct UnreadableRecord: Sendable, Hashable {
    /// The record as it came, or the beginning of one that is too long.
    package let bytes: [UInt8]
    package let reason: String
    /// Where it began: bytes from the start of the (decompressed) input.
    package let position: Int

    package init(bytes: [UInt8], reason: String, position: Int) {
        self.bytes = bytes
        self.reason = reason
        self.position = position
    }
}
