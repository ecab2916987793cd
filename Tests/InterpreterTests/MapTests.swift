import Interpreter
import JSONModel
import Testing
import WallTime

@Suite struct MapTests {
    static func machine(_ fields: String = "", mode: String = "INLINE", states: String? = nil) -> String {
        let config = mode == "INLINE" ? "{Mode: INLINE}" : "{Mode: DISTRIBUTED, ExecutionType: STANDARD}"
        return """
            StartAt: M
            States:
              M:
                Type: Map
                ItemProcessor:
                  ProcessorConfig: \(config)
                  \(states ?? "StartAt: T\n      States: {T: {Type: Task, Resource: activity:w, End: true}}")
                \(fields)
                End: true
            \(Play.caught(fields))
            """
    }

    @Test func resultsComeInTheOrderOfTheItems() throws {
        var play = try Play(Self.machine())
        try play.begin("[1,2,3]")
        #expect(play.orders.map(\.input) == [1, 2, 3])

        for (index, output) in [(2, "c"), (0, "a"), (0, "b")] {
            try play.give(.taskSucceeded(play.state.openTasks[index].task, output: .string(output)))
        }

        #expect(play.output == ["a", "b", "c"])
    }

    @Test func noMoreIterationsRunThanAllowed() throws {
        var play = try Play(Self.machine("MaxConcurrency: 2"))
        try play.begin("[1,2,3,4,5]")
        #expect(play.orders.map(\.input) == [1, 2])
        var most = 0
        var seen = 0
        while !play.state.openTasks.isEmpty {
            most = max(most, play.state.openTasks.count)
            seen += 1
            try play.succeed("\(seen)")
        }

        #expect(most == 2)
        #expect(play.output == [1, 2, 3, 4, 5])
    }

    @Test func oneAfterTheOtherFollowsAsOnAWS() throws {
        var play = try Play(
            Self.machine("MaxConcurrency: 1", states: "StartAt: P\n      States: {P: {Type: Pass, End: true}}"))
        try play.begin("[1,2]")

        #expect(
            play.shown == [
                "ExecutionStarted<0", "MapStateEntered<0", "MapStateStarted<2", "MapIterationStarted<3",
                "PassStateEntered<4", "PassStateExited<5", "MapIterationSucceeded<6", "MapIterationStarted<6",
                "PassStateEntered<8", "PassStateExited<9", "MapIterationSucceeded<10", "MapStateSucceeded<11",
                "MapStateExited<11", "ExecutionSucceeded<13",
            ])
    }

    @Test func anEmptyMapEndsAtOnce() throws {
        var play = try Play(Self.machine())
        try play.begin("[]")

        #expect(play.output == [])
    }

    @Test func itemSelectorSeesTheItem() throws {
        var play = try Play(
            Self.machine(
                "ItemsPath: $.list\n    ItemSelector: {i.$: $$.Map.Item.Index, v.$: $$.Map.Item.Value, all.$: $.list}"))
        try play.begin(#"{"list":["x","y"]}"#)

        #expect(
            play.orders.map(\.input) == [
                ["i": 0, "v": "x", "all": ["x", "y"]], ["i": 1, "v": "y", "all": ["x", "y"]],
            ])
    }

    @Test func statesInsideSeeTheirItem() throws {
        var play = try Play(
            Self.machine(
                states: "StartAt: P\n      States: {P: {Type: Pass, Parameters: {v.$: $$.Map.Item.Value}, End: true}}"))
        try play.begin("[7,8]")

        #expect(play.output == [["v": 7], ["v": 8]])
    }

    @Test func aFailedIterationAbortsTheOthers() throws {
        var play = try Play(Self.machine("MaxConcurrency: 2"))
        try play.begin("[1,2,3]")
        try play.fail("E", "C")

        #expect(play.failure == TaskFailure(error: "E", cause: "C"))
        #expect(
            play.shown.suffix(6).map { String($0.prefix { $0 != "<" }) } == [
                "ActivityFailed", "MapIterationFailed", "TaskStateAborted", "MapIterationAborted", "MapStateFailed",
                "ExecutionFailed",
            ])
    }

    @Test func aRetryRunsAllItemsAgain() throws {
        var play = try Play(Self.machine("Retry: [{ErrorEquals: [E], MaxAttempts: 1}]"))
        try play.begin("[1,2]")
        try play.succeed("1")
        try play.fail("E")
        try play.wakeWhenDue()
        #expect(play.orders.map(\.input) == [1, 2])
        try play.succeed("10")
        try play.succeed("20")

        #expect(play.output == [10, 20])
    }

    @Test func whatIsNotAnArrayFails() throws {
        var play = try Play(Self.machine("ItemsPath: $.list"))
        try play.begin(#"{"list":5}"#)

        #expect(play.failure?.cause.contains("Reference path \"$.list\" must point to array.") == true)
        #expect(play.failure?.error == "States.Runtime")
    }

    // MARK: Distributed

    @Test func aDistributedMapKeepsItsChildrenOutOfTheHistory() throws {
        var play = try Play(Self.machine(mode: "DISTRIBUTED"))
        try play.begin("[1,2]")
        #expect(play.state.openTasks.count == 2)
        try play.succeed("10")
        try play.succeed("20")

        #expect(play.output == [10, 20])
        #expect(
            play.shown == [
                "ExecutionStarted<0", "MapStateEntered<0", "MapStateStarted<2", "MapRunStarted<3", "MapRunSucceeded<4",
                "MapStateSucceeded<5", "MapStateExited<5", "ExecutionSucceeded<7",
            ])
        #expect(HistoryEvent.awsHistory(play.history).map { $0["id"]?.intValue } == (1...8).map { $0 })
    }

    @Test(arguments: [
        ("ToleratedFailureCount: 1", 1, true), ("ToleratedFailureCount: 1", 2, false),
        ("ToleratedFailurePercentage: 50", 2, true), ("ToleratedFailurePercentage: 50", 3, false), ("", 1, false),
        ("ToleratedFailureCount: 3\n    ToleratedFailurePercentage: 25", 2, false),
    ])
    func failuresAreToleratedUpToTheThreshold(_ fields: String, _ failures: Int, _ succeeds: Bool) throws {
        var play = try Play(Self.machine(fields, mode: "DISTRIBUTED"))
        try play.begin("[1,2,3,4]")
        for _ in 0..<failures where play.state.outcome == nil { try play.fail("E") }
        while play.state.outcome == nil { try play.succeed("1") }

        #expect((play.output != nil) == succeeds)
        if succeeds {
            #expect(play.output?.arrayValue?.count == 4 - failures)
        } else {
            #expect(play.failure?.error == "States.ExceedToleratedFailureThreshold")
            #expect(play.shown.suffix(3) == ["MapRunFailed<4", "MapStateFailed<5", "ExecutionFailed<6"])
        }
    }

    @Test(arguments: [
        (
            "ToleratedFailurePercentagePath: $.p", #"{"l":[],"p":100.1}"#,
            "ToleratedFailurePercentage must be between 0 and 100."
        ),
        (
            "ToleratedFailurePercentagePath: $.p", #"{"l":[],"p":"no"}"#,
            "The ToleratedFailurePercentagePath field refers to value \"no\" which is not a valid float: $.p"
        ),
    ])
    func aThresholdThatIsNoneFails(_ field: String, _ input: String, _ cause: String) throws {
        var play = try Play(Self.machine("ItemsPath: $.l\n    \(field)", mode: "DISTRIBUTED"))
        try play.begin(input)

        #expect(play.failure?.cause.hasSuffix(cause) == true)
        #expect(play.shown.suffix(2) == ["MapStateStarted<2", "ExecutionFailed<3"])
    }
}
