import Engine
import Interpreter
import JSONModel
import TestKit
import Testing
import WallTime

@Suite struct DeadLetterTests {
    /// A step that fails until it is told otherwise.
    final class Failing: Sendable {
        let works = Guarded(false)
        let calls = Guarded(0)
        var step: Step<MemoryTransaction> {
            Step(perform: { _, input in
                self.calls.withLock { $0 += 1 }
                guard self.works.withLock({ $0 }) else { throw TaskFailure(error: "Down", cause: "still down") }
                return input
            })
        }
    }

    static func letters(_ bench: Bench, _ query: DeadLetterQuery = DeadLetterQuery()) async throws -> [DeadLetter] {
        try await bench.engine.read { try $0.deadLetters(query) }
    }

    @Test func aFailureForGoodLeavesALetterThatWaitsForAPerson() async throws {
        let failing = Failing()
        let bench = Bench(["work": failing.step])
        try await bench.machine("m", chain(["work"]))
        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: ["n": 1])
        let record = try await bench.finish(started.id)
        #expect(record.status == .failed)

        let letter = try #require(try await Self.letters(bench).first)
        #expect(letter.letter.kind == .execution)
        #expect(letter.letter.subject == "x")
        #expect(letter.letter.source == "m")
        #expect(letter.letter.error == "Down")
        #expect(letter.letter.cause == "still down")
        #expect(letter.letter.payload == Array(#"{"n":1}"#.utf8))
        #expect(letter.letter.execution == started.id)
        #expect(letter.letter.nextRedrive == nil)
        #expect(letter.status == .open)
    }

    @Test func aRedriveGoesOnFromTheFailedStateAndClosesTheLetter() async throws {
        let failing = Failing()
        let recording = RecordingSteps()
        let bench = Bench(steps: recording, ["first": recording.external("first"), "work": failing.step])
        try await bench.machine("m", chain(["first", "work"]))
        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:])
        _ = try await bench.finish(started.id)
        let letter = try #require(try await Self.letters(bench).first)

        failing.works.withLock { $0 = true }
        try await bench.engine.redriveDeadLetter(letter.id)
        let record = try await bench.finish(started.id)

        #expect(record.status == .succeeded)
        #expect(record.redriveCount == 1)
        #expect(recording.calls(of: "first").count == 1)
        let closed = try await bench.engine.read { try $0.deadLetter(letter.id) }
        #expect(closed?.status == .redriven)
        #expect(closed?.attempts == 1)
        await #expect(throws: EngineError.deadLetterNotOpen(letter.id.rawValue, status: .redriven)) {
            try await bench.engine.redriveDeadLetter(letter.id)
        }
    }

    @Test func anExecutionThatFailsAgainLeavesAnotherLetterThatCountsOn() async throws {
        let failing = Failing()
        let bench = Bench(["work": failing.step])
        try await bench.machine("m", chain(["work"]))
        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:])
        _ = try await bench.finish(started.id)

        _ = try await bench.engine.redriveExecution(started.id)
        try await eventually { failing.calls.withLock { $0 == 2 } }
        _ = try await bench.finish(started.id)

        let all = try await Self.letters(bench, DeadLetterQuery(status: nil))
        #expect(all.map(\.status) == [.open, .redriven])
        #expect(all.map(\.attempts) == [1, 1])
    }

    @Test func whatSucceededOrRunsCannotBeRedriven() async throws {
        let bench = Bench(["work": Step(perform: { $1 })])
        try await bench.machine("m", chain(["work"]))
        try await bench.machine("w", chain(["elsewhere"]))
        let done = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:])
        _ = try await bench.finish(done.id)
        let running = try await bench.engine.startExecution(stateMachine: "w", name: "y", input: [:])

        for id in [done.id, running.id] {
            let error = await #expect(throws: EngineError.self) { try await bench.engine.redriveExecution(id) }
            guard case .notRedrivable = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
        #expect(try await bench.checked(done.id).status == .succeeded)
        #expect(try await bench.checked(running.id).status == .running)
    }

    @Test func anAbortedExecutionLeavesNoLetterAndCanBeRedriven() async throws {
        let bench = Bench()
        try await bench.machine("w", "StartAt: W\nStates: {W: {Type: Wait, Seconds: 60, End: true}}")
        let started = try await bench.engine.startExecution(stateMachine: "w", name: "x", input: [:])
        _ = try await bench.engine.stopExecution(started.id)
        #expect(try await Self.letters(bench, DeadLetterQuery(status: nil)).isEmpty)

        let record = try await bench.engine.redriveExecution(started.id)
        #expect(record.status == .running)
        #expect(record.isParked)
        bench.run()
        try await bench.advance("it ends") { try await bench.engine.execution(started.id).status != .running }
        #expect(try await bench.checked(started.id).status == .succeeded)
        await bench.stop()
    }

    private static func workflow(_ policy: DeadLetterPolicy) -> Workflow {
        Workflow(name: "w", stateMachine: "m", deadLetter: policy)
    }

    @Test func theRedrivePolicyTriesWithGrowingDelayAndThenLeavesItToPeople() async throws {
        let failing = Failing()
        let bench = Bench(["work": failing.step])
        try await bench.machine("m", chain(["work"]))
        try await bench.engine.applyWorkflows([
            Self.workflow(
                DeadLetterPolicy(policy: .redrive, attempts: 3, backoff: .seconds(10), maxDelay: .seconds(25)))
        ])
        bench.run()
        let started = try await bench.engine.startWorkflow("w", name: "x", input: [:])
        #expect(started.workflow == "w")
        try await bench.advance("the attempts are used up") {
            let open = try await Self.letters(bench)
            return open.first.map { $0.attempts == 3 && $0.letter.nextRedrive == nil } ?? false
        }

        #expect(failing.calls.withLock { $0 } == 4)
        let all = try await Self.letters(bench, DeadLetterQuery(status: nil))
        #expect(all.map(\.status) == [.open, .redriven, .redriven, .redriven])
        let times = all.reversed().map { $0.letter.at - started.startedAt }
        #expect(times == [.zero, .seconds(10), .seconds(30), .seconds(55)])
        await bench.stop()
    }

    @Test func theRedrivePolicySurvivesARestartAndStopsAtTheFirstSuccess() async throws {
        let failing = Failing()
        let first = Bench(["work": failing.step])
        try await first.machine("m", chain(["work"]))
        let workflow = Self.workflow(DeadLetterPolicy(policy: .redrive, attempts: 3, backoff: .seconds(10)))
        try await first.engine.applyWorkflows([workflow])
        let started = try await first.engine.startWorkflow("w", name: "x", input: [:])
        _ = try await first.finish(started.id)
        first.store.crashNow()

        failing.works.withLock { $0 = true }
        let second = Bench(store: first.store.reopened(), clock: first.clock, ["work": failing.step])
        try await second.engine.applyWorkflows([workflow])
        second.run()
        try await second.advance("it succeeds") { try await second.engine.execution(started.id).status == .succeeded }

        #expect(failing.calls.withLock { $0 } == 2)
        #expect(try await Self.letters(second).isEmpty)
        await second.stop()
    }

    @Test func lettersThatWaitForPeopleHideNoRedriveFromARestart() async throws {
        let failing = Failing()
        let first = Bench(["work": failing.step])
        try await first.machine("m", chain(["work"]))
        let workflow = Self.workflow(DeadLetterPolicy(policy: .redrive, attempts: 3, backoff: .seconds(10)))
        try await first.engine.applyWorkflows([workflow])
        let started = try await first.engine.startWorkflow("w", name: "x", input: [:])
        _ = try await first.finish(started.id)
        let now = first.clock.now
        try await first.store.write { transaction in
            for number in 0..<10_000 {
                _ = try transaction.insertDeadLetter(
                    NewDeadLetter(
                        kind: .usage, subject: "\(number)", source: "s", error: "E", cause: "c", payload: [],
                        at: now))
            }
        }
        first.store.crashNow()

        failing.works.withLock { $0 = true }
        let second = Bench(store: first.store.reopened(), clock: first.clock, ["work": failing.step])
        try await second.engine.applyWorkflows([workflow])
        second.run()
        try await eventually("the redrive is awaited") { second.clock.nextWake == now + .seconds(10) }
        try await second.advance("it succeeds") { try await second.engine.execution(started.id).status == .succeeded }

        let redriven = try await Self.letters(second, DeadLetterQuery(kind: .execution, status: .redriven))
        #expect(redriven.map(\.updatedAt) == [now + .seconds(10)])
        await second.stop()
    }

    @Test func otherLettersGoToTheirRedrivers() async throws {
        struct NotYet: Error {}
        let tries = Guarded(0)
        let redriver: Engine<MemoryStore>.Redriver = { work, letter in
            try work.transaction.count("redriven \(letter.letter.subject)")
            let number = tries.withLock { tries in
                tries += 1
                return tries
            }
            if number == 1 { throw NotYet() }
        }
        let bench = Bench(redrivers: [.notification: redriver])
        let now = bench.clock.now
        let letter = NewDeadLetter(
            kind: .notification, subject: "n1", source: "email", error: "SMTP", cause: "busy", payload: [], at: now)
        let other = NewDeadLetter(
            kind: .usage, subject: "line 3", source: "log", error: "Unreadable", cause: "", payload: [7], at: now)
        let (id, usage) = try await bench.engine.transact { work in
            (try work.transaction.insertDeadLetter(letter), try work.transaction.insertDeadLetter(other))
        }

        await #expect(throws: NotYet.self) { try await bench.engine.redriveDeadLetter(id) }
        #expect(try await bench.count("redriven n1") == 0)
        #expect(try await Self.letters(bench).count == 2)
        try await bench.engine.redriveDeadLetter(id)
        #expect(try await bench.count("redriven n1") == 1)
        await #expect(throws: EngineError.deadLetterNotRedrivable(usage.rawValue, kind: .usage)) {
            try await bench.engine.redriveDeadLetter(usage)
        }
        await #expect(throws: EngineError.noSuchDeadLetter(99)) {
            try await bench.engine.redriveDeadLetter(DeadLetterID(rawValue: 99))
        }
    }

    @Test func aLetterWhoseOwnRedriveFailsWaitsForAPerson() async throws {
        let bench = Bench()
        let now = bench.clock.now
        let letter = NewDeadLetter(
            kind: .notification, subject: "n1", source: "email", error: "SMTP", cause: "busy", payload: [], at: now,
            nextRedrive: now + .seconds(30))
        let id = try await bench.engine.transact { try $0.transaction.insertDeadLetter(letter) }
        bench.run()

        try await bench.advance("the redrive was tried") {
            try await bench.engine.read { try $0.deadLetter(id) }?.attempts == 1
        }

        let found = try await bench.engine.read { try $0.deadLetter(id) }
        #expect(found?.status == .open)
        #expect(found?.letter.nextRedrive == nil)
        await bench.stop()
    }

    @Test func aLetterThatSomebodyHasSeenToIsNotRedrivenOnceMore() async throws {
        let redriver: Engine<MemoryStore>.Redriver = { work, letter in
            try work.transaction.count("redriven \(letter.letter.subject)")
        }
        let bench = Bench(redrivers: [.notification: redriver])
        let now = bench.clock.now
        let letter = NewDeadLetter(
            kind: .notification, subject: "n1", source: "email", error: "SMTP", cause: "busy", payload: [], at: now,
            nextRedrive: now)
        let id = try await bench.engine.transact { try $0.transaction.insertDeadLetter(letter) }
        let due = try await bench.engine.read { try $0.dueDeadLetters(at: now, limit: 10) }
        let read = try #require(due.first)

        try await bench.engine.redriveDeadLetter(id)

        let core = bench.engine.core
        await #expect(throws: EngineError.deadLetterNotOpen(id.rawValue, status: .redriven)) {
            try await bench.engine.transact { try core.redrive(read, by: nil, in: $0) }
        }
        let waits = try await bench.engine.transact { try core.leaveToPeople(read, in: $0) }
        #expect(!waits)
        #expect(try await bench.count("redriven n1") == 1)
        let found = try await bench.engine.read { try $0.deadLetter(id) }
        #expect(found?.status == .redriven)
    }

    @Test func anExecutionWhoseLetterIsDiscardedWhileOthersAreRedrivenStaysAsItIs() async throws {
        let failing = Failing()
        // What a person does while the letters that are due are gone through.
        let redriver: Engine<MemoryStore>.Redriver = { work, _ in
            let query = DeadLetterQuery(kind: .execution, status: .open)
            for letter in try work.transaction.deadLetters(query) {
                try work.transaction.setDeadLetter(
                    letter.id, status: .discarded, attempts: letter.attempts, nextRedrive: nil, at: work.now)
            }
        }
        let bench = Bench(["work": failing.step], redrivers: [.notification: redriver])
        try await bench.machine("m", chain(["work"]))
        try await bench.engine.applyWorkflows([
            Self.workflow(DeadLetterPolicy(policy: .redrive, attempts: 3, backoff: .seconds(10)))
        ])
        let started = try await bench.engine.startWorkflow("w", name: "x", input: [:])
        _ = try await bench.finish(started.id)
        let now = bench.clock.now
        let other = NewDeadLetter(
            kind: .notification, subject: "n1", source: "email", error: "SMTP", cause: "busy", payload: [], at: now,
            nextRedrive: now + .seconds(5))
        _ = try await bench.engine.transact { try $0.transaction.insertDeadLetter(other) }

        bench.clock.advance(by: .seconds(10))
        _ = try await bench.engine.tick(at: bench.clock.now)

        let record = try await bench.checked(started.id)
        #expect(record.status == .failed)
        #expect(record.redriveCount == 0)
        #expect(failing.calls.withLock { $0 } == 1)
        let query = DeadLetterQuery(kind: .execution, status: nil)
        #expect(try await Self.letters(bench, query).map(\.status) == [.discarded])
    }

    @Test func aLetterThatIsDueWhenTheEngineShutsDownIsRedrivenByTheNextProcess() async throws {
        let failing = Failing()
        let bench = Bench(["work": failing.step])
        try await bench.machine("m", chain(["work"]))
        try await bench.engine.applyWorkflows([
            Self.workflow(DeadLetterPolicy(policy: .redrive, attempts: 3, backoff: .seconds(10)))
        ])
        let started = try await bench.engine.startWorkflow("w", name: "x", input: [:])
        _ = try await bench.finish(started.id)
        let before = try await Self.letters(bench)
        #expect(before.first?.letter.nextRedrive != nil)
        bench.clock.advance(by: .seconds(10))

        // The timers look once more while the engine shuts down.
        await bench.engine.drain(deadline: .seconds(3600))
        _ = try await bench.engine.tick(at: bench.clock.now)

        #expect(try await Self.letters(bench) == before)
    }

    @Test func aLetterIsDiscardedWithAReasonInTheAuditLog() async throws {
        let failing = Failing()
        let bench = Bench(["work": failing.step])
        try await bench.machine("m", chain(["work"]))
        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:])
        _ = try await bench.finish(started.id)
        let letter = try #require(try await Self.letters(bench).first)

        try await bench.engine.discardDeadLetter(letter.id, reason: "known outage")

        #expect(try await Self.letters(bench).isEmpty)
        let audit = try await bench.engine.read { try $0.auditEntries(subject: "x", limit: 5) }
        #expect(audit.first?.action == "deadLetter.discarded")
        #expect(audit.first?.detail["reason"] == "known outage")
        await #expect(throws: EngineError.deadLetterNotOpen(letter.id.rawValue, status: .discarded)) {
            try await bench.engine.discardDeadLetter(letter.id, reason: "again")
        }
    }

    @Test func aWorkflowsDeadlineEndsAnExecutionAsTimedOutWithALetter() async throws {
        let bench = Bench()
        try await bench.machine("m", chain(["elsewhere"]))
        try await bench.engine.applyWorkflows([Workflow(name: "w", stateMachine: "m", deadline: .seconds(90))])
        bench.run()
        let started = try await bench.engine.startWorkflow("w", input: [:])
        #expect(started.wakeAt == started.startedAt + .seconds(90))

        try await bench.advance("it ends") { try await bench.engine.execution(started.id).status != .running }

        let record = try await bench.checked(started.id)
        #expect(record.status == .timedOut)
        #expect(record.stoppedAt == started.startedAt + .seconds(90))
        #expect(try await Self.letters(bench).count == 1)
        await bench.stop()
    }
}
