package import JSONModel
import StatesLanguage

/// Which part of a history is shown in the shape of AWS's `GetExecutionHistory`, and how.
///
/// Only what is shown is rendered: each event of an execution may repeat a state of 256 KiB, and 25,000 of those are
/// gigabytes, though the store keeps the text once.
package struct HistoryView: Sendable {
    /// Begins behind the event of this number.
    package var after: Int?
    /// At most so many events.
    package var limit = 1000
    /// A page ends with the event with which its texts reach so many bytes.
    package var mostBytes = 8 << 20
    package var isReversed = false
    /// Whether inputs, outputs and variables are shown.
    package var includesData = true
    /// Of the state machine.
    package var roleARN: String?
    /// Of the endpoint.
    package var region = "us-east-1"
    /// The execution's input as it was given, which its first two events show.
    package var input: String?

    package init() {}

    /// - Parameter events: a whole history from its first event on.
    /// - Returns: the events, at least one where any is left, and the number of the last when more follow.
    package func page(of events: [HistoryEvent]) -> (events: [JSONValue], next: Int?) {
        let visible = events.filter { $0.id > 0 }
        let resources = Self.resources(of: visible)
        let first = visible.prefix(2).map(\.id)
        var shown: [JSONValue] = []
        var bytes = 0
        var last: Int?
        for event in rest(of: visible) {
            if let last, shown.count >= limit || bytes >= mostBytes { return (shown, last) }
            let resource = event.kind.task(scheduledBy: event.id).flatMap { resources[$0] }.map(Resource.init(parsing:))
            var rendered = event.awsJSON(resource: resource, roleARN: roleARN, region: region)
            if let input, let place = first.firstIndex(of: event.id) { rendered.spellInput(as: input, place) }
            if !includesData { rendered.removeExecutionData() }
            bytes += rendered.textBytes
            shown.append(rendered)
            last = event.id
        }
        return (shown, nil)
    }

    /// What follows `after`, in the order in which it is shown.
    private func rest(of visible: [HistoryEvent]) -> any Sequence<HistoryEvent> {
        guard isReversed else {
            return visible[(after.map { after in visible.firstIndex { $0.id > after } ?? visible.endIndex } ?? 0)...]
        }
        return visible[
            ..<(after.map { after in visible.firstIndex { $0.id >= after } ?? visible.endIndex } ?? visible.endIndex)
        ]
        .reversed()
    }

    /// What each task's scheduling named.
    private static func resources(of events: [HistoryEvent]) -> [TaskID: String] {
        var resources: [TaskID: String] = [:]
        for event in events {
            if case .taskScheduled(let task) = event.kind { resources[event.id] = task.resource }
        }
        return resources
    }
}

extension JSONValue {
    /// What AWS leaves out with `includeExecutionData: false`.
    private static let executionData: Set = [
        "input", "output", "parameters", "inputDetails", "outputDetails", "assignedVariables",
        "assignedVariablesDetails",
    ]

    fileprivate mutating func removeExecutionData() {
        editDetails { _, details in
            details = JSONObject(details.filter { !Self.executionData.contains($0.0) }.map { ($0.0, $0.1) })
        }
    }

    /// The execution's input in its own text: where the execution starts, and where its first state gets it.
    fileprivate mutating func spellInput(as text: String, _ place: Int) {
        let member = place == 0 ? "executionStartedEventDetails" : "stateEnteredEventDetails"
        editDetails { name, details in if name == member { details["input"] = .string(text) } }
    }

    private mutating func editDetails(_ edit: (String, inout JSONObject) -> Void) {
        guard var event = objectValue else { return }
        for (name, value) in event where name.hasSuffix("EventDetails") {
            guard var details = value.objectValue else { continue }
            edit(name, &details)
            event[name] = .object(details)
        }
        self = .object(event)
    }

    fileprivate var textBytes: Int {
        switch self {
        case .string(let text): text.utf8.count
        case .array(let values): values.reduce(0) { $0 + $1.textBytes }
        case .object(let members): members.reduce(0) { $0 + $1.0.utf8.count + $1.1.textBytes }
        default: 8
        }
    }
}
