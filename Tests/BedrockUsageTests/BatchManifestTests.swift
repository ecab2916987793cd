import BedrockUsage
import Budgets
import Testing
import WallTime

@Suite struct BatchManifestTests {
    private static let whole =
        #"{"totalRecordCount":10,"processedRecordCount":9,"successRecordCount":7,"errorRecordCount":2,"#
        + #""inputTokenCount":1200,"outputTokenCount":340}"#

    @Test(arguments: [
        ("out/abc123def456/manifest.json.out", "abc123def456"), ("abc123def456/manifest.json.out", "abc123def456"),
        ("bucket/a/b/abc123def456/manifest.json.out", "abc123def456"), ("manifest.json.out", nil),
        ("out/manifest.json.out", nil), ("out/ABC123DEF456/manifest.json.out", nil),
        ("out/abc123def456/manifest.json", nil), ("out/abc123def456/input.jsonl.out", nil),
    ])
    func theFolderIsTheJob(_ key: String, _ id: String?) { #expect(BatchManifest.jobID(ofKey: key) == id) }

    @Test func theTotalsAreRead() {
        let at = Instant(milliseconds: 1_795_168_800_000)
        let record = BatchManifest.read(
            Array(Self.whole.utf8), ofKey: "o/abc123def456/manifest.json.out", endedAt: at, source: "jobs")
        #expect(
            record
                == .batchOutput(
                    BatchOutput(
                        jobID: "abc123def456", inputTokens: 1200, outputTokens: 340, records: 9, failedRecords: 2,
                        endedAt: at, source: "jobs", place: "o/abc123def456/manifest.json.out")))
    }

    @Test func embeddingsHaveNoOutput() {
        let record = BatchManifest.read(
            Array(#"{"inputTokenCount":5}"#.utf8), ofKey: "o/abc123def456/manifest.json.out", endedAt: nil, source: "s")
        guard case .batchOutput(let output) = record else { return #expect(Bool(false), "\(record)") }
        #expect(output.inputTokens == 5 && output.outputTokens == 0)
    }

    @Test(arguments: [
        "", "[]", "{", "{}", #"{"inputTokenCount":-1,"outputTokenCount":1}"#, #"{"outputTokenCount":1}"#,
        #"{"inputTokenCount":"many"}"#, #"{"inputTokenCount":1,"outputTokenCount":-5}"#,
        #"{"inputTokenCount":9000000000000000000}"#, #"{"inputTokenCount":1,"outputTokenCount":1000000000001}"#,
        #"{"inputTokenCount":1, "x": ""# + String(repeating: "x", count: BatchManifest.largest) + #""}"#,
    ])
    func whatCountsNothingIsKeptForAPerson(_ text: String) {
        let record = BatchManifest.read(
            Array(text.utf8), ofKey: "o/abc123def456/manifest.json.out", endedAt: nil, source: "s")
        guard case .unreadable = record else { return #expect(Bool(false), "\(record)") }
    }
}
