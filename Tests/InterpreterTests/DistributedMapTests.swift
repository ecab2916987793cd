import Interpreter
import JSONModel
import StatesLanguage
import Testing
import WallTime

/// Reading items, batching them, and handing on the results (AWS, "Using Map state in Distributed mode").
@Suite struct DistributedMapTests {
    static let reader = """
        ItemReader:
              Resource: arn:aws:states:::s3:getObject
              Parameters: {Bucket: b, Key.$: $.key}
              ReaderConfig: {InputType: JSON, MaxItemsPath: $.most}
        """
    static let writer = """
        ResultWriter:
              Resource: arn:aws:states:::s3:putObject
              Parameters: {Bucket: out, Prefix: runs}
        """

    static func machine(_ fields: String, states: String? = nil) -> String {
        MapTests.machine(fields + "\n    Label: each", mode: "DISTRIBUTED", states: states)
    }

    static let pass = "StartAt: P\n      States: {P: {Type: Pass, End: true}}"

    // MARK: ItemReader

    @Test func itemsAreReadBeforeAnythingRuns() throws {
        var play = try Play(Self.machine(Self.reader))
        try play.begin(#"{"key":"k.json","most":"2"}"#)

        let order = try play.task()
        #expect(order.resource.text == "arn:aws:states:::s3:getObject")
        #expect(
            order.input == [
                "Parameters": ["Bucket": "b", "Key": "k.json"], "ReaderConfig": ["InputType": "JSON", "MaxItems": 2],
            ])

        try play.succeed("[10,20]")
        #expect(play.orders.map(\.input) == [10, 20])
        try play.succeed("1")
        try play.succeed("2")
        #expect(play.output == [1, 2])
        #expect(
            play.shown == [
                "ExecutionStarted<0", "MapStateEntered<0", "MapStateStarted<2", "MapRunStarted<3", "MapRunSucceeded<4",
                "MapStateSucceeded<5", "MapStateExited<5", "ExecutionSucceeded<7",
            ])
    }

    @Test func aReaderThatFailsFailsTheMapRun() throws {
        var play = try Play(Self.machine(Self.reader))
        try play.begin(#"{"key":"k","most":0}"#)
        try play.fail("States.ItemReaderFailed", "CSV headers cannot contain duplicates.")

        #expect(
            play.failure
                == TaskFailure(error: "States.ItemReaderFailed", cause: "CSV headers cannot contain duplicates."))
        #expect(
            play.shown.suffix(4) == [
                "MapRunStarted<3", "MapRunFailed<4", "MapStateFailed<5", "ExecutionFailed<6",
            ])
    }

    @Test func aReaderThatFailsIsRetriedAndCaught() throws {
        let fields =
            Self.reader + "\n    Retry: [{ErrorEquals: [States.ItemReaderFailed], MaxAttempts: 1}]"
            + "\n    Catch: [{ErrorEquals: [States.ALL], Next: Caught}]"
        var play = try Play(Self.machine(fields))
        try play.begin(#"{"key":"k","most":0}"#)
        try play.fail("States.ItemReaderFailed", "first")
        try play.wakeWhenDue()
        try play.fail("States.ItemReaderFailed", "second")

        #expect(play.output?["Error"] == "States.ItemReaderFailed")
        #expect(play.output?["Cause"] == "second")
    }

    @Test(arguments: [("-1", "field MaxItems must be positive"), ("\"x\"", "which is not a valid integer")])
    func aWrongLimitFails(_ most: String, _ cause: String) throws {
        var play = try Play(Self.machine(Self.reader))
        try play.begin("{\"key\":\"k\",\"most\":\(most)}")

        #expect(play.failure?.cause.contains(cause) == true, "\(play.failure?.cause ?? "")")
    }

    @Test func aRedriveReadsAgainWhatWasNotRead() throws {
        var play = try Play(Self.machine(Self.reader, states: Self.pass))
        try play.begin(#"{"key":"k","most":0}"#)
        try play.fail("States.ItemReaderFailed", "away")
        try play.give(.redrive)
        try play.succeed("[7]")

        #expect(play.output == [7])
    }

    @Test func selectorsSeeWhereItemsComeFrom() throws {
        let selector = "\n    ItemSelector: {i.$: $$.Map.Item.Index, s.$: $$.Map.Item.Source, id.$: States.UUID()}"
        var play = try Play(Self.machine(Self.reader + selector, states: Self.pass))
        try play.begin(#"{"key":"k.json","most":0}"#)
        try play.succeed("[1,2]")

        #expect(play.output?[0]?["s"] == "S3://b/k.json")
        #expect(play.output?[1]?["i"] == 1)
        #expect(play.output?[0]?["id"] != play.output?[1]?["id"])
    }

    @Test func theMembersOfAnObjectAreItems() throws {
        var plain = try Play(Self.machine("", states: Self.pass))
        try plain.begin(#"{"a":1,"b":2}"#)
        #expect(plain.output == [["Key": "a", "Value": 1], ["Key": "b", "Value": 2]])

        let selector = "ItemSelector: {k.$: $$.Map.Item.Key, v.$: $$.Map.Item.Value, s.$: $$.Map.Item.Source}"
        var selected = try Play(Self.machine(selector, states: Self.pass))
        try selected.begin(#"{"a":1}"#)
        #expect(selected.output == [["k": "a", "v": 1, "s": "STATE_DATA"]])
    }

    // MARK: Child executions

    @Test func aChildIsAnExecutionOfItsOwn() throws {
        let states = """
            StartAt: P
                  States: {P: {Type: Pass, Parameters: {id.$: $$.Execution.Id, in.$: $$.Execution.Input, \
            m.$: $$.StateMachine.Name}, End: true}}
            """
        var play = try Play(Self.machine("", states: states))
        try play.begin("[5,6]")

        let first = try #require(play.output?[0])
        #expect(first["in"] == 5)
        #expect(first["m"] == "play/each")
        #expect(
            first["id"]?.stringValue?.hasPrefix("arn:aws:states:us-east-1:000000000000:execution:play/each:") == true)
        #expect(play.output?[1]?["id"] != first["id"])
    }

    @Test func aChildThatFillsItsHistoryFails() throws {
        let states = """
            StartAt: A
                  States:
                    A: {Type: Pass, Next: B}
                    B: {Type: Choice, Choices: [{Variable: $, NumericEquals: 1, Next: A}], Default: C}
                    C: {Type: Succeed}
            """
        var play = try Play(Self.machine("ToleratedFailureCount: 1", states: states))
        try play.begin("[1,2]")
        while play.state.outcome == nil { try play.wakeWhenDue() }

        #expect(play.output == [2])
        #expect(play.state.openTasks.isEmpty)
    }

    // MARK: ItemBatcher

    @Test(arguments: [
        ("MaxItemsPerBatch: 2", "[[1,2],[3,4],[5]]"), ("MaxItemsPerBatch: 9", "[[1,2,3,4,5]]"),
        // {"Items":[]} takes 12 bytes, each item one and a comma.
        ("MaxInputBytesPerBatch: 15", "[[1,2],[3,4],[5]]"),
        ("MaxItemsPerBatch: 3\n      MaxInputBytesPerBatch: 15", "[[1,2],[3,4],[5]]"),
        ("MaxItemsPerBatchPath: $.two", "[[1,2],[3,4],[5]]"),
    ])
    func itemsAreBatched(_ limits: String, _ expected: String) throws {
        let fields = "ItemsPath: $.list\n    ItemBatcher:\n      \(limits)"
        var play = try Play(Self.machine(fields, states: Self.pass))
        try play.begin(#"{"list":[1,2,3,4,5],"two":2}"#)

        let batches = try JSONValue(parsing: expected).arrayValue ?? []
        #expect(play.output == .array(batches.map { ["Items": $0] }))
    }

    @Test func aBatchHasItsInputAndSelectedItems() throws {
        let fields = """
            ItemsPath: $.list
                ItemSelector: {v.$: $$.Map.Item.Value}
                ItemBatcher: {MaxItemsPerBatch: 2, BatchInput: {all.$: $.name}}
            """
        var play = try Play(Self.machine(fields))
        try play.begin(#"{"list":["x","y","z"],"name":"n"}"#)

        #expect(
            play.orders.map(\.input) == [
                ["BatchInput": ["all": "n"], "Items": [["v": "x"], ["v": "y"]]],
                ["BatchInput": ["all": "n"], "Items": [["v": "z"]]],
            ])
    }

    @Test func anItemThatNoBatchHasRoomForFails() throws {
        let fields = "ItemBatcher: {MaxInputBytesPerBatch: 14}"
        var play = try Play(Self.machine(fields, states: Self.pass))
        try play.begin(#"["abcdef"]"#)

        #expect(play.failure?.error == "States.DataLimitExceeded")
    }

    @Test func readItemsAreBatched() throws {
        let fields = Self.reader + "\n    ItemBatcher: {MaxItemsPerBatch: 2}"
        var play = try Play(Self.machine(fields, states: Self.pass))
        try play.begin(#"{"key":"k","most":0}"#)
        try play.succeed("[1,2,3]")

        #expect(play.output == [["Items": [1, 2]], ["Items": [3]]])
    }

    // MARK: ResultWriter

    @Test func resultsAreWritten() throws {
        var play = try Play(Self.machine(Self.writer))
        try play.begin("[1,2]")
        try play.succeed(#"{"r":1}"#)
        try play.succeed(#"{"r":2}"#)

        let order = try play.task()
        #expect(order.resource.text == "arn:aws:states:::s3:putObject")
        #expect(order.input["Parameters"] == ["Bucket": "out", "Prefix": "runs"])
        #expect(order.input["OutputType"] == "JSON")
        let run = try #require(order.input["MapRunArn"]?.stringValue)
        #expect(run.hasPrefix("arn:aws:states:us-east-1:000000000000:mapRun:play/each:"))
        let succeeded = try #require(order.input["Results"]?["SUCCEEDED"]?.arrayValue)
        #expect(succeeded.map { $0["Output"] } == [#"{"r":1}"#, #"{"r":2}"#])
        #expect(succeeded.map { $0["Input"] } == ["1", "2"])
        #expect(succeeded[0]["Status"] == "SUCCEEDED")

        try play.succeed(#"{"ResultWriterDetails":{"Bucket":"out","Key":"runs/manifest.json"}}"#)
        #expect(play.output?["ResultWriterDetails"]?["Key"] == "runs/manifest.json")
    }

    @Test(arguments: [
        ("NONE", nil), ("COMPACT", "[[1],[2,3]]"), ("FLATTEN", "[1,2,3]"),
    ])
    func resultsAreShaped(_ transformation: String, _ expected: String?) throws {
        let fields = "ResultWriter: {WriterConfig: {OutputType: JSON, Transformation: \(transformation)}}"
        var play = try Play(Self.machine(fields, states: Self.pass))
        try play.begin("[[1],[2,3]]")

        if let expected {
            #expect(play.output == (try JSONValue(parsing: expected)))
        } else {
            #expect(play.output?.arrayValue?.map { $0["Output"] } == ["[1]", "[2,3]"])
        }
    }

    @Test func whatFailedIsWrittenBeforeTheMapFails() throws {
        var play = try Play(Self.machine(Self.writer + "\n    MaxConcurrency: 2"))
        try play.begin("[1,2,3]")
        try play.fail("E", "C")

        let order = try play.task()
        let results = try #require(order.input["Results"])
        #expect(results["SUCCEEDED"] == [])
        #expect(results["FAILED"]?.arrayValue?.map { $0["Status"] } == ["FAILED", "ABORTED"])
        #expect(results["FAILED"]?[0]?["Error"] == "E")
        #expect(results["PENDING"]?.arrayValue?.count == 1)
        try play.succeed()
        #expect(play.failure?.error == "States.ExceedToleratedFailureThreshold")
    }

    @Test func aWriterThatFailsIsRedriven() throws {
        var play = try Play(Self.machine(Self.writer, states: Self.pass))
        try play.begin("[1]")
        try play.fail("States.ResultWriterFailed", "no bucket")
        #expect(play.failure?.error == "States.ResultWriterFailed")
        try play.give(.redrive)
        try play.succeed(#"{"done":true}"#)

        #expect(play.output == ["done": true])
    }

    @Test func aStopEndsAMapThatReads() throws {
        var play = try Play(Self.machine(Self.reader))
        try play.begin(#"{"key":"k","most":0}"#)
        let task = try play.task().task
        try play.give(.stop(error: nil, cause: nil))

        #expect(play.cancelled == [task])
    }
}
