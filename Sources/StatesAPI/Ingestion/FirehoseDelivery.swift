import BedrockUsage
import Budgets
import Foundation
import Gzip
import JSONModel

/// One request of Amazon Data Firehose to an HTTP endpoint ("HTTP endpoint delivery request and response
/// specifications").
struct FirehoseDelivery {
    let requestID: String
    private let records: [String?]

    /// What one request may decompress to, and how much its body may. Firehose sends at most 64 MiB.
    static let limits = DecoderLimits(decompressedBytes: 256 << 20)
    static let bodyLimit = 96 << 20

    /// - Parameter headerID: `X-Amz-Firehose-Request-Id`; the body says the same.
    /// - Throws: `FirehoseFault` for a body that Firehose does not send.
    init(body: [UInt8], isCompressed: Bool, headerID: String?) throws(FirehoseFault) {
        let json: JSONValue
        do {
            json = try JSONValue(parsing: isCompressed ? try Self.decompressed(body) : body)
        } catch let error as GzipError {
            throw FirehoseFault("the body can't be decompressed: \(error)")
        } catch {
            throw FirehoseFault("the body is not JSON: \(error)")
        }
        guard let id = json["requestId"]?.stringValue, !id.isEmpty else {
            throw FirehoseFault("the body has no requestId")
        }
        guard headerID.map({ $0 == id }) ?? true else {
            throw FirehoseFault("the requestId of the body is not the one of the X-Amz-Firehose-Request-Id header")
        }
        guard let records = json["records"]?.arrayValue else { throw FirehoseFault("the body has no records") }
        requestID = id
        self.records = records.map { $0["data"]?.stringValue }
    }

    /// What all records hold. One that can't be read is kept for a person, and the others go on.
    func usage(source: String) -> [UsageRecord] {
        var limits = Self.limits
        var all: [UsageRecord] = []
        for (number, text) in records.enumerated() {
            guard let text, let data = Data(base64Encoded: text) else {
                all.append(
                    .unreadable(
                        UnreadableRecord(
                            bytes: Array((text ?? "").utf8.prefix(limits.keptBytes)),
                            reason: "record \(number) of the request has no data in base64", position: number)))
                continue
            }
            let bytes = Array(data)
            let decoder = UsageDecoder(source: source, limits: limits)
            let found = decoder.append(bytes) + decoder.finish()
            limits.decompressedBytes = max(0, limits.decompressedBytes - decoder.decompressed)
            all += found.map { $0.keeping(bytes.prefix(limits.keptBytes)) }
        }
        return all
    }

    private static func decompressed(_ body: [UInt8]) throws(GzipError) -> [UInt8] {
        let stream = try GzipStream()
        var plain: [UInt8] = []
        try stream.decompress(body[...]) { part throws(GzipError) in
            guard plain.count + part.count <= bodyLimit else { throw .tooLarge(limit: bodyLimit) }
            plain += part
        }
        guard stream.isAtMemberEnd else { throw .truncated }
        return plain
    }
}

/// A request that Firehose would not make.
struct FirehoseFault: Error, Equatable, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension UsageRecord {
    /// The same; data that could not be decompressed are kept as they came.
    fileprivate func keeping(_ bytes: some Sequence<UInt8>) -> UsageRecord {
        guard case .unreadable(let record) = self, record.bytes.isEmpty else { return self }
        return .unreadable(
            UnreadableRecord(bytes: Array(bytes), reason: record.reason, position: record.position))
    }
}
