import Budgets
import Engine
import JSONModel
import TestKit
import Testing
import WallTime

@testable import Enforcement

@Suite struct BillComparisonTests {
    private func bill(_ costs: (String, String)..., unit: String = "USD") -> JSONValue {
        [
            "ResultsByTime": [
                [
                    "Groups": .array(
                        costs.map { name, amount in
                            [
                                "Keys": [.string(name)],
                                "Metrics": ["UnblendedCost": ["Amount": .string(amount), "Unit": .string(unit)]],
                            ]
                        })
                ]
            ]
        ]
    }

    private func compare(_ bench: LedgerBench, _ bill: JSONValue, date: String = "2026-11-20") async throws -> JSONValue
    {
        try await bench.transact { try BillComparison.compare(["date": .string(date), "bill": bill], $0) }
    }

    /// Ten dollars were charged on 20 November.
    private func bench() async throws -> LedgerBench {
        let bench = LedgerBench(at: "2026-11-20T12:00:00Z")
        try await bench.meter(use("r1", cents: 1000, at: "2026-11-20T11:00:00Z"))
        return bench
    }

    @Test(arguments: [
        // Exactly a tenth of what was billed is none.
        ("9.0909090910", "0", false), ("11.1111111111", "0", false), ("11.12", "0", true), ("9.05", "0", true),
        // The Marketplace's models count; other services don't.
        ("4.00", "6.00", false), ("4.00", "0", true),
    ])
    func aTenthIsTolerated(_ bedrock: String, _ claude: String, _ isDrift: Bool) async throws {
        let bench = try await bench()
        let result = try await compare(
            bench,
            bill(
                ("Amazon Bedrock", bedrock), ("Claude Haiku 4.5 (Amazon Bedrock Edition)", claude),
                ("Amazon Simple Storage Service", "1234.5")))

        #expect(result["drift"] == .bool(isDrift))
        #expect(result["charged"] == "10.00")
        #expect(try await bench.noticeKinds.contains(.costDrift) == isDrift)
    }

    @Test func aDriftIsToldOnceADay() async throws {
        let bench = try await bench()
        for _ in 0..<2 { _ = try await compare(bench, bill(("Amazon Bedrock", "20"))) }
        let told = try await bench.notices.filter { $0.kind == .costDrift }
        #expect(told.map(\.id) == ["cost-drift/2026-11-20"])
        #expect(told.first?.data["percent"] == 50)
    }

    /// Cost Explorer tells whoever asks of its own account, and of its organization's if it manages one.
    @Test func whoseBillItIsIsSaid() async throws {
        let bench = try await bench()
        #expect(try await compare(bench, bill(("Amazon Bedrock", "20")))["account"] == .null)
        let steward = Principal(id: PrincipalID(account: "444455556666", kind: .role, name: "Steward"))
        bench.settings.ownIdentity.learn(steward, at: bench.now)
        let told = try await compare(bench, bill(("Amazon Bedrock", "30")), date: "2026-11-19")
        #expect(told["account"] == "444455556666")
        #expect(try await bench.notices.last?.data["account"] == "444455556666")
    }

    @Test func whatWasLastComparedIsKept() async throws {
        let bench = try await bench()
        let none = try await bench.store.read { transaction in try BillComparison.last(transaction) }
        #expect(none == nil)
        _ = try await compare(bench, bill(("Amazon Bedrock", "9.50")))
        _ = try await compare(bench, .null, date: "2026-11-21")
        let last = try await bench.store.read { transaction in try BillComparison.last(transaction) }
        #expect(
            last == LedgerGauges.Bill(day: day("2026-11-20"), billed: dollars("9.50"), charged: dollars("10.00")))
    }

    /// Unknown is neither nothing nor a difference.
    @Test func whatCantBeHadIsNoDrift() async throws {
        let bench = try await bench()
        for missing in [
            .null, ["ResultsByTime": []], bill(), bill(("Amazon Bedrock", "much")),
            bill(("Amazon Bedrock", "99"), unit: "EUR"),
        ] as [JSONValue] {
            let result = try await compare(bench, missing)
            #expect(result["compared"] == false)
            #expect(result["reason"]?.stringValue?.isEmpty == false)
        }
        #expect(try await compare(bench, bill(("AWS Lambda", "5")), date: "2026-11-19")["compared"] == false)
        #expect(try await bench.noticeKinds.contains(.costDrift) == false)
    }

    @Test func billedButNeverRecordedIsADrift() async throws {
        let bench = try await bench()
        let result = try await compare(bench, bill(("Amazon Bedrock", "5")), date: "2026-11-19")
        #expect(result["drift"] == true)
        #expect(result["charged"] == "0.00")
        // Cents are not worth a notice.
        #expect(try await compare(bench, bill(("Amazon Bedrock", "0.05")), date: "2026-11-18")["drift"] == false)
    }

    @Test func aDayThatIsNoneFailsTheStep() async throws {
        let bench = try await bench()
        await #expect(throws: InvalidRequest.self) { try await self.compare(bench, self.bill(), date: "Friday") }
    }
}
