package import Budgets
import JSONModel
package import WallTime

/// `manifest.json.out`, which Bedrock writes beside the output of a batch job when the job has ended ("Process multiple
/// prompts with batch inference": `OUTPUT-PREFIX/JOB-ID/manifest.json.out`).
///
/// It counts the tokens of all records together. Neither it nor the output names the job's creator.
package enum BatchManifest {
    /// A manifest has some hundred bytes.
    package static let largest = 64 << 10

    /// The job's id when the key is that of a manifest; nil for any other.
    package static func jobID(ofKey key: String) -> String? {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[parts.count - 1] == "manifest.json.out" else { return nil }
        let id = String(parts[parts.count - 2])
        return id.wholeMatch(of: /[a-z0-9]{12}/) == nil ? nil : id
    }

    /// Whether the key is that of a batch job's answers, which say nothing that its manifest does not sum up.
    package static func isOutput(key: String) -> Bool { key.hasSuffix(".jsonl.out") }

    /// - Parameters:
    ///   - bytes: The manifest, or its beginning when it is longer than `largest`.
    ///   - endedAt: When it was written, where that is known.
    package static func read(
        _ bytes: [UInt8], ofKey key: String, endedAt: Instant?, source: String
    ) -> UsageRecord {
        guard let id = jobID(ofKey: key) else { return unreadable(bytes, "\(key) is no manifest of a batch job") }
        guard bytes.count <= largest else { return unreadable(bytes, "a batch job's manifest is not that long") }
        let json: JSONValue
        do {
            json = try JSONValue(parsing: bytes)
        } catch {
            return unreadable(bytes, "the manifest of batch job \(id): \(error)")
        }
        func count(_ name: String) -> Int64? {
            json[name]?.intValue.flatMap { (0...largestCount).contains($0) ? $0 : nil }
        }
        // Embeddings have no output; without a count of input nothing can be said.
        guard let input = count("inputTokenCount"), json["outputTokenCount"] == nil || count("outputTokenCount") != nil
        else { return unreadable(bytes, "the manifest of batch job \(id) has no counts of tokens that make sense") }
        return .batchOutput(
            BatchOutput(
                jobID: id, inputTokens: input, outputTokens: count("outputTokenCount") ?? 0,
                records: count("processedRecordCount") ?? count("totalRecordCount") ?? 0,
                failedRecords: count("errorRecordCount") ?? 0, endedAt: endedAt, source: source, place: key))
    }

    private static func unreadable(_ bytes: [UInt8], _ reason: String) -> UsageRecord {
        .unreadable(
            UnreadableRecord(bytes: Array(bytes.prefix(DecoderLimits.standard.keptBytes)), reason: reason, position: 0))
    }
}
