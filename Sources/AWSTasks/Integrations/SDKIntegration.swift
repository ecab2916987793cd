import AWSClient
import Interpreter
import JSONModel

/// `aws-sdk:SERVICE:ACTION`.
struct SDKIntegration {
    let client: AWSClient
    /// As in `aws-sdk:NAME`.
    let name: String

    /// - Parameter action: as in the ARN, such as `getSecretValue`.
    func perform(_ action: String, _ input: JSONObject) async throws(TaskFailure) -> JSONValue {
        guard let service = SDKService.named(name) else {
            throw TaskFailure(
                error: "States.Runtime",
                cause: "Steward does not speak 'aws-sdk:\(name)'. It speaks "
                    + "\(SDKService.all.map(\.name).joined(separator: ", ")) and sfn.")
        }
        let operation = action.prefix(1).uppercased() + action.dropFirst()
        do {
            switch (name, operation) {
            case ("s3", _): return try await S3Integration(client: client).perform(operation, input, service)
            case ("lambda", "Invoke"): return try await LambdaInvocation(client: client).performSDK(input)
            default:
                let answer = try await client.call(service.client, operation, service.request(input))
                return service.answer(answer)
            }
        } catch {
            throw TaskFailure(sdk: error, service)
        }
    }
}
