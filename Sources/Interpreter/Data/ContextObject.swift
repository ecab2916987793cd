import JSONModel
import StatesLanguage
import WallTime

/// What `$$` and `$states.context` show (ASL, "The Context Object").
struct ContextObject {
    let identity: ExecutionIdentity
    /// The execution's input and how often it was redriven.
    let input: JSONValue
    let redriveCount: Int

    /// The context of a state; `token` for a task that gets one, `item` while a Map selects or runs an iteration.
    func value(for visit: StateVisit, token: String? = nil, item: (index: Int, value: JSONValue)? = nil) -> JSONValue {
        var object = JSONObject()
        object.reserveCapacity(5)
        object["Execution"] = execution
        object["StateMachine"] = .object([
            "Id": .string(identity.stateMachineARN), "Name": .string(identity.stateMachineName),
        ])
        object["State"] = state(visit)
        if let token { object["Task"] = .object(["Token": .string(token)]) }
        if let item {
            object["Map"] = .object(["Item": .object(["Index": .int(Int64(item.index)), "Value": item.value])])
        }
        return .object(object)
    }

    private var execution: JSONValue {
        .object([
            "Id": .string(identity.executionARN), "Input": input,
            "StartTime": .string(identity.startedAt.iso8601), "Name": .string(identity.executionName),
            "RoleArn": .string(identity.roleARN), "RedriveCount": .int(Int64(redriveCount)),
        ])
    }

    private func state(_ visit: StateVisit) -> JSONValue {
        var state: JSONObject = [
            "Name": .string(visit.name), "EnteredTime": .string(visit.enteredAt.iso8601),
        ]
        switch visit.type {
        case .task, .parallel, .map: state["RetryCount"] = .int(Int64(visit.retryCount))
        case .pass, .choice, .wait, .succeed, .fail: break
        }
        return .object(state)
    }
}
