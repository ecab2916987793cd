import Budgets
import JSONModel
import Testing
import WallTime

@testable import BedrockUsage

/// Products were composed after AWS's format (`GetProducts`, `aws_v1`).
@Suite struct PriceListTests {
    private func product(
        _ usage: String, _ price: String, unit: String, _ attributes: [String: String] = [:],
        from: String = "2026-11-01",
        region: String = "us-east-1"
    ) -> String {
        var all: JSONObject = ["regionCode": .string(region), "usagetype": .string(usage)]
        for (name, value) in attributes.sorted(by: { $0.key < $1.key }) { all[name] = .string(value) }
        let dimension: JSONValue = [
            "unit": .string(unit), "beginRange": "0", "endRange": "Inf", "pricePerUnit": ["USD": .string(price)],
        ]
        let json: JSONValue = [
            "product": ["productFamily": "Amazon Bedrock", "sku": .string("SKU-\(usage)"), "attributes": .object(all)],
            "terms": [
                "OnDemand": [
                    "T": ["effectiveDate": .string("\(from)T00:00:00Z"), "priceDimensions": ["T.D": dimension]]
                ]
            ],
        ]
        return json.jsonString
    }

    private func nova(_ name: String, _ kind: String, _ price: String, feature: String = "On-demand Inference")
        -> String
    {
        product(
            "USE1-\(name.replacing(" ", with: ""))-\(kind.replacing(" ", with: "-"))", price, unit: "1K tokens",
            ["model": name, "provider": "Amazon", "inferenceType": kind, "feature": feature])
    }

    private func claude(_ usage: String, _ price: String, name: String = "Claude Haiku 4.5", unit: String = "Units")
        -> String
    {
        product("USE1-MP:USE1_\(usage)-Units", price, unit: unit, ["servicename": "\(name) (Amazon Bedrock Edition)"])
    }

    private func read(_ service: PriceListService, _ products: String...) -> PriceListReading {
        var reader = PriceListReader()
        for product in products { reader.take(product, of: service) }
        return reader.result()
    }

    @Test func amazonsModelsAreReadByTheThousand() throws {
        let reading = read(
            .bedrock, nova("Nova Pro", "Input tokens", "0.0008000000"),
            nova("Nova Pro", "Output tokens", "0.0032000000"),
            nova("Nova Pro", "Prompt cache read input tokens", "0.0002000000"))

        let row = try #require(reading.rows.first)
        #expect(reading.rows.count == 1)
        #expect(row.model == "amazon.nova-pro-v1")
        #expect(row.region == "us-east-1")
        #expect(row.geography == nil)
        #expect(row.origin == .priceList)
        #expect(row.effectiveFrom == Instant(iso8601: "2026-11-01T00:00:00Z"))
        #expect(row.rates.input.dollarsPerMillion == "0.8")
        #expect(row.rates.output.dollarsPerMillion == "3.2")
        #expect(row.rates.cacheRead?.dollarsPerMillion == "0.2")
        // Writing to Nova's cache is free, which the list does not say.
        #expect(row.rates.cacheWrite5m == .free)
        #expect(row.source == "AWS Price List, SKU SKU-USE1-NovaPro-Input-tokens")
    }

    @Test func marketplaceModelsHaveARegionalAndAGlobalRow() throws {
        let reading = read(
            .foundationModels, claude("InputTokenCount", "1.1"), claude("OutputTokenCount", "5.5"),
            claude("CacheReadInputTokenCount", "0.11"), claude("CacheWriteInputTokenCount", "1.375"),
            claude("CacheWrite1hInputTokenCount", "2.2"), claude("InputTokenCount_Global", "1"),
            claude("OutputTokenCount_Global", "5"))

        #expect(reading.rows.map(\.geography) == [nil, "global"])
        let regional = reading.rows[0].rates
        #expect(regional.cacheRead?.dollarsPerMillion == "0.11")
        #expect(regional.cacheWrite5m?.dollarsPerMillion == "1.375")
        #expect(regional.cacheWrite1h?.dollarsPerMillion == "2.2")
        // What the list leaves out stays as it is documented, for calls of that scope.
        #expect(reading.rows[1].rates.cacheWrite1h?.dollarsPerMillion == "2")
        #expect(reading.rows.allSatisfy { $0.model == "anthropic.claude-haiku-4-5" })
        // The book finds both by the ids that calls bring.
        let book = PriceBook(rows: PriceBook.standard.allRows + reading.rows)
        let at = try #require(Instant(iso8601: "2026-11-20T00:00:00Z"))
        let id = "anthropic.claude-haiku-4-5-20251001-v1:0"
        #expect(book.row(for: ModelID(id), in: "us-east-1", at: at) == reading.rows[0])
        #expect(book.row(for: ModelID("us." + id), in: "us-east-1", at: at) == reading.rows[0])
        #expect(book.row(for: ModelID("global." + id), in: "us-east-1", at: at) == reading.rows[1])
        #expect(book.row(for: ModelID("eu." + id), in: "eu-west-1", at: at)?.origin == .documented)
    }

    @Test func theNewerNamesOfUsageTypesReadTheSame() throws {
        let reading = read(
            .foundationModels, claude("input_tokens_standard", "1.1"), claude("output_tokens_standard", "5.5"),
            claude("input_tokens_global_standard", "1"), claude("output_tokens_global_standard", "5"),
            claude("cache_read_tokens_global_standard", "0.1"), claude("cache_write_tokens_1h_global_standard", "2"),
            claude("input_tokens_batch", "0.5"))

        #expect(reading.excluded == 1)
        #expect(reading.rows.map(\.rates.input.dollarsPerMillion) == ["1.1", "1"])
        #expect(reading.rows[1].rates.cacheWrite1h?.dollarsPerMillion == "2")
    }

    @Test func longContextsAndTiersAreFactorsOfTheirRow() throws {
        let name = "Claude Sonnet 4.5"
        let reading = read(
            .foundationModels, claude("InputTokenCount_Global", "3", name: name),
            claude("OutputTokenCount_Global", "15", name: name), claude("InputTokenCount_Global_LCtx", "6", name: name),
            claude("OutputTokenCount_Global_LCtx", "22.5", name: name),
            claude("input_tokens_global_priority", "5.4", name: name),
            claude("output_tokens_global_priority", "25.5", name: name),
            claude("input_tokens_global_flex", "1.5", name: name))

        let row = try #require(reading.rows.first)
        #expect(
            row.longContext == LongContext(aboveTokens: 200_000, inputFactor: Ratio(2, 1), outputFactor: Ratio(3, 2)))
        // The higher of 9/5 and 17/10; flex is as usual.
        #expect(row.tierFactors == [.priority: Ratio(9, 5)])
    }

    @Test func whatIsNotPaidByTheTokenOfACallIsExcluded() {
        let reading = read(
            .bedrock, nova("Nova Pro", "Input tokens batch", "0.0004", feature: "Batch Inference"),
            nova("Nova Pro", "Model units", "10", feature: "Provisioned Throughput"),
            nova("Nova Pro", "Custom model training", "0.008", feature: "Model customization"),
            nova("Nova Pro", "1M TPM Hour", "3", feature: "Reserved"))
        #expect(reading.excluded == 4)
        #expect(
            reading
                == {
                    var empty = PriceListReading(); empty.excluded = 4; return empty
                }())
    }

    @Test func whatHasNoMappingIsListedNotGuessed() {
        let reading = read(
            .bedrock, nova("Nova Ultra", "Input tokens", "0.1"), nova("Nova Pro", "Speech input seconds", "0.1"))
        #expect(reading.rows.isEmpty)
        #expect(
            reading.unmapped.map(\.product) == [
                "Nova Pro (USE1-NovaPro-Speech-input-seconds)", "Nova Ultra (USE1-NovaUltra-Input-tokens)",
            ])
    }

    @Test(arguments: [
        ("not json", "no JSON"), ("{}", ""),
        (
            #"{"product":{"sku":"S","attributes":{"model":"Nova Pro","regionCode":"r","inferenceType":"Input tokens"}}}"#,
            "SKU S"
        ),
    ])
    func whatDoesNotReadIsSaidAndTheRestGoesOn(text: String, part: String) {
        let reading = read(
            .bedrock, text, nova("Nova Lite", "Input tokens", "0.00006"), nova("Nova Lite", "Output tokens", "0.00024"))
        #expect(reading.rows.count == 1)
        #expect(part.isEmpty || reading.unreadable.first?.contains(part) == true)
    }

    @Test(arguments: [
        ("1K tokens", "0.00000000001"), ("1K tokens", "free"), ("hour", "1"), ("1K tokens", "-0.1"),
        ("1K tokens", "0.1.2"),
    ])
    func aPriceThatIsNotUnderstoodIsNoPrice(unit: String, price: String) {
        let bad = product("USE1-x", price, unit: unit, ["model": "Nova Pro", "inferenceType": "Input tokens"])
        let reading = read(.bedrock, bad)
        #expect(reading.unreadable.count == 1)
        #expect(reading.rows.isEmpty)
    }

    /// What is left of such a model would be half of now and half of the table.
    @Test func aModelOfWhichAProductDoesNotReadIsLeftOut() {
        let bad = product("USE1-x", "free", unit: "1K tokens", ["model": "Nova Lite", "inferenceType": "Input tokens"])
        let reading = read(.bedrock, bad, nova("Nova Lite", "Output tokens", "0.00024"))
        #expect(reading.rows.isEmpty)
        #expect(reading.unreadable.count == 1)
    }

    @Test func twoPricesForTheSameAreNone() {
        let reading = read(
            .foundationModels, claude("InputTokenCount", "1.1"), claude("OutputTokenCount", "5.5"),
            claude("input_tokens_standard", "1.2"))
        #expect(reading.rows.isEmpty)
        #expect(reading.unreadable.first?.contains("2 prices") == true)
    }

    @Test func aRowWithoutInputOrOutputIsIncomplete() {
        let reading = read(.foundationModels, claude("OutputTokenCount", "5.5", name: "Claude Opus 5.5"))
        #expect(reading.rows.map(\.rates.input.dollarsPerMillion) == ["4.4"])
        let side = read(.foundationModels, claude("CacheReadInputTokenCount", "0.1"))
        #expect(side.rows.isEmpty)
        #expect(side.unreadable.count == 1)
    }

    /// Every name of the mapping leads to a model that the documented table knows, so that a price is compared before it
    /// is believed.
    @Test func everyMappedModelIsDocumented() throws {
        let at = try #require(Instant(iso8601: "2026-11-22T00:00:00Z"))
        for service in PriceListService.allCases {
            for model in PriceListNames.models(of: service) {
                #expect(PriceBook.standard.row(for: ModelID(model), at: at) != nil, "\(model)")
            }
        }
    }
}
