import Interpreter
import JSONModel
import StatesLanguage
import Testing
import WallTime

/// An execution in a test: keeps its history, and checks after every decision what always has to hold.
struct Play {
    static let start: Instant = Instant(milliseconds: 1_767_225_600_000)

    let machine: StateMachine
    private(set) var state = ExecutionState.empty
    private(set) var history: [HistoryEvent] = []
    private(set) var orders: [TaskOrder] = []
    private(set) var cancelled: [TaskID] = []
    var now: Instant = Play.start
    var limits = DecisionLimits.standard

    /// - Parameter definition: JSON or YAML.
    init(_ definition: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let reading = StateMachineReader.read(definition, file: nil)
        machine = try #require(
            reading.machine, "\(reading.diagnostics.map(\.message))", sourceLocation: sourceLocation)
    }

    /// The state that the catchers in `fields` lead to, if there are any: a state that nothing leads to is an error.
    static func caught(_ fields: String) -> String {
        fields.contains("Next: Caught") ? "  Caught: {Type: Pass, End: true}" : ""
    }

    init(machine: StateMachine) { self.machine = machine }

    /// Starts with the input, as JSON.
    mutating func begin(_ input: String = "{}", sourceLocation: SourceLocation = #_sourceLocation) throws {
        try give(.start(input: JSONValue(parsing: input)), sourceLocation: sourceLocation)
    }

    /// Gives the stimulus; the new events are the last of `history`.
    @discardableResult
    mutating func give(
        _ stimulus: Stimulus, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> [HistoryEvent] {
        let (decision, after) = try advance(stimulus)
        let (again, afterAgain) = try advance(stimulus)
        #expect(decision.events == again.events, "deciding twice", sourceLocation: sourceLocation)
        #expect(after == afterAgain, "deciding twice", sourceLocation: sourceLocation)
        history += decision.events
        let record = HistoryCodec.encode(decision.events)
        #expect(try HistoryCodec.decode(record) == decision.events, sourceLocation: sourceLocation)
        let folded = try ExecutionState.fold(history)
        #expect(folded == after, "fold of the history", sourceLocation: sourceLocation)
        #expect(folded.nextDue == after.nextDue, sourceLocation: sourceLocation)
        #expect(folded.openTasks == after.openTasks, sourceLocation: sourceLocation)
        #expect(after.nextDue == after.walkedDue, sourceLocation: sourceLocation)
        #expect(after.countedTasks == after.walkedTasks, sourceLocation: sourceLocation)
        state = after
        orders = decision.orders
        cancelled = decision.cancelled
        return decision.events
    }

    private func advance(_ stimulus: Stimulus) throws(InterpreterError) -> (Decision, ExecutionState) {
        var after = state
        do throws(InterpreterError) {
            let decision = try Interpreter.advance(
                machine, &after, stimulus, now: now, identity: .virtual(stateMachine: "play", startedAt: Play.start),
                seed: 7, limits: limits)
            return (decision, after)
        } catch {
            #expect(after == state, "a stimulus that is refused changes nothing")
            throw error
        }
    }

    /// Jumps to the next deadline and wakes the execution.
    mutating func wakeWhenDue(sourceLocation: SourceLocation = #_sourceLocation) throws {
        now = max(now, try #require(state.nextDue, sourceLocation: sourceLocation))
        try give(.wake, sourceLocation: sourceLocation)
    }

    /// The only open task.
    func task(sourceLocation: SourceLocation = #_sourceLocation) throws -> TaskOrder {
        try #require(state.openTasks.first, sourceLocation: sourceLocation)
    }

    mutating func succeed(_ output: String = "{}", sourceLocation: SourceLocation = #_sourceLocation) throws {
        try give(
            .taskSucceeded(task().task, output: JSONValue(parsing: output)), sourceLocation: sourceLocation)
    }

    mutating func fail(_ error: String, _ cause: String = "", sourceLocation: SourceLocation = #_sourceLocation) throws
    {
        try give(
            .taskFailed(task().task, TaskFailure(error: error, cause: cause)), sourceLocation: sourceLocation)
    }

    var output: JSONValue? { if case .succeeded(let output) = state.outcome { output } else { nil } }

    var failure: TaskFailure? { if case .failed(let failure) = state.outcome { failure } else { nil } }

    /// Types of the shown events, and their predecessors.
    var shown: [String] {
        HistoryEvent.awsHistory(history).map { "\($0["type"]?.stringValue ?? "")<\($0["previousEventId"] ?? 0)" }
    }
}
