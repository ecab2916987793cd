import JSONModel
import StatesLanguage

/// Random definitions that the linter accepts: every state is reachable, every scope has an end, loops leave by count.
struct RandomMachines {
    private var random: SplitMix64
    private var names = 0

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func definition() -> JSONValue {
        var machine = scope(depth: 2)
        if chance(4) { machine["TimeoutSeconds"] = .int(random.number(in: 1..<200)) }
        return .object(machine)
    }

    private mutating func chance(_ n: Int64) -> Bool { random.number(in: 0..<n) == 0 }

    private mutating func name(_ type: String) -> String {
        names += 1
        return "\(type)\(names)"
    }

    private mutating func scope(depth: Int) -> JSONObject {
        var states = JSONObject()
        let count = Int(random.number(in: 1..<5))
        let chain = (0..<count).map { _ in name("S") }
        for (place, name) in chain.enumerated() {
            let next = place + 1 < count ? chain[place + 1] : nil
            states[name] = .object(state(next: next, depth: depth, states: &states))
        }
        return ["StartAt": .string(chain[0]), "States": .object(states)]
    }

    private mutating func state(next: String?, depth: Int, states: inout JSONObject) -> JSONObject {
        var state = JSONObject()
        switch random.number(in: 0..<(depth > 0 ? 9 : 6)) {
        case 0: state = pass()
        case 1, 2, 3: state = task()
        case 4: state = ["Type": "Wait", "Seconds": .int(random.number(in: 0..<50))]
        case 5:
            guard let next else { return fail() }
            return choice(next, &states)
        case 6: state = parallel(depth)
        default: state = map(depth)
        }
        if let next { state["Next"] = .string(next) } else { state["End"] = true }
        if ["Task", "Parallel", "Map"].contains(state["Type"]?.stringValue) { handlers(&state, &states) }
        return state
    }

    private mutating func pass() -> JSONObject {
        if chance(2) { return ["Type": "Pass", "Parameters": ["id.$": "States.UUID()", "in.$": "$$.State.Name"]] }
        return ["Type": "Pass", "Result": .int(random.number(in: 0..<9)), "Assign": ["v": 1]]
    }

    private mutating func task() -> JSONObject {
        let resources = [
            "activity:w", "arn:aws:lambda:us-east-1:000000000000:function:f", "arn:aws:states:::sqs:sendMessage",
            "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        ]
        var state: JSONObject = [
            "Type": "Task", "Resource": .string(resources[Int(random.number(in: 0..<4))]), "Parameters": ["p": 1],
        ]
        if chance(2) { state["TimeoutSeconds"] = .int(random.number(in: 20..<90)) }
        if chance(3) { state["HeartbeatSeconds"] = .int(random.number(in: 1..<20)) }
        return state
    }

    private func fail() -> JSONObject { ["Type": "Fail", "Error": "Failed", "Cause": "by design"] }

    private mutating func choice(_ next: String, _ states: inout JSONObject) -> JSONObject {
        let other = name("Other")
        states[other] = .object(chance(2) ? fail() : ["Type": "Succeed"])
        return [
            "Type": "Choice", "Default": .string(next),
            "Choices": [["Variable": "$$.Execution.Input.n", "NumericGreaterThan": 2, "Next": .string(other)]],
        ]
    }

    private mutating func parallel(_ depth: Int) -> JSONObject {
        let branches = (0..<random.number(in: 1..<4)).map { _ in JSONValue.object(scope(depth: depth - 1)) }
        return ["Type": "Parallel", "Branches": .array(branches), "ResultPath": .null]
    }

    private mutating func map(_ depth: Int) -> JSONObject {
        var processor = scope(depth: depth - 1)
        let isDistributed = chance(3)
        processor["ProcessorConfig"] =
            isDistributed ? ["Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"] : ["Mode": "INLINE"]
        var state: JSONObject = [
            "Type": "Map", "ItemProcessor": .object(processor), "ItemsPath": "$$.Execution.Input.items",
            "MaxConcurrency": .int(random.number(in: 0..<4)), "ResultPath": .null,
        ]
        if isDistributed, chance(2) { state["ToleratedFailureCount"] = 1 }
        return state
    }

    private mutating func handlers(_ state: inout JSONObject, _ states: inout JSONObject) {
        if chance(2) {
            let names: [JSONValue] = ["E", "States.Timeout", "States.TaskFailed", "States.ALL"]
            state["Retry"] = [
                [
                    "ErrorEquals": [names[Int(random.number(in: 0..<4))]],
                    "MaxAttempts": .int(random.number(in: 0..<3)), "IntervalSeconds": .int(random.number(in: 1..<9)),
                    "JitterStrategy": chance(2) ? "FULL" : "NONE",
                ]
            ]
        }
        if chance(3) {
            let caught = name("Caught")
            states[caught] = ["Type": "Succeed"]
            state["Catch"] = [["ErrorEquals": ["States.ALL"], "Next": .string(caught), "ResultPath": .null]]
        }
    }
}
