import CCrypto
import Gzip
import JSONModel
import WallTime

/// Makes the request of an S3 operation from its members.
struct S3Request {
    private let operation: S3Operation
    private let parameters: JSONObject
    private var query: [(name: String, value: String)]
    private var headers: [(name: String, value: String)] = []
    private var body: [UInt8]

    /// The unsigned request. Throws for a member that the operation does not have, or a value that it can't take.
    static func make(
        _ operation: S3Operation, _ parameters: JSONObject, body: [UInt8], at address: S3Address, region: String
    ) throws(S3RequestError) -> HTTPRequest {
        var request = S3Request(operation: operation, parameters: parameters, query: operation.query, body: body)
        try request.place()
        request.complete(region: region)
        try request.addChecksum()
        let bucket = operation.target == .account ? nil : try request.required("Bucket")
        let key = operation.target == .object ? try request.required("Key") : nil
        let url: String
        do { url = try address.url(bucket: bucket, key: key) } catch { throw S3RequestError("\(error)") }
        let fields = request.query.map { "\(percentEncoded($0.name))=\(percentEncoded($0.value))" }
        return HTTPRequest(
            method: operation.method, url: url + (fields.isEmpty ? "" : "?" + fields.joined(separator: "&")),
            headers: request.headers, body: request.body, timeout: Self.timeout)
    }

    /// Objects may be large and lines slow.
    private static let timeout: Duration = .seconds(120)

    private init(
        operation: S3Operation, parameters: JSONObject, query: [(name: String, value: String)], body: [UInt8]
    ) {
        self.operation = operation
        self.parameters = parameters
        self.query = query
        self.body = body
    }

    private func required(_ member: String) throws(S3RequestError) -> String {
        guard let value = parameters[member], !value.isNull else {
            throw S3RequestError("\(operation.name) needs the member '\(member)'.")
        }
        return try text(member, value)
    }

    /// Puts every member where it belongs.
    private mutating func place() throws(S3RequestError) {
        for (member, value) in parameters where !value.isNull {
            // The length is the transport's to say.
            if isInPath(member) || member == "ContentLength" { continue }
            if operation.queryMembers.contains(member), let name = S3Members.queryNames[member] {
                query.append((name, try text(member, value)))
            } else if operation.headerMembers.contains(member), let name = header(of: member) {
                headers.append((name, try text(member, value)))
            } else if member == "Metadata", operation.sendsMetadata {
                try addMetadata(value)
            } else if operation.requestBody == .document(member: member) {
                body = S3Document.write(value, root: member)
            } else if operation.requestBody == .bytes(member: member) {
                body = Array(try text(member, value).utf8)
            } else {
                throw S3RequestError("\(operation.name) has no member '\(member)'.")
            }
        }
    }

    private func isInPath(_ member: String) -> Bool {
        member == "Bucket" && operation.target != .account || member == "Key" && operation.target == .object
    }

    private func header(of member: String) -> String? {
        // The one member with two names.
        member == "ChecksumAlgorithm" && operation.name == "PutObject"
            ? "x-amz-sdk-checksum-algorithm" : S3Members.headers[member]
    }

    private mutating func addMetadata(_ value: JSONValue) throws(S3RequestError) {
        guard let entries = value.objectValue else { throw S3RequestError("The member 'Metadata' is not an object.") }
        for (name, value) in entries { headers.append(("x-amz-meta-\(name)", try text("Metadata", value))) }
    }

    /// A member's value as it goes into a header or a query.
    private func text(_ member: String, _ value: JSONValue) throws(S3RequestError) -> String {
        let text: String
        switch (value, S3Members.kind(of: member)) {
        case (.string(let string), .httpDate), (.string(let string), .isoDate):
            guard let instant = Instant(iso8601: string) else {
                throw S3RequestError("The member '\(member)' is no date such as 2026-11-20T10:15:42Z.")
            }
            text = S3Members.kind(of: member) == .httpDate ? instant.httpDate : string
        case (.string(let string), _): text = member == "CopySource" ? asciiURL(string) : string
        case (.bool, _), (.int, _), (.double, _): text = value.jsonString
        case (.array(let elements), .list): text = elements.compactMap(\.stringValue).joined(separator: ",")
        default: throw S3RequestError("The member '\(member)' is a \(value.typeName), which it may not be.")
        }
        // A key may hold what a header may not; it is encoded.
        guard isInPath(member) || !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) || member == "Body" else {
            throw S3RequestError("The member '\(member)' holds a control character.")
        }
        return text
    }

    /// What AWS's SDKs add by themselves.
    private mutating func complete(region: String) {
        switch operation.name {
        case "ListObjectsV2" where !query.contains { $0.name == "encoding-type" }:
            // XML has no way to write some characters that keys may have.
            query.append(("encoding-type", "url"))
        case "CreateBucket" where body.isEmpty && region != "us-east-1":
            body = S3Document.write(["LocationConstraint": .string(region)], root: "CreateBucketConfiguration")
        default: break
        }
        if operation.requestBody == .document(member: "CreateBucketConfiguration"), !body.isEmpty {
            headers.append(("Content-Type", "application/xml"))
        }
    }

    /// The checksum by which S3 sees whether an object arrived whole: CRC-32, or what was asked for.
    private mutating func addChecksum() throws(S3RequestError) {
        guard operation.name == "PutObject" else { return }
        let given = headers.map { $0.name.lowercased() }
        if given.contains("content-md5")
            || given.contains(where: { $0.hasPrefix("x-amz-checksum-") && $0 != "x-amz-checksum-type" })
        {
            return
        }
        let algorithm = parameters["ChecksumAlgorithm"]?.stringValue ?? "CRC32"
        let digest: [UInt8]
        switch algorithm {
        case "CRC32":
            let sum = crc32(body)
            digest = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> UInt32($0)) }
        case "SHA256": digest = sha256(body)
        default:
            throw S3RequestError("The ChecksumAlgorithm '\(algorithm)' is not supported: CRC32 and SHA256 are.")
        }
        if !given.contains("x-amz-sdk-checksum-algorithm") {
            headers.append(("x-amz-sdk-checksum-algorithm", algorithm))
        }
        headers.append(("x-amz-checksum-\(algorithm.lowercased())", base64(digest)))
    }
}

/// Why there is no request of an S3 operation.
struct S3RequestError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Standard base64 (RFC 4648, section 4) of a digest.
private func base64(_ bytes: [UInt8]) -> String {
    var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
    let count = EVP_EncodeBlock(&text, bytes, Int32(bytes.count))
    return String(decoding: text.prefix(Int(count)), as: UTF8.self)
}
