import Engine
import Interpreter
import JSONModel
import Logging
import StatesLanguage
import TestKit
import Testing
import WallTime

/// An engine on a memory store under a virtual clock, as most tests need it.
final class Bench: Sendable {
    let clock: VirtualClock
    let store: MemoryStore
    let engine: Engine<MemoryStore>
    let steps: RecordingSteps
    private let running = Guarded<Task<Void, any Error>?>(nil)

    init(
        store: MemoryStore = MemoryStore(), clock: VirtualClock = VirtualClock(),
        steps recording: RecordingSteps = RecordingSteps(), _ steps: [String: Step<MemoryTransaction>] = [:],
        resources: [any ResourceHandler] = [],
        redrivers: [DeadLetterKind: Engine<MemoryStore>.Redriver] = [:], options: EngineOptions = EngineOptions(),
        faults: @escaping @Sendable (FaultPoint) -> Void = { _ in }
    ) {
        self.clock = clock
        self.store = store
        self.steps = recording
        var logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        logger.logLevel = .critical
        engine = Engine(
            store: store, clock: clock.wallClock, steps: steps, resources: resources, redrivers: redrivers,
            options: options, seed: 7, faults: faults, logger: logger)
    }

    /// Starts the engine's loop.
    func run() {
        running.withLock { $0 = Task { [engine] in try await engine.run() } }
    }

    func stop() async {
        let task = running.withLock { $0 }
        task?.cancel()
        _ = await task?.result
    }

    @discardableResult
    func machine(_ name: String, _ source: String) async throws -> StateMachineVersion {
        try await engine.applyStateMachine(name: name, source: source, file: "\(name).yaml")
    }

    /// Waits until the execution has ended, without moving the clock.
    func finish(_ id: ExecutionID) async throws -> ExecutionRecord {
        try await eventually("execution \(id.rawValue) ends") {
            try await engine.execution(id).status != .running
        }
        return try await checked(id)
    }

    /// The record, after checking that what is stored agrees with the fold of the history.
    func checked(_ id: ExecutionID) async throws -> ExecutionRecord {
        let record = try await engine.execution(id)
        let state = try await ExecutionState.fold(engine.history(id))
        switch state.outcome {
        case nil: #expect(record.status == .running)
        case .succeeded: #expect(record.status == .succeeded)
        case .failed(let failure):
            #expect(record.status == .failed)
            #expect(record.error == failure.error)
        case .timedOut: #expect(record.status == .timedOut)
        case .aborted: #expect(record.status == .aborted)
        }
        return record
    }

    /// Waits until no execution is in memory: a row says that one has ended a moment before its mailbox is gone.
    func comesToRest() async throws {
        try await eventually("no execution is in memory") { engine.statistics.live == 0 }
    }

    func output(_ id: ExecutionID) async throws -> JSONValue? {
        guard case .succeeded(let output) = try await engine.state(id).outcome else { return nil }
        return output
    }

    /// Moves the clock from one sleeper to the next until the condition holds.
    func advance(
        _ what: String = "condition", upTo limit: Duration = .seconds(86_400 * 40),
        until condition: @escaping @Sendable () async throws -> Bool
    ) async throws {
        let end = clock.now + limit
        let real = ContinuousClock()
        let deadline = real.now + .seconds(120)
        var looks = 0
        while true {
            let begun = real.now
            for _ in 0..<20 {
                if try await condition() { return }
                try await Task.sleep(for: .microseconds(200))
            }
            // On a machine that is busy elsewhere, a look that took long says nothing about the engine: it may not have
            // had its turn either.
            looks += 1
            if real.now - begun > .milliseconds(20), looks < 25 { continue }
            looks = 0
            if let next = clock.nextWake, next <= end { clock.advance(to: next) }
            guard real.now < deadline else {
                throw ConditionNeverHeld(description: "\(what) did not come true by \(clock.now.iso8601)")
            }
        }
    }

    func count(_ note: String) async throws -> Int {
        try await store.read { $0.notes[note, default: 0] }
    }
}

extension HistoryEvent {
    /// The kind without its payload, such as `taskSucceeded`.
    var label: String {
        let text = String(describing: kind)
        return String(text.prefix { $0 != "(" })
    }
}

/// A machine of Task states in a row, each an activity.
func chain(_ activities: [String]) -> String {
    let states = activities.enumerated().map { place, activity in
        let next = place + 1 < activities.count ? "Next: S\(place + 1)" : "End: true"
        return "  S\(place):\n    Type: Task\n    Resource: activity:\(activity)\n    \(next)\n"
    }
    return "StartAt: S0\nStates:\n" + states.joined()
}
