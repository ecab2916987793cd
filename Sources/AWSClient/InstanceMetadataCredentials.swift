import JSONModel

extension CredentialSource {
    /// The role of an EC2 instance, from its metadata service, version 2 only: version 1 gives keys to whoever gets this
    /// process to send a GET request.
    static func instanceMetadata(_ surroundings: CredentialSurroundings) -> CredentialSource {
        CredentialSource(name: "instance metadata") {
            if surroundings["AWS_EC2_METADATA_DISABLED"]?.lowercased() == "true" {
                return .absent("AWS_EC2_METADATA_DISABLED switches it off")
            }
            let usesIPv6 = surroundings["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"]?.lowercased() == "ipv6"
            let standard = usesIPv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254"
            var endpoint = surroundings["AWS_EC2_METADATA_SERVICE_ENDPOINT"] ?? standard
            while endpoint.hasSuffix("/") { endpoint.removeLast() }
            guard HTTPURL(endpoint) != nil else {
                return .failed("AWS_EC2_METADATA_SERVICE_ENDPOINT is no http:// or https:// URL")
            }
            return await InstanceMetadata(surroundings: surroundings, endpoint: endpoint).credentials()
        }
    }
}

private struct InstanceMetadata: Sendable {
    private static let rolesPath = "/latest/meta-data/iam/security-credentials/"
    /// Six hours, the longest there is.
    private static let tokenSeconds = "21600"

    let surroundings: CredentialSurroundings
    let endpoint: String

    func credentials() async -> CredentialOutcome {
        let token: String
        switch await text("PUT", "/latest/api/token", ("X-aws-ec2-metadata-token-ttl-seconds", Self.tokenSeconds)) {
        case .success(let text): token = text
        case .failure(let problem):
            return .absent(
                "\(endpoint) gave no token: \(problem.reason) (not on EC2, or in a container that needs a hop limit of 2)"
            )
        }
        let authorization = ("X-aws-ec2-metadata-token", token)
        let role: String
        switch await text("GET", Self.rolesPath, authorization) {
        case .success(let text): role = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        case .failure(let problem) where problem.status == 404: return .absent("the instance has no role")
        case .failure(let problem): return .failed("\(endpoint) did not name the instance's role: \(problem.reason)")
        }
        guard !role.isEmpty else { return .absent("the instance has no role") }
        switch await text("GET", Self.rolesPath + percentEncoded(role), authorization) {
        case .failure(let problem): return .failed("\(endpoint) gave no keys of the role \(role): \(problem.reason)")
        case .success(let text): return keys(text, role)
        }
    }

    private func keys(_ text: String, _ role: String) -> CredentialOutcome {
        guard let json = try? JSONValue(parsing: text) else {
            return .failed("\(endpoint) answered something other than JSON for the role \(role)")
        }
        if let code = json["Code"]?.stringValue, code != "Success" {
            return .failed("\(endpoint) has no keys of the role \(role): \(code)")
        }
        guard let credentials = AWSCredentials(json: json) else {
            return .failed("\(endpoint) answered without keys for the role \(role)")
        }
        return .found(credentials)
    }

    private func text(
        _ method: String, _ path: String, _ header: (name: String, value: String)
    ) async -> Result<String, MetadataService.Problem> {
        let timeout = surroundings["AWS_METADATA_SERVICE_TIMEOUT"].flatMap(Int64.init) ?? 1
        let attempts = surroundings["AWS_METADATA_SERVICE_NUM_ATTEMPTS"].flatMap(Int.init) ?? 1
        let request = HTTPRequest(
            method: method, url: endpoint + path, headers: [header], timeout: .seconds(max(1, timeout)))
        return await MetadataService(surroundings: surroundings, attempts: min(attempts, 10)).answer(to: request)
            .map { String(decoding: $0, as: UTF8.self) }
    }
}
