package import AWSClient
package import Engine
package import Interpreter
package import JSONModel
package import StatesLanguage

/// Serves the AWS integrations that a Task may name by ARN: the optimised ones, Lambda functions, and
/// `aws-sdk:SERVICE:ACTION` for the services that `AWSClient` speaks.
///
/// With `.waitForTaskToken` the same request is made; the engine then waits for the token, which the request carries.
package struct AWSIntegrations: ResourceHandler {
    private let clients: RoleClients

    package init(client: AWSClient) { clients = RoleClients(client: client) }

    package func handles(_ resource: Resource) -> Bool {
        switch resource.kind {
        case .lambda: return resource.pattern == .requestResponse
        case .integration(let service, let action):
            guard [.requestResponse, .waitForTaskToken].contains(resource.pattern) else { return false }
            if service.hasPrefix(Self.sdkPrefix) { return true }
            guard OptimisedService.named[service]?.actions.contains(action) == true else { return false }
            return resource.pattern == .requestResponse || service != "dynamodb"
        case .activity, .unknown: return false
        }
    }

    package func perform(
        _ resource: Resource, _ context: TaskContext, _ input: JSONValue
    ) async throws(TaskFailure) -> JSONValue {
        let client = try await client(in: context.roleARN)
        switch resource.kind {
        case .lambda(let functionARN):
            return try await LambdaInvocation(client: client).call(functionARN: functionARN, input)
        case .integration(let service, let action):
            let input = try Self.members(of: input, for: resource)
            if service.hasPrefix(Self.sdkPrefix) {
                return try await SDKIntegration(client: client, name: String(service.dropFirst(Self.sdkPrefix.count)))
                    .perform(action, input)
            }
            if service == "lambda" { return try await LambdaInvocation(client: client).perform(input) }
            if let known = OptimisedService.named[service] {
                return try await known.perform(action, input, context, client)
            }
        case .activity, .unknown: break
        }
        throw TaskFailure(error: "States.Runtime", cause: "\(resource.text) is not an AWS integration.")
    }

    private static let sdkPrefix = "aws-sdk:"

    private static func members(of input: JSONValue, for resource: Resource) throws(TaskFailure) -> JSONObject {
        guard let members = input.objectValue else {
            throw TaskFailure(
                error: "States.Runtime",
                cause: "The parameters of \(resource.text) have to be an object, not \(input.typeName).")
        }
        return members
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
}
