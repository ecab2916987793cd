import Testing

@testable import Budgets

@Suite struct NanoDollarsTests {
    @Test(arguments: [
        ("1.25", Int64(1_250_000_000)), ("0", 0), ("0.000000001", 1), ("-3.5", -3_500_000_000),
        ("1.2500000000000", 1_250_000_000),
        ("9223372036.854775807", Int64.max), ("007", 7_000_000_000),
    ])
    func dollarsAreReadExactly(text: String, nanos: Int64) {
        #expect(NanoDollars(dollars: text)?.rawValue == nanos)
    }

    @Test(arguments: [
        "", ".", "1.", ".5", "-", "+1", "1e3", "1,5", "$1", " 1", "0.0000000001", "9223372036.854775808", "99999999999",
        "--1",
        "1.2.3", "１",
    ])
    func otherTextIsNoAmount(text: String) {
        #expect(NanoDollars(dollars: text) == nil)
    }

    @Test(arguments: [
        (Int64(1_250_000_000), "1.25", "1.25"), (0, "0.00", "0.00"), (1, "0.000000001", "0.00"),
        (-1_000_000_000, "-1.00", "-1.00"),
        (1_035_000_000, "1.035", "1.04"), (1_034_999_999, "1.034999999", "1.03"), (-4_000_000, "-0.004", "0.00"),
        (Int64.max, "9223372036.854775807", "9223372036.85"), (Int64.min, "-9223372036.854775808", "-9223372036.85"),
    ])
    func amountsAreWritten(nanos: Int64, exact: String, cents: String) {
        let amount = NanoDollars(rawValue: nanos)

        #expect(amount.description == exact)
        #expect(amount.roundedToCents == cents)
    }

    @Test func sumsThatDoNotFitThrow() throws {
        let most = NanoDollars(rawValue: .max)
        let one = NanoDollars(rawValue: 1)

        #expect(throws: MoneyError.overflow) { try most.adding(one) }
        #expect(throws: MoneyError.overflow) { try NanoDollars(rawValue: .min).subtracting(one) }
        #expect(try most.subtracting(one).adding(one) == most)
    }

    @Test func shareOfALimitIsRoundedDown() {
        let cases: [(spent: Int64, limit: Int64, expected: Int)] = [
            (0, 0, 0), (1, 0, 1000), (0, 5, 0), (999, 1000, 999), (1000, 1000, 1000), (6999, 10_000, 699),
            (-5, 100, 0), (.max, 1, .max), (.max, .max, 1000), (.max - 1, .max, 999),
        ]
        for (spent, limit, expected) in cases {
            #expect(NanoDollars(rawValue: spent).perMille(of: NanoDollars(rawValue: limit)) == expected)
        }
    }

    @Test(arguments: [("3", Int64(3_000_000)), ("0.00875", 8750), ("0", 0), ("0.000001", 1)])
    func pricesAreReadExactly(text: String, picos: Int64) {
        #expect(TokenPrice(dollarsPerMillion: text)?.rawValue == picos)
    }

    @Test(arguments: ["-1", "0.0000001", "free", ""])
    func otherTextIsNoPrice(text: String) {
        #expect(TokenPrice(dollarsPerMillion: text) == nil)
    }
}
