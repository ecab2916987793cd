import Engine
import Interpreter
import JSONModel
import TestKit
import Testing
import WallTime

@Suite struct ScheduleTests {
    /// Runs until it is told otherwise.
    static let long = chain(["elsewhere"])
    static let short = "StartAt: A\nStates: {A: {Type: Pass, End: true}}"

    static func workflow(
        _ expression: String = "rate(10 minutes)", overlap: OverlapPolicy? = nil,
        catchUp: CatchUpPolicy = CatchUpPolicy(), jitter: Duration = .zero, enabled: Bool = true
    ) throws -> Workflow {
        Workflow(
            name: "w", stateMachine: "m",
            schedule: WorkflowSchedule(expression: try ScheduleExpression(parsing: expression), jitter: jitter),
            overlap: overlap, catchUp: catchUp, enabled: enabled)
    }

    static func fires(_ bench: Bench) async throws -> [ScheduleFire] {
        try await bench.engine.read { try $0.fires(of: "w", limit: 1000).reversed() }
    }

    static func executions(_ bench: Bench) async throws -> [ExecutionRecord] {
        try await bench.engine.executions(ExecutionQuery(workflow: "w", limit: 1000)).executions.reversed()
    }

    /// Moves the clock by a step at a time, letting the engine look at the timers at each.
    static func tick(_ bench: Bench, by step: Duration, times: Int = 1) async throws {
        for _ in 0..<times {
            bench.clock.advance(by: step)
            _ = try await bench.engine.tick(at: bench.clock.now)
        }
    }

    static func bench(_ machine: String, _ workflow: Workflow) async throws -> Bench {
        let bench = Bench()
        try await bench.machine("m", machine)
        try await bench.engine.applyWorkflows([workflow])
        _ = try await bench.engine.tick(at: bench.clock.now)
        return bench
    }

    @Test func aScheduleFiresAtItsTimesAndNamesItsExecutionsAfterThem() async throws {
        let bench = try await Self.bench(Self.short, Self.workflow())

        try await Self.tick(bench, by: .seconds(599))
        #expect(try await Self.fires(bench).isEmpty)
        try await Self.tick(bench, by: .seconds(1))
        try await Self.tick(bench, by: .seconds(600))

        #expect(try await Self.executions(bench).map(\.name) == ["w-20261120T101000Z", "w-20261120T102000Z"])
        #expect(try await Self.fires(bench).map(\.result) == [.started, .started])
        let input = try await bench.engine.state(try await Self.executions(bench)[0].id).input
        #expect(input["detail-type"] == "Scheduled Event")
        #expect(input["detail"]?["nominalTime"] == "2026-11-20T10:10:00.000Z")
        #expect(input["detail"]?["isCatchUp"] == false)
    }

    @Test func theEnginesOwnLoopFiresSchedules() async throws {
        let bench = Bench()
        try await bench.machine("m", Self.short)
        try await bench.engine.applyWorkflows([try Self.workflow("rate(30 seconds)")])
        bench.run()

        try await bench.advance("three fires", upTo: .seconds(100)) { try await Self.fires(bench).count >= 3 }

        let fires = try await Self.fires(bench)
        #expect(fires.allSatisfy { $0.firedAt == $0.nominal })
        await bench.stop()
    }

    @Test(arguments: [(CatchUpPolicy.Policy.latest, 1), (.all, 3), (.skip, 1)])
    func moreMissedSlotsThanOneTickLooksAtAreCaughtUpWithOnce(_ policy: CatchUpPolicy.Policy, starts: Int) async throws
    {
        let catchUp = CatchUpPolicy(policy: policy, window: .seconds(40 * 86_400), max: 3)
        let bench = try await Self.bench(
            Self.short, Self.workflow("rate(1 minute)", overlap: .allowAll, catchUp: catchUp))

        // 25,920 slots, the newest of them on time.
        try await Self.tick(bench, by: .seconds(18 * 86_400))
        try await Self.tick(bench, by: .zero, times: 5)

        let started = try await Self.fires(bench).filter { $0.result == .started }
        #expect(started.count == starts)
        #expect(started.last?.nominal == bench.clock.now)
        #expect(started.map(\.nominal) == (0..<starts).map { bench.clock.now - .seconds(60 * (starts - 1 - $0)) })
        #expect(try await Self.executions(bench).count == starts)
    }

    @Test func aSlotThatJitterPutsOffIsNotLostWhenTheOneBeforeWasMissed() async throws {
        var workflow = try Self.workflow("rate(12 hours)", jitter: .seconds(11 * 3600))
        let slot = try #require(Instant(iso8601: "2026-11-21T00:00:00Z"))
        // One that is put off by two hours at least.
        let name = (0..<100).map { "w\($0)" }.first { name in
            workflow.schedule.map { $0.due(slot, of: name) - slot >= .seconds(7200) } == true
        }
        workflow.name = try #require(name)
        let due = try #require(workflow.schedule?.due(slot, of: workflow.name))
        let bench = try await Self.bench(Self.short, workflow)
        let nominals = { @Sendable [name = workflow.name] (result: ScheduleFire.Result) in
            try await bench.engine.read { try $0.fires(of: name, limit: 10) }.filter { $0.result == result }
                .map(\.nominal)
        }

        // Down over the first slot, and there again before the second is due, though its own time has long passed.
        bench.clock.advance(to: slot + .seconds(5400))
        _ = try await bench.engine.tick(at: bench.clock.now)
        #expect(try await nominals(.skippedMissed) == [slot - .seconds(12 * 3600)])
        #expect(try await nominals(.started).isEmpty)
        bench.clock.advance(to: due)
        _ = try await bench.engine.tick(at: bench.clock.now)
        #expect(try await nominals(.started) == [slot])
    }

    @Test func jitterLongerThanTheTimeBetweenSlotsLosesNone() async throws {
        let workflow = try Self.workflow(overlap: .allowAll, jitter: .seconds(3600))
        let bench = try await Self.bench(Self.short, workflow)
        try await Self.tick(bench, by: .seconds(30), times: 240)
        let fires = try await Self.fires(bench)
        #expect(fires.allSatisfy { $0.result == .started })
        #expect(fires.count >= 11)
    }

    @Test func jitterPutsAFireOffButNotItsName() async throws {
        let workflow = try Self.workflow(jitter: .seconds(300))
        let bench = try await Self.bench(Self.short, workflow)
        let nominal = bench.clock.now + .seconds(600)
        let due = try #require(workflow.schedule?.due(nominal, of: "w"))
        #expect(due > nominal)

        bench.clock.advance(to: due - .milliseconds(1))
        #expect(try await bench.engine.tick(at: bench.clock.now) == due)
        #expect(try await Self.fires(bench).isEmpty)
        try await Self.tick(bench, by: .milliseconds(1))

        let fire = try #require(try await Self.fires(bench).first)
        #expect(fire.nominal == nominal)
        #expect(fire.firedAt == due)
    }

    // MARK: Overlap

    @Test func skipStartsNothingWhileOneRuns() async throws {
        let bench = try await Self.bench(Self.long, Self.workflow(overlap: .skip))
        try await Self.tick(bench, by: .seconds(600), times: 3)

        let fires = try await Self.fires(bench)
        #expect(fires.map(\.result) == [.started, .skippedOverlap, .skippedOverlap])
        #expect(fires[1].reason?.contains("w-20261120T101000Z") == true)
        let first = try await Self.executions(bench)[0]
        _ = try await bench.engine.stopExecution(first.id)
        try await Self.tick(bench, by: .seconds(600))
        #expect(try await Self.fires(bench).last?.result == .started)
    }

    @Test func bufferOneLetsOneWait() async throws {
        let bench = try await Self.bench(Self.long, Self.workflow(overlap: .bufferOne))
        try await Self.tick(bench, by: .seconds(600), times: 3)
        #expect(try await Self.fires(bench).map(\.result) == [.started, .buffered, .skippedOverlap])

        _ = try await bench.engine.stopExecution(try await Self.executions(bench)[0].id)
        let running = try await Self.executions(bench)
        #expect(running.map(\.name) == ["w-20261120T101000Z", "w-20261120T102000Z"])
        #expect(running.map(\.status) == [.aborted, .running])
        #expect(try await bench.engine.schedules().first?.buffered == [])
    }

    @Test func bufferAllKeepsTheOrder() async throws {
        let bench = try await Self.bench(Self.long, Self.workflow(overlap: .bufferAll))
        try await Self.tick(bench, by: .seconds(600), times: 4)
        #expect(try await Self.fires(bench).map(\.result) == [.started, .buffered, .buffered, .buffered])

        for finished in 0..<4 {
            let all = try await Self.executions(bench)
            #expect(all.count == finished + 1)
            _ = try await bench.engine.stopExecution(all[finished].id)
        }
        let names = try await Self.executions(bench).map(\.name)
        #expect(names == names.sorted())
        #expect(names.count == 4)
    }

    @Test func bufferAllHasALimit() async throws {
        var options = EngineOptions()
        options.bufferLimit = 2
        let bench = Bench(options: options)
        try await bench.machine("m", Self.long)
        try await bench.engine.applyWorkflows([try Self.workflow(overlap: .bufferAll)])
        try await Self.tick(bench, by: .seconds(600), times: 5)
        #expect(
            try await Self.fires(bench).map(\.result)
                == [.started, .buffered, .buffered, .skippedOverlap, .skippedOverlap])
    }

    @Test func cancelOtherStartsTheNewOneWhenTheOldOneHasEnded() async throws {
        let bench = try await Self.bench(Self.long, Self.workflow(overlap: .cancelOther))
        try await Self.tick(bench, by: .seconds(600), times: 2)

        try await eventually("the second runs alone") {
            try await Self.executions(bench).map(\.status) == [.aborted, .running]
        }
        let all = try await Self.executions(bench)
        #expect(all[0].error == "Workflow.Superseded")
        #expect(try await Self.fires(bench).map(\.result) == [.started, .buffered])
    }

    @Test func terminateOtherStartsAtOnceAndStopsTheOldOne() async throws {
        let bench = try await Self.bench(Self.long, Self.workflow(overlap: .terminateOther))
        try await Self.tick(bench, by: .seconds(600), times: 2)

        #expect(try await Self.fires(bench).map(\.result) == [.started, .started])
        try await eventually("the first is stopped") {
            try await Self.executions(bench).map(\.status) == [.aborted, .running]
        }
    }

    @Test func terminateOtherReplacesNothingByWhatIsStartedByHand() async throws {
        let workflow = try Self.workflow(overlap: .terminateOther)
        let bench = try await Self.bench(Self.long, workflow)
        try await Self.tick(bench, by: .seconds(600))
        let manual = try await bench.engine.triggerSchedule("w")

        // The schedule is looked at again.
        try await bench.engine.applyWorkflows([workflow])
        try await Self.tick(bench, by: .seconds(1))
        try await bench.comesToRest()
        #expect(try await Self.executions(bench).map(\.status) == [.running, .running])

        try await Self.tick(bench, by: .seconds(599))
        try await eventually("the next slot replaces both") {
            try await Self.executions(bench).map(\.status) == [.aborted, .aborted, .running]
        }
        #expect(try await bench.engine.execution(manual.id).error == "Workflow.Superseded")
    }

    @Test func terminateOtherReplacesNothingByWhatCouldNotBeStarted() async throws {
        let bench = try await Self.bench(Self.long, Self.workflow(overlap: .terminateOther))
        try await Self.tick(bench, by: .seconds(600))
        var broken = try Self.workflow(overlap: .terminateOther)
        broken.input = try InputTemplate(["x": "$.detail.missing"])
        try await bench.engine.applyWorkflows([broken])

        try await Self.tick(bench, by: .seconds(600))
        try await bench.comesToRest()
        #expect(try await Self.executions(bench).map(\.status) == [.running])
        #expect(try await bench.engine.read { try $0.deadLetters(DeadLetterQuery()) }.count == 1)
    }

    @Test func allowAllRunsThemSideBySide() async throws {
        let bench = try await Self.bench(Self.long, Self.workflow(overlap: .allowAll))
        try await Self.tick(bench, by: .seconds(600), times: 3)
        #expect(try await Self.executions(bench).map(\.status) == [.running, .running, .running])
    }

    // MARK: Catch-up

    /// Slots at 10:10 to 11:00 are missed; at 11:05 the daemon is back.
    static func afterAnAbsence(
        _ catchUp: CatchUpPolicy, absence: Duration = .seconds(3900)
    ) async throws -> [ScheduleFire] {
        let bench = try await Self.bench(Self.short, Self.workflow(overlap: .allowAll, catchUp: catchUp))
        try await Self.tick(bench, by: absence)
        return try await Self.fires(bench)
    }

    @Test func catchUpLatestMakesUpForTheLatestOnly() async throws {
        let fires = try await Self.afterAnAbsence(CatchUpPolicy(window: .seconds(86_400)))
        #expect(fires.map(\.result) == Array(repeating: .skippedMissed, count: 5) + [.started])
        #expect(fires.last?.reason == "catch-up")
    }

    @Test func catchUpSkipMakesUpForNone() async throws {
        let fires = try await Self.afterAnAbsence(CatchUpPolicy(policy: .skip, window: .seconds(86_400)))
        #expect(fires.map(\.result) == Array(repeating: .skippedMissed, count: 6))
        #expect(fires.allSatisfy { $0.reason?.contains("policy skip") == true })
    }

    @Test func catchUpAllMakesUpForEachUpToTheMaximum() async throws {
        let all = try await Self.afterAnAbsence(CatchUpPolicy(policy: .all, window: .seconds(86_400)))
        #expect(all.map(\.result) == Array(repeating: .started, count: 6))
        let some = try await Self.afterAnAbsence(CatchUpPolicy(policy: .all, window: .seconds(86_400), max: 2))
        #expect(some.map(\.result) == Array(repeating: .skippedMissed, count: 4) + [.started, .started])
    }

    @Test func whatIsOlderThanTheWindowIsRecordedTogether() async throws {
        let fires = try await Self.afterAnAbsence(
            CatchUpPolicy(policy: .all, window: .seconds(1200)), absence: .seconds(86_400 * 30 + 300))
        #expect(fires.map(\.result) == [.skippedMissed, .started, .started])
        #expect(fires.first?.reason?.contains("older than the catch-up window of 20m") == true)
    }

    @Test func aSlotOnTimeAfterMissedOnesStartsUnderEveryPolicy() async throws {
        for policy in CatchUpPolicy.Policy.allCases {
            let fires = try await Self.afterAnAbsence(
                CatchUpPolicy(policy: policy, window: .seconds(86_400)), absence: .seconds(3610))
            #expect(fires.last?.result == .started)
            #expect(fires.last?.reason == nil)
            #expect(fires.count == 6)
        }
    }

    @Test func aChangedExpressionNeverFiresForThePast() async throws {
        let bench = try await Self.bench(Self.short, Self.workflow("rate(10 minutes)"))
        bench.clock.advance(by: .seconds(3600))
        try await bench.engine.applyWorkflows([try Self.workflow("rate(7 minutes)")])
        _ = try await bench.engine.tick(at: bench.clock.now)
        #expect(try await Self.fires(bench).isEmpty)
        try await Self.tick(bench, by: .seconds(420))
        #expect(try await Self.fires(bench).count == 1)
    }

    @Test func applyingTheSameAgainMovesNothing() async throws {
        let bench = try await Self.bench(Self.short, Self.workflow())
        try await Self.tick(bench, by: .seconds(590))
        try await bench.engine.applyWorkflows([try Self.workflow()])
        try await Self.tick(bench, by: .seconds(10))
        #expect(try await Self.fires(bench).map(\.result) == [.started])
    }

    @Test func aDisabledOrRemovedScheduleDoesNotFire() async throws {
        let bench = try await Self.bench(Self.short, Self.workflow(enabled: false))
        try await Self.tick(bench, by: .seconds(600), times: 2)
        #expect(try await Self.fires(bench).isEmpty)
        #expect(try await bench.engine.schedules().first?.nextFires == [])

        try await bench.engine.applyWorkflows([])
        try await Self.tick(bench, by: .seconds(600), times: 2)
        #expect(try await Self.fires(bench).isEmpty)
    }

    // MARK: Crashes

    @Test(arguments: [MemoryStore.Crash.beforeCommit, .afterCommit])
    func aSlotStartsOnceWhereverTheProcessDies(_ crash: MemoryStore.Crash) async throws {
        for commit in 1...4 {
            let first = Bench()
            try await first.machine("m", Self.short)
            let workflow = try Self.workflow(overlap: .allowAll)
            try await first.engine.applyWorkflows([workflow])
            first.store.crash(commit: first.store.commits + commit, crash)
            first.clock.advance(by: .seconds(600))
            for _ in 0..<5 { _ = try? await first.engine.tick(at: first.clock.now) }
            first.store.crashNow()

            let second = Bench(store: first.store.reopened(), clock: first.clock)
            try await second.engine.applyWorkflows([workflow])
            for _ in 0..<3 { _ = try await second.engine.tick(at: second.clock.now) }

            #expect(try await Self.fires(second).map(\.result) == [.started])
            #expect(try await Self.executions(second).count == 1)
        }
    }

    @Test func aStopThatACrashKeptFromBeingAskedIsAskedAgain() async throws {
        for overlap in [OverlapPolicy.cancelOther, .terminateOther] {
            let first = Bench()
            try await first.machine("m", Self.long)
            let workflow = try Self.workflow(overlap: overlap)
            try await first.engine.applyWorkflows([workflow])
            try await Self.tick(first, by: .seconds(600))
            first.store.crash(commit: first.store.commits + 1, .afterCommit)
            first.clock.advance(by: .seconds(600))
            _ = try? await first.engine.tick(at: first.clock.now)
            #expect(first.store.isDown)

            let second = Bench(store: first.store.reopened(), clock: first.clock)
            try await second.engine.applyWorkflows([workflow])
            _ = try await second.engine.tick(at: second.clock.now)
            try await eventually("only the new one runs") {
                try await Self.executions(second).map(\.status) == [.aborted, .running]
            }
        }
    }

    @Test func aSlotWhoseMachineFailsToStartLeavesALetterAndIsUsedUp() async throws {
        let bench = Bench()
        try await bench.machine("m", Self.short)
        var workflow = try Self.workflow()
        workflow.input = try InputTemplate(["x": "$.detail.missing"])
        try await bench.engine.applyWorkflows([workflow])
        try await Self.tick(bench, by: .seconds(600), times: 2)

        let letters = try await bench.engine.read { try $0.deadLetters(DeadLetterQuery()) }
        #expect(letters.count == 2)
        #expect(letters.first?.letter.kind == .event)
        #expect(try await Self.fires(bench).map(\.result) == [.failed, .failed])
        #expect(try await Self.executions(bench).isEmpty)
    }

    // MARK: By hand

    @Test func aPausedScheduleSkipsAndAResumedOneGoesOn() async throws {
        let bench = try await Self.bench(Self.short, Self.workflow())
        try await bench.engine.pauseSchedule("w", reason: "maintenance")
        try await Self.tick(bench, by: .seconds(600), times: 2)
        let status = try #require(try await bench.engine.schedules().first)
        #expect(status.pausedAt != nil)
        #expect(status.pauseReason == "maintenance")
        #expect(status.lastFires.map(\.result) == [.skippedPaused, .skippedPaused])
        #expect(status.lastFires.first?.reason == "maintenance")

        try await bench.engine.resumeSchedule("w")
        try await Self.tick(bench, by: .seconds(600))
        #expect(try await Self.fires(bench).map(\.result) == [.skippedPaused, .skippedPaused, .started])
        #expect(try await bench.engine.schedules().first?.pausedAt == nil)
    }

    /// Found by a seed: a clock that jumped ahead, and somebody who resumed what was not paused, lost the slots between.
    @Test func resumingWhatIsNotPausedSkipsNoSlot() async throws {
        let bench = try await Self.bench(Self.short, Self.workflow())
        bench.clock.advance(by: .seconds(600))
        try await bench.engine.resumeSchedule("w")
        _ = try await bench.engine.tick(at: bench.clock.now)
        #expect(try await Self.fires(bench).map(\.result) == [.started])
    }

    @Test func aPauseSurvivesARestart() async throws {
        let first = try await Self.bench(Self.short, Self.workflow())
        try await first.engine.pauseSchedule("w")
        first.store.crashNow()
        let second = Bench(store: first.store.reopened(), clock: first.clock)
        try await second.engine.applyWorkflows([try Self.workflow()])
        try await Self.tick(second, by: .seconds(600))
        #expect(try await Self.fires(second).map(\.result) == [.skippedPaused])
    }

    @Test func aTriggerStartsNowWhateverRuns() async throws {
        let bench = try await Self.bench(Self.long, Self.workflow(overlap: .skip))
        let first = try await bench.engine.triggerSchedule("w")
        let second = try await bench.engine.triggerSchedule("w")

        #expect(first.name == "w-manual-20261120T100000Z")
        #expect(second.name == "w-manual-20261120T100000001Z")
        #expect(try await Self.fires(bench).map(\.result) == [.manual, .manual])
        #expect(try await Self.executions(bench).map(\.status) == [.running, .running])
    }

    /// Found by seeds: the row of the trigger took the place of the slot's, which was lost.
    @Test func aTriggerInTheMillisecondOfASlotLeavesTheSlotItsRow() async throws {
        let bench = try await Self.bench(Self.short, Self.workflow(overlap: .allowAll))
        bench.clock.advance(by: .seconds(600))
        let manual = try await bench.engine.triggerSchedule("w")
        _ = try await bench.engine.tick(at: bench.clock.now)

        #expect(manual.name == "w-manual-20261120T101000001Z")
        #expect(try await Self.executions(bench).map(\.name) == [manual.name, "w-20261120T101000Z"])
        #expect(try await Self.fires(bench).map(\.result) == [.started, .manual])
    }

    @Test func theStatusShowsTheNextFires() async throws {
        let bench = try await Self.bench(Self.short, Self.workflow("cron(0 2 * * ? *)"))
        let status = try #require(try await bench.engine.schedules().first)
        #expect(status.workflow == "w")
        #expect(status.expression == "cron(0 2 * * ? *)")
        #expect(status.timeZone == "UTC")
        #expect(status.nextFires.map { String($0.iso8601.prefix(13)) }.first == "2026-11-21T02")
        #expect(status.nextFires.count == 5)
    }

    @Test func whatHasNoScheduleSaysSo() async throws {
        let bench = Bench()
        try await bench.machine("m", Self.short)
        try await bench.engine.applyWorkflows([Workflow(name: "hand", stateMachine: "m")])
        await #expect(throws: EngineError.noSchedule("hand")) { try await bench.engine.pauseSchedule("hand") }
        await #expect(throws: EngineError.noSchedule("hand")) { try await bench.engine.triggerSchedule("hand") }
        await #expect(throws: EngineError.noSuchWorkflow("none")) { try await bench.engine.resumeSchedule("none") }
        await #expect(throws: EngineError.noSuchWorkflow("none")) {
            try await bench.engine.startWorkflow("none", input: [:])
        }
        #expect(try await bench.engine.schedules().isEmpty)
    }

    @Test func workflowsThatCannotBeAreRefusedAndTheOldOnesStay() async throws {
        let bench = Bench()
        try await bench.machine("m", Self.short)
        try await bench.engine.applyWorkflows([Workflow(name: "w", stateMachine: "m")])
        await #expect(throws: EngineError.noSuchStateMachine("none")) {
            try await bench.engine.applyWorkflows([Workflow(name: "v", stateMachine: "none")])
        }
        await #expect(throws: EngineError.self) {
            try await bench.engine.applyWorkflows([
                Workflow(name: "v", stateMachine: "m"), Workflow(name: "v", stateMachine: "m"),
            ])
        }
        #expect(bench.engine.workflows.map(\.name) == ["w"])
    }
}
