package import JSONModel
package import StatesLanguage
import WallTime

/// Histories in the shape of AWS's `GetExecutionHistory`.
extension HistoryEvent {
    /// All events as the API shows them: notes and the events of a distributed Map's child workflows are left out.
    /// - Parameters:
    ///   - events: a whole history from its first event on; a task's events are shown by the resource that its
    ///     scheduling named.
    ///   - roleARN: of the state machine.
    ///   - region: of the endpoint.
    package static func awsHistory(
        _ events: [HistoryEvent], roleARN: String? = nil, region: String = "us-east-1"
    ) -> [JSONValue] {
        var view = HistoryView()
        (view.limit, view.mostBytes) = (.max, .max)
        (view.roleARN, view.region) = (roleARN, region)
        return view.page(of: events).events
    }

    /// The event as the API shows it.
    /// - Parameter resource: of the task that a task's event is about.
    package func awsJSON(resource: Resource?, roleARN: String? = nil, region: String = "us-east-1") -> JSONValue {
        let shape = EventShape(kind: kind, resource: resource, roleARN: roleARN, region: region)
        var object: JSONObject = [
            "id": .int(Int64(id)), "previousEventId": .int(Int64(previousID)),
            "timestamp": .double(Double(at.milliseconds) / 1000), "type": .string(shape.type),
        ]
        if let (name, details) = shape.details { object[name] = .object(details) }
        return .object(object)
    }
}

extension HistoryEvent.Kind {
    /// The task that the event is about.
    func task(scheduledBy id: Int) -> TaskID? {
        switch self {
        case .taskScheduled: id
        case .taskStarted(let task, _), .taskStartFailed(let task, _), .taskSubmitted(let task, _),
            .taskSucceeded(let task, _), .taskFailed(let task, _), .taskTimedOut(let task, _):
            task
        default: nil
        }
    }
}
