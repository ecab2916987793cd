package import Budgets

/// The service codes under which AWS lists what Bedrock costs.
package enum PriceListService: String, Sendable, Hashable, CaseIterable {
    /// Amazon's models and most others.
    case bedrock = "AmazonBedrock"
    /// Models that are sold over the marketplace, such as Anthropic's.
    case foundationModels = "AmazonBedrockFoundationModels"
}

/// What a reading of the Price List says.
package struct PriceListReading: Sendable, Equatable {
    /// A product whose model is not among those that `PriceListNames` knows: listed, never guessed.
    package struct Unmapped: Sendable, Hashable {
        package var service: String
        package var product: String
    }

    /// Ordered by model, Region and scope.
    package var rows: [PriceRow] = []
    package var unmapped: [Unmapped] = []
    /// What did not read, and why.
    package var unreadable: [String] = []
    /// Products of other kinds: batch, reserved and provisioned throughput, customization, storage.
    package var excluded = 0

    package init() {}
}

/// One price of one class of tokens of one model, as a product of the Price List says it.
struct PriceOffer: Equatable {
    enum Class: Hashable, CaseIterable {
        case input, output, cacheRead, cacheWrite5m, cacheWrite1h
    }

    var model: String
    var region: String
    var isGlobal: Bool
    var isLongContext: Bool
    var tier: ServiceTier
    var tokenClass: Class
    /// When it comes into force, in milliseconds.
    var effectiveFrom: Int64
    var price: TokenPrice
    var sku: String
}
