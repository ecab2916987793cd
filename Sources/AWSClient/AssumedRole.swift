import JSONModel
import WallTime

/// Temporary keys of a role, from the Security Token Service.
struct AssumedRole: Sendable {
    let surroundings: CredentialSurroundings
    let roleARN: String
    var sessionName: String?
    var externalID: String?
    var durationSeconds: String?

    /// `AssumeRole`, signed with the keys of somebody who may.
    func credentials(assumedBy source: AWSCredentials) async -> CredentialOutcome {
        var parameters = common
        if let externalID { parameters["ExternalId"] = .string(externalID) }
        return await exchange("AssumeRole", parameters) { configuration in
            AWSClient(
                configuration: configuration, credentials: .fixed(source), transport: surroundings.transport,
                clock: surroundings.clock, randomFraction: surroundings.randomFraction)
        }
    }

    /// `AssumeRoleWithWebIdentity`, unsigned: the token in the file speaks for itself. The file is read each time,
    /// since whoever wrote it renews it.
    func credentials(tokenFile path: String) async -> CredentialOutcome {
        var parameters = common
        do throws(AWSConfigurationError) {
            let token = try readText(ofFile: path).split(whereSeparator: \.isWhitespace).joined()
            guard !token.isEmpty else { return .failed("the web identity token file \(path) is empty") }
            parameters["WebIdentityToken"] = .string(token)
        } catch {
            return .failed(error.description)
        }
        return await exchange("AssumeRoleWithWebIdentity", parameters) { configuration in
            AWSClient(
                anonymous: configuration, transport: surroundings.transport, clock: surroundings.clock,
                randomFraction: surroundings.randomFraction)
        }
    }

    private var common: JSONObject {
        let name = sessionName ?? "steward-\(surroundings.clock.now().milliseconds)"
        var parameters: JSONObject = ["RoleArn": .string(roleARN), "RoleSessionName": .string(name)]
        if let durationSeconds { parameters["DurationSeconds"] = .string(durationSeconds) }
        return parameters
    }

    private func exchange(
        _ action: String, _ parameters: JSONObject, _ client: (AWSConfiguration) -> AWSClient
    ) async -> CredentialOutcome {
        do {
            // Where no region is configured, the oldest endpoint of the service knows every role.
            let configuration = try AWSConfiguration(
                environment: surroundings.environment, defaultRegion: "us-east-1")
            let result = try await client(configuration).call("sts", action, parameters)
            guard let keys = result["Credentials"], let credentials = AWSCredentials(json: keys) else {
                return .failed("\(action) of \(roleARN) answered without credentials")
            }
            return .found(credentials)
        } catch {
            return .failed("the role \(roleARN) was not given: \(error)")
        }
    }
}

extension AWSCredentials {
    /// Reads keys as the Security Token Service and both metadata services write them. Nil when one is missing, or
    /// when the end of temporary keys cannot be read.
    init?(json: JSONValue) {
        guard let identifier = json["AccessKeyId"]?.stringValue, !identifier.isEmpty,
            let secret = json["SecretAccessKey"]?.stringValue, !secret.isEmpty
        else { return nil }
        var expiration: Instant?
        if let text = json["Expiration"]?.stringValue {
            guard let end = Instant(iso8601: text) else { return nil }
            expiration = end
        }
        let token = json["SessionToken"]?.stringValue ?? json["Token"]?.stringValue
        self.init(accessKeyID: identifier, secretAccessKey: secret, sessionToken: token, expiration: expiration)
    }
}
