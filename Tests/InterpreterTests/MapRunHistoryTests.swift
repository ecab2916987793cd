import Interpreter
import JSONModel
import StatesLanguage
import Testing
import WallTime

/// Map Runs and child executions as they are read out of their parent's history.
@Suite struct MapRunHistoryTests {
    /// A distributed Map in a branch of a Parallel, so that branches have numbers before it.
    private static let definition = """
        StartAt: Both
        States:
          Both:
            Type: Parallel
            End: true
            Branches:
              - StartAt: A
                States: {A: {Type: Pass, End: true}}
              - StartAt: M
                States:
                  M:
                    Type: Map
                    Label: each
                    ToleratedFailureCount: 1
                    End: true
                    ItemProcessor:
                      ProcessorConfig: {Mode: DISTRIBUTED, ExecutionType: STANDARD}
                      StartAt: T
                      States:
                        T: {Type: Task, Resource: "activity:work", End: true}
        """

    private static func history() throws -> [HistoryEvent] {
        let reading = StateMachineReader.read(definition, file: nil)
        let machine = try #require(reading.machine)
        let run = try VirtualRun.run(
            machine, input: [10, 20, 30],
            mock: { order in
                order.input == 20
                    ? .failure(TaskFailure(error: "Odd", cause: "twenty")) : .success(["was": order.input])
            })
        return run.history
    }

    private static func mapRun(of events: [HistoryEvent]) -> MapRun? {
        for event in events { if case .mapRunStarted(let arn) = event.kind { return MapRun(arn: arn) } }
        return nil
    }

    @Test func aMapRunCountsItsChildren() throws {
        let events = try Self.history()
        let event = try #require(Self.mapRun(of: events))
        let run = try #require(MapRunHistory(event, in: events))
        #expect(run.state == "M")
        #expect(run.status == .succeeded)
        #expect((run.items, run.executions) == (3, 3))
        #expect(run.children.values.sorted { $0.index < $1.index }.map(\.status) == [.succeeded, .failed, .succeeded])
        #expect(run.stoppedAt != nil)
    }

    @Test func aChildHasAHistoryOfItsOwn() throws {
        let events = try Self.history()
        let event = try #require(Self.mapRun(of: events))
        let run = try #require(MapRunHistory(event, in: events))
        let first = try #require(run.children[0])
        #expect(first.input == 10)
        #expect(first.output == ["was": 10])
        let shown = HistoryEvent.awsHistory(first.history).map { $0["type"]?.stringValue }
        #expect(
            shown == [
                "ExecutionStarted", "TaskStateEntered", "ActivityScheduled", "ActivityStarted", "ActivitySucceeded",
                "TaskStateExited", "ExecutionSucceeded",
            ])
        #expect(first.history.map(\.id) == Array(1...7))
        #expect(first.history.map(\.previousID) == [0, 0, 2, 3, 4, 5, 6])
        let failed = try #require(run.children[1])
        #expect(failed.failure == TaskFailure(error: "Odd", cause: "twenty"))
        #expect(failed.history.last?.kind == .executionFailed(TaskFailure(error: "Odd", cause: "twenty")))
    }

    @Test func whileItRunsTheRestIsPending() throws {
        let events = try Self.history()
        let start = try #require(
            events.lastIndex { if case .iterationStarted = $0.kind { true } else { false } })
        let event = try #require(Self.mapRun(of: events))
        let run = try #require(MapRunHistory(event, in: Array(events[...start])))
        #expect(run.status == .running)
        #expect(run.stoppedAt == nil)
        #expect(run.children.count == 3)
    }

    @Test func anotherMapRunIsNone() throws {
        #expect(MapRunHistory(MapRun(arn: "arn:aws:states:r:a:mapRun:m/x:1"), in: try Self.history()) == nil)
    }
}
