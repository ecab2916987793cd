import JSONModel

/// What a CloudWatch Logs subscription filter delivers: log events in an envelope ("Real-time processing of log data
/// with subscriptions").
struct SubscriptionPayload {
    let type: String
    let events: [JSONValue]

    /// Nil when the value is something else.
    init?(_ json: JSONValue) {
        guard let type = json["messageType"]?.stringValue, let events = json["logEvents"]?.arrayValue else {
            return nil
        }
        self.type = type
        self.events = events
    }

    /// A control message only probes whether the destination can be reached.
    var holdsData: Bool { type == "DATA_MESSAGE" }
}
