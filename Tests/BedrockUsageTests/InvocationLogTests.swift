import Budgets
import Testing
import WallTime

@testable import BedrockUsage

@Suite struct InvocationLogTests {
    @Test func invokeModelIsReadWithItsOneHourCache() throws {
        let event = try #require(decode(Samples.invokeModel).events.first)

        #expect(
            event.key
                == UsageKey(
                    account: "111122223333", region: "us-east-1", requestID: "6f1c0a52-0b7e-4d0c-9d5e-0f4a4b1f9c01"))
        #expect(event.at == Instant(iso8601: "2026-11-20T10:15:42Z"))
        #expect(event.principal.id.description == "111122223333/user/BedrockAPIKey-ab12")
        #expect(event.model.base == "anthropic.claude-sonnet-4-6")
        #expect(event.model.scope == .geography("us"))
        #expect(event.operation == "InvokeModel")
        #expect(event.tokens == TokenCounts(input: 3, output: 41, cacheWrite1h: 18_779))
        #expect(event.source == "test")
    }

    @Test func converseOfARoleIsRead() throws {
        let event = try #require(decode(Samples.converse).events.first)

        #expect(event.principal.id.description == "111122223333/role/AppRole")
        #expect(event.principal.session == "session-7")
        #expect(event.tokens == TokenCounts(input: 120, output: 80, cacheRead: 900))
        #expect(event.key.region == "eu-west-1")
    }

    @Test func aStreamIsOneRecord() throws {
        let records = decode(Samples.converseStream)

        #expect(records.count == 1)
        #expect(records.events.first?.tokens == TokenCounts(input: 10, output: 5))
        #expect(records.events.first?.principal.path == "/team-a/")
    }

    @Test func aFailedCallIsUsageThatIsNotBillable() throws {
        let event = try #require(decode(Samples.failed).events.first)

        #expect(event.errorCode == "ThrottlingException")
        #expect(try PriceBook.standard.charge(for: event).basis == .notBillable)
    }

    /// Bodies in the words of each provider; the envelope has no counts.
    @Test(arguments: [
        (
            #"{"usage":{"inputTokens":7,"outputTokens":9,"cacheReadInputTokens":2,"cacheWriteInputTokens":5,"cacheDetails":[{"inputTokens":3,"ttl":"1h"},{"inputTokens":2,"ttl":"5m"}]}}"#,
            TokenCounts(input: 7, output: 9, cacheRead: 2, cacheWrite5m: 2, cacheWrite1h: 3)
        ),
        (
            #"{"usage":{"input_tokens":7,"output_tokens":9,"cache_creation":{"ephemeral_5m_input_tokens":4,"ephemeral_1h_input_tokens":6}}}"#,
            TokenCounts(input: 7, output: 9, cacheWrite5m: 4, cacheWrite1h: 6)
        ),
        (
            #"[{"type":"message_start","message":{"usage":{"input_tokens":25,"cache_read_input_tokens":11,"output_tokens":1}}},{"type":"content_block_delta"},{"type":"message_delta","usage":{"output_tokens":15}},{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":25,"outputTokenCount":15}}]"#,
            TokenCounts(input: 25, output: 15, cacheRead: 11)
        ),
        (
            #"{"inputTextTokenCount":5,"results":[{"tokenCount":8},{"tokenCount":4}]}"#,
            TokenCounts(input: 5, output: 12)
        ),
        (
            #"[{"outputText":"a","inputTextTokenCount":5,"totalOutputTextTokenCount":6},{"outputText":"b","totalOutputTextTokenCount":9}]"#,
            TokenCounts(input: 5, output: 9)
        ),
        (
            #"[{"prompt_token_count":30,"generation_token_count":1},{"prompt_token_count":null,"generation_token_count":2}]"#,
            TokenCounts(input: 30, output: 2)
        ),
        (
            #"{"usage":{"prompt_tokens":100,"completion_tokens":20,"prompt_tokens_details":{"cached_tokens":60}}}"#,
            TokenCounts(input: 40, output: 20, cacheRead: 60)
        ),
        (
            #"{"usage":{"input_tokens":100,"output_tokens":20,"input_tokens_details":{"cached_tokens":60}}}"#,
            TokenCounts(input: 40, output: 20, cacheRead: 60)
        ),
    ])
    func missingCountsComeFromTheBody(body: String, tokens: TokenCounts) throws {
        let event = try #require(decode(Samples.record(output: #"{"outputBodyJson":\#(body)}"#)).events.first)

        #expect(event.tokens == tokens)
        #expect(event.isMetered)
    }

    @Test func theEnvelopeGoesBeforeTheBody() throws {
        let output =
            #"{"outputTokenCount":5,"outputBodyJson":{"usage":{"input_tokens":999,"output_tokens":999,"cache_creation":{"ephemeral_1h_input_tokens":999}}}}"#
        let input = #"{"inputTokenCount":3,"cacheReadInputTokenCount":1,"cacheWriteInputTokenCount":4}"#

        let event = try #require(decode(Samples.record(input: input, output: output)).events.first)

        #expect(event.tokens == TokenCounts(input: 3, output: 5, cacheRead: 1, cacheWrite1h: 4))
    }

    /// Nobody can say what period such a time belongs to: arithmetic on it would end the daemon.
    @Test(arguments: [Int64.min, -1, 253_402_300_800_000, Int64.max])
    func aTimeBeyondAllCalendarsIsNotRead(_ milliseconds: Int64) {
        let record = Samples.record().replacing(#""2026-11-20T10:17:00Z""#, with: "\(milliseconds)")
        let records = decode(record)
        #expect(records.events.isEmpty)
        #expect(records.unreadable.map(\.reason) == ["timestamp does not read: \(milliseconds)"])
    }

    /// What a caller sends keeps nobody from reading what Bedrock has counted: bodies nested deeper than is read, and
    /// numbers that nobody can hold.
    @Test(arguments: [("[", "]"), (#"{"a":"#, "}")])
    func aBodyCantHideWhatWasCounted(_ opening: String, _ closing: String) throws {
        let nested = String(repeating: opening, count: 9000) + #""]""# + String(repeating: closing, count: 9000)
        let input = #"{"inputTokenCount":3,"inputBodyJson":{"maximum":1e999,"schema":\#(nested)}}"#
        let record = Samples.record(input: input, output: #"{"outputTokenCount":41}"#)

        for text in [record, Samples.subscription([record])] {
            let records = decode(text)
            #expect(records.unreadable.isEmpty)
            #expect(records.events.first?.tokens == TokenCounts(input: 3, output: 41))
        }
    }

    /// All that is written counts for five minutes where nothing says more, and the use tells so.
    @Test(
        arguments: [
            (4, "{}", true), (4, #"{"outputBodyS3Path":"s3://logs/data/r1_output.json.gz"}"#, true),
            (4, #"{"outputBodyJson":{"usage":{"inputTokens":3,"cacheWriteInputTokens":4}}}"#, true),
            (4, #"{"outputBodyJson":{"usage":{"cacheDetails":[{"inputTokens":4,"ttl":"5m"}]}}}"#, false),
            (4, #"{"outputBodyJson":{"usage":{"cache_creation":{"ephemeral_1h_input_tokens":0}}}}"#, false),
            (0, "{}", false),
        ] as [(Int64, String, Bool)])
    func whetherTheSplitOfTheCacheIsKnown(written: Int64, output: String, isUnknown: Bool) throws {
        let input = #"{"inputTokenCount":3,"cacheWriteInputTokenCount":\#(written)}"#

        let event = try #require(decode(Samples.record(input: input, output: output)).events.first)

        #expect(event.isCacheSplitUnknown == isUnknown)
        #expect(event.tokens == TokenCounts(input: 3, cacheWrite5m: written))
    }

    @Test func imagesAndEmbeddingsAreCounted() throws {
        let image = try #require(decode(Samples.record(output: #"{"outputImageCount":2}"#)).events.first)
        let body = try #require(
            decode(Samples.record(output: #"{"outputBodyJson":{"images":["aa","bb","cc"]}}"#)).events.first)
        let embedding = try #require(decode(Samples.record(input: #"{"inputTokenCount":12}"#)).events.first)

        #expect(image.images == 2)
        #expect(body.images == 3)
        #expect(embedding.tokens == TokenCounts(input: 12))
        #expect([image, body, embedding].filter(\.isMetered).count == 3)
    }

    @Test func aRecordWithoutCountsIsNotMetered() throws {
        let event = try #require(decode(Samples.record()).events.first)

        #expect(!event.isMetered)
    }

    @Test(arguments: [
        (
            #"{"outputBodyJson":{"serviceTier":{"type":"priority"},"usage":{"outputTokens":1}}}"#, "",
            ServiceTier.priority
        ),
        (#"{"outputBodyJson":[{"metadata":{"serviceTier":{"type":"flex"}}}]}"#, "", .flex),
        (#"{"outputBodyJson":{"serviceTier":{"type":"default"}}}"#, "", .standard), ("{}", "", .standard),
    ])
    func theTierIsWhatTheBodyEchoes(output: String, extra: String, tier: ServiceTier) throws {
        #expect(try #require(decode(Samples.record(output: output, extra: extra)).events.first).tier == tier)
    }

    /// What the answer says counts; where it fell back, the call costs what any does.
    @Test(
        arguments: [
            (#"{"latency":"optimized"}"#, "{}", "{}", .optimized), (#"{"latency":"standard"}"#, "{}", "{}", .standard),
            ("null", #"{"performanceConfig":{"latency":"optimized"}}"#, "{}", .optimized),
            ("null", "{}", #"{"performanceConfig":{"latency":"optimized"}}"#, .optimized),
            ("null", "{}", #"[{"metadata":{"performanceConfig":{"latency":"optimized"}}}]"#, .optimized),
            (#"{"latency":"optimized"}"#, "{}", #"{"performanceConfig":{"latency":"standard"}}"#, .standard),
            (#"{"latency":"optimized"}"#, "{}", #"{"serviceTier":{"type":"priority"}}"#, .priority),
        ] as [(String, String, String, ServiceTier)])
    func whatIsOptimizedForLatencyIsToldApart(
        envelope: String, request: String, answer: String, tier: ServiceTier
    ) throws {
        let record = Samples.record(
            input: #"{"inputTokenCount":1,"inputBodyJson":\#(request)}"#, output: #"{"outputBodyJson":\#(answer)}"#,
            extra: #","performanceConfig":\#(envelope)"#)
        #expect(try #require(decode(record).events.first).tier == tier)
    }

    /// Whoever calls writes the request, and the tier that is wished for need not be the one that serves.
    @Test(
        arguments: [
            (#"{"serviceTier":{"type":"flex"}}"#, "{}", .standard), (#"{"service_tier":"flex"}"#, "{}", .standard),
            (#"{"serviceTier":{"type":"priority"}}"#, "{}", .priority),
            (#"{"service_tier":"priority"}"#, #"{"outputBodyJson":{"service_tier":"default"}}"#, .standard),
            (#"{"serviceTier":{"type":"flex"}}"#, #"{"outputBodyJson":{"serviceTier":{"type":"flex"}}}"#, .flex),
            (#"{"serviceTier":{"type":"flex"}}"#, #"{"outputBodyJson":{"usage":{"outputTokens":1}}}"#, .standard),
        ] as [(String, String, ServiceTier)])
    func aWishMakesNothingCheaper(request: String, output: String, tier: ServiceTier) throws {
        let input = #"{"inputTokenCount":1,"inputBodyJson":\#(request)}"#
        #expect(try #require(decode(Samples.record(input: input, output: output)).events.first).tier == tier)
    }

    @Test func optionalPartsMayBeMissing() throws {
        let text =
            #"{"timestamp":1795169742000,"region":"us-east-1","requestId":"r","modelId":"m","identity":{"arn":"arn:aws:iam::9:user/a"}}"#

        let event = try #require(decode(text).events.first)

        #expect(event.key.account == "9")
        #expect(event.at.milliseconds == 1_795_169_742_000)
        #expect(event.operation == "unknown")
    }

    @Test(arguments: [
        ("requestId", "the record has no requestId"), ("region", "the record has no region"),
        ("timestamp", "the record has no timestamp"), ("identity", "the record has no identity.arn"),
        ("modelId", "the record has no modelId"),
    ])
    func whatIsNeededHasToBeThere(name: String, reason: String) throws {
        let text = Samples.converse.replacing("\"\(name)\"", with: "\"x\"")

        let unreadable = try #require(decode(text).unreadable.first)
        #expect(unreadable.reason == reason)
        #expect(unreadable.bytes == Array(text.utf8))
    }

    @Test(arguments: [
        (#"{"inputTokenCount":-1}"#, "inputTokenCount does not read: -1"),
        (#"{"inputTokenCount":1.5}"#, "inputTokenCount does not read: 1.5"),
        (#"{"inputTokenCount":"7"}"#, "inputTokenCount does not read: \"7\""),
        (
            #"{"cacheWriteInputTokenCount":9000000000000000000}"#,
            "cacheWriteInputTokenCount does not read: 9000000000000000000"
        ),
    ])
    func absurdCountsMakeARecordUnreadable(input: String, reason: String) throws {
        #expect(try #require(decode(Samples.record(input: input)).unreadable.first).reason == reason)
    }

    /// A model that counts in fractions says nothing that Bedrock's own counts need.
    @Test(
        arguments: [
            (#"{"inputTokenCount":7,"cacheWriteInputTokenCount":2}"#, #""outputTokenCount":9,"#, true),
            (#"{"inputTokenCount":7}"#, #""outputImageCount":1,"#, true), (#"{"inputTokenCount":7}"#, "", false),
            ("{}", #""outputTokenCount":9,"#, false),
        ] as [(String, String, Bool)])
    func aBodyThatDoesNotReadSpoilsNoCountedRecord(input: String, told: String, isRead: Bool) throws {
        let output = #"{\#(told)"outputBodyJson":{"usage":{"prompt_tokens":12.5,"completion_tokens":3}}}"#
        let records = decode(Samples.record(input: input, output: output))

        #expect(records.events.map(\.tokens.input) == (isRead ? [7] : []))
        #expect(records.events.first?.isCacheSplitUnknown == (isRead ? input.contains("cacheWrite") : nil))
        #expect(records.unreadable.map(\.reason) == (isRead ? [] : ["prompt_tokens does not read: 12.5"]))
    }

    @Test func aBadTimestampOrIdentityIsNamed() throws {
        let time = Samples.converse.replacing("2026-11-20T10:16:01Z", with: "yesterday")
        let identity = Samples.converse.replacing(
            "arn:aws:sts::111122223333:assumed-role/AppRole/session-7", with: "ana")

        #expect(try #require(decode(time).unreadable.first).reason.hasPrefix("timestamp does not read"))
        #expect(try #require(decode(identity).unreadable.first).reason.hasPrefix("identity.arn does not read"))
    }

    @Test func otherKindsOfRecordAreIgnored() {
        let trail = #"{"eventVersion":"1.11","eventSource":"bedrock.amazonaws.com","eventName":"Converse"}"#
        let other = #"{"schemaType":"SomethingElse"}"#

        #expect(
            decode(trail + other).ignored == [
                "CloudTrail: Converse by no identity", "a record of type SomethingElse",
            ])
    }
}
