package import Engine
package import Foundation
import JSONModel
package import TestKit
import WallTime

/// What is installed: state machines, some of which are edited during the run, and workflows.
package struct Installation: Sendable {
    /// By name; the source of each that is in force.
    package var machines: [(name: String, source: String)]
    package var workflows: [Workflow]
    package var schedules: [RunRecord.Schedule]
    private var revisions = 0
    private var random: SeededRandom

    /// Machines whose definitions are random.
    package static let random = ["m0", "m1", "m2"]

    /// - Parameter root: the repository, whose state machines and workflows are installed beside the random ones.
    package init(root: URL, random: SeededRandom) throws {
        self.random = random
        (machines, workflows, schedules) = ([], [], [])
        for name in [
            "block-timer", "budget-monitor", "daily-refresh", "reconciliation", "restoration", "suspension",
        ] {
            let file = root.appending(path: "state-machines/\(name).asl.yaml")
            machines.append((name, try String(contentsOf: file, encoding: .utf8)))
            let text = try String(contentsOf: root.appending(path: "workflows/\(name).yaml"), encoding: .utf8)
            guard var workflow = Workflow.read(text: text, file: "\(name).yaml").0 else { continue }
            // A run is hours long: it would hardly see one of four hours.
            if name == "reconciliation" {
                workflow.schedule = WorkflowSchedule(expression: try ScheduleExpression(parsing: "rate(15 minutes)"))
            }
            workflows.append(workflow)
        }
        let reset = try String(contentsOf: root.appending(path: "workflows/daily-reset.yaml"), encoding: .utf8)
        workflows += [Workflow.read(text: reset, file: "daily-reset.yaml").0].compactMap(\.self)
        for name in ["child"] + Self.random { edit(name) }
        machines.append(("tick", Self.tick))
        workflows.append(
            Workflow(
                name: "orders", stateMachine: "m0", event: try EventPattern(["source": ["sim.orders"]]),
                input: try InputTemplate("$.detail"), overlap: .allowAll, deadLetter: deadLetterPolicy()))
        for number in 0..<self.random.roll(1...3) { try addSchedule("tick-\(number)") }
        schedules.append(
            RunRecord.Schedule(
                workflow: "budget-monitor", period: 300_000, offset: 0, window: .seconds(600), policy: .latest, max: 10,
                overlap: .skip))
    }

    private static let tick = """
        {"StartAt": "Book", "States": {
          "Book": {"Type": "Task", "Resource": "activity:book", "ResultPath": null, "Next": "Rest",
                   "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 2, "MaxAttempts": 2, "BackoffRate": 1}]},
          "Rest": {"Type": "Wait", "Seconds": 200, "Next": "Touch"},
          "Touch": {"Type": "Task", "Resource": "activity:touch", "TimeoutSeconds": 60, "ResultPath": null,
                    "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Done"}], "Next": "Done"},
          "Done": {"Type": "Succeed"}}}
        """

    /// Writes the machine anew. Executions under way finish on the definition that they were started with.
    package mutating func edit(_ name: String) {
        revisions += 1
        let made = RandomMachine.make(
            random: random.split(), revision: "r\(revisions)", mayNest: name != "child")
        let source = made.definition.jsonString
        if let place = machines.firstIndex(where: { $0.name == name }) {
            machines[place].source = source
        } else {
            machines.append((name, source))
        }
    }

    private mutating func addSchedule(_ name: String) throws {
        let minutes = Int64(random.pick([2, 5, 10, 15]))
        let isCron = random.chance(50)
        let offset = isCron ? Int64(random.roll(0...Int(minutes) - 1)) : 0
        let text = isCron ? "cron(\(offset)/\(minutes) * * * ? *)" : "rate(\(minutes) minutes)"
        let catchUp = CatchUpPolicy(
            policy: random.pick([.skip, .latest, .all]), window: .seconds(random.pick([120, 1800, 86_400])),
            max: random.roll(1...5))
        let overlap = random.pick(OverlapPolicy.allCases)
        workflows.append(
            Workflow(
                name: name, stateMachine: "tick",
                schedule: WorkflowSchedule(expression: try ScheduleExpression(parsing: text)),
                input: nil, overlap: overlap, catchUp: catchUp, deadLetter: deadLetterPolicy()))
        schedules.append(
            RunRecord.Schedule(
                workflow: name, period: minutes * 60_000, offset: offset * 60_000, window: catchUp.window,
                policy: catchUp.policy, max: catchUp.max, overlap: overlap))
    }

    private mutating func deadLetterPolicy() -> DeadLetterPolicy {
        random.chance(50)
            ? DeadLetterPolicy() : DeadLetterPolicy(policy: .redrive, attempts: 2, backoff: .seconds(60))
    }
}

extension Installation {
    /// Puts everything in force, as a daemon does when it starts.
    func install<Store: ExecutionStore>(on engine: Engine<Store>) async throws {
        for (name, source) in machines { _ = try await engine.applyStateMachine(name: name, source: source) }
        try await engine.applyWorkflows(workflows)
        try await engine.transact { work in
            for name in RandomMachine.remoteActivities where try work.transaction.activity(named: name) == nil {
                try work.transaction.insertActivity(ActivityRecord(name: name, encryption: nil, createdAt: work.now))
            }
        }
    }

    /// The same while it runs, as saving a file does.
    func replace<Store: ExecutionStore>(on engine: Engine<Store>, _ log: RunLog) async {
        do {
            try await install(on: engine)
            log.trace("edit taken")
        } catch {
            log.trace("edit refused")
        }
    }
}
