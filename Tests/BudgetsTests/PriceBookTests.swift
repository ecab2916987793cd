import Testing
import WallTime

@testable import Budgets

func usage(
    _ model: String, _ tokens: TokenCounts, images: Int64 = 0, tier: ServiceTier = .standard, at: Instant = noon,
    errorCode: String? = nil, isMetered: Bool = true
) -> UsageEvent {
    UsageEvent(
        key: UsageKey(account: "1", region: "us-east-1", requestID: "r"), at: at,
        principal: Principal(id: PrincipalID(account: "1", kind: .user, name: "ana")), model: ModelID(model),
        operation: "Converse", tokens: tokens, images: images, tier: tier, errorCode: errorCode, isMetered: isMetered,
        source: "test")
}

let noon = Instant(iso8601: "2026-11-20T12:00:00Z")!

@Suite struct PriceBookTests {
    /// Each amount was worked out by hand from the published dollars for a million tokens.
    @Test(arguments: [
        // 1000 × $3 + 500 × $15 + 2000 × $0.3 + 100 × $3.75 + 10 × $6, for a million.
        (
            "global.anthropic.claude-sonnet-4-6",
            TokenCounts(input: 1000, output: 500, cacheRead: 2000, cacheWrite5m: 100, cacheWrite1h: 10), "0.011535"
        ),
        // The same in the Region and in a geography: a tenth more; in GovCloud a fifth more.
        ("anthropic.claude-sonnet-4-6", TokenCounts(input: 1000, output: 500), "0.01155"),
        ("eu.anthropic.claude-sonnet-4-6", TokenCounts(input: 1000, output: 500), "0.01155"),
        ("us-gov.anthropic.claude-opus-5", TokenCounts(input: 1000, output: 0), "0.006"),
        // Sonnet 4 costs the same through every profile.
        ("us.anthropic.claude-sonnet-4-20250514-v1:0", TokenCounts(input: 1000, output: 1000), "0.018"),
        // A single cached token of Nova Micro: 8,750 pico-dollars, rounded half up to 9 nano-dollars.
        ("amazon.nova-micro-v1:0", TokenCounts(cacheRead: 1), "0.000000009"),
        ("amazon.nova-micro-v1:0", TokenCounts(cacheRead: 10), "0.000000088"),
        ("eu.amazon.nova-pro-v1:0", TokenCounts(input: 120, output: 80, cacheRead: 900), "0.00069825"),
        ("us.amazon.nova-pro-v1:0", TokenCounts(input: 1_000_000), "0.8"),
        // A part of Asia and the Pacific pays what all of it does, unless it has a row of its own; others don't.
        ("ap.amazon.nova-pro-v1:0", TokenCounts(input: 1_000_000), "0.84"),
        ("au.amazon.nova-pro-v1:0", TokenCounts(input: 1_000_000), "0.84"),
        ("in.amazon.nova-lite-v1:0", TokenCounts(input: 1_000_000), "0.063"),
        ("jp.amazon.nova-micro-v1:0", TokenCounts(input: 1_000_000), "0.037"),
        ("jp.amazon.nova-2-lite-v1:0", TokenCounts(input: 1_000_000), "0.396"),
        ("ca.amazon.nova-pro-v1:0", TokenCounts(input: 1_000_000), "0.8"),
        ("amazon.nova-pro-v1:0", TokenCounts(cacheWrite5m: 5000, cacheWrite1h: 5000), "0"),
        // Long context: 100,001 tokens of Haiku 5.5 are all charged five times.
        ("global.anthropic.claude-haiku-5-5", TokenCounts(input: 100_000, output: 100), "0.01005"),
        ("global.anthropic.claude-haiku-5-5", TokenCounts(input: 100_001, output: 100), "0.0502505"),
        ("global.anthropic.claude-haiku-5-5", TokenCounts(input: 1, cacheRead: 100_000), "0.0050005"),
        // Sonnet 4.5 above 200k: input doubled, output half as much again.
        ("global.anthropic.claude-sonnet-4-5-20250929-v1:0", TokenCounts(input: 200_001, output: 1000), "1.222506"),
        ("amazon.titan-embed-text-v2:0", TokenCounts(input: 1000), "0.00002"),
        ("openai.gpt-5.4", TokenCounts(input: 1000, output: 100), "0.0044"),
    ])
    func chargesMatchThePublishedPrices(model: String, tokens: TokenCounts, dollars: String) throws {
        let charge = try PriceBook.standard.charge(for: usage(model, tokens))

        #expect(charge == Charge(amount: NanoDollars(dollars: dollars)!, basis: .listed))
    }

    @Test(arguments: [
        (ServiceTier.standard, Int64(3050)), (.batch, 1525), (.flex, 1525),
        // 5,337.5 nano-dollars, rounded half up.
        (.priority, 5338),
        // 3,812.5.
        (.optimized, 3813),
    ])
    func tiersHaveTheirFactor(tier: ServiceTier, nanos: Int64) throws {
        // 5 × $0.1 + 5 × $0.5 + 5 × $0.01 for a million.
        let tokens = TokenCounts(input: 5, output: 5, cacheRead: 5)

        let charge = try PriceBook.standard.charge(for: usage("global.anthropic.claude-haiku-5-5", tokens, tier: tier))

        #expect(charge == Charge(amount: NanoDollars(rawValue: nanos), basis: .listed))
    }

    @Test func imagesAreCharged() throws {
        let charge = try PriceBook.standard.charge(for: usage("amazon.nova-canvas-v1:0", TokenCounts(), images: 3))

        #expect(charge == Charge(amount: NanoDollars(dollars: "0.18")!, basis: .listed))
    }

    @Test func anUnknownModelIsChargedSafelyAndFlagged() throws {
        let charge = try PriceBook.standard.charge(
            for: usage("acme.nova-ultra-v9:0", TokenCounts(input: 1000, output: 10)))

        #expect(charge == Charge(amount: NanoDollars(dollars: "0.01575")!, basis: .fallback))
    }

    @Test func aClassWithoutAPriceIsDerivedAndFlagged() throws {
        let tokens = TokenCounts(cacheRead: 100, cacheWrite5m: 100, cacheWrite1h: 100)

        let charge = try PriceBook.standard.charge(for: usage("anthropic.claude-3-haiku-20240307-v1:0", tokens))

        // $0.25 read as input, 0.3125 for five minutes, 0.5 for an hour.
        #expect(charge == Charge(amount: NanoDollars(dollars: "0.00010625")!, basis: .estimated))
    }

    /// A million tokens of which nobody knows for how long they were written.
    @Test(
        arguments: [
            ("global.anthropic.claude-sonnet-4-6", false, "3.75", .estimated),
            ("global.anthropic.claude-sonnet-4-6", true, "6", .estimated),
            // Where five minutes cost what an hour does, nothing is guessed; what has no price is not sure anyway.
            ("amazon.nova-pro-v1:0", false, "0", .listed), ("amazon.nova-pro-v1:0", true, "0", .listed),
            ("acme.nova-ultra-v9:0", false, "18.75", .fallback), ("acme.nova-ultra-v9:0", true, "30", .fallback),
        ] as [(String, Bool, String, Charge.Basis)])
    func anUnknownSplitOfTheCacheIsEstimated(
        model: String, forHours: Bool, dollars: String, basis: Charge.Basis
    ) throws {
        let book = PriceBook(rows: PriceBook.standard.allRows, takesUnknownWritesForHours: forHours)
        var event = usage(model, TokenCounts(cacheWrite5m: 1_000_000))
        let known = try book.charge(for: event)
        event.isCacheSplitUnknown = true

        #expect(try book.charge(for: event) == Charge(amount: NanoDollars(dollars: dollars)!, basis: basis))
        // What a record says is believed, whatever the setting.
        #expect(try known == PriceBook.standard.charge(for: usage(model, event.tokens)))
        event.tokens = TokenCounts(input: 1)
        #expect(try book.charge(for: event).basis == (basis == .fallback ? .fallback : .listed))
    }

    @Test func failedCallsAndUncountedOnesCostNothingForDifferentReasons() throws {
        let failed = usage("anthropic.claude-opus-5", TokenCounts(input: 10), errorCode: "ThrottlingException")
        let partial = usage(
            "global.anthropic.claude-opus-5", TokenCounts(output: 1), errorCode: "ModelStreamErrorException")
        let uncounted = usage("anthropic.claude-opus-5", TokenCounts(), isMetered: false)

        #expect(try PriceBook.standard.charge(for: failed) == Charge(amount: .zero, basis: .notBillable))
        #expect(try PriceBook.standard.charge(for: partial).amount == NanoDollars(rawValue: 25_000))
        #expect(try PriceBook.standard.charge(for: uncounted) == Charge(amount: .zero, basis: .unmetered))
    }

    @Test func absurdCountsThrowInsteadOfWrapping() {
        let huge = usage("anthropic.claude-opus-5", TokenCounts(input: .max / 2))
        let negative = usage("anthropic.claude-opus-5", TokenCounts(input: -1))

        #expect(throws: MoneyError.overflow) { try PriceBook.standard.charge(for: huge) }
        #expect(throws: MoneyError.negativeQuantity) { try PriceBook.standard.charge(for: negative) }
    }

    /// Beyond what pico-dollars in 64 bits hold ($9.2 million) as well: only what money itself can't hold is refused.
    @Test(
        arguments: [
            (TokenCounts(input: 900_000_000), ServiceTier.standard, Int64(900_000_000_000_000_000)),
            (TokenCounts(input: 450_000_000, output: 450_000_000), .standard, 900_000_000_000_000_000),
            (TokenCounts(input: 9_223_372_036), .standard, 9_223_372_036_000_000_000),
            (TokenCounts(input: 9_223_372_037), .standard, nil),
            (TokenCounts(input: 9_223_372_037), .batch, 4_611_686_018_500_000_000),
            (TokenCounts(input: .max / 4, output: .max / 4), .standard, nil),
        ] as [(TokenCounts, ServiceTier, Int64?)])
    func aChargeIsRefusedOnlyWhenItDoesNotFit(tokens: TokenCounts, tier: ServiceTier, nanos: Int64?) throws {
        let dollar = TokenPrice(rawValue: 1_000_000_000_000)
        let book = PriceBook(
            rows: [
                PriceRow(
                    model: "acme.a", effectiveFrom: noon, rates: Rates(input: dollar, output: dollar), source: "s")
            ])
        let event = usage("acme.a", tokens, tier: tier)
        guard let nanos else {
            #expect(throws: MoneyError.overflow) { try book.charge(for: event) }
            return
        }
        #expect(try book.charge(for: event) == Charge(amount: NanoDollars(rawValue: nanos), basis: .implausible))
    }

    @Test func thePriceIsTheOneAtTheTimeOfUse() throws {
        let rows = try PriceTable.rows(
            parsing: """
                @ 2026-01-01 | first
                acme.a | 10 | 0 | - | - | -
                @ 2026-06-01 | second
                acme.a | 20 | 0 | - | - | -
                """)
        let book = PriceBook(rows: rows)
        func price(_ at: String) throws -> Int64 {
            try book.charge(for: usage("acme.a", TokenCounts(input: 1), at: Instant(iso8601: at)!)).amount.rawValue
        }

        #expect(try price("2025-01-01T00:00:00Z") == 10_000)
        #expect(try price("2026-05-31T23:59:59.999Z") == 10_000)
        #expect(try price("2026-06-01T00:00:00Z") == 20_000)
    }

    @Test func opaqueProfilesAreChargedAsWhatTheyStandFor() throws {
        let arn = "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc"
        let book = PriceBook(
            rows: PriceBook.standard.allRows, profiles: ["abc": ModelID("global.anthropic.claude-opus-5")])

        #expect(
            try book.charge(for: usage(arn, TokenCounts(input: 1)))
                == Charge(amount: NanoDollars(rawValue: 5000), basis: .listed))
        #expect(try PriceBook.standard.charge(for: usage(arn, TokenCounts(input: 1))).basis == .fallback)
    }

    @Test func everyRowOfTheBuiltInTableIsFoundByItsModel() {
        for row in PriceBook.standard.allRows {
            let id = row.geography.map { "\($0).\(row.model)" } ?? row.model
            #expect(PriceBook.standard.row(for: ModelID(id), at: noon) == row, "\(id)")
            #expect(!row.source.isEmpty)
        }
        #expect(PriceBook.standard.allRows.count > 110)
    }

    @Test(arguments: [
        ("acme.a | 1 | 1 | - | - | -", 1), ("@ 2026-13-01 | x", 1), ("@ 2026-01-01 |", 1),
        ("@ 2026-01-01 | s\nacme.a | 1 | 1", 2),
        ("@ 2026-01-01 | s\n\nacme.a | one | 1 | - | - | -", 3), ("@ 2026-01-01 | s\nacme.a | - | 1 | - | - | -", 2),
        ("@ 2026-01-01 | s\nacme.a | 1 | 1 | - | - | - | bogus", 2),
        ("@ 2026-01-01 | s\nacme.a | 1 | 1 | - | - | - | image=-1", 2),
        ("@ 2026-01-01 | s\nacme.a | 1 | 1 | - | - | - | long>x*1*1", 2),
        ("@ 2026-01-01 | s\nacme.a | 1 | 1 | - | - | - | long>1*0*1", 2),
        ("@ 2026-01-01 | s\nacme.a | 1 | 1 | - | - | - | long>1*1/*1", 2),
        ("@ 2026-01-01 | s\nacme.a | -1 | 1 | - | - | -", 2),
    ])
    func aBadPriceLineIsRefusedWithItsNumber(text: String, line: Int) {
        #expect { try PriceTable.rows(parsing: text) } throws: { ($0 as? PriceTableError)?.line == line }
    }
}
