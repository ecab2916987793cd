import Budgets
import JSONModel

/// What a product's attributes say it is.
enum PriceListProduct: Equatable {
    struct Tokens: Equatable {
        var model: String
        var region: String
        var isGlobal = false
        var isLongContext = false
        var tier = ServiceTier.standard
        var tokenClass: PriceOffer.Class
    }

    case tokens(Tokens)
    /// Of a kind that on-demand calls are not charged by.
    case excluded
    /// Of a model, or a class of it, that is not known here.
    case unmapped(String)

    init(_ attributes: JSONValue, _ service: PriceListService) {
        func text(_ name: String) -> String { attributes[name]?.stringValue ?? "" }
        let usage = text("usagetype")
        let (name, words): (String, String)
        switch service {
        case .bedrock:
            name = [text("model"), text("titanModel")].first { !$0.isEmpty } ?? ""
            words = [text("feature"), text("inferenceType"), usage].joined(separator: " ")
        case .foundationModels:
            // "Claude Haiku 4.5 (Amazon Bedrock Edition)"
            name = text("servicename").replacing(" (Amazon Bedrock Edition)", with: "")
            words = usage
        }
        let kind = PriceListWords(words)
        let label = name.isEmpty ? usage : "\(name) (\(usage))"
        if kind.isExcluded {
            self = .excluded
        } else if let model = PriceListNames.model(named: name, in: service), let tokenClass = kind.tokenClass,
            !text("regionCode").isEmpty
        {
            self = .tokens(
                Tokens(
                    model: model, region: text("regionCode"), isGlobal: kind.isGlobal,
                    isLongContext: kind.isLongContext, tier: kind.tier, tokenClass: tokenClass))
        } else {
            self = .unmapped(label)
        }
    }
}

/// The words of a usage type or an inference type, however they are put together: `InputTokenCount_Global`,
/// `cache_write_tokens_1h_standard`, `Prompt cache read input tokens`.
struct PriceListWords {
    /// Small letters and digits only.
    private let text: String

    init(_ text: String) { self.text = text.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) } }

    private func has(_ words: String...) -> Bool { words.contains { text.contains($0) } }

    /// Batch jobs are charged by their factor; the rest is not paid by the token, or not for calls.
    var isExcluded: Bool {
        has(
            "batch", "reserved", "provisioned", "tpm", "customiz", "customis", "training", "storage", "finetun",
            "guardrail", "evaluation", "modelunit", "distillation")
    }

    var isGlobal: Bool { has("global") }
    var isLongContext: Bool { has("lctx", "longctx", "longcontext") }

    var tier: ServiceTier {
        if has("priority") { return .priority }
        return has("flex") ? .flex : .standard
    }

    /// Nil for what is not text: a second of speech is no token, and tokens of speech have prices of their own.
    var tokenClass: PriceOffer.Class? {
        if has("speech", "audio", "video", "image", "latencyoptimized") { return nil }
        if has("cacheread") { return .cacheRead }
        if has("cachewrite") { return has("1h") ? .cacheWrite1h : .cacheWrite5m }
        if has("inputtoken", "textinput") { return .input }
        return has("outputtoken", "responsetoken", "textoutput") ? .output : nil
    }
}
