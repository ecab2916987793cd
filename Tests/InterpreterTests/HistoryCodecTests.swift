import Interpreter
import JSONModel
import StatesLanguage
import Testing
import WallTime

@Suite struct HistoryCodecTests {
    static let failure = TaskFailure(error: "E", cause: "because")

    static let kinds: [HistoryEvent.Kind] = [
        .executionStarted(input: ["a": 1.5], seed: .max), .executionSucceeded(output: .null), .executionFailed(failure),
        .executionAborted(error: nil, cause: "c"), .executionAborted(error: "e", cause: nil),
        .executionTimedOut(failure), .executionRedriven(count: 3),
        .stateEntered(.map, name: "M", input: "é\u{0}\u{10FFFF}"),
        .stateExited(.pass, name: "P", output: [], assigned: ["x": ["y": 1]]),
        .stateExited(.choice, name: "P", output: 1.0, assigned: [:]), .stateAborted(.wait, name: "W"),
        .evaluationFailed(failure, state: "S", location: "Output"),
        .taskScheduled(
            ScheduledTask(resource: "activity:a", parameters: [1, -9], timeoutSeconds: 5, heartbeatSeconds: nil)),
        .taskScheduled(ScheduledTask(resource: "", parameters: [:], timeoutSeconds: nil, heartbeatSeconds: .max)),
        .taskScheduled(ScheduledTask(resource: "activity:a", parameters: [:], roleARN: "arn:aws:iam::1:role/r")),
        .taskStarted(4, worker: nil), .taskStarted(-4, worker: "w"), .taskStartFailed(4, failure),
        .taskSubmitted(4, output: true), .taskSucceeded(4, output: 1e300), .taskFailed(4, failure),
        .taskTimedOut(4, TaskFailure(error: "States.Timeout", cause: "")), .parallelStarted(branches: 3),
        .parallelSucceeded, .parallelFailed(failure), .mapStarted(length: 0), .mapSucceeded, .mapFailed(failure),
        .mapRunStarted(mapRun: "arn"), .mapRunSucceeded, .mapRunFailed(failure),
        .iterationStarted(state: "M", index: 0), .iterationSucceeded(state: "M", index: 1),
        .iterationFailed(state: "M", index: 2, nil), .iterationFailed(state: "M", index: 2, failure),
        .mapPlanned(iterations: 7),
        .mapRunUpdated(MapRunBounds(maxConcurrency: 5, toleratedFailurePercentage: 12.5)),
        .iterationAborted(state: "M", index: 3),
        .waiting(until: .distantFuture), .retryPlanned(at: Instant(milliseconds: -1), retrier: 2), .taskHeartbeat(4),
        .executionDeadline(Instant(milliseconds: 0)),
    ]

    /// Every kind, with headers of every shape.
    static var events: [HistoryEvent] {
        kinds.enumerated().map { place, kind in
            HistoryEvent(
                id: kind.isNote ? 0 : place % 5 == 0 ? -place - 1 : place + 1, previousID: place % 3 == 0 ? 0 : place,
                at: Instant(milliseconds: 1_767_225_600_000 + Int64(place / 4) * (place % 2 == 0 ? 7 : -7)),
                frame: place / 6, kind: kind)
        }
    }

    @Test func everyEventIsReadAsItWasWritten() throws {
        #expect(try HistoryCodec.decode(HistoryCodec.encode(Self.events)) == Self.events)
        #expect(try HistoryCodec.decode(HistoryCodec.encode([])) == [])
        for event in Self.events {
            #expect(try HistoryCodec.decode(HistoryCodec.encode([event])) == [event])
        }
    }

    @Test func integersAndFractionsStayWhatTheyAre() throws {
        let output: JSONValue = [1, 1.0, .int(.max), .int(.min), 0.1, -0.0]
        let event = HistoryEvent(
            id: 1, previousID: 0, at: Play.start, frame: 0, kind: .executionSucceeded(output: output))

        let read = try HistoryCodec.decode(HistoryCodec.encode([event]))

        let written = HistoryEvent.awsHistory(read)[0]["executionSucceededEventDetails"]?["output"]?.stringValue
        #expect(written == output.jsonString)
    }

    @Test func aStepsRecordIsSmall() throws {
        var play = try Play(
            """
            StartAt: FindPrincipal
            States:
              FindPrincipal: {Type: Task, Resource: activity:find-principal, ResultPath: $.principal, Next: Detach}
              Detach: {Type: Task, Resource: activity:detach-policies, End: true}
            """)
        try play.begin(#"{"budget":"team-a"}"#)

        let events = try play.give(.taskSucceeded(play.task().task, output: ["user": "alice"]))
        let record = HistoryCodec.encode(events)

        #expect(events.count == 5)
        #expect(record.count <= 160, "\(record.count) bytes")
    }

    @Test func aPayloadIsWrittenOncePerRecord() {
        let payload = JSONValue.string(String(repeating: "x", count: 1000))
        let events = (1...50).map {
            HistoryEvent(
                id: $0, previousID: $0 - 1, at: Play.start, frame: 0,
                kind: .stateEntered(.pass, name: "State", input: payload))
        }

        #expect(HistoryCodec.encode(events).count < 1000 + 50 * 8)
    }

    /// More texts than the writer's table has room for at first, each of them twice, and payloads that are the same value.
    @Test func aRecordOfManyTextsReadsBack() throws {
        let shared = JSONValue.object(["page": 1, "of": ["a", "b"]])
        let events = (0..<1000).map { number in
            HistoryEvent(
                id: number + 1, previousID: number, at: Play.start, frame: 0,
                kind: .stateEntered(
                    .pass, name: "State \(number % 500)",
                    input: number.isMultiple(of: 3) ? shared : ["number": .int(Int64(number % 500))]))
        }
        let record = HistoryCodec.encode(events)

        #expect(try HistoryCodec.decode(record) == events)
        // Written twice, a name or a payload would take 12 bytes more.
        #expect(record.count < 500 * 40 + 1000 * 9, "\(record.count) bytes")
    }

    @Test func anotherFormatIsNamed() {
        #expect(throws: HistoryCodecError.unknownFormat(9)) { try HistoryCodec.decode([9, 0]) }
        #expect(throws: HistoryCodecError.self) { try HistoryCodec.decode([]) }
    }

    @Test func aRecordThatIsCutOffIsAnError() {
        let record = HistoryCodec.encode(Self.events)
        for length in 0..<record.count {
            #expect(throws: HistoryCodecError.self) { try HistoryCodec.decode(Array(record.prefix(length))) }
        }
        #expect(throws: HistoryCodecError.self) { try HistoryCodec.decode(record + [0]) }
    }

    @Test func noBytesAtAllMakeItTrap() {
        var random = SplitMix64(seed: 11)
        let record = HistoryCodec.encode(Self.events)
        var read = 0
        for _ in 0..<20_000 {
            var damaged = record
            for _ in 0..<(1 + random.next() % 3) {
                damaged[Int(random.next() % UInt64(damaged.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            if let events = try? HistoryCodec.decode(damaged) {
                read += 1
                _ = try? ExecutionState.fold(events)
            }
        }
        #expect(read < 20_000)
    }
}
