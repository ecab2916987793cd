import JSONModel
import WallTime

/// Clients that act in a role, one for each role: its temporary keys are kept until shortly before they expire.
package actor RoleClients {
    private let client: AWSClient
    private var known: [String: (client: AWSClient, keys: CredentialCache)] = [:]

    /// - Parameter client: who may take the roles on.
    package init(client: AWSClient) { self.client = client }

    /// The client for a role; without one, the client itself.
    /// - Throws: `AWSError` of the Security Token Service when the role is not given.
    package func client(in roleARN: String?) async throws(AWSError) -> AWSClient {
        guard let roleARN else { return client }
        let role = known[roleARN] ?? self.role(roleARN)
        known[roleARN] = role
        // Asked for here, so that a role that is not given is told as that, and not as a call that failed.
        do { _ = try await role.keys.credentials() } catch let error as AWSError { throw error } catch {
            throw AWSError(
                code: "Client.NoCredentials", message: "\(error)", status: nil, service: "sts", action: "AssumeRole")
        }
        return role.client
    }

    private func role(_ roleARN: String) -> (client: AWSClient, keys: CredentialCache) {
        let (client, calls) = (client, client.calls)
        let keys = CredentialCache(clock: calls.clock) {
            let name = "steward-\(calls.clock.now().milliseconds)"
            let answer = try await client.call(
                "sts", "AssumeRole", ["RoleArn": .string(roleARN), "RoleSessionName": .string(name)])
            guard let keys = answer["Credentials"].flatMap(AWSCredentials.init(json:)) else {
                throw AWSError(
                    code: "Client.UnreadableAnswer", message: "AssumeRole of \(roleARN) answered without keys.",
                    status: nil, service: "sts", action: "AssumeRole")
            }
            return keys
        }
        let provider = CredentialProvider(
            credentials: { try await keys.credentials() }, invalidate: { await keys.invalidate($0) })
        let acting = AWSClient(
            configuration: client.configuration, credentials: provider, transport: calls.transport, clock: calls.clock,
            randomFraction: calls.randomFraction)
        return (acting, keys)
    }
}
