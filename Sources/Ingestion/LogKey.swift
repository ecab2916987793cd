import BedrockUsage

/// What the keys of log objects say ("Amazon S3 destination" of Bedrock's and CloudTrail's guides).
enum LogKey {
    /// Whether the object holds no records: Bedrock's permission check, the large bodies beside the log, CloudTrail's
    /// digests, folders as the console makes them, files that are still being written.
    static func isSkipped(_ key: String) -> Bool {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        guard let name = parts.last, !name.isEmpty, !name.hasPrefix(".") else { return true }
        if name.hasSuffix("-permission-check") || name.hasSuffix(".tmp") || name.hasSuffix(".part") { return true }
        // What a batch job answered; its manifest sums it up.
        if BatchManifest.isOutput(key: key) { return true }
        if parts.contains("CloudTrail-Digest") { return true }
        // …/BedrockModelInvocationLogs/REGION/YYYY/MM/DD/HH/data/REQUEST_input.json.gz
        guard let log = parts.firstIndex(of: "BedrockModelInvocationLogs") else { return false }
        return parts[log...].dropLast().last == "data"
    }

    /// The day of an object below `folder`, as `YYYY/MM/DD`; nil when its key goes on otherwise.
    static func day(of key: String, below folder: String) -> String? {
        guard key.hasPrefix(folder) else { return nil }
        let parts = key.dropFirst(folder.count).split(separator: "/").prefix(3)
        guard parts.count == 3, isYear(parts[0]), isTwoDigits(parts[1]), isTwoDigits(parts[2]) else { return nil }
        return parts.joined(separator: "/")
    }

    static func isYear(_ text: some StringProtocol) -> Bool {
        text.utf8.count == 4 && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func isTwoDigits(_ text: Substring) -> Bool {
        text.utf8.count == 2 && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}
