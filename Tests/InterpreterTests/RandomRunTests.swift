import Interpreter
import JSONModel
import StatesLanguage
import Testing
import WallTime

/// Random machines under random stimuli. `Play` checks every decision: the fold of the whole history is its state, its
/// record is read as it was written, and deciding again decides the same.
@Suite struct RandomRunTests {
    @Test(arguments: 0..<20)
    func whateverHappensTheHistoryHoldsTheTruth(_ group: Int) throws {
        for seed in UInt64(group * 15)..<UInt64(group * 15 + 15) {
            do {
                try run(seed)
            } catch {
                Issue.record("seed \(seed): \(error)")
            }
        }
    }

    private func run(_ seed: UInt64) throws {
        var machines = RandomMachines(seed: seed)
        var random = SplitMix64(seed: seed ^ 0xABCD)
        let reading = StateMachineReader.read(json: machines.definition())
        var play = Play(machine: try #require(reading.machine, "seed \(seed): \(reading.diagnostics.map(\.message))"))
        let items = (0..<random.number(in: 0..<6)).map { JSONValue.int($0) }
        try play.begin(JSONValue.object(["n": .int(random.number(in: 0..<5)), "items": .array(items)]).jsonString)
        var closed: [TaskID] = []

        for _ in 0..<60 {
            let stimulus = try next(play, &random, &closed)
            if stimulus == .wake { passTime(&play, &random) }
            let open = Set(play.state.openTasks.map(\.task))
            try give(stimulus, to: &play)
            closed += open.subtracting(play.state.openTasks.map(\.task))
            expectConsistency(play, seed)
            if play.state.outcome != nil, random.number(in: 0..<4) == 0 { break }
        }
        var state = ExecutionState.empty
        for event in play.history {
            try state.apply(event)
            #expect(state.nextDue == state.walkedDue, "seed \(seed), after \(event)")
            #expect(state.countedTasks == state.walkedTasks, "seed \(seed), after \(event)")
        }
    }

    /// Mostly to the next deadline, sometimes to somewhere before it.
    private func passTime(_ play: inout Play, _ random: inout SplitMix64) {
        guard let due = play.state.nextDue, due > play.now else { return }
        let isEarly = random.number(in: 0..<5) == 0
        play.now = isEarly ? Instant(milliseconds: due.milliseconds - 1) : due
    }

    /// What is refused must not fit; everything else is recorded.
    private func give(_ stimulus: Stimulus, to play: inout Play) throws {
        do {
            try play.give(stimulus)
        } catch InterpreterError.taskNotOpen(let task) {
            #expect(!play.state.openTasks.contains { $0.task == task })
        } catch InterpreterError.alreadyEnded {
            #expect(play.state.outcome != nil)
        } catch InterpreterError.notRedrivable {
            guard case .succeeded? = play.state.outcome else { return #expect(play.state.outcome == nil) }
        }
    }

    private func next(
        _ play: Play, _ random: inout SplitMix64, _ closed: inout [TaskID]
    ) throws -> Stimulus {
        if play.state.outcome != nil { return random.number(in: 0..<3) == 0 ? .wake : .redrive }
        let open = play.state.openTasks
        let choice = random.number(in: 0..<24)
        if choice == 0 { return .stop(error: "Stopped", cause: nil) }
        if choice == 1 { return .redrive }
        if choice == 2, let late = closed.last { return .taskSucceeded(late, output: 1) }
        guard choice > 6, !open.isEmpty else { return .wake }
        let task = open[Int(random.number(in: 0..<Int64(open.count)))].task
        switch random.number(in: 0..<10) {
        case 0: return .taskStarted(task, worker: "w")
        case 1: return .taskHeartbeat(task)
        case 2: return .taskSubmitted(task, output: [:])
        case 3, 4: return .taskFailed(task, TaskFailure(error: "E", cause: "random"))
        default: return .taskSucceeded(task, output: ["r": 1])
        }
    }

    private func expectConsistency(_ play: Play, _ seed: UInt64) {
        let shown = play.history.filter { $0.id > 0 }.map(\.id)
        #expect(shown == Array(1...shown.count), "seed \(seed)")
        #expect(play.history.allSatisfy { $0.previousID < $0.id || $0.id <= 0 }, "seed \(seed)")
        guard play.state.outcome == nil else {
            #expect(play.state.openTasks.isEmpty, "seed \(seed)")
            return #expect(play.state.nextDue == nil, "seed \(seed)")
        }
        // A running execution waits for something: never is it forgotten.
        #expect(play.state.nextDue != nil || !play.state.openTasks.isEmpty, "seed \(seed)")
        #expect(!play.state.explanation(play.machine, now: play.now).lines.isEmpty, "seed \(seed)")
    }
}
