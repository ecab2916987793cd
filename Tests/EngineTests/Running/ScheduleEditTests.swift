import Engine
import Logging
import TestKit
import Testing
import WallTime

/// Workflows that are edited, disabled or taken away while the engine runs.
@Suite struct ScheduleEditTests {
    /// A store that holds back the answer of one commit.
    private final class HoldingStore: ExecutionStore {
        let base = MemoryStore()
        let gate = Gate()
        let isNextHeld = Guarded(false)
        let isHolding = Guarded(false)

        func write<Result: Sendable>(
            _ body: @escaping @Sendable (MemoryTransaction) throws -> Result
        ) async throws -> Result {
            let result = try await base.write(body)
            let isHeld = isNextHeld.withLock { held in
                defer { held = false }
                return held
            }
            if isHeld {
                isHolding.withLock { $0 = true }
                await gate.wait()
            }
            return result
        }

        func read<Result: Sendable>(
            _ body: @escaping @Sendable (MemoryTransaction) throws -> Result
        ) async throws -> Result {
            try await base.read(body)
        }
    }

    @Test func aScheduleThatIsEditedWhileItIsLookedAtGoesByItsNewTimes() async throws {
        let (store, clock) = (HoldingStore(), VirtualClock())
        let engine = Engine(
            store: store, clock: clock.wallClock, seed: 7,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        _ = try await engine.applyStateMachine(name: "m", source: ScheduleTests.short)
        try await engine.applyWorkflows([try ScheduleTests.workflow("rate(1 day)")])

        store.isNextHeld.withLock { $0 = true }
        let now = clock.now
        let looking = Task { try await engine.tick(at: now) }
        try await eventually("the old schedule is looked at") { store.isHolding.withLock { $0 } }
        try await engine.applyWorkflows([try ScheduleTests.workflow("rate(10 minutes)")])
        store.gate.open()
        _ = try await looking.value

        clock.advance(by: .seconds(600))
        _ = try await engine.tick(at: clock.now)
        let fires = try await engine.read { try $0.fires(of: "w", limit: 10) }
        #expect(fires.map(\.nominal) == [now + .seconds(600)])
    }

    /// At half past two in a night in which Madrid's clocks go from two to three.
    @Test(arguments: [[ScheduleGap.runAfter], [.runAfter, .skip]])
    func aScheduleWhoseGapIsEditedGoesByItFromThenOn(_ edits: [ScheduleGap]) async throws {
        let clock = VirtualClock(at: try #require(Instant(iso8601: "2027-03-27T12:00:00Z")))
        let bench = Bench(clock: clock)
        try await bench.machine("m", ScheduleTests.short)
        for gap in [.skip] + edits {
            let expression = try ScheduleExpression(parsing: "30 2 * * *", gap: gap)
            let schedule = WorkflowSchedule(expression: expression, timeZone: "Europe/Madrid")
            try await bench.engine.applyWorkflows([Workflow(name: "w", stateMachine: "m", schedule: schedule)])
            _ = try await bench.engine.tick(at: clock.now)
        }

        try await ScheduleTests.tick(bench, by: .seconds(13 * 3600))
        let endOfGap = try #require(Instant(iso8601: "2027-03-28T01:00:00Z"))
        let expected = edits.last == .skip ? [] : [endOfGap]
        #expect(try await ScheduleTests.fires(bench).map(\.nominal) == expected)

        try await ScheduleTests.tick(bench, by: .seconds(23 * 3600 + 1800))
        let next = try #require(Instant(iso8601: "2027-03-29T00:30:00Z"))
        #expect(try await ScheduleTests.fires(bench).map(\.nominal) == expected + [next])
    }

    /// What a version that left the gap out had written reads like a schedule whose gap is `skip`.
    @Test func whatWasMissedOverAnUpgradeIsMadeUpForWhereTheGapIsNewInTheRow() async throws {
        let clock = VirtualClock(at: try #require(Instant(iso8601: "2026-11-20T12:00:00Z")))
        let bench = Bench(clock: clock)
        try await bench.machine("m", ScheduleTests.short)
        func apply(_ gap: ScheduleGap) async throws {
            let expression = try ScheduleExpression(parsing: "0 0 * * *", gap: gap)
            let workflow = Workflow(
                name: "w", stateMachine: "m",
                schedule: WorkflowSchedule(expression: expression, timeZone: "Europe/Madrid"),
                catchUp: CatchUpPolicy(policy: .latest, window: .seconds(7 * 86_400)))
            try await bench.engine.applyWorkflows([workflow])
        }
        try await apply(.skip)
        _ = try await bench.engine.tick(at: clock.now)

        clock.advance(by: .seconds(86_400))
        try await apply(.runAfter)
        _ = try await bench.engine.tick(at: clock.now)
        let missed = try #require(Instant(iso8601: "2026-11-20T23:00:00Z"))
        #expect(try await ScheduleTests.fires(bench).map(\.nominal) == [missed])

        try await ScheduleTests.tick(bench, by: .seconds(11 * 3600))
        #expect(try await ScheduleTests.fires(bench).map(\.nominal) == [missed, missed + .seconds(86_400)])
    }

    @Test func slotsThatWaitedAndEndAtOnceStartOnceEach() async throws {
        let workflow = try ScheduleTests.workflow(overlap: .bufferAll)
        let bench = try await ScheduleTests.bench(ScheduleTests.long, workflow)
        try await ScheduleTests.tick(bench, by: .seconds(600), times: 3)
        #expect(try await ScheduleTests.fires(bench).map(\.result) == [.started, .buffered, .buffered])

        try await bench.machine("m", ScheduleTests.short)
        let first = try #require(try await ScheduleTests.executions(bench).first)
        _ = try await bench.engine.stopExecution(first.id)

        let executions = try await ScheduleTests.executions(bench)
        #expect(executions.map(\.status) == [.aborted, .succeeded, .succeeded])
        let letters = try await bench.engine.read { try $0.deadLetters(DeadLetterQuery(status: nil)) }
        #expect(letters.isEmpty)
        #expect(try await bench.engine.schedules().first?.buffered == [])
    }

    private enum Silence: CaseIterable { case disabled, takenAway, paused }

    @Test(arguments: Silence.allCases, [OverlapPolicy.bufferOne, .bufferAll, .cancelOther])
    private func whatWaitsIsNotStartedAnyMore(_ silence: Silence, _ overlap: OverlapPolicy) async throws {
        let workflow = try ScheduleTests.workflow(overlap: overlap)
        let bench = try await ScheduleTests.bench(ScheduleTests.long, workflow)
        try await ScheduleTests.tick(bench, by: .seconds(600))
        // The row of a slot that waits, as it is while the one that runs takes its time to end.
        let waiting = bench.clock.now + .seconds(600)
        bench.clock.advance(to: waiting)
        try await bench.store.write { transaction in
            let fire = ScheduleFire(
                workflow: "w", nominal: waiting, firedAt: waiting, result: .buffered, execution: "w-2")
            _ = try transaction.insertFire(fire)
            var state = try #require(try transaction.scheduleState("w"))
            state.buffered = [waiting]
            state.nextFire = waiting + .seconds(600)
            try transaction.saveScheduleState(state)
        }

        switch silence {
        case .disabled:
            var disabled = workflow
            disabled.enabled = false
            try await bench.engine.applyWorkflows([disabled])
        case .takenAway: try await bench.engine.applyWorkflows([])
        case .paused: try await bench.engine.pauseSchedule("w", reason: "maintenance")
        }
        let skipped = try #require(try await ScheduleTests.fires(bench).last)
        #expect(skipped.result == (silence == .paused ? .skippedPaused : .skippedOverlap))
        #expect(skipped.execution == nil)
        #expect(skipped.reason?.contains(silence == .paused ? "maintenance" : "disabled or taken away") == true)

        try await ScheduleTests.tick(bench, by: .seconds(1))
        try await bench.comesToRest()
        #expect(try await ScheduleTests.executions(bench).map(\.status) == [.running])
        _ = try await bench.engine.stopExecution(try await ScheduleTests.executions(bench)[0].id)
        try await ScheduleTests.tick(bench, by: .seconds(1))
        try await bench.engine.applyWorkflows([workflow])
        if silence == .paused { try await bench.engine.resumeSchedule("w") }
        try await ScheduleTests.tick(bench, by: .seconds(1))
        #expect(try await ScheduleTests.executions(bench).map(\.status) == [.aborted])

        try await ScheduleTests.tick(bench, by: .seconds(597))
        #expect(try await ScheduleTests.executions(bench).map(\.status) == [.aborted, .running])
    }

    /// A pause of a version that let starts wait on.
    @Test func aPausedScheduleStartsNothingThatWaited() async throws {
        let bench = try await ScheduleTests.bench(ScheduleTests.long, try ScheduleTests.workflow(overlap: .bufferAll))
        try await ScheduleTests.tick(bench, by: .seconds(600), times: 3)
        try await bench.store.write { [now = bench.clock.now] transaction in
            var state = try #require(try transaction.scheduleState("w"))
            state.pausedAt = now
            try transaction.saveScheduleState(state)
        }
        _ = try await bench.engine.stopExecution(try await ScheduleTests.executions(bench)[0].id)
        #expect(try await ScheduleTests.executions(bench).map(\.status) == [.aborted])
        try await ScheduleTests.tick(bench, by: .seconds(600))
        #expect(try await ScheduleTests.executions(bench).map(\.status) == [.aborted])
        let results = try await ScheduleTests.fires(bench).map(\.result)
        #expect(results == [.started, .skippedPaused, .skippedPaused, .skippedPaused])
    }

    @Test(arguments: [true, false])
    func nothingIsMadeUpForOfWhileAScheduleWasNotInForce(_ isTakenAway: Bool) async throws {
        let catchUp = CatchUpPolicy(policy: .all, window: .seconds(86_400))
        let workflow = try ScheduleTests.workflow(overlap: .allowAll, catchUp: catchUp)
        var disabled = workflow
        disabled.enabled = false
        let bench = try await ScheduleTests.bench(ScheduleTests.short, workflow)
        try await ScheduleTests.tick(bench, by: .seconds(600))
        #expect(try await ScheduleTests.fires(bench).count == 1)

        try await bench.engine.applyWorkflows(isTakenAway ? [] : [disabled])
        try await ScheduleTests.tick(bench, by: .seconds(600), times: 3)
        try await bench.engine.applyWorkflows([workflow])
        try await ScheduleTests.tick(bench, by: .seconds(1))
        #expect(try await ScheduleTests.fires(bench).count == 1)

        try await ScheduleTests.tick(bench, by: .seconds(599))
        #expect(try await ScheduleTests.fires(bench).map(\.result) == [.started, .started])
    }

    @Test(arguments: [nil, [], ["v"], ["w"]] as [Set<String>?])
    func whatWasTakenAwayWhileTheDaemonWasDownIsNotMadeUpFor(_ unbound: Set<String>?) async throws {
        let catchUp = CatchUpPolicy(policy: .all, window: .seconds(86_400))
        let workflow = try ScheduleTests.workflow(overlap: .allowAll, catchUp: catchUp)
        let first = try await ScheduleTests.bench(ScheduleTests.short, workflow)
        first.store.crashNow()

        let second = Bench(store: first.store.reopened(), clock: first.clock)
        try await second.engine.applyWorkflows([], unbound: unbound)
        try await ScheduleTests.tick(second, by: .seconds(600), times: 2)
        try await second.engine.applyWorkflows([workflow])
        try await ScheduleTests.tick(second, by: .seconds(1))
        // It is not gone where its definition only can't be bound.
        let isGone = unbound.map { !$0.contains("w") } ?? false
        #expect(try await ScheduleTests.fires(second).count == (isGone ? 0 : 2))
    }

    /// The machine of a schedule is missing for a while.
    @Test func whatCannotBeBoundForAWhileIsMadeUpFor() async throws {
        let catchUp = CatchUpPolicy(policy: .all, window: .seconds(86_400))
        let workflow = try ScheduleTests.workflow(overlap: .allowAll, catchUp: catchUp)
        let bench = try await ScheduleTests.bench(ScheduleTests.short, workflow)
        try await bench.engine.applyWorkflows([], unbound: ["w"])
        try await ScheduleTests.tick(bench, by: .seconds(600), times: 2)
        try await bench.engine.applyWorkflows([workflow])
        try await ScheduleTests.tick(bench, by: .seconds(1))
        #expect(try await ScheduleTests.fires(bench).map(\.result) == [.started, .started])
    }

    @Test func whatWasDisabledWhenTheDaemonWentDownIsNotMadeUpForEither() async throws {
        let catchUp = CatchUpPolicy(policy: .all, window: .seconds(86_400))
        let workflow = try ScheduleTests.workflow(overlap: .allowAll, catchUp: catchUp)
        var disabled = workflow
        disabled.enabled = false
        let first = try await ScheduleTests.bench(ScheduleTests.short, workflow)
        try await first.engine.applyWorkflows([disabled])
        try await ScheduleTests.tick(first, by: .seconds(600), times: 2)
        first.store.crashNow()

        let second = Bench(store: first.store.reopened(), clock: first.clock)
        try await second.engine.applyWorkflows([workflow])
        try await ScheduleTests.tick(second, by: .seconds(1))
        #expect(try await ScheduleTests.fires(second).isEmpty)
    }
}
