import Engine
import Interpreter
import JSONModel
import TestKit
import Testing
import WallTime

@Suite struct AuditTests {
    /// What somebody does, and what the audit log says of it: each change once, and nothing where nothing changed.
    struct Change: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Actions and the ends of their subjects.
        let entries: [String]
        let make: @Sendable (Bench) async throws -> Void

        init(_ what: String, _ entries: [String], _ make: @escaping @Sendable (Bench) async throws -> Void) {
            testDescription = what
            self.entries = entries
            self.make = make
        }
    }

    static let eve = "operator:eve"
    static let long = #"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":3600,"End":true}}}"#
    static let other = #"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"End":true}}}"#

    static let changes: [Change] = [
        Change("a start", []) { bench in
            _ = try await bench.engine.startExecution(stateMachine: "long", name: "x", input: [:])
        },
        Change("a stop", ["execution.stopped long:x"]) { bench in
            let started = try await bench.engine.startExecution(stateMachine: "long", name: "x", input: [:])
            _ = try await bench.engine.stopExecution(started.id, error: "Mistake", cause: "wrong one", by: Self.eve)
            await #expect(throws: EngineError.self) { try await bench.engine.stopExecution(started.id, by: Self.eve) }
        },
        Change("a redrive", ["execution.redriven failing:x"]) { bench in
            let failed = try await Self.fail(bench)
            _ = try await bench.engine.redriveExecution(failed.id, by: Self.eve)
            _ = try await bench.finish(failed.id)
        },
        Change("a redrive of a letter of an execution", ["execution.redriven failing:x"]) { bench in
            let failed = try await Self.fail(bench)
            let letter = try #require(try await DeadLetterTests.letters(bench).first)
            try await bench.engine.redriveDeadLetter(letter.id, by: Self.eve)
            _ = try await bench.finish(failed.id)
        },
        Change("a redrive of another letter", ["deadLetter.redriven n1"]) { bench in
            let id = try await Self.letter(bench, nextRedrive: nil)
            try await bench.engine.redriveDeadLetter(id, by: Self.eve)
        },
        Change("a redrive that nobody asked for", []) { bench in
            let id = try await Self.letter(bench, nextRedrive: bench.clock.now)
            _ = try await bench.engine.tick(at: bench.clock.now)
            #expect(try await bench.engine.read { try $0.deadLetter(id) }?.status == .redriven)
        },
        Change("a letter that is dropped", ["deadLetter.discarded x"]) { bench in
            _ = try await Self.fail(bench)
            let letter = try #require(try await DeadLetterTests.letters(bench).first)
            try await bench.engine.discardDeadLetter(letter.id, reason: "known", by: Self.eve)
        },
        Change("a pause", ["schedule.paused w", "schedule.paused w"]) { bench in
            try await bench.engine.pauseSchedule("w", reason: "one", by: Self.eve)
            try await bench.engine.pauseSchedule("w", reason: "one", by: Self.eve)
            try await bench.engine.pauseSchedule("w", reason: "another", by: Self.eve)
        },
        Change("a resumption", ["schedule.paused w", "schedule.resumed w"]) { bench in
            try await bench.engine.resumeSchedule("w", by: Self.eve)
            try await bench.engine.pauseSchedule("w", by: Self.eve)
            try await bench.engine.resumeSchedule("w", by: Self.eve)
            try await bench.engine.resumeSchedule("w", by: Self.eve)
        },
        Change("a trigger", ["schedule.triggered w"]) { bench in
            _ = try await bench.engine.triggerSchedule("w", by: Self.eve)
        },
        Change("a definition", ["stateMachine.created stateMachine:n", "stateMachine.updated stateMachine:n"]) {
            bench in
            for source in [Self.long, Self.long, Self.other] {
                _ = try await bench.engine.applyStateMachine(name: "n", source: source, by: Self.eve)
            }
        },
        Change("workflows", Array(repeating: "workflows.loaded workflows", count: 3)) { bench in
            for digests in [["w": "1"], ["w": "1"], ["w": "2", "v": "1"], [:]] as [[String: String]] {
                try await bench.engine.applyWorkflows([], digests: digests, by: Self.eve)
            }
        },
    ]

    @Test(arguments: changes) func aChangeIsWrittenDownOnceWithItsActor(_ change: Change) async throws {
        let failing = DeadLetterTests.Failing()
        let bench = Bench(["work": failing.step], redrivers: [.notification: { _, _ in }])
        try await bench.machine("long", Self.long)
        try await bench.machine("failing", chain(["work"]))
        let schedule = WorkflowSchedule(expression: try ScheduleExpression(parsing: "rate(10 minutes)"))
        try await bench.engine.applyWorkflows([Workflow(name: "w", stateMachine: "long", schedule: schedule)])
        let before = try await Self.entries(bench).count

        try await change.make(bench)

        let new = try await Self.entries(bench).dropFirst(before)
        let said = new.map { entry in
            "\(entry.action) \(entry.subject.split(separator: ":").suffix(2).joined(separator: ":"))"
        }
        #expect(said == change.entries)
        #expect(new.allSatisfy { $0.actor == Self.eve })
    }

    @Test func anEntrySaysWhatChanged() async throws {
        let bench = Bench()
        try await bench.machine("long", Self.long)
        let version = try await bench.engine.applyStateMachine(name: "long", source: Self.other, by: Self.eve)
        let started = try await bench.engine.startExecution(stateMachine: "long", name: "x", input: [:])
        _ = try await bench.engine.stopExecution(started.id, error: "Mistake", cause: "wrong one", by: Self.eve)
        try await bench.engine.applyWorkflows([], digests: ["w": "1", "v": "1"], by: Self.eve)
        try await bench.engine.applyWorkflows([], digests: ["w": "2", "u": "1"], by: Self.eve)

        let all = try await Self.entries(bench)
        let updated = try #require(all.first { $0.action == "stateMachine.updated" })
        #expect(updated.detail["version"] == 2)
        #expect(updated.detail["digest"] == .string(version.definition.hash))
        #expect(updated.detail["before"]?["version"] == 1)
        let stopped = try #require(all.first { $0.action == "execution.stopped" })
        #expect(stopped.detail == ["error": "Mistake", "cause": "wrong one"])
        let loaded = try #require(all.last { $0.action == "workflows.loaded" })
        #expect(loaded.detail["added"] == ["u"])
        #expect(loaded.detail["changed"] == ["w"])
        #expect(loaded.detail["removed"] == ["v"])
    }

    /// The oldest first.
    private static func entries(_ bench: Bench) async throws -> [AuditEntry] {
        try await bench.engine.read { try $0.auditEntries(subject: nil, limit: 100).reversed() }
    }

    private static func fail(_ bench: Bench) async throws -> ExecutionRecord {
        let started = try await bench.engine.startExecution(stateMachine: "failing", name: "x", input: [:])
        return try await bench.finish(started.id)
    }

    private static func letter(_ bench: Bench, nextRedrive: Instant?) async throws -> DeadLetterID {
        let letter = NewDeadLetter(
            kind: .notification, subject: "n1", source: "email", error: "SMTP", cause: "busy", payload: [],
            at: bench.clock.now, nextRedrive: nextRedrive)
        return try await bench.engine.transact { try $0.transaction.insertDeadLetter(letter) }
    }
}
