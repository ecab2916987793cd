import TestKit
import Testing

@testable import Engine

/// Steps that go on in the task of the one before.
@Suite struct StepRunnerTests {
    private let runner = StepRunner(limit: 10)

    /// What a step waits for, and what was seen of it.
    private struct Probe: Sendable {
        let gate = Gate()
        let hasBegun = LockedBox(false)
        let wasStopped = LockedBox<Bool?>(nil)

        func untilBegun() async throws { try await eventually("the step runs") { hasBegun.withLock { $0 } } }
    }

    private func step(_ probe: Probe, then next: StepHandle? = nil) -> StepHandle {
        StepHandle { [runner] done in
            probe.hasBegun.withLock { $0 = true }
            await probe.gate.wait()
            probe.wasStopped.withLock { $0 = Task.isCancelled }
            done()
            guard let next, runner.admit(next) else { return nil }
            return AdmittedStep(handle: next, runner: runner)
        }
    }

    private func untilDone() async throws { try await eventually("all are done") { runner.active == 0 } }

    @Test func theNextStepIsNotStoppedByWhatComesTooLateForTheOneBefore() async throws {
        let (before, after) = (Probe(), Probe())
        let handle = step(before, then: step(after))
        runner.submit(handle)
        before.gate.open()
        try await after.untilBegun()
        handle.cancel()
        after.gate.open()
        try await untilDone()
        #expect(after.wasStopped.withLock { $0 } == false)
    }

    @Test func theNextStepCanBeStopped() async throws {
        let (before, after) = (Probe(), Probe())
        let next = step(after)
        runner.submit(step(before, then: next))
        before.gate.open()
        try await after.untilBegun()
        next.cancel()
        try await untilDone()
        #expect(after.wasStopped.withLock { $0 } == true)
    }

    @Test func afterAStepThatWasStoppedTheNextHasATaskOfItsOwn() async throws {
        let (before, after) = (Probe(), Probe())
        let handle = step(before, then: step(after))
        runner.submit(handle)
        try await before.untilBegun()
        handle.cancel()
        try await after.untilBegun()
        after.gate.open()
        try await untilDone()
        #expect(before.wasStopped.withLock { $0 } == true)
        #expect(after.wasStopped.withLock { $0 } == false)
    }

    @Test func aNextStepThatWasStoppedBeforeLeavesItsPlace() async throws {
        let (before, after) = (Probe(), Probe())
        let next = step(after)
        runner.submit(step(before, then: next))
        next.cancel()
        before.gate.open()
        try await untilDone()
        #expect(after.wasStopped.withLock { $0 } == nil)
    }
}
