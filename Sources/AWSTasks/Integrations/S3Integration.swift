import AWSClient
import Interpreter
import JSONModel

/// `aws-sdk:s3:…`: S3's operations as tasks, with members as AWS Step Functions shows them.
struct S3Integration {
    let client: AWSClient

    /// - Parameter operation: such as `GetObject`.
    func perform(
        _ operation: String, _ input: JSONObject, _ service: SDKService
    ) async throws(AWSError) -> JSONValue {
        var parameters = service.request(input)
        var body: [UInt8] = []
        if operation == "PutObject" {
            // AWS stores the JSON of whatever a state gives: a string with its quotes.
            body = parameters["Body"]?.jsonBytes ?? []
            parameters["Body"] = nil
            if parameters["ContentType"] == nil { parameters["ContentType"] = "text/plain; charset=UTF-8" }
        }
        let answer = try await client.callS3(operation, parameters, body: body)
        var members = JSONObject(answer.members.sorted { $0.0 < $1.0 }.map { ($0, $1) })
        if operation == "GetObject" {
            guard let text = String(validating: answer.body, as: UTF8.self) else {
                throw AWSError(
                    code: "Client.UnreadableAnswer",
                    message: "The object is not text in UTF-8, which is all that a state's output can hold. "
                        + "Pass its bucket and key on instead.", status: nil, service: "s3", action: operation)
            }
            members["Body"] = .string(text)
        }
        return service.answer(.object(members))
    }
}

/// What reads and writes a Map's data in S3 fails with.
extension TaskFailure {
    /// In the words of the AWS SDK for Java.
    static func cause(s3 error: AWSError) -> String {
        SDKService.named("s3").map { TaskFailure(sdk: error, $0).cause } ?? error.message
    }
}
