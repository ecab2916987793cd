import Engine
import TestKit
import Testing
import WallTime

/// Schedules under a wall clock that goes back.
@Suite struct ScheduleClockTests {
    /// Otherwise the monitor of budgets would be silent until then.
    @Test(arguments: [OverlapPolicy.skip, .bufferOne, .bufferAll, .allowAll, .cancelOther])
    func aClockThatWasAheadSilencesNoSchedule(_ overlap: OverlapPolicy) async throws {
        let bench = try await ScheduleTests.bench(
            overlap == .bufferAll ? ScheduleTests.long : ScheduleTests.short, ScheduleTests.workflow(overlap: overlap))
        let start = bench.clock.now
        try await ScheduleTests.tick(bench, by: .seconds(600))
        bench.clock.jump(to: start + .seconds(30 * 86_400))
        _ = try await bench.engine.tick(at: bench.clock.now)
        bench.clock.jump(to: start + .seconds(900))
        let next = try await bench.engine.tick(at: bench.clock.now)
        #expect(next == start + .seconds(1200))

        try await ScheduleTests.tick(bench, by: .seconds(300))
        // While the clock was ahead it had been recorded as missed.
        let fire = try await ScheduleTests.fires(bench).first { $0.nominal == start + .seconds(1200) }
        #expect(fire?.firedAt == start + .seconds(1200))
        #expect(fire?.result != .skippedMissed)
        let audit = try await bench.engine.read { try $0.auditEntries(subject: "w", limit: 100) }
        #expect(audit.filter { $0.action == "schedule.pulledBack" }.count == 1)
    }

    /// What was acted upon before an hour came again is not acted upon twice.
    @Test(arguments: [OverlapPolicy.skip, .bufferOne, .bufferAll, .allowAll, .cancelOther, .terminateOther])
    func slotsThatComeAgainAreNotActedUponTwice(_ overlap: OverlapPolicy) async throws {
        let bench = try await ScheduleTests.bench(ScheduleTests.long, ScheduleTests.workflow(overlap: overlap))
        let start = bench.clock.now
        try await ScheduleTests.tick(bench, by: .seconds(600), times: 6)
        let (fires, executions) = (
            try await ScheduleTests.fires(bench), try await ScheduleTests.executions(bench).map(\.name)
        )

        bench.clock.jump(to: start)
        _ = try await bench.engine.tick(at: bench.clock.now)
        try await ScheduleTests.tick(bench, by: .seconds(600), times: 6)
        #expect(try await ScheduleTests.fires(bench) == fires)
        // Where one ends in favour of the next, that may have started only now.
        let all = try await ScheduleTests.executions(bench).map(\.name)
        #expect(all.starts(with: executions) && all.count <= fires.count, "\(all)")
        #expect(try await bench.engine.read { try $0.deadLetters(DeadLetterQuery()) }.isEmpty)
        try await ScheduleTests.tick(bench, by: .seconds(600))
        #expect(try await ScheduleTests.fires(bench).count == fires.count + 1)
    }
}
