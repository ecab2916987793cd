import Testing

@testable import Ingestion

@Suite struct LogKeyTests {
    @Test(arguments: [
        ("AWSLogs/1/BedrockModelInvocationLogs/us-east-1/2026/11/20/10/x.json.gz", false),
        ("AWSLogs/1/BedrockModelInvocationLogs/us-east-1/2026/11/20/10/data/r_input.json.gz", true),
        ("AWSLogs/1/BedrockModelInvocationLogs/amazon-bedrock-logs-permission-check", true),
        ("AWSLogs/1/CloudTrail/us-east-1/2026/11/20/x.json.gz", false),
        ("AWSLogs/1/CloudTrail-Digest/us-east-1/2026/11/20/x.json.gz", true),
        ("logs/", true), ("", true), ("data/x.jsonl", false), ("x.jsonl.tmp", true), (".hidden", true),
    ])
    func whatHoldsNoRecordsIsSkipped(_ key: String, _ isSkipped: Bool) {
        #expect(LogKey.isSkipped(key) == isSkipped)
    }

    @Test(
        arguments: [
            ("p/2026/11/20/10/x", "p/", "2026/11/20"), ("p/2026/11/20/x", "p/", "2026/11/20"),
            ("p/2026/1/20/x", "p/", nil),
            ("p/logs/2026/11/20/x", "p/", nil), ("q/2026/11/20/x", "p/", nil), ("2026/11/20/x", "", "2026/11/20"),
        ] as [(String, String, String?)])
    func aKeyTellsItsDay(_ key: String, _ folder: String, _ day: String?) {
        #expect(LogKey.day(of: key, below: folder) == day)
    }

    @Test(arguments: [("2026/11/20", "2026/11/19"), ("2026/03/01", "2026/02/28"), ("2026/01/01", "2025/12/31")])
    func theDayBeforeIsListedToo(_ day: String, _ before: String) {
        #expect(BucketSource.dayBefore(day) == before)
    }

    @Test func aWeekBeforeIsLookedThroughForLateOnes() {
        #expect(BucketSource.dayBefore("2026/03/03", by: 7) == "2026/02/24")
    }

    @Test(
        arguments: [
            ("https://sqs.eu-west-1.amazonaws.com/111122223333/q", "eu-west-1"),
            ("https://us-east-2.queue.amazonaws.com/111122223333/q", "us-east-2"), ("http://127.0.0.1:5000/1/q", nil),
        ] as [(String, String?)])
    func aQueueTellsItsRegion(_ url: String, _ region: String?) {
        #expect(QueueSettings(url: url).regionOfURL == region)
    }
}
