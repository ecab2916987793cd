import Budgets
import JSONModel
import WallTime

/// Bedrock's model invocation log record (Bedrock user guide, "Monitor model invocation using CloudWatch Logs and
/// Amazon S3"), schema version 1.0.
enum InvocationLog {
    /// Reads one record. Only what is needed to count and attribute has to be there.
    static func record(
        _ json: JSONValue, source: String, _ names: KnownNames
    ) throws(InvocationLogError) -> UsageRecord {
        guard json.objectValue != nil else { throw .notAnObject(json.typeName) }
        if let reason = reasonToIgnore(json) { return .ignored(reason: reason) }
        let principal = try principal(json, names)
        let errorCode = json["errorCode"]?.stringValue
        let counts = try InvocationCounts(json)
        let operation = json["operation"]?.stringValue ?? "unknown"
        return .usage(
            UsageEvent(
                key: UsageKey(
                    account: json["accountId"]?.stringValue ?? principal.id.account, region: try text("region", json),
                    requestID: try text("requestId", json)),
                at: try timestamp(json), principal: principal,
                // A failed call may not have reached a model.
                model: names.model(
                    errorCode == nil ? try text("modelId", json) : json["modelId"]?.stringValue ?? "unknown"),
                operation: operation, tokens: counts.tokens, images: counts.images,
                tier: tier(json, operation: operation), errorCode: errorCode, isMetered: counts.isMetered,
                isCacheSplitUnknown: counts.isCacheSplitUnknown, latencyMilliseconds: counts.latencyMilliseconds,
                source: source))
    }

    private static func reasonToIgnore(_ json: JSONValue) -> String? {
        guard let type = json["schemaType"]?.stringValue, type != "ModelInvocationLog" else { return nil }
        return "a record of type \(type)"
    }

    private static func text(_ name: String, _ json: JSONValue) throws(InvocationLogError) -> String {
        guard let value = json[name]?.stringValue, !value.isEmpty else { throw .missing(name) }
        return value
    }

    /// From 1970 to 9999, in milliseconds: what lies far outside fits no period.
    private static let possibleTimes: ClosedRange<Int64> = 0...253_402_300_799_999

    private static func timestamp(_ json: JSONValue) throws(InvocationLogError) -> Instant {
        guard let value = json["timestamp"], !value.isNull else { throw .missing("timestamp") }
        if let text = value.stringValue, let instant = Instant(iso8601: text) { return instant }
        if let milliseconds = value.intValue, possibleTimes.contains(milliseconds) {
            return Instant(milliseconds: milliseconds)
        }
        throw .malformed("timestamp", value.jsonString)
    }

    private static func principal(
        _ json: JSONValue, _ names: KnownNames
    ) throws(InvocationLogError) -> Principal {
        guard let arn = json["identity"]?["arn"]?.stringValue else { throw .missing("identity.arn") }
        do {
            return try names.principal(arn: arn)
        } catch {
            throw .malformed("identity.arn", error.description)
        }
    }

    /// The tier is only in the bodies (Converse echoes it as an object, OpenAI's operations as a text); without them, a
    /// call counts as standard. What was only asked for makes a call dearer, never cheaper: whether it was granted, the
    /// answer says.
    private static func tier(_ json: JSONValue, operation: String) -> ServiceTier {
        if operation.hasSuffix("ModelInvocationJob") { return .batch }
        let body = json["output"]?["outputBodyJson"]
        let chunks = body?.arrayValue ?? [body ?? .null]
        let echoed = chunks.lazy.compactMap {
            ($0["serviceTier"] ?? $0["metadata"]?["serviceTier"])?["type"]?.stringValue
                ?? $0["service_tier"]?.stringValue
        }
        .first
        let request = json["input"]?["inputBodyJson"]
        let asked = request?["serviceTier"]?["type"]?.stringValue ?? request?["service_tier"]?.stringValue
        return switch echoed ?? (asked == "priority" ? asked : nil) {
        case "priority": .priority
        case "flex": .flex
        default: isOptimized(json, chunks) ? .optimized : .standard
        }
    }

    /// Whether it was optimized for latency, which the answer says; without one, what the envelope or the request does.
    private static func isOptimized(_ json: JSONValue, _ chunks: [JSONValue]) -> Bool {
        let echoed = chunks.lazy.compactMap { latency($0) ?? latency($0["metadata"]) }.first
        let asked = latency(json) ?? latency(json["input"]?["inputBodyJson"])
        return (echoed ?? asked) == ServiceTier.optimized.rawValue
    }

    private static func latency(_ json: JSONValue?) -> String? {
        json?["performanceConfig"]?["latency"]?.stringValue
    }
}

/// Why a JSON value is not a usable invocation log record.
enum InvocationLogError: Error, Equatable, CustomStringConvertible {
    case notAnObject(String)
    case missing(String)
    case malformed(String, String)

    var description: String {
        switch self {
        case .notAnObject(let type): "it is a JSON \(type), not a model invocation log record"
        case .missing(let name): "the record has no \(name)"
        case .malformed(let name, let found): "\(name) does not read: \(found)"
        }
    }
}
