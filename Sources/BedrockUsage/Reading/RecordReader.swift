import Budgets
import JSONModel

/// Tells what a JSON object of an ingest source is, and reads it: a model invocation log record, a CloudTrail record, a
/// file of these, an EventBridge event around one, or a CloudWatch Logs payload around any of them.
struct RecordReader {
    let source: String
    let limits: DecoderLimits
    private let names = KnownNames()

    init(source: String, limits: DecoderLimits) {
        self.source = source
        self.limits = limits
    }

    /// A value with the bytes it was read from and where they began.
    struct Piece {
        var json: JSONValue
        var bytes: [UInt8]
        var position: Int
    }

    /// Envelopes stand within envelopes this deep at most: a log event that holds an EventBridge event with a record.
    private static let deepest = 3

    func records(_ piece: Piece) -> [UsageRecord] { records(piece, depth: 0) }

    private func records(_ piece: Piece, depth: Int) -> [UsageRecord] {
        guard depth < Self.deepest else { return [unreadable(piece, "it is an envelope within too many others")] }
        if let payload = SubscriptionPayload(piece.json) { return records(payload, piece.position, depth) }
        if let type = piece.json["detail-type"]?.stringValue { return records(event: piece, type, depth) }
        if let records = piece.json["Records"]?.arrayValue { return self.records(file: records, piece.position, depth) }
        do throws(InvocationLogError) {
            if let record = CloudTrailRecord(piece.json, source: source) {
                return [try record.read(Array(piece.bytes.prefix(limits.keptBytes)))]
            }
            let record = try InvocationLog.record(piece.json, source: source, names)
            return [record] + surprise(record, piece)
        } catch {
            return [unreadable(piece, error.description)]
        }
    }

    /// Each log event's message, read by itself: one that is bad spoils no other.
    private func records(_ payload: SubscriptionPayload, _ position: Int, _ depth: Int) -> [UsageRecord] {
        guard payload.holdsData else { return [.ignored(reason: "a CloudWatch Logs \(payload.type)")] }
        return payload.events.flatMap { event -> [UsageRecord] in
            guard let message = event["message"]?.stringValue else {
                return [unreadable(event.jsonBytes, "the log event has no message", position)]
            }
            let bytes = Array(message.utf8)
            let id = event["id"]?.stringValue ?? "without id"
            do {
                let json = try JSONValue(parsing: bytes, limits: DecoderLimits.json)
                return records(Piece(json: json, bytes: bytes, position: position), depth: depth + 1)
                    .map { $0.explained(by: "log event \(id)") }
            } catch {
                return [unreadable(bytes, "log event \(id): \(error)", position)]
            }
        }
    }

    /// An EventBridge event ("Events and event patterns"): what it is about stands in `detail`.
    private func records(event piece: Piece, _ type: String, _ depth: Int) -> [UsageRecord] {
        guard type.hasSuffix("via CloudTrail"), let detail = piece.json["detail"], detail.objectValue != nil else {
            return [.ignored(reason: "an EventBridge event of type \(type)")]
        }
        return records(Piece(json: detail, bytes: piece.bytes, position: piece.position), depth: depth + 1)
    }

    /// The form of CloudTrail's files in S3.
    private func records(file: [JSONValue], _ position: Int, _ depth: Int) -> [UsageRecord] {
        file.flatMap { json in
            records(Piece(json: json, bytes: json.jsonBytes, position: position), depth: depth + 1)
        }
    }

    /// A record of an operation that is new to this version is charged like any other; that it is new is told besides.
    private func surprise(_ record: UsageRecord, _ piece: Piece) -> [UsageRecord] {
        guard case .usage(let event) = record, piece.json["operation"] != nil,
            !BedrockOperations.isKnown(inLogs: event.operation)
        else { return [] }
        let call = BedrockCall(endpoint: "bedrock-runtime", operation: event.operation)
        return [
            .principal(
                PrincipalEvent(
                    id: "invocation-log/\(event.key.account)/\(event.key.region)/\(event.key.requestID)", at: event.at,
                    region: event.key.region, principal: event.principal, actor: event.principal,
                    occurrence: .unknownOperation(call, record: Array(piece.bytes.prefix(limits.keptBytes))),
                    source: source))
        ]
    }

    private func unreadable(_ piece: Piece, _ reason: String) -> UsageRecord {
        unreadable(piece.bytes, reason, piece.position)
    }

    func unreadable(_ bytes: [UInt8], _ reason: String, _ position: Int) -> UsageRecord {
        .unreadable(
            UnreadableRecord(bytes: Array(bytes.prefix(limits.keptBytes)), reason: reason, position: position))
    }
}

extension UsageRecord {
    /// The same; what could not be read says where it stood.
    fileprivate func explained(by place: String) -> UsageRecord {
        guard case .unreadable(let record) = self else { return self }
        return .unreadable(
            UnreadableRecord(bytes: record.bytes, reason: "\(place): \(record.reason)", position: record.position))
    }
}
