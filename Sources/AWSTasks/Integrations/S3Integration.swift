import AWSClient
import Interpreter
import JSONModel

/// `aws-sdk:s3:…`: S3's operations as tasks, with members, texts and error names as AWS Step Functions shows them.
struct S3Integration {
    let client: AWSClient

    /// - Parameter operation: such as `GetObject`.
    func perform(_ operation: String, _ input: JSONObject) async throws(TaskFailure) -> JSONValue {
        var parameters = input
        var body: [UInt8] = []
        if operation == "PutObject" {
            // AWS stores the JSON of whatever a state gives: a string with its quotes.
            body = parameters["Body"]?.jsonBytes ?? []
            parameters["Body"] = nil
            if parameters["ContentType"] == nil { parameters["ContentType"] = "text/plain; charset=UTF-8" }
        }
        let answer: S3Answer
        do {
            answer = try await client.callS3(operation, parameters, body: body)
        } catch {
            throw TaskFailure(s3: error)
        }
        var members = JSONObject(answer.members.sorted { $0.0 < $1.0 }.map { ($0, $1) })
        if operation == "GetObject" {
            guard let text = String(validating: answer.body, as: UTF8.self) else {
                throw TaskFailure(
                    error: "S3.SdkClientException",
                    cause: "The object is not text in UTF-8, which is all that a state's output can hold. "
                        + "Pass its bucket and key on instead.")
            }
            members["Body"] = .string(text)
        }
        return .object(members)
    }
}

extension TaskFailure {
    /// The codes for which the AWS SDK for Java, and so Step Functions, has an exception of its own.
    private static let s3Exceptions: Set<String> = [
        "BucketAlreadyExists", "BucketAlreadyOwnedByYou", "EncryptionTypeMismatch", "InvalidObjectState",
        "InvalidRequest", "InvalidWriteOffset", "NoSuchBucket", "NoSuchKey", "NoSuchUpload",
        "ObjectAlreadyInActiveTierError", "ObjectNotInActiveTierError", "TooManyParts",
    ]

    /// How an error of S3 reaches a workflow: `S3.NoSuchKeyException`, or `S3.S3Exception` for what has no exception of
    /// its own, or `S3.SdkClientException` when S3 did not answer.
    init(s3 error: AWSError) {
        let name =
            error.status == nil || error.code.hasPrefix("Client.")
            ? "SdkClientException" : Self.s3Exceptions.contains(error.code) ? "\(error.code)Exception" : "S3Exception"
        self.init(error: "S3.\(name)", cause: Self.cause(s3: error))
    }

    /// In the words of the AWS SDK for Java.
    static func cause(s3 error: AWSError) -> String {
        guard let status = error.status else { return error.message }
        let details = [
            "Service: S3", "Status Code: \(status)", "Request ID: \(error.requestID ?? "null")",
            error.extendedRequestID.map { "Extended Request ID: \($0)" },
        ]
        return "\(error.message) (\(details.compactMap(\.self).joined(separator: ", ")))"
    }
}
