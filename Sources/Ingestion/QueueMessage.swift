import BedrockUsage
import Budgets
import Foundation
import JSONModel

/// What a message of a queue is about.
enum QueueMessage: Equatable {
    /// It holds records itself: an event of EventBridge, a CloudTrail record, a log record.
    case records([UsageRecord])
    /// It names objects that hold them.
    case objects([ObjectIngest.Name])

    /// Reads a message's body, also one that SNS has wrapped.
    init(_ body: String, source: String) {
        // What is no JSON is no notification; the decoder says what is wrong with it.
        guard let json = try? JSONValue(parsing: Array(body.utf8)) else {
            self = .records(UsageDecoder.decode(Array(body.utf8), source: source))
            return
        }
        if json["Type"]?.stringValue == "Notification", let inner = json["Message"]?.stringValue {
            self.init(unwrapped: inner, source: source)
        } else {
            self.init(json, text: body, source: source)
        }
    }

    private init(unwrapped body: String, source: String) {
        guard let json = try? JSONValue(parsing: Array(body.utf8)) else {
            self = .records(UsageDecoder.decode(Array(body.utf8), source: source))
            return
        }
        self.init(json, text: body, source: source)
    }

    private init(_ json: JSONValue, text: String, source: String) {
        if json["Event"]?.stringValue == "s3:TestEvent" {
            self = .records([.ignored(reason: "the test that S3 sends to a new destination")])
        } else if let records = json["Records"]?.arrayValue, records.contains(where: { $0["s3"] != nil }) {
            self = .objects(records.compactMap(Self.created))
        } else if json["source"]?.stringValue == "aws.s3", let detail = json["detail"] {
            self = .objects(Self.created(event: json, detail))
        } else {
            self = .records(UsageDecoder.decode(Array(text.utf8), source: source))
        }
    }

    /// Of a notification, whose keys are encoded as in a form ("Event message structure").
    private static func created(_ record: JSONValue) -> ObjectIngest.Name? {
        guard record["eventName"]?.stringValue?.hasPrefix("ObjectCreated:") ?? false,
            let bucket = record["s3"]?["bucket"]?["name"]?.stringValue,
            let key = record["s3"]?["object"]?["key"]?.stringValue?.replacing("+", with: " ").removingPercentEncoding
        else { return nil }
        return ObjectIngest.Name(bucket: bucket, key: key, region: record["awsRegion"]?.stringValue)
    }

    /// Of an event of EventBridge, whose keys are not encoded.
    private static func created(event: JSONValue, _ detail: JSONValue) -> [ObjectIngest.Name] {
        guard event["detail-type"]?.stringValue == "Object Created",
            let bucket = detail["bucket"]?["name"]?.stringValue, let key = detail["object"]?["key"]?.stringValue
        else { return [] }
        return [ObjectIngest.Name(bucket: bucket, key: key, region: event["region"]?.stringValue)]
    }
}
