import AWSClient
import Interpreter
import JSONModel

/// Writes the results of one distributed Map to S3 ("ResultWriter (Map)"): files by status under the Map Run's own
/// prefix, and last the manifest that names them. The keys follow from the Map Run, so doing it twice is harmless.
struct ResultExport {
    /// Bytes of a result file; AWS's have up to 5 GB. A file can be read back whole by another Map.
    static let fileBytes = 32 << 20

    private static let statuses = ["FAILED", "PENDING", "SUCCEEDED"]

    private let client: AWSClient
    private let bucket: String
    private let mapRunARN: String
    /// Before every key, with its slash.
    private let prefix: String
    private let format: ResultFiles.Format
    private let results: JSONValue
    /// Of the service's action, besides bucket and key.
    private let parameters: JSONObject
    private let fileBytes: Int

    /// - Throws: for an input that is not what the interpreter makes.
    init(client: AWSClient, input: JSONValue, fileBytes: Int = Self.fileBytes) throws(TaskFailure) {
        guard var parameters = input["Parameters"]?.objectValue, let bucket = parameters["Bucket"]?.stringValue else {
            throw Self.failure("The ResultWriter names no Bucket.")
        }
        guard let arn = input["MapRunArn"]?.stringValue, let run = arn.split(separator: ":").last, run != arn else {
            throw Self.failure("The Map Run has no ARN.")
        }
        guard let format = ResultFiles.Format(rawValue: input["OutputType"]?.stringValue ?? "JSON") else {
            throw Self.failure("OutputType is \(input["OutputType"] ?? .null), and may be JSON or JSONL.")
        }
        var folder = parameters["Prefix"]?.stringValue ?? ""
        if !folder.isEmpty, !folder.hasSuffix("/") { folder += "/" }
        for name in ["Bucket", "Prefix", "Key", "Body"] { parameters[name] = nil }
        self.client = client
        self.bucket = bucket
        self.parameters = parameters
        self.format = format
        self.fileBytes = fileBytes
        mapRunARN = arn
        prefix = "\(folder)\(run)/"
        results = input["Results"] ?? [:]
    }

    /// - Returns: the Map state's result: where the manifest is.
    func write() async throws(TaskFailure) -> JSONValue {
        var written = JSONObject()
        for status in Self.statuses {
            var files: [JSONValue] = []
            for file in ResultFiles(results[status]?.arrayValue ?? [], format: format, limit: fileBytes) {
                let key = "\(prefix)\(status)_\(files.count).\(format.fileExtension)"
                try await put(file, key, format.contentType)
                files.append(["Key": .string(key), "Size": .int(Int64(file.count))])
            }
            written[status] = .array(files)
        }
        let manifest: JSONValue = [
            "DestinationBucket": .string(bucket), "MapRunArn": .string(mapRunARN), "ResultFiles": .object(written),
        ]
        let key = "\(prefix)manifest.json"
        try await put(manifest.jsonBytes, key, ResultFiles.Format.json.contentType)
        return [
            "MapRunArn": .string(mapRunARN),
            "ResultWriterDetails": ["Bucket": .string(bucket), "Key": .string(key)],
        ]
    }

    private func put(_ body: [UInt8], _ key: String, _ contentType: String) async throws(TaskFailure) {
        var request = parameters
        request["Bucket"] = .string(bucket)
        request["Key"] = .string(key)
        if request["ContentType"] == nil { request["ContentType"] = .string(contentType) }
        do {
            _ = try await client.callS3("PutObject", request, body: body)
        } catch {
            throw .resultWriter(error, "writing s3://\(bucket)/\(key)")
        }
    }

    private static func failure(_ cause: String) -> TaskFailure {
        TaskFailure(error: "States.ResultWriterFailed", cause: cause)
    }
}
