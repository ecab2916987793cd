import Budgets
import Foundation
import JSONModel

@testable import BedrockUsage

/// Records of the documented shapes, composed by hand.
enum Samples {
    static let invokeModel = #"""
        {"schemaType":"ModelInvocationLog","schemaVersion":"1.0","timestamp":"2026-11-20T10:15:42Z","accountId":"111122223333","region":"us-east-1","requestId":"6f1c0a52-0b7e-4d0c-9d5e-0f4a4b1f9c01","operation":"InvokeModel","modelId":"arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6","identity":{"arn":"arn:aws:iam::111122223333:user/BedrockAPIKey-ab12"},"inferenceRegion":"us-west-2","input":{"inputContentType":"application/json","inputTokenCount":3,"cacheReadInputTokenCount":0,"cacheWriteInputTokenCount":18779,"inputBodyJson":{"anthropic_version":"bedrock-2023-05-31","max_tokens":256,"messages":[{"role":"user","content":"hi"}]}},"output":{"outputContentType":"application/json","outputTokenCount":41,"outputBodyJson":{"id":"msg_1","type":"message","stop_reason":"end_turn","usage":{"input_tokens":3,"cache_creation_input_tokens":18779,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":18779},"output_tokens":41}}}}
        """#
    static let converse = #"""
        {"schemaType":"ModelInvocationLog","schemaVersion":"1.0","timestamp":"2026-11-20T10:16:01Z","accountId":"111122223333","region":"eu-west-1","requestId":"0b0e","operation":"Converse","modelId":"eu.amazon.nova-pro-v1:0","identity":{"arn":"arn:aws:sts::111122223333:assumed-role/AppRole/session-7"},"requestMetadata":{"tenant":"blue"},"input":{"inputContentType":"application/json","inputTokenCount":120,"cacheReadInputTokenCount":900,"cacheWriteInputTokenCount":0,"inputBodyJson":{"messages":[]}},"output":{"outputContentType":"application/json","outputTokenCount":80,"outputBodyJson":{"output":{"message":{"role":"assistant","content":[{"text":"}{\"]["}]}},"stopReason":"end_turn","metrics":{"latencyMs":640},"usage":{"inputTokens":120,"outputTokens":80,"totalTokens":1100,"cacheReadInputTokens":900,"cacheWriteInputTokens":0}}}}
        """#
    static let converseStream = #"""
        {"schemaType":"ModelInvocationLog","schemaVersion":"1.0","timestamp":"2026-11-20T10:17:00Z","accountId":"111122223333","region":"us-east-1","requestId":"77aa","operation":"ConverseStream","modelId":"global.anthropic.claude-haiku-4-5-20251001-v1:0","identity":{"arn":"arn:aws:iam::111122223333:user/team-a/ana"},"input":{"inputContentType":"application/json","inputTokenCount":10},"output":{"outputContentType":"application/json","outputTokenCount":5,"outputBodyJson":[{"messageStart":{"role":"assistant"}},{"contentBlockDelta":{"delta":{"text":"ok"}}},{"messageStop":{"stopReason":"end_turn"}},{"metadata":{"usage":{"inputTokens":10,"outputTokens":5,"totalTokens":15,"cacheDetails":[{"inputTokens":0,"ttl":"1h"}]},"metrics":{"latencyMs":300}}}]}}
        """#
    static let failed = #"""
        {"schemaType":"ModelInvocationLog","schemaVersion":"1.0","timestamp":"2026-11-20T10:17:05Z","accountId":"111122223333","region":"us-east-1","requestId":"77ab","operation":"Converse","modelId":"amazon.nova-lite-v1:0","identity":{"arn":"arn:aws:iam::111122223333:user/ana"},"errorCode":"ThrottlingException","input":{"inputContentType":"application/json"}}
        """#

    /// A record with the given parts of its envelope, bodies and all.
    static func record(input: String = "{}", output: String = "{}", extra: String = "") -> String {
        #"{"timestamp":"2026-11-20T10:17:00Z","accountId":"111122223333","region":"us-east-1","requestId":"r1","#
            + #""operation":"InvokeModel","modelId":"anthropic.claude-opus-5","#
            + #""identity":{"arn":"arn:aws:iam::111122223333:user/ana"},"input":\#(input),"output":\#(output)\#(extra)}"#
    }

    static func subscription(_ messages: [String], type: String = "DATA_MESSAGE") -> String {
        let events = messages.enumerated().map { index, message -> JSONValue in
            ["id": .string("e\(index)"), "timestamp": 1, "message": .string(message)]
        }
        let payload: JSONValue = ["messageType": .string(type), "owner": "111122223333", "logEvents": .array(events)]
        return payload.jsonString
    }
}

extension [UsageRecord] {
    var events: [UsageEvent] { compactMap { if case .usage(let event) = $0 { event } else { nil } } }
    var unreadable: [UnreadableRecord] { compactMap { if case .unreadable(let record) = $0 { record } else { nil } } }
    var ignored: [String] { compactMap { if case .ignored(let reason) = $0 { reason } else { nil } } }
}

func decode(_ text: String, limits: DecoderLimits = .standard) -> [UsageRecord] {
    UsageDecoder.decode(Array(text.utf8), source: "test", limits: limits)
}
