import Budgets
import JSONModel

/// What a CloudWatch Logs subscription filter delivers: log events in an envelope ("Real-time processing of log data
/// with subscriptions").
struct SubscriptionPayload {
    private let type: String
    private let events: [JSONValue]

    /// Nil when the value is something else.
    init?(_ json: JSONValue) {
        guard let type = json["messageType"]?.stringValue, let events = json["logEvents"]?.arrayValue else {
            return nil
        }
        self.type = type
        self.events = events
    }

    /// One record for each log event. A control message only probes whether the destination can be reached.
    func records(source: String, at position: Int, keptBytes: Int) -> [UsageRecord] {
        guard type == "DATA_MESSAGE" else { return [.ignored(reason: "a CloudWatch Logs \(type)")] }
        return events.map { event in
            guard let message = event["message"]?.stringValue else {
                return unreadable(event.jsonString, "the log event has no message", position, keptBytes)
            }
            do {
                return try InvocationLog.record(JSONValue(parsing: message), source: source)
            } catch {
                let id = event["id"]?.stringValue ?? "without id"
                return unreadable(message, "log event \(id): \(error)", position, keptBytes)
            }
        }
    }

    private func unreadable(_ text: String, _ reason: String, _ position: Int, _ keptBytes: Int) -> UsageRecord {
        .unreadable(UnreadableRecord(bytes: Array(text.utf8.prefix(keptBytes)), reason: reason, position: position))
    }
}
