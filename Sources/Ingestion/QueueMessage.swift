import BedrockUsage
import Budgets
import Foundation
import JSONModel

/// What a message of a queue is about.
enum QueueMessage: Equatable {
    /// It holds records itself: an event of EventBridge, a CloudTrail record, a log record.
    case records([UsageRecord])
    /// It names objects that hold them; `unreadable` is what tells of an object and does not say which.
    case objects([ObjectIngest.Name], unreadable: [UnreadableRecord] = [])

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
        guard !body.hasPrefix("CloudTrail validation message") else {
            self = .records([.ignored(reason: "the test that CloudTrail sends to a new topic")])
            return
        }
        guard let json = try? JSONValue(parsing: Array(body.utf8)) else {
            self = .records(UsageDecoder.decode(Array(body.utf8), source: source))
            return
        }
        self.init(json, text: body, source: source)
    }

    private init(_ json: JSONValue, text: String, source: String) {
        if json["Event"]?.stringValue == "s3:TestEvent" {
            self = .records([.ignored(reason: "the test that S3 sends to a new destination")])
        } else if let records = json["Records"]?.arrayValue, records.contains(where: Self.isOfS3) {
            let made = records.filter { $0["eventName"]?.stringValue?.hasPrefix("ObjectCreated:") ?? false }
            self.init(made, naming: Self.object(record:))
        } else if json["source"]?.stringValue == "aws.s3" {
            self.init(json["detail-type"]?.stringValue == "Object Created" ? [json] : [], naming: Self.object(event:))
        } else if let bucket = json["s3Bucket"], let keys = json["s3ObjectKey"] {
            // What CloudTrail itself tells a topic of the files that it has written.
            let files: [JSONValue] = (keys.arrayValue ?? [keys]).map { ["bucket": bucket, "key": $0] }
            self.init(files, naming: Self.object(file:))
        } else {
            self = .records(UsageDecoder.decode(Array(text.utf8), source: source))
        }
    }

    /// - Parameter made: what tells of objects that were made, one each.
    private init(_ made: [JSONValue], naming nameOf: (JSONValue) -> ObjectIngest.Name?) {
        var names: [ObjectIngest.Name] = []
        var unreadable: [UnreadableRecord] = []
        for record in made {
            if let name = nameOf(record), !name.bucket.isEmpty, !name.key.isEmpty {
                names.append(name)
            } else {
                unreadable.append(
                    UnreadableRecord(
                        bytes: record.jsonBytes,
                        reason: "it tells of an object that was made, with no bucket and key that can be read",
                        position: 0))
            }
        }
        self = .objects(names, unreadable: unreadable)
    }

    private static func isOfS3(_ record: JSONValue) -> Bool {
        record["s3"] != nil || record["eventSource"]?.stringValue == "aws:s3"
    }

    /// Of a notification, whose keys are encoded as in a form ("Event message structure").
    private static func object(record: JSONValue) -> ObjectIngest.Name? {
        guard let bucket = record["s3"]?["bucket"]?["name"]?.stringValue,
            let key = record["s3"]?["object"]?["key"]?.stringValue?.replacing("+", with: " ").removingPercentEncoding
        else { return nil }
        return ObjectIngest.Name(bucket: bucket, key: key, region: record["awsRegion"]?.stringValue)
    }

    /// Of CloudTrail's own notification, whose keys are not encoded, and which does not say where the bucket is.
    private static func object(file: JSONValue) -> ObjectIngest.Name? {
        guard let bucket = file["bucket"]?.stringValue, let key = file["key"]?.stringValue else { return nil }
        return ObjectIngest.Name(bucket: bucket, key: key)
    }

    /// Of an event of EventBridge, whose keys are not encoded.
    private static func object(event: JSONValue) -> ObjectIngest.Name? {
        guard let bucket = event["detail"]?["bucket"]?["name"]?.stringValue,
            let key = event["detail"]?["object"]?["key"]?.stringValue
        else { return nil }
        return ObjectIngest.Name(bucket: bucket, key: key, region: event["region"]?.stringValue)
    }
}
