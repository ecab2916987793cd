import JSONModel
import StatesLanguage

/// The type of an event and its details, in AWS's names (API reference, `HistoryEvent`).
struct EventShape {
    let kind: HistoryEvent.Kind
    let resource: Resource?
    let roleARN: String?
    let region: String

    /// Details under the name of their member; nil for a type that has none.
    typealias Details = (name: String, members: JSONObject)

    var type: String {
        switch kind {
        case .taskScheduled, .taskStarted, .taskStartFailed, .taskSubmitted, .taskSucceeded, .taskFailed,
            .taskTimedOut:
            family.prefix + kind.label.dropFirst("Task".count)
        default: kind.label
        }
    }

    var details: Details? {
        switch kind {
        case .executionStarted(let input, _):
            var members = payload("input", input)
            members["roleArn"] = roleARN.map { .string($0) }
            return ("executionStartedEventDetails", members)
        case .executionSucceeded(let output): return ("executionSucceededEventDetails", payload("output", output))
        case .executionFailed(let failure): return ("executionFailedEventDetails", errorMembers(failure))
        case .executionTimedOut(let failure): return ("executionTimedOutEventDetails", errorMembers(failure))
        case .executionAborted(let error, let cause):
            return (
                "executionAbortedEventDetails", errorMembers(TaskFailure(error: error ?? "", cause: cause ?? ""))
            )
        case .executionRedriven(let count):
            return ("executionRedrivenEventDetails", ["redriveCount": .int(Int64(count))])
        case .stateEntered(_, let name, let input):
            var members: JSONObject = ["name": .string(name)]
            members.add(payload("input", input))
            return ("stateEnteredEventDetails", members)
        case .stateExited(_, let name, let output, let assigned):
            return ("stateExitedEventDetails", exitMembers(name, output, assigned))
        case .evaluationFailed(let failure, let state, let location):
            var members = errorMembers(failure)
            if !location.isEmpty { members["location"] = .string(location) }
            members["state"] = .string(state)
            return ("evaluationFailedEventDetails", members)
        case .taskScheduled, .taskStarted, .taskStartFailed, .taskSubmitted, .taskSucceeded, .taskFailed,
            .taskTimedOut:
            return taskDetails
        default: return joinDetails
        }
    }

    private var joinDetails: Details? {
        switch kind {
        case .mapStarted(let length): ("mapStateStartedEventDetails", ["length": .int(Int64(length))])
        case .mapRunStarted(let run): ("mapRunStartedEventDetails", ["mapRunArn": .string(run)])
        case .mapRunFailed(let failure): ("mapRunFailedEventDetails", errorMembers(failure))
        case .iterationStarted(let name, let index): ("mapIterationStartedEventDetails", iteration(name, index))
        case .iterationSucceeded(let name, let index): ("mapIterationSucceededEventDetails", iteration(name, index))
        case .iterationFailed(let name, let index, _): ("mapIterationFailedEventDetails", iteration(name, index))
        case .iterationAborted(let name, let index): ("mapIterationAbortedEventDetails", iteration(name, index))
        default: nil
        }
    }

    private func iteration(_ name: String, _ index: Int) -> JSONObject {
        ["name": .string(name), "index": .int(Int64(index))]
    }

    private func exitMembers(_ name: String, _ output: JSONValue, _ assigned: JSONObject) -> JSONObject {
        var members: JSONObject = ["name": .string(name)]
        members.add(payload("output", output))
        if !assigned.isEmpty {
            members["assignedVariables"] = .object(
                JSONObject(assigned.map { ($0, .string($1.jsonString)) }))
            members["assignedVariablesDetails"] = .object(["truncated": false])
        }
        return members
    }

    /// A payload travels as a string that holds JSON.
    func payload(_ name: String, _ value: JSONValue) -> JSONObject {
        [name: .string(value.jsonString), name + "Details": .object(["truncated": false])]
    }

    /// A member that has nothing to say is missing.
    func errorMembers(_ failure: TaskFailure) -> JSONObject {
        var members = JSONObject()
        if !failure.error.isEmpty { members["error"] = .string(failure.error) }
        if !failure.cause.isEmpty { members["cause"] = .string(failure.cause) }
        return members
    }
}

extension JSONObject {
    mutating func add(_ others: JSONObject) {
        for (key, value) in others { self[key] = value }
    }
}
