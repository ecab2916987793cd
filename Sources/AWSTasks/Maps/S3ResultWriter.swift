import AWSClient
import Interpreter
import JSONModel

/// Writes the results of one Map Run: a file or more for each way in which children ended, and last of all the manifest
/// that names them (AWS, "ResultWriter (Map)").
struct S3ResultWriter {
    /// Bytes of one file; AWS's limit is 5 GB.
    static let maximumFileBytes = 64 << 20

    let client: AWSClient

    func write(_ input: JSONValue) async throws(TaskFailure) -> JSONValue {
        guard let bucket = input["Parameters"]?["Bucket"]?.stringValue, let run = input["MapRunArn"]?.stringValue else {
            throw Self.failure("ResultWriter needs the name of a bucket in its Parameters (JSONata: Arguments).")
        }
        let isLines = input["OutputType"] == "JSONL"
        let folder = Self.folder(input["Parameters"]?["Prefix"]?.stringValue, run)
        var files = JSONObject()
        for status in ["FAILED", "PENDING", "SUCCEEDED"] {
            let parts = Self.parts(input["Results"]?[status]?.arrayValue ?? [], isLines: isLines)
            var written: [JSONValue] = []
            for (number, part) in parts.enumerated() {
                let key = "\(folder)\(status)_\(number).\(isLines ? "jsonl" : "json")"
                try await put(part, bucket, key)
                written.append(["Key": .string(key), "Size": .int(Int64(part.count))])
            }
            files[status] = .array(written)
        }
        let manifest: JSONValue = [
            "DestinationBucket": .string(bucket), "MapRunArn": .string(run), "ResultFiles": .object(files),
        ]
        let key = folder + "manifest.json"
        try await put(manifest.jsonBytes, bucket, key)
        return [
            "MapRunArn": .string(run), "ResultWriterDetails": ["Bucket": .string(bucket), "Key": .string(key)],
        ]
    }

    /// `PREFIX/UUID/`, with the last part of the Map Run's ARN.
    private static func folder(_ prefix: String?, _ run: String) -> String {
        let id = run.split(separator: ":").last.map(String.init) ?? run
        guard let prefix, !prefix.isEmpty else { return id + "/" }
        return prefix + (prefix.hasSuffix("/") ? "" : "/") + id + "/"
    }

    /// The contents of the files; none for no results.
    static func parts(_ results: [JSONValue], isLines: Bool, limit: Int = maximumFileBytes) -> [[UInt8]] {
        let (open, between, close) = isLines ? ("", "\n", "\n") : ("[", ",", "]")
        var parts: [[UInt8]] = []
        var part: [UInt8] = []
        for result in results {
            let bytes = result.jsonBytes
            if !part.isEmpty, part.count + bytes.count + 2 > limit {
                parts.append(part + close.utf8)
                part = []
            }
            part += part.isEmpty ? open.utf8 : between.utf8
            part += bytes
        }
        if !part.isEmpty { parts.append(part + close.utf8) }
        return parts
    }

    private func put(_ bytes: [UInt8], _ bucket: String, _ key: String) async throws(TaskFailure) {
        do throws(AWSError) {
            _ = try await client.callS3(
                "PutObject",
                ["Bucket": .string(bucket), "Key": .string(key), "ContentType": "application/json"], body: bytes)
        } catch {
            throw Self.failure(TaskFailure.cause(s3: error))
        }
    }

    private static func failure(_ cause: String) -> TaskFailure {
        TaskFailure(error: "States.ResultWriterFailed", cause: cause)
    }
}
