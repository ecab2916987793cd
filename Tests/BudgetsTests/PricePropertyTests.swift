import Testing
import WallTime

@testable import Budgets

/// Numbers that look random and are the same for a seed.
private struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let mixed = (state ^ (state >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        return mixed ^ (mixed >> 29)
    }
}

@Suite struct PricePropertyTests {
    private static let models = PriceBook.standard.allRows.map { row in
        row.geography.map { "\($0).\(row.model)" } ?? row.model
    }

    private func tokens(_ random: inout Numbers, upTo most: Int64) -> TokenCounts {
        func count() -> Int64 { Bool.random(using: &random) ? 0 : Int64.random(in: 0...most, using: &random) }
        return TokenCounts(
            input: count(), output: count(), cacheRead: count(), cacheWrite5m: count(), cacheWrite1h: count())
    }

    private func amount(_ model: String, _ tokens: TokenCounts, _ tier: ServiceTier = .standard) throws -> Int64 {
        try PriceBook.standard.charge(for: usage(model, tokens, tier: tier)).amount.rawValue
    }

    /// Below long contexts, what two uses cost is what one of both together costs, but for the rounding of each.
    @Test(arguments: 0..<40 as Range<UInt64>) func chargesAddUp(seed: UInt64) throws {
        var random = Numbers(state: seed)
        let model = Self.models[Int.random(in: 0..<Self.models.count, using: &random)]
        let tier = ServiceTier.allCases[Int.random(in: 0..<4, using: &random)]
        let (left, right) = (tokens(&random, upTo: 10_000), tokens(&random, upTo: 10_000))
        let both = TokenCounts(
            input: left.input + right.input, output: left.output + right.output,
            cacheRead: left.cacheRead + right.cacheRead, cacheWrite5m: left.cacheWrite5m + right.cacheWrite5m,
            cacheWrite1h: left.cacheWrite1h + right.cacheWrite1h)
        // A call that is paid as one is paid twice, and so is one that counts as an image for want of a count.
        guard let rates = PriceBook.standard.row(for: ModelID(model), at: noon)?.rates, rates.request == nil,
            !rates.isOfImagesOnly
        else { return }

        let apart = try amount(model, left, tier) + amount(model, right, tier)
        #expect(abs(try amount(model, both, tier) - apart) <= 1, "\(model)")
    }

    @Test(arguments: 0..<40 as Range<UInt64>) func moreNeverCostsLess(seed: UInt64) throws {
        var random = Numbers(state: seed &+ 1000)
        let model = Self.models[Int.random(in: 0..<Self.models.count, using: &random)]
        let some = tokens(&random, upTo: 400_000)
        for tokenClass in [\TokenCounts.input, \.output, \.cacheRead, \.cacheWrite5m, \.cacheWrite1h] {
            var more = some
            more[keyPath: tokenClass] += Int64.random(in: 1...400_000, using: &random)
            #expect(try amount(model, more) >= amount(model, some), "\(model)")
        }
        #expect(try amount(model, some, .batch) <= amount(model, some))
        #expect(try amount(model, some) <= amount(model, some, .priority))
    }

    /// A thousand million tokens of each class are far more than any call has, and fit for every model and tier.
    @Test(arguments: ServiceTier.allCases) func hugeCountsFit(_ tier: ServiceTier) throws {
        let most: Int64 = 1_000_000_000
        let tokens = TokenCounts(
            input: most, output: most, cacheRead: most, cacheWrite5m: most, cacheWrite1h: most)
        for model in Self.models {
            let charge = try PriceBook.standard.charge(for: usage(model, tokens, images: 1000, tier: tier))
            #expect(!charge.amount.isNegative)
        }
    }

    @Test func anythingChargedByTheTableCostsSomething() throws {
        for model in Self.models {
            let charge = try PriceBook.standard.charge(
                for: usage(model, TokenCounts(input: 1000, output: 1000), images: 1))
            #expect(charge.amount > .zero, "\(model)")
        }
    }

    /// A use is charged, and moved again, without a trace of what it was before.
    @Test(arguments: 0..<20 as Range<UInt64>) func replacingAChargeIsAsIfItHadNeverBeen(seed: UInt64) throws {
        var random = Numbers(state: seed &+ 2000)
        func charge() -> Charge {
            let basis = Charge.Basis.allCases[Int.random(in: 0..<Charge.Basis.allCases.count, using: &random)]
            let isFree = basis == .notBillable || basis == .unmetered
            return Charge(
                amount: isFree ? .zero : NanoDollars(rawValue: .random(in: 0...9_999, using: &random)), basis: basis)
        }
        let (kept, old, new) = ((0..<5).map { _ in charge() }, charge(), charge())
        let base = try kept.reduce(Spending()) { try $0.adding($1) }
        #expect(try base.adding(old).replacing(old, with: new) == base.adding(new))
    }
}

@Suite struct PriceLayerTests {
    private func row(
        _ origin: PriceSource, _ price: Int64, scope: String? = nil, region: String? = nil, from: String = "2026-01-01"
    ) -> PriceRow {
        PriceRow(
            model: "acme.a-v1", geography: scope, region: region, effectiveFrom: Instant(iso8601: from + "T00:00:00Z")!,
            rates: Rates(input: TokenPrice(rawValue: price), output: .free), origin: origin, source: "s")
    }

    private func price(_ rows: [PriceRow], _ model: String, in region: String = "us-east-1", at: Instant = noon)
        -> Int64?
    {
        PriceBook(rows: rows).row(for: ModelID(model), in: region, at: at)?.rates.input.rawValue
    }

    @Test func theHigherLayerWinsWhereItSaysSomething() {
        let rows = [
            row(.documented, 1), row(.documented, 2, scope: "eu"), row(.priceList, 3, region: "us-east-1"),
            row(.priceList, 4, scope: "global", region: "us-east-1"),
        ]
        #expect(price(rows, "acme.a-v1:0") == 3)
        #expect(price(rows, "us.acme.a-v1:0") == 3)
        #expect(price(rows, "global.acme.a-v1:0") == 4)
        #expect(price(rows, "acme.a-v1:0", in: "us-west-2") == 1)
        #expect(price(rows, "eu.acme.a-v1:0", in: "eu-west-1") == 2)
        #expect(price(rows + [row(.operator, 9)], "global.acme.a-v1:0") == 9)
        #expect(price(rows + [row(.operator, 9, region: "eu-west-1")], "acme.a-v1:0") == 3)
        #expect(price(rows + [row(.operator, 9, region: "eu-west-1")], "acme.a-v1:0", in: "eu-west-1") == 9)
    }

    /// A scope's price is about what AWS bills a profile: that of a Region is none of it.
    @Test func aScopeGoesBeforeARegion() {
        let (plain, region) = (row(.operator, 2), row(.operator, 4, region: "eu-west-1"))
        let (geography, global) = (row(.operator, 8, scope: "eu"), row(.operator, 16, scope: "global"))
        let exact = row(.operator, 32, scope: "eu", region: "eu-west-1")
        let rows = [plain, region, geography, global]
        let cases: [(rows: [PriceRow], model: String, region: String, price: Int64)] = [
            (rows, "eu.acme.a-v1:0", "eu-west-1", 8), (rows, "eu.acme.a-v1:0", "eu-north-1", 8),
            (rows, "global.acme.a-v1:0", "eu-west-1", 16), (rows, "global.acme.a-v1:0", "us-east-1", 16),
            (rows + [exact], "eu.acme.a-v1:0", "eu-west-1", 32), (rows + [exact], "eu.acme.a-v1:0", "eu-north-1", 8),
            // What is served in its Region is of the Region's scope, and of its geography where that says nothing.
            (rows, "acme.a-v1:0", "eu-west-1", 4), (rows, "acme.a-v1:0", "eu-north-1", 8),
            (rows, "acme.a-v1:0", "us-east-1", 2), ([plain, region], "eu.acme.a-v1:0", "eu-west-1", 4),
            ([plain, row(.operator, 64, scope: "apac"), region], "jp.acme.a-v1:0", "ap-northeast-1", 64),
        ]
        for (rows, model, region, expected) in cases {
            #expect(price(rows, model, in: region) == expected, "\(model) in \(region)")
            // Before all of them, too.
            #expect(price(rows, model, in: region, at: Instant(iso8601: "2025-01-01T00:00:00Z")!) == expected)
        }
    }

    @Test func aLayerCountsFromItsDateOn() {
        let rows = [row(.documented, 1), row(.priceList, 3, from: "2026-11-20"), row(.operator, 9, from: "2026-12-01")]
        func at(_ text: String) -> Int64? { price(rows, "acme.a-v1", at: Instant(iso8601: text)!) }
        #expect(at("2026-11-19T23:59:59Z") == 1)
        #expect(at("2026-11-20T00:00:00Z") == 3)
        #expect(at("2026-12-01T00:00:00Z") == 9)
        // Before all of them, what is documented first.
        #expect(at("2025-01-01T00:00:00Z") == 1)
    }

    @Test func ofTheSameDateTheLastOneHolds() {
        #expect(price([row(.operator, 1), row(.operator, 2)], "acme.a-v1") == 2)
        let book = PriceBook(rows: PriceBook(rows: [row(.operator, 1), row(.operator, 2)]).allRows)
        #expect(book.row(for: ModelID("acme.a-v1"), at: noon)?.rates.input.rawValue == 2)
    }

    @Test func whatElseARowSaysIsReadBack() throws {
        let row = try PriceTable.rows(
            parsing: """
                @ 2026-01-01 | s
                acme.a | 1 | 2 | - | - | - | surcharge long>200000*2*3/2 image=0.06 request=0.001 flex*2/5 priority*9/5
                """)[0]
        #expect(row.tierFactors == [.flex: Ratio(2, 5), .priority: Ratio(9, 5)])
        var bare = row
        bare.hasRegionalSurcharge = false
        bare.longContext = nil
        bare.tierFactors = [:]
        bare.rates.image = nil
        bare.rates.request = nil
        #expect(bare.apply(words: row.words) == nil)
        #expect(bare == row)
        #expect(bare.apply(words: "surcharge batch*0") == "batch*0")
        for word in ["standard*2", "long>0*1*1", "image=x", "priority*1/1001", "priority*"] {
            #expect(bare.apply(words: word) == word)
        }
    }

    @Test func aRowsOwnFactorOfATierCounts() throws {
        let rows = try PriceTable.rows(parsing: "@ 2026-01-01 | s\nacme.a | 10 | 0 | - | - | - | priority*9/5")
        let book = PriceBook(rows: rows)
        func nanos(_ tier: ServiceTier) throws -> Int64 {
            try book.charge(for: usage("acme.a", TokenCounts(input: 1), tier: tier)).amount.rawValue
        }
        #expect(try nanos(.priority) == 18_000)
        #expect(try nanos(.batch) == 5000)
    }

    @Test(arguments: ["0", "3", "0.00875", "75", "0.000001", "18.75"])
    func pricesAreWrittenAsTheyAreRead(_ text: String) {
        #expect(TokenPrice(dollarsPerMillion: text)?.dollarsPerMillion == text)
    }

    @Test func whatIsDearerThanAnyUseShouldBeIsFlagged() throws {
        let tokens = TokenCounts(input: 1_000_000)
        let book = PriceBook(rows: [row(.operator, 100_000_000)], implausibleCost: NanoDollars(dollars: "100"))
        #expect(try book.charge(for: usage("acme.a-v1", tokens)).basis == .listed)
        let more = TokenCounts(input: 1_000_001)
        #expect(try book.charge(for: usage("acme.a-v1", more)).basis == .implausible)
        let never = PriceBook(rows: [row(.operator, 100_000_000)], implausibleCost: nil)
        #expect(try never.charge(for: usage("acme.a-v1", more)).basis == .listed)
    }
}

@Suite struct ModelTargetTests {
    private static func arn(_ region: String, _ model: String) -> String {
        "arn:aws:bedrock:\(region)::foundation-model/\(model)"
    }

    @Test(arguments: [
        ([arn("us-east-1", "acme.a-v1:0")], ["acme.a-v1:0"]),
        ([arn("us-east-1", "acme.a"), arn("us-west-2", "acme.a")], ["us.acme.a"]),
        ([arn("eu-west-1", "acme.a"), arn("eu-north-1", "acme.a")], ["eu.acme.a"]),
        ([arn("ap-south-1", "acme.a"), arn("ap-northeast-1", "acme.a")], ["apac.acme.a"]),
        ([arn("us-east-1", "acme.a"), arn("", "acme.a")], ["global.acme.a"]),
        ([arn("us-east-1", "acme.a"), arn("eu-west-1", "acme.a")], ["global.acme.a"]),
        ([arn("us-east-1", "acme.a"), arn("us-east-1", "acme.b")], ["acme.a", "acme.b"]),
        (["arn:aws:bedrock:us-east-1:1:inference-profile/us.acme.a.b"], ["us.acme.a.b"]),
        (["arn:aws:bedrock:us-east-1:1:application-inference-profile/x", "nonsense:x"], []),
        (["arn:aws:bedrock:us-east-1:1:custom-model/amazon.nova-lite-v1:0/abc"], ["amazon.nova-lite-v1:0"]),
        ([], []),
    ])
    func aProfileStandsForItsModelInItsScope(arns: [String], models: [String]) {
        let filtered = arns.filter { $0.hasPrefix("arn:") }
        #expect(ModelTarget.candidates(filtered).map(\.canonicalText) == models)
    }
}
