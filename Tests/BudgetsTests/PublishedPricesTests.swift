import Testing
import WallTime

@testable import Budgets

/// What AWS publishes, model by model (docs/pricing.md names the sources). Ten thousand tokens of one class cost ten
/// thousand times the price of one, and no model's long context begins as early.
@Suite struct PublishedPricesTests {
    struct Published: Sendable, CustomStringConvertible {
        let id: String
        let input, output: String
        var read: String?, write: String?, hour: String?
        /// The row is the global profile's: other calls pay a tenth more, GovCloud a fifth.
        var isGlobal = false

        var description: String { id }
    }

    static func claude(_ id: String, _ prices: String...) -> Published {
        Published(
            id: "anthropic." + id, input: prices[0], output: prices[1], read: prices[2], write: prices[3],
            hour: prices[4], isGlobal: true)
    }

    static func older(_ id: String, _ prices: String...) -> Published {
        Published(
            id: "anthropic." + id, input: prices[0], output: prices[1], read: prices[2], write: prices[3], hour: nil)
    }

    static func plain(_ id: String, _ input: String, _ output: String, _ read: String? = nil, _ write: String? = nil)
        -> Published
    {
        Published(id: id, input: input, output: output, read: read, write: write)
    }

    static let claudes = [
        claude("claude-opus-5-5", "4", "20", "0.2", "5", "8"),
        claude("claude-sonnet-5-5", "2", "10", "0.1", "2.5", "4"),
        claude("claude-haiku-5-5", "0.1", "0.5", "0.01", "0.125", "0.2"),
        claude("claude-fable-5-1", "10", "50", "0.25", "12.5", "20"),
        claude("claude-fable-5", "10", "50", "1", "12.5", "20"),
        claude("claude-mythos-5-1", "10", "50", "0.25", "12.5", "20"),
        claude("claude-opus-5", "5", "25", "0.5", "6.25", "10"),
        claude("claude-opus-4-8", "5", "25", "0.5", "6.25", "10"),
        claude("claude-opus-4-7", "5", "25", "0.5", "6.25", "10"),
        claude("claude-opus-4-6-v1", "5", "25", "0.5", "6.25", "10"),
        claude("claude-opus-4-5-20251101-v1:0", "5", "25", "0.5", "6.25", "10"),
        claude("claude-sonnet-5", "2", "10", "0.2", "2.5", "4"),
        claude("claude-sonnet-4-6", "3", "15", "0.3", "3.75", "6"),
        claude("claude-sonnet-4-5-20250929-v1:0", "3", "15", "0.3", "3.75", "6"),
        claude("claude-haiku-4-5-20251001-v1:0", "1", "5", "0.1", "1.25", "2"),
    ]

    static let others = [
        older("claude-opus-4-1-20250805-v1:0", "15", "75", "1.5", "18.75"),
        older("claude-opus-4-20250514-v1:0", "15", "75", "1.5", "18.75"),
        older("claude-sonnet-4-20250514-v1:0", "3", "15", "0.3", "3.75"),
        older("claude-3-7-sonnet-20250219-v1:0", "3", "15", "0.3", "3.75"),
        older("claude-3-5-sonnet-20241022-v2:0", "3", "15", "0.3", "3.75"),
        older("claude-3-5-haiku-20241022-v1:0", "0.8", "4", "0.08", "1"),
        plain("anthropic.claude-3-haiku-20240307-v1:0", "0.25", "1.25"),
        plain("amazon.nova-micro-v1:0", "0.035", "0.14", "0.00875", "0"),
        plain("amazon.nova-lite-v1:0", "0.06", "0.24", "0.015", "0"),
        plain("amazon.nova-pro-v1:0", "0.8", "3.2", "0.2", "0"),
        plain("eu.amazon.nova-pro-v1:0", "1.05", "4.2"), plain("apac.amazon.nova-pro-v1:0", "0.84", "3.36"),
        plain("amazon.nova-premier-v1:0", "2.5", "12.5", "0.625", "0"),
        plain("global.amazon.nova-2-lite-v1:0", "0.3", "2.5", "0.075", "0"),
        plain("global.amazon.nova-2-pro-preview-20251202-v1:0", "1.25", "10", "0.3125", "0"),
        plain("amazon.nova-2-sonic-v1:0", "0.33", "2.75"),
        plain("amazon.titan-text-lite-v1", "0.15", "0.2"), plain("amazon.titan-text-express-v1", "0.2", "0.6"),
        plain("amazon.titan-text-premier-v1:0", "0.5", "1.5"), plain("amazon.titan-embed-text-v2:0", "0.02", "0"),
        plain("amazon.titan-embed-text-v1", "0.1", "0"), plain("cohere.embed-english-v3", "0.1", "0"),
        plain("cohere.embed-v4:0", "0.12", "0"), plain("amazon.nova-2-multimodal-embeddings-v1:0", "0.135", "0"),
        plain("meta.llama3-8b-instruct-v1:0", "0.3", "0.6"), plain("meta.llama3-70b-instruct-v1:0", "2.65", "3.5"),
        plain("meta.llama3-1-8b-instruct-v1:0", "0.22", "0.22"),
        plain("meta.llama3-1-70b-instruct-v1:0", "0.72", "0.72"),
        plain("meta.llama3-1-405b-instruct-v1:0", "2.4", "2.4"),
        plain("meta.llama3-2-1b-instruct-v1:0", "0.1", "0.1"),
        plain("meta.llama3-2-3b-instruct-v1:0", "0.15", "0.15"),
        plain("meta.llama3-2-11b-instruct-v1:0", "0.16", "0.16"),
        plain("meta.llama3-2-90b-instruct-v1:0", "0.72", "0.72"),
        plain("us.meta.llama3-3-70b-instruct-v1:0", "0.72", "0.72"),
        plain("us.meta.llama4-scout-17b-instruct-v1:0", "0.17", "0.66"),
        plain("us.meta.llama4-maverick-17b-instruct-v1:0", "0.24", "0.97"),
        plain("mistral.mistral-7b-instruct-v0:2", "0.15", "0.2"),
        plain("mistral.mixtral-8x7b-instruct-v0:1", "0.45", "0.7"),
        plain("mistral.mistral-small-2402-v1:0", "1", "3"), plain("mistral.mistral-large-2402-v1:0", "4", "12"),
        plain("mistral.mistral-large-2407-v1:0", "2", "6"), plain("us.mistral.pixtral-large-2502-v1:0", "2", "6"),
        plain("mistral.mistral-large-3-675b-instruct", "0.5", "1.5"),
        plain("mistral.ministral-3-14b-instruct", "0.2", "0.2"),
        plain("mistral.magistral-small-2509", "0.5", "1.5"), plain("mistral.devstral-2-123b", "0.4", "2"),
        plain("us.deepseek.r1-v1:0", "1.35", "5.4"), plain("deepseek.v3-v1:0", "0.58", "1.68"),
        plain("deepseek.v3.2", "0.62", "1.85"), plain("openai.gpt-oss-20b-1:0", "0.07", "0.3"),
        plain("openai.gpt-oss-120b-1:0", "0.15", "0.6"),
        // Of the mantle endpoint, where calls are regional.
        plain("openai.gpt-5.4", "2.75", "16.5", "0.275"), plain("openai.gpt-5.5", "5.5", "33", "0.55"),
        plain("openai.gpt-6-astra", "11", "55", "1.1", "13.75"), plain("openai.gpt-6-sol", "2.2", "11", "0.22", "2.75"),
        plain("openai.gpt-6.1-terra", "1.1", "5.5", "0.055", "1.375"),
        plain("global.openai.gpt-6-sol", "2", "10", "0.2", "2.5"),
        plain("global.openai.gpt-6-luna", "0.1", "0.5", "0.01", "0.125"),
        plain("xai.grok-4.3", "1.25", "2.5", "0.2"), plain("xai.grok-4.6", "2.2", "6.6", "0.55"),
        plain("qwen.qwen3-32b-v1:0", "0.15", "0.6"), plain("qwen.qwen3-235b-a22b-2507-v1:0", "0.22", "0.88"),
        plain("qwen.qwen3-coder-480b-a35b-v1:0", "0.45", "1.8"), plain("qwen.qwen3-next-80b-a3b", "0.15", "1.2"),
        plain("qwen.qwen3-coder-next", "0.5", "1.2"), plain("ai21.jamba-1-5-mini-v1:0", "0.2", "0.4"),
        plain("ai21.jamba-1-5-large-v1:0", "2", "8"), plain("cohere.command-r-v1:0", "0.5", "1.5"),
        plain("cohere.command-r-plus-v1:0", "3", "15"), plain("minimax.minimax-m2.5", "0.3", "1.2"),
        plain("moonshot.kimi-k2-thinking", "0.6", "2.5"), plain("moonshotai.kimi-k2.5", "0.6", "3"),
        plain("moonshotai.kimi-k3", "3.3", "16.5", "0.33", "4.125"), plain("zai.glm-4.7", "0.6", "2.2"),
        plain("zai.glm-5", "1", "3.2"), plain("google.gemma-3-4b-it", "0.04", "0.08"),
        plain("google.gemma-3-27b-it", "0.23", "0.38"), plain("nvidia.nemotron-nano-3-30b", "0.06", "0.24"),
        plain("nvidia.nemotron-super-3-120b", "0.15", "0.65"), plain("writer.palmyra-x4-v1:0", "2.5", "10"),
        plain("writer.palmyra-x5-v1:0", "0.6", "6"),
    ]

    @Test(arguments: claudes + others)
    func aModelCostsWhatIsPublished(_ published: Published) throws {
        let prefix = published.isGlobal ? "global." : ""
        try check(published, id: prefix + published.id, numerator: 10, denominator: 10)
    }

    @Test(arguments: claudes) func regionalAndGeographicCallsPayATenthMore(_ published: Published) throws {
        for id in [published.id, "us.\(published.id)", "eu.\(published.id)", "apac.\(published.id)"] {
            try check(published, id: id, numerator: 11, denominator: 10)
        }
        try check(published, id: "us-gov.\(published.id)", numerator: 12, denominator: 10)
        try check(published, id: published.id, region: "us-gov-west-1", numerator: 12, denominator: 10)
    }

    private func check(
        _ published: Published, id: String, region: String = "us-east-1", numerator: Int64, denominator: Int64
    ) throws {
        let classes: [(String?, WritableKeyPath<TokenCounts, Int64>)] = [
            (published.input, \.input), (published.output, \.output), (published.read, \.cacheRead),
            (published.write, \.cacheWrite5m), (published.hour, \.cacheWrite1h),
        ]
        for (dollars, tokenClass) in classes {
            guard let dollars, let price = TokenPrice(dollarsPerMillion: dollars) else { continue }
            var tokens = TokenCounts()
            tokens[keyPath: tokenClass] = 10_000
            var event = usage(id, tokens)
            event.key = UsageKey(account: "1", region: region, requestID: "r")
            let charge = try PriceBook.standard.charge(for: event)
            #expect(
                charge
                    == Charge(
                        amount: NanoDollars(rawValue: price.rawValue * 10 * numerator / denominator), basis: .listed),
                "\(id) \(dollars)")
        }
    }

    @Test(arguments: [
        ("amazon.nova-canvas-v1:0", "0.06"), ("amazon.titan-image-generator-v2:0", "0.008"),
        ("stability.sd3-5-large-v1:0", "0.08"), ("stability.stable-image-core-v1:1", "0.04"),
        ("stability.stable-image-ultra-v1:1", "0.14"), ("us.stability.stable-creative-upscale-v1:0", "0.6"),
        ("us.stability.stable-fast-upscale-v1:0", "0.03"),
    ])
    func anImageCostsWhatIsPublished(model: String, dollars: String) throws {
        let charge = try PriceBook.standard.charge(for: usage(model, TokenCounts(), images: 2))
        let one = try #require(NanoDollars(dollars: dollars))
        #expect(charge == Charge(amount: try one.adding(one), basis: .listed))
    }

    /// Records without bodies may count the prompt's tokens and no images: the call was not for nothing.
    @Test func aCallForImagesThatCountsNoneCostsOne() throws {
        let one = Charge(amount: try #require(NanoDollars(dollars: "0.06")), basis: .estimated)
        let model = "amazon.nova-canvas-v1:0"
        #expect(try PriceBook.standard.charge(for: usage(model, TokenCounts(input: 40))) == one)
        #expect(try PriceBook.standard.charge(for: usage(model, TokenCounts(), isMetered: false)) == one)
        let failed = usage(model, TokenCounts(input: 40), errorCode: "ThrottlingException")
        #expect(try PriceBook.standard.charge(for: failed).basis == .notBillable)
    }

    @Test(arguments: [("amazon.rerank-v1:0", "0.001"), ("cohere.rerank-v3-5:0", "0.002")])
    func aQueryIsPaidByTheCallWhetherOrNotItIsCounted(model: String, dollars: String) throws {
        let one = Charge(amount: try #require(NanoDollars(dollars: dollars)), basis: .listed)
        #expect(try PriceBook.standard.charge(for: usage(model, TokenCounts(), isMetered: false)) == one)
        #expect(try PriceBook.standard.charge(for: usage(model, TokenCounts(input: 900))) == one)
        let failed = usage(model, TokenCounts(), errorCode: "ThrottlingException", isMetered: false)
        #expect(try PriceBook.standard.charge(for: failed).basis == .notBillable)
    }

    @Test func aCallInAGeographyWithItsOwnRowIsChargedByItsRegion() throws {
        func nanos(_ region: String) throws -> Int64 {
            var event = usage("amazon.nova-pro-v1:0", TokenCounts(input: 1000))
            event.key = UsageKey(account: "1", region: region, requestID: "r")
            return try PriceBook.standard.charge(for: event).amount.rawValue
        }
        #expect(try nanos("us-east-1") == 800_000)
        #expect(try nanos("eu-west-1") == 1_050_000)
        #expect(try nanos("ap-northeast-1") == 840_000)
        #expect(try nanos("sa-east-1") == 800_000)
    }
}
