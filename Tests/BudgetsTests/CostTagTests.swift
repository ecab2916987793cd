import Budgets
import Testing

@Suite struct CostTagTests {
    private func sums(_ cost: Int64) -> UsageSums { UsageSums(requests: 1, cost: NanoDollars(rawValue: cost)) }

    private func told(_ rows: [TaggedSums]) -> [String] {
        rows.map { "\($0.tag.rawValue) \($0.value) \($0.sums.cost.rawValue) \($0.sums.requests)" }
    }

    @Test func aBatchIsOneRowForEachValue() {
        let slot = UsageSlot(
            hour: 1, principal: PrincipalID(account: "1", kind: .user, name: "ana"), model: "m", region: "r",
            operation: "o")
        let batch: [(Int64, CostTags)] = [
            (1, CostTags(team: "red", purpose: "research", tier: "low")), (2, CostTags(team: "red", tier: "high")),
            (4, CostTags(team: "blue", purpose: "research", tier: "low")),
            (8, CostTags(team: "red", purpose: "research", tier: "low")),
        ]
        let rollup = TaggedRollup(batch.map { UsageHour(slot: slot, tags: $0.1, sums: sums($0.0)) })

        #expect(
            told(rollup.rows) == [
                "purpose  2 1", "purpose research 13 3", "team blue 4 1", "team red 11 3", "tier high 2 1",
                "tier low 13 3",
            ])
        #expect(TaggedRollup([]).rows.isEmpty)
    }

    @Test func eachTagIsBoundedByItself() {
        let rows = [
            TaggedSums(tag: .tier, value: "low", sums: sums(1)), TaggedSums(tag: .team, value: "red", sums: sums(2)),
            TaggedSums(tag: .team, value: "blue", sums: sums(4)), TaggedSums(tag: .team, value: "", sums: sums(8)),
        ]
        #expect(told(rows.bounded(1)) == ["team red 2 1", "team other 12 2", "tier low 1 1"])
        #expect(told(rows.bounded(3)) == ["team red 2 1", "team blue 4 1", "team  8 1", "tier low 1 1"])
        #expect(told(rows.bounded(-1)) == ["team other 14 3", "tier other 1 1"])
        #expect([TaggedSums]().bounded(5).isEmpty)
    }
}
