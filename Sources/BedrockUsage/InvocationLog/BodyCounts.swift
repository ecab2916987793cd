import JSONModel

/// The counts that a response body says, in the words of whichever provider wrote it.
///
/// A streamed response is an array of chunks. Their counts are running totals, so the largest of each is the last.
struct BodyCounts: Equatable {
    private(set) var input: Int64?
    private(set) var output: Int64?
    private(set) var cacheRead: Int64?
    private(set) var cacheWrite: Int64?
    /// The part of `cacheWrite` that was written for an hour.
    private(set) var cacheWrite1h: Int64?
    private(set) var images: Int64?
    /// How long Bedrock took.
    private(set) var latencyMilliseconds: Int64?

    /// Of no body.
    init() {}

    init(_ body: JSONValue) throws(InvocationLogError) {
        for chunk in body.arrayValue ?? [body] where chunk.objectValue != nil {
            try readUsage(chunk["usage"])
            readLatency(chunk["metrics"]?["latencyMs"])
            // Converse's last chunk; Anthropic's message_start.
            if let metadata = chunk["metadata"] {
                try readUsage(metadata["usage"])
                readLatency(metadata["metrics"]?["latencyMs"])
            }
            try readUsage(chunk["message"]?["usage"])
            try readTopLevel(chunk)
            if let metrics = chunk["amazon-bedrock-invocationMetrics"] {
                try readTopLevel(metrics)
                readLatency(metrics["invocationLatency"])
            }
            if let made = chunk["images"]?.arrayValue ?? chunk["artifacts"]?.arrayValue {
                raise(\.images, Int64(made.count))
            }
        }
    }

    private mutating func raise(_ field: WritableKeyPath<BodyCounts, Int64?>, _ value: Int64?) {
        guard let value else { return }
        self[keyPath: field] = max(self[keyPath: field] ?? 0, value)
    }

    /// Longer than any call takes.
    private static let longestMilliseconds: Int64 = 86_400_000

    /// Nothing is charged by it, so that one which makes no sense is left out and spoils no record.
    private mutating func readLatency(_ value: JSONValue?) {
        guard let milliseconds = value?.intValue, (0...Self.longestMilliseconds).contains(milliseconds) else { return }
        raise(\.latencyMilliseconds, milliseconds)
    }

    private mutating func readUsage(_ usage: JSONValue?) throws(InvocationLogError) {
        guard let usage, usage.objectValue != nil else { return }
        try readConverse(usage)
        try readAnthropic(usage)
        try readOpenAI(usage)
    }

    /// Converse and Nova.
    private mutating func readConverse(_ usage: JSONValue) throws(InvocationLogError) {
        raise(\.input, try count("inputTokens", usage))
        raise(\.output, try count("outputTokens", usage))
        for name in ["cacheReadInputTokens", "cacheReadInputTokenCount"] { raise(\.cacheRead, try count(name, usage)) }
        for name in ["cacheWriteInputTokens", "cacheWriteInputTokenCount"] {
            raise(\.cacheWrite, try count(name, usage))
        }
        guard let details = usage["cacheDetails"]?.arrayValue else { return }
        var hour: Int64 = 0
        for detail in details where detail["ttl"]?.stringValue == "1h" { hour += try count("inputTokens", detail) ?? 0 }
        raise(\.cacheWrite1h, hour)
    }

    private mutating func readAnthropic(_ usage: JSONValue) throws(InvocationLogError) {
        // OpenAI's Responses API has a field of the same name that includes cached tokens.
        if usage["input_tokens_details"] == nil { raise(\.input, try count("input_tokens", usage)) }
        raise(\.output, try count("output_tokens", usage))
        raise(\.cacheRead, try count("cache_read_input_tokens", usage))
        raise(\.cacheWrite, try count("cache_creation_input_tokens", usage))
        guard let creation = usage["cache_creation"] else { return }
        raise(\.cacheWrite1h, try count("ephemeral_1h_input_tokens", creation))
        if cacheWrite == nil {
            let hour = try count("ephemeral_1h_input_tokens", creation) ?? 0
            raise(\.cacheWrite, hour + (try count("ephemeral_5m_input_tokens", creation) ?? 0))
        }
    }

    /// OpenAI's counts of the prompt include what came from the cache; ours do not.
    private mutating func readOpenAI(_ usage: JSONValue) throws(InvocationLogError) {
        raise(\.output, try count("completion_tokens", usage))
        for (total, details) in [("prompt_tokens", "prompt_tokens_details"), ("input_tokens", "input_tokens_details")] {
            guard total == "prompt_tokens" || usage[details] != nil, let prompt = try count(total, usage) else {
                continue
            }
            let cached = try count("cached_tokens", usage[details] ?? .null) ?? 0
            raise(\.input, max(0, prompt - cached))
            if cached > 0 { raise(\.cacheRead, cached) }
        }
    }

    /// Titan and Llama put counts beside the text; Bedrock's own metrics of a stream have the envelope's names.
    private mutating func readTopLevel(_ chunk: JSONValue) throws(InvocationLogError) {
        for name in ["inputTextTokenCount", "prompt_token_count", "inputTokenCount"] {
            raise(\.input, try count(name, chunk))
        }
        for name in ["totalOutputTextTokenCount", "generation_token_count", "outputTokenCount"] {
            raise(\.output, try count(name, chunk))
        }
        raise(\.cacheRead, try count("cacheReadInputTokenCount", chunk))
        raise(\.cacheWrite, try count("cacheWriteInputTokenCount", chunk))
        guard let results = chunk["results"]?.arrayValue, output == nil else { return }
        var total: Int64?
        for result in results { if let tokens = try count("tokenCount", result) { total = (total ?? 0) + tokens } }
        raise(\.output, total)
    }
}
