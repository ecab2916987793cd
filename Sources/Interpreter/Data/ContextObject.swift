import JSONModel
import StatesLanguage
import WallTime

/// What `$$` and `$states.context` show (ASL, "The Context Object").
struct ContextObject {
    let identity: ExecutionIdentity
    /// The execution's input, how often it was redriven, and when last.
    let input: JSONValue
    let redriveCount: Int
    var redrivenAt: Instant?
    /// The child execution of a distributed Map that the state belongs to: it is an execution of its own.
    var child: (mapRun: MapRun, index: Int, run: ChildRun)?
    /// Shown as it is in place of everything else, when a single state is tried out.
    var given: JSONValue?

    /// The context of a state; `token` for a task that gets one, `item` while a Map selects or runs an iteration.
    func value(for visit: StateVisit, token: String? = nil, item: MapItem? = nil) -> JSONValue {
        if let given { return given }
        var object = JSONObject()
        object.reserveCapacity(5)
        object["Execution"] = execution
        object["StateMachine"] = .object([
            "Id": .string(child?.mapRun.stateMachineARN ?? identity.stateMachineARN),
            "Name": .string(child?.mapRun.machineAndLabel ?? identity.stateMachineName),
        ])
        object["State"] = state(visit)
        if let token { object["Task"] = .object(["Token": .string(token)]) }
        if let item { object["Map"] = .object(["Item": .object(members(of: item))]) }
        return .object(object)
    }

    /// Key and source are known to distributed Maps only.
    private func members(of item: MapItem) -> JSONObject {
        var members: JSONObject = ["Index": .int(Int64(item.index)), "Value": item.value]
        members["Key"] = item.key.map { .string($0) }
        members["Source"] = item.source.map { .string($0) }
        return members
    }

    private var execution: JSONValue {
        var execution: JSONObject = [
            "Id": .string(child.map { $0.mapRun.childARN($0.index) } ?? identity.executionARN),
            "Input": child.map { $0.run.input ?? .null } ?? input,
            "StartTime": .string((child?.run.startedAt ?? identity.startedAt).iso8601),
            "Name": .string(child.map { $0.mapRun.childName($0.index) } ?? identity.executionName),
            "RoleArn": .string(identity.roleARN), "RedriveCount": .int(Int64(redriveCount)),
        ]
        execution["RedriveTime"] = redrivenAt.map { .string($0.iso8601) }
        return .object(execution)
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
