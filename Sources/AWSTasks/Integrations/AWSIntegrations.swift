package import AWSClient
package import Engine
package import Interpreter
package import JSONModel
package import StatesLanguage

/// Serves the AWS integrations that a Task may name by ARN: the optimised ones and `aws-sdk:SERVICE:ACTION`, for the
/// services that `AWSClient` speaks.
package struct AWSIntegrations: ResourceHandler {
    private let clients: RoleClients

    package init(client: AWSClient) { clients = RoleClients(client: client) }

    /// The optimised integrations, and the action each stands for.
    private static let optimised: Set<String> = [
        "sns:publish", "sqs:sendMessage", "events:putEvents", "dynamodb:getItem", "dynamodb:putItem",
        "dynamodb:updateItem", "dynamodb:deleteItem",
    ]

    package func handles(_ resource: Resource) -> Bool {
        guard case .integration(let service, let action) = resource.kind, resource.pattern == .requestResponse else {
            return false
        }
        return service.hasPrefix("aws-sdk:") || Self.optimised.contains("\(service):\(action)")
    }

    package func perform(
        _ resource: Resource, _ context: TaskContext, _ input: JSONValue
    ) async throws(TaskFailure) -> JSONValue {
        guard case .integration(let service, let action) = resource.kind else {
            throw TaskFailure(error: "States.Runtime", cause: "\(resource.text) is not an AWS integration.")
        }
        let prefix = service.hasPrefix("aws-sdk:") ? String(service.dropFirst("aws-sdk:".count)) : service
        let client = try await client(in: context.roleARN)
        if prefix == "s3" {
            return try await S3Integration(client: client).perform(Self.operationName(action), input.objectValue ?? [:])
        }
        do {
            return try await client.call(prefix, Self.operationName(action), input.objectValue ?? [:])
        } catch {
            throw TaskFailure(
                error: "\(Self.errorPrefix(prefix)).\(error.code)",
                cause: "\(error.message) (Service: \(prefix), Status Code: \(error.status ?? 0), "
                    + "Request ID: \(error.requestID ?? "-"))")
        }
    }

    /// The client that acts in the role of the state's `Credentials`.
    private func client(in roleARN: String?) async throws(TaskFailure) -> AWSClient {
        do { return try await clients.client(in: roleARN) } catch {
            throw TaskFailure(
                error: "States.Permissions",
                cause: "The role \(roleARN ?? "") can't be taken on: \(error.message) (Error Code: \(error.code)). "
                    + "Let its trust policy name the identity that Steward runs with, and allow that sts:AssumeRole.")
        }
    }

    /// `getItem` in a resource is the operation `GetItem`.
    private static func operationName(_ action: String) -> String { action.prefix(1).uppercased() + action.dropFirst() }

    /// AWS names errors by the service's camel-cased name: `DynamoDB.ConditionalCheckFailedException`, `Iam.…`.
    private static func errorPrefix(_ service: String) -> String {
        switch service {
        case "dynamodb": "DynamoDB"
        case "sns", "sqs": service.uppercased()
        case "events": "EventBridge"
        default: operationName(service)
        }
    }
}
