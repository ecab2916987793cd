package import JSONModel
package import TestKit

/// A random state machine that ends whatever happens: everything that waits for workers has a timeout.
package struct RandomMachine {
    /// A Wait, a timeout or a retry as the definition has it, by the name of the state, for the checkers.
    package typealias States = [String: JSONValue]

    private var random: SeededRandom
    /// Begins the name of every state, so that no other revision has one like it.
    private let prefix: String
    private let mayNest: Bool
    private var number = 0
    private var states: States = [:]

    package static let remoteActivities = ["remote-a", "remote-b"]

    /// - Parameters:
    ///   - revision: part of every state's name.
    ///   - child: the machine that nested executions run; nil for none.
    package static func make(
        random: SeededRandom, revision: String, mayNest: Bool
    ) -> (definition: JSONValue, states: States) {
        var machine = RandomMachine(random: random, prefix: revision, mayNest: mayNest)
        var definition = machine.flow(machine.random.roll(1...6), depth: 0)
        if machine.random.chance(20) { definition["TimeoutSeconds"] = .int(Int64(machine.random.roll(30...4000))) }
        return (.object(definition), machine.states)
    }

    private init(random: SeededRandom, prefix: String, mayNest: Bool) {
        self.random = random
        self.prefix = prefix
        self.mayNest = mayNest
    }

    /// States one after the other, and a last one that succeeds.
    private mutating func flow(_ count: Int, depth: Int) -> JSONObject {
        let names = (0...count).map { _ in name() }
        var members = JSONObject()
        for place in 0..<count {
            let later = names[random.roll(place + 1...count)]
            let state = state(next: names[place + 1], later: later, depth: depth)
            states[names[place]] = .object(state)
            members[names[place]] = .object(state)
        }
        let last: JSONObject =
            random.chance(8)
            ? ["Type": "Fail", "Error": "Sim.Fail", "Cause": "as the seed has it"] : ["Type": "Succeed"]
        states[names[count]] = .object(last)
        members[names[count]] = .object(last)
        return ["StartAt": .string(names[0]), "States": .object(members)]
    }

    private mutating func name() -> String {
        number += 1
        return "\(prefix)s\(number)"
    }

    private mutating func state(next: String, later: String, depth: Int) -> JSONObject {
        switch random.roll(0...99) {
        case 0..<10: return ["Type": "Pass", "Next": .string(next)]
        case 10..<20:
            return [
                "Type": "Choice",
                "Choices": [
                    [
                        "Variable": "$.n", "NumericGreaterThan": .int(Int64(random.roll(0...9))),
                        "Next": .string(later),
                    ]
                ],
                "Default": .string(next),
            ]
        case 20..<32: return ["Type": "Wait", "Seconds": .int(Int64(random.roll(0...1200))), "Next": .string(next)]
        case 32..<44 where depth < 2:
            let branches = (0..<random.roll(1...3)).map { _ in
                JSONValue.object(flow(random.roll(1...2), depth: depth + 1))
            }
            return joined(["Type": "Parallel", "Branches": .array(branches)], next, later)
        case 44..<54 where depth < 2:
            let limit = Int64(random.roll(0...2))
            return joined(
                [
                    "Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": .int(limit),
                    "ItemProcessor": .object(flow(random.roll(1...2), depth: depth + 1)),
                ], next, later)
        case 54..<64 where mayNest:
            var state: JSONObject = [
                "Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2",
                "Parameters": [
                    "StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:child",
                    "Input": ["n.$": "$.n", "items": []],
                ],
            ]
            // Without one, nothing but the child's end takes the parent on.
            if random.chance(30) { state["TimeoutSeconds"] = .int(Int64(random.roll(100...3000))) }
            return joined(state, next, later)
        case 64..<75:
            return task(random.pick(Self.remoteActivities), heartbeat: random.chance(50), next, later)
        case 75..<85: return task("book", heartbeat: false, next, later)
        case 85..<92: return task("mixed", heartbeat: false, next, later)
        default: return task("touch", heartbeat: random.chance(30), next, later)
        }
    }

    private mutating func task(_ activity: String, heartbeat: Bool, _ next: String, _ later: String) -> JSONObject {
        let timeout = Int64(random.roll(5...600))
        var state: JSONObject = [
            "Type": "Task", "Resource": .string("activity:\(activity)"), "TimeoutSeconds": .int(timeout),
        ]
        if heartbeat { state["HeartbeatSeconds"] = .int(max(1, timeout / 3)) }
        return joined(state, next, later)
    }

    /// With a way on, and perhaps with retriers and a catcher.
    private mutating func joined(_ state: JSONObject, _ next: String, _ later: String) -> JSONObject {
        var state = state
        if random.chance(60) {
            var retrier: JSONObject = [
                "ErrorEquals": [random.chance(70) ? "States.ALL" : "Sim.Flaky"],
                "IntervalSeconds": .int(Int64(random.roll(1...30))), "MaxAttempts": .int(Int64(random.roll(0...4))),
                "BackoffRate": .int(Int64(random.roll(1...3))),
            ]
            if random.chance(30) { retrier["JitterStrategy"] = "FULL" }
            state["Retry"] = [.object(retrier)]
        }
        if random.chance(50) {
            state["Catch"] = [
                ["ErrorEquals": ["States.ALL"], "ResultPath": "$.caught", "Next": .string(later)]
            ]
        }
        state["ResultPath"] = .null
        state["Next"] = .string(next)
        return state
    }
}
