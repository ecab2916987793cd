/// Which model a name of the Price List means. A curated table: names and model ids have no rule in common.
///
/// A name that is not here is listed as unmapped by every sync; add it once AWS's page says what it is. Names are compared
/// by their letters and digits alone.
enum PriceListNames {
    static func model(named name: String, in service: PriceListService) -> String? {
        tables[service]?[key(name)]
    }

    static func models(of service: PriceListService) -> Set<String> { Set(tables[service, default: [:]].values) }

    private static func key(_ name: some StringProtocol) -> String {
        name.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "+") }
    }

    private static let tables: [PriceListService: [String: String]] = [
        .bedrock: table(bedrock), .foundationModels: table(marketplace),
    ]

    /// `MODEL | NAME | OTHER NAME …`, a line each.
    private static func table(_ text: String) -> [String: String] {
        var names: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: "|").map { $0.filter { $0 != " " } }
            for name in fields.dropFirst() { names[key(name)] = fields[0] }
        }
        return names
    }

    private static let marketplace = """
        anthropic.claude-opus-5-5 | Claude Opus 5.5
        anthropic.claude-sonnet-5-5 | Claude Sonnet 5.5
        anthropic.claude-haiku-5-5 | Claude Haiku 5.5
        anthropic.claude-fable-5-1 | Claude Fable 5.1
        anthropic.claude-fable-5 | Claude Fable 5
        anthropic.claude-mythos-5-1 | Claude Mythos 5.1
        anthropic.claude-opus-5 | Claude Opus 5
        anthropic.claude-opus-4-8 | Claude Opus 4.8
        anthropic.claude-opus-4-7 | Claude Opus 4.7
        anthropic.claude-opus-4-6 | Claude Opus 4.6
        anthropic.claude-opus-4-5 | Claude Opus 4.5
        anthropic.claude-opus-4-1-20250805-v1 | Claude Opus 4.1
        anthropic.claude-opus-4-20250514-v1 | Claude Opus 4
        anthropic.claude-sonnet-5 | Claude Sonnet 5
        anthropic.claude-sonnet-4-6 | Claude Sonnet 4.6
        anthropic.claude-sonnet-4-5 | Claude Sonnet 4.5
        anthropic.claude-sonnet-4-20250514-v1 | Claude Sonnet 4
        anthropic.claude-3-7-sonnet-20250219-v1 | Claude 3.7 Sonnet
        anthropic.claude-3-5-sonnet-20241022-v2 | Claude 3.5 Sonnet v2
        anthropic.claude-3-5-sonnet-20240620-v1 | Claude 3.5 Sonnet
        anthropic.claude-haiku-4-5 | Claude Haiku 4.5
        anthropic.claude-3-5-haiku-20241022-v1 | Claude 3.5 Haiku
        anthropic.claude-3-haiku-20240307-v1 | Claude 3 Haiku
        anthropic.claude-3-opus-20240229-v1 | Claude 3 Opus
        cohere.embed-english-v3 | Cohere Embed 3 - English | Cohere Embed 3 English
        cohere.embed-multilingual-v3 | Cohere Embed 3 - Multilingual | Cohere Embed 3 Multilingual
        cohere.embed-v4 | Cohere Embed 4
        cohere.command-r-v1 | Cohere Command R
        cohere.command-r-plus-v1 | Cohere Command R+
        ai21.jamba-1-5-mini-v1 | AI21 Jamba 1.5 Mini | Jamba 1.5 Mini
        ai21.jamba-1-5-large-v1 | AI21 Jamba 1.5 Large | Jamba 1.5 Large
        writer.palmyra-x4-v1 | Writer Palmyra X4 | Palmyra X4
        writer.palmyra-x5-v1 | Writer Palmyra X5 | Palmyra X5
        """

    private static let bedrock = """
        amazon.nova-micro-v1 | Nova Micro
        amazon.nova-lite-v1 | Nova Lite
        amazon.nova-pro-v1 | Nova Pro
        amazon.nova-premier-v1 | Nova Premier
        amazon.nova-2-lite-v1 | Nova 2 Lite | Nova 2.0 Lite
        amazon.nova-2-pro-preview-20251202-v1 | Nova 2 Pro Preview | Nova 2.0 Pro Preview
        amazon.nova-2-sonic-v1 | Nova 2 Sonic | Nova 2.0 Sonic
        amazon.nova-2-multimodal-embeddings-v1 | Nova 2 Multimodal Embeddings | Nova Multimodal Embeddings
        amazon.titan-text-lite-v1 | Titan Text Lite | Titan Text G1 - Lite
        amazon.titan-text-express-v1 | Titan Text Express | Titan Text G1 - Express
        amazon.titan-text-premier-v1 | Titan Text Premier | Titan Text G1 - Premier
        amazon.titan-embed-text-v1 | Titan Embeddings G1 - Text | Titan Embeddings Text
        amazon.titan-embed-text-v2 | Titan Text Embeddings V2 | Titan Embeddings V2 Text
        meta.llama3-8b-instruct-v1 | Llama 3 8B
        meta.llama3-70b-instruct-v1 | Llama 3 70B
        meta.llama3-1-8b-instruct-v1 | Llama 3.1 8B
        meta.llama3-1-70b-instruct-v1 | Llama 3.1 70B
        meta.llama3-1-405b-instruct-v1 | Llama 3.1 405B
        meta.llama3-2-1b-instruct-v1 | Llama 3.2 1B
        meta.llama3-2-3b-instruct-v1 | Llama 3.2 3B
        meta.llama3-2-11b-instruct-v1 | Llama 3.2 11B
        meta.llama3-2-90b-instruct-v1 | Llama 3.2 90B
        meta.llama3-3-70b-instruct-v1 | Llama 3.3 70B
        meta.llama4-scout-17b-instruct-v1 | Llama 4 Scout 17B | Llama 4 Scout
        meta.llama4-maverick-17b-instruct-v1 | Llama 4 Maverick 17B | Llama 4 Maverick
        mistral.mistral-7b-instruct-v0 | Mistral 7B
        mistral.mixtral-8x7b-instruct-v0 | Mixtral 8x7B | Mixtral 8*7B
        mistral.mistral-small-2402-v1 | Mistral Small
        mistral.mistral-large-2402-v1 | Mistral Large
        mistral.mistral-large-2407-v1 | Mistral Large 2407
        mistral.pixtral-large-2502-v1 | Pixtral Large 25.02 | Pixtral Large
        mistral.mistral-large-3-675b-instruct | Mistral Large 3
        mistral.ministral-3-3b-instruct | Ministral 3 3B | Ministral 3B 3.0
        mistral.ministral-3-8b-instruct | Ministral 3 8B | Ministral 8B 3.0
        mistral.ministral-3-14b-instruct | Ministral 3 14B | Ministral 14B 3.0
        mistral.magistral-small-2509 | Magistral Small 2509 | Magistral Small 1.2
        mistral.devstral-2-123b | Devstral 2 123B | Devstral 2
        deepseek.r1-v1 | R1 | DeepSeek-R1
        deepseek.v3-v1 | DeepSeek-V3.1 | DeepSeek V3.1
        deepseek.v3.2 | DeepSeek-V3.2 | DeepSeek V3.2
        openai.gpt-oss-20b-1 | gpt-oss-20b
        openai.gpt-oss-120b-1 | gpt-oss-120b
        qwen.qwen3-32b-v1 | Qwen3 32B
        qwen.qwen3-coder-30b-a3b-v1 | Qwen3 Coder 30B A3B
        qwen.qwen3-235b-a22b-2507-v1 | Qwen3 235B A22B 2507
        qwen.qwen3-coder-480b-a35b-v1 | Qwen3 Coder 480B A35B
        qwen.qwen3-next-80b-a3b | Qwen3 Next 80B A3B
        qwen.qwen3-coder-next | Qwen3 Coder Next
        minimax.minimax-m2 | MiniMax M2
        minimax.minimax-m2.1 | MiniMax M2.1
        minimax.minimax-m2.5 | MiniMax M2.5
        moonshot.kimi-k2-thinking | Kimi K2 Thinking
        moonshotai.kimi-k2.5 | Kimi K2.5
        zai.glm-4.7 | GLM 4.7
        zai.glm-5 | GLM 5
        google.gemma-3-4b-it | Gemma 3 4B
        google.gemma-3-12b-it | Gemma 3 12B
        google.gemma-3-27b-it | Gemma 3 27B
        nvidia.nemotron-nano-3-30b | Nemotron Nano 3 30B | NVIDIA Nemotron Nano 3 30B
        nvidia.nemotron-super-3-120b | Nemotron 3 Super 120B | NVIDIA Nemotron 3 Super 120B
        """
}
