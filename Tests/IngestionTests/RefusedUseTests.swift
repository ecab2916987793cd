import BedrockUsage
import Budgets
import Engine
import Enforcement
import JSONModel
import TestKit
import Testing
import WallTime

/// What is kept of a use that can't be charged, for a person who takes it in again.
@Suite struct RefusedUseTests {
    private static func decode(_ bytes: [UInt8]) -> [UsageRecord] { UsageDecoder.decode(bytes, source: "test") }

    private static func record(
        _ arn: String = "arn:aws:iam::111122223333:user/team/ana", input: String = "{}", output: String = "{}",
        more: String = ""
    ) -> String {
        #"{"timestamp":"2026-11-20T09:59:00.250Z","accountId":"111122223333","region":"eu-west-1","requestId":"r1","#
            + #""operation":"Converse","modelId":"eu.amazon.nova-pro-v1:0","identity":{"arn":"\#(arn)"},"#
            + #""input":\#(input),"output":\#(output)\#(more)}"#
    }

    private static let cached =
        #"{"inputTokenCount":3,"cacheReadInputTokenCount":1,"cacheWriteInputTokenCount":4}"#

    @Test(arguments: [
        record(), record(input: cached, output: #"{"outputTokenCount":5}"#), record(output: #"{"outputImageCount":2}"#),
        record(
            "arn:aws:sts::111122223333:assumed-role/App/session-7", input: cached,
            output: #"{"outputTokenCount":5,"outputBodyJson":{"serviceTier":{"type":"flex"},"#
                + #""metrics":{"latencyMs":640},"usage":{"cacheDetails":[{"inputTokens":3,"ttl":"1h"}]}}}"#),
        record("arn:aws:iam::111122223333:role/team/etl", more: #","errorCode":"ThrottlingException""#),
    ])
    func itReadsAsTheSameUse(_ text: String) throws {
        let records = Self.decode(Array(text.utf8))
        guard case .usage(let event) = try #require(records.first) else { return #expect(Bool(false), "\(records)") }
        #expect(Self.decode(event.logRecord.jsonBytes) == records)
    }

    @Test func aJobsTotalIsNoUnknownOperation() throws {
        let output = BatchOutput(
            jobID: "abc123def456", inputTokens: 7, outputTokens: 9, records: 2, source: "test", place: "out")
        let ana = try Principal(arn: "arn:aws:iam::111122223333:user/ana")
        let event = try #require(
            UsageEvent(
                output, jobARN: "arn:aws:bedrock:eu-west-1:111122223333:model-invocation-job/abc123def456", by: ana,
                model: "amazon.nova-pro-v1:0", at: Instant(milliseconds: 1_795_168_800_000)))
        #expect(Self.decode(event.logRecord.jsonBytes) == [.usage(event)])
    }

    @Test func aUseOfTheFutureIsChargedFromItsDeadLetterWhenItsTimeHasCome() async throws {
        let bench = Bench()
        let origin = IngestOrigin(name: "q", kind: .sqs)
        let ahead = logRecord("r1").replacing("2026-11-20T", with: "2026-11-25T")
        _ = try await bench.service.meter(Self.decode(Array(ahead.utf8)), from: origin)
        #expect(try await bench.charged == 0)
        let letter = try #require(try await bench.deadLetters.first)

        bench.clock.advance(by: .seconds(5 * 86_400))
        _ = try await bench.service.meter(Self.decode(letter.payload), from: origin)

        #expect(try await bench.charged == 1)
        #expect(try await bench.deadLetters.count == 1)
    }
}
