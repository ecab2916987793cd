import Interpreter
import JSONModel
import Testing

/// What a Map with an `ItemBatcher` tolerates is counted in items: with a child execution all items of its batch fail.
@Suite struct BatchToleranceTests {
    private static func machine(_ fields: String) -> String {
        DistributedMapTests.machine(
            "\(fields)\n    MaxConcurrency: 1",
            states: """
                StartAt: C
                      States:
                        C: {Type: Choice, Choices: [{Variable: "$.Items[0]", NumericGreaterThan: 0, Next: S}], Default: F}
                        S: {Type: Succeed}
                        F: {Type: Fail, Error: E}
                """)
    }

    /// A batch whose first item is 0 fails.
    @Test(arguments: [
        ("MaxItemsPerBatch: 5", "[0,2,3,4,5,6,7,8,9]", "ToleratedFailureCount: 1", false),
        ("MaxItemsPerBatch: 5", "[0,2,3,4,5,6,7,8,9]", "ToleratedFailureCount: 4", false),
        ("MaxItemsPerBatch: 5", "[0,2,3,4,5,6,7,8,9]", "ToleratedFailureCount: 5", true),
        // The last batch has four items.
        ("MaxItemsPerBatch: 5", "[1,2,3,4,5,0,7,8,9]", "ToleratedFailureCount: 4", true),
        ("MaxItemsPerBatch: 5", "[1,2,3,4,5,0,7,8,9]", "ToleratedFailureCount: 3", false),
        ("MaxItemsPerBatch: 2", "[0,2,0,4,5]", "ToleratedFailureCount: 3", false),
        ("MaxItemsPerBatch: 2", "[0,2,0,4,5]", "ToleratedFailureCount: 4", true),
        // 3 of 7 items are 42.9 %, one of three batches is 33.3 %.
        ("MaxItemsPerBatch: 3", "[0,2,3,4,5,6,7]", "ToleratedFailurePercentage: 40", false),
        ("MaxItemsPerBatch: 3", "[0,2,3,4,5,6,7]", "ToleratedFailurePercentage: 43", true),
        // The only item of the last batch is 14.3 %, though its batch is a third of them.
        ("MaxItemsPerBatch: 3", "[1,2,3,4,5,6,0]", "ToleratedFailurePercentage: 15", true),
        ("MaxItemsPerBatch: 3", "[0,2,3]", "ToleratedFailurePercentage: 99", false),
        ("MaxInputBytesPerBatch: 15", "[0,2,3,4,5]", "ToleratedFailureCount: 1", false),
        ("MaxItemsPerBatch: 2", "[0,2]", "Comment: no failure is tolerated", false),
    ])
    func failedItemsAreCounted(_ batcher: String, _ items: String, _ tolerated: String, _ succeeds: Bool) throws {
        let fields = "ItemBatcher: {\(batcher)}\n    \(tolerated)"
        var play = try Play(Self.machine(fields))
        try play.begin(items)

        #expect((play.output != nil) == succeeds, "\(play.failure?.error ?? "")")
        if !succeeds { #expect(play.failure?.error == "States.ExceedToleratedFailureThreshold") }
    }

    @Test func whatAPersonSetsCountsItemsToo() throws {
        var play = try Play(
            DistributedMapTests.machine(
                "ItemBatcher: {MaxItemsPerBatch: 2}\n    ToleratedFailureCount: 4\n    MaxConcurrency: 2"))
        try play.begin("[1,2,3,4,5,6]")
        try play.fail("E")
        #expect(play.state.outcome == nil)
        let run = play.history.compactMap { event -> String? in
            if case .mapRunStarted(let run) = event.kind { run } else { nil }
        }
        try play.give(.mapRunUpdated(MapRun(arn: #require(run.first)), MapRunBounds(toleratedFailureCount: 1)))

        #expect(play.failure?.error == "States.ExceedToleratedFailureThreshold")
    }
}
