import JSONModel

extension CredentialSource {
    /// The credentials of an ECS task or an EKS pod, from the address that `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` or
    /// `AWS_CONTAINER_CREDENTIALS_FULL_URI` gives.
    static func container(_ surroundings: CredentialSurroundings) -> CredentialSource {
        CredentialSource(name: "container") {
            let url: String
            if let path = surroundings["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] {
                guard path.hasPrefix("/") else {
                    return .failed("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with '/'")
                }
                url = "http://169.254.170.2\(path)"
            } else if let full = surroundings["AWS_CONTAINER_CREDENTIALS_FULL_URI"] {
                url = full
            } else {
                return .absent("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI are not set")
            }
            return await ContainerCredentials(surroundings: surroundings).credentials(from: url)
        }
    }
}

private struct ContainerCredentials: Sendable {
    /// The agents of ECS and EKS, in both address families.
    private static let agents: Set<String> = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"]
    private static let timeout: Duration = .seconds(2)
    private static let attempts = 3

    let surroundings: CredentialSurroundings

    func credentials(from url: String) async -> CredentialOutcome {
        guard let parts = HTTPURL(url), isAllowed(parts) else {
            return .failed(
                "AWS_CONTAINER_CREDENTIALS_FULL_URI has to be https, or http to a loopback address or a container agent"
            )
        }
        var request = HTTPRequest(url: url, headers: [("Accept", "application/json")], timeout: Self.timeout)
        do throws(AWSConfigurationError) {
            if let token = try authorizationToken() { request.headers.append(("Authorization", token)) }
        } catch {
            return .failed(error.description)
        }
        let service = MetadataService(surroundings: surroundings, attempts: Self.attempts)
        switch await service.answer(to: request) {
        case .failure(let problem): return .failed("\(parts.origin) gave no credentials: \(problem.reason)")
        case .success(let body):
            guard let json = try? JSONValue(parsing: body), let credentials = AWSCredentials(json: json) else {
                return .failed("\(parts.origin) answered something other than credentials")
            }
            return .found(credentials)
        }
    }

    /// Keys must not be asked of, nor the token shown to, anybody on the network who is not encrypted.
    private func isAllowed(_ url: HTTPURL) -> Bool {
        guard !url.hasUserInformation else { return false }
        if url.scheme == "https" || Self.agents.contains(url.host) { return true }
        return url.host == "localhost" || url.host == "[::1]"
            || (url.host.hasPrefix("127.") && LocalAddress.isLocal(host: url.host))
    }

    /// The file is read each time, since the agent renews it.
    private func authorizationToken() throws(AWSConfigurationError) -> String? {
        var token = surroundings["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
        if let path = surroundings["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] {
            token = try readText(ofFile: path)
            while token?.last?.isNewline == true { token?.removeLast() }
        }
        if token?.contains(where: \.isNewline) == true {
            throw AWSConfigurationError("The container's authorization token holds a line break. Write it on one line.")
        }
        return token
    }
}
