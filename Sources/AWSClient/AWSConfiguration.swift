/// A configuration that cannot be used: which setting, where, and what to write instead.
package struct AWSConfigurationError: Error, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// Region and endpoints, from the environment and the shared configuration files, by the AWS SDKs' rules.
package struct AWSConfiguration: Sendable, Equatable {
    package let region: String
    /// By service name, such as `iam`.
    private let endpointURLs: [String: String]
    /// For every other service; nil for AWS's own endpoints.
    private let endpointURL: String?

    /// Region and endpoints as given. Throws for a region or a URL that is none.
    package init(
        region: String, endpointURL: String? = nil, serviceEndpointURLs: [String: String] = [:]
    ) throws(AWSConfigurationError) {
        guard !region.isEmpty,
            region.utf8.allSatisfy({ $0 == 0x2D || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) })
        else { throw AWSConfigurationError("'\(region)' is no AWS region. Write one such as eu-west-1.") }
        self.region = region
        self.endpointURL = try endpointURL.map { url throws(AWSConfigurationError) in try Self.checked(url) }
        var checked: [String: String] = [:]
        for (service, url) in serviceEndpointURLs { checked[service] = try Self.checked(url) }
        endpointURLs = checked
    }

    /// The same endpoints, for another region.
    package func inRegion(_ region: String) throws(AWSConfigurationError) -> AWSConfiguration {
        try AWSConfiguration(region: region, endpointURL: endpointURL, serviceEndpointURLs: endpointURLs)
    }

    /// Reads `AWS_REGION`, `AWS_DEFAULT_REGION`, `AWS_PROFILE`, `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_<SERVICE>`,
    /// `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`, and the profile's `region`, `endpoint_url` and `services`.
    /// Throws without a region, or for a setting that cannot be used.
    package init(environment: [String: String]) throws(AWSConfigurationError) {
        try self.init(environment: environment, defaultRegion: nil)
    }

    init(environment: [String: String], defaultRegion: String?) throws(AWSConfigurationError) {
        let shared = try SharedConfiguration.load(environment: environment)
        let profileName = Self.profileName(environment)
        let profile = shared.profiles[profileName] ?? [:]
        let named = [environment["AWS_REGION"], environment["AWS_DEFAULT_REGION"], profile["region"], defaultRegion]
        guard let region = named.compactMap(\.self).first(where: { !$0.isEmpty }) else {
            throw AWSConfigurationError(
                "No AWS region. Set AWS_REGION, or 'region' in the profile '\(profileName)' of the AWS config file.")
        }
        if environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]?.lowercased() == "true"
            || profile["ignore_configured_endpoint_urls"]?.lowercased() == "true"
        {
            try self.init(region: region)
            return
        }
        let services = profile["services"].flatMap { shared.services[$0] } ?? [:]
        var endpointURLs: [String: String] = [:]
        for service in AWSService.names.compactMap(AWSService.named) {
            let candidates = [
                environment["AWS_ENDPOINT_URL_\(service.identifier)"], environment["AWS_ENDPOINT_URL"],
                services["\(service.identifier.lowercased()).endpoint_url"],
            ]
            endpointURLs[service.name] = candidates.compactMap(\.self).first { !$0.isEmpty }
        }
        try self.init(region: region, endpointURL: profile["endpoint_url"], serviceEndpointURLs: endpointURLs)
    }

    static func profileName(_ environment: [String: String]) -> String {
        let named = [environment["AWS_PROFILE"], environment["AWS_DEFAULT_PROFILE"]]
        return named.compactMap(\.self).first { !$0.isEmpty } ?? "default"
    }

    /// Where a service is called: an endpoint that is configured for it, else AWS's own.
    package func endpoint(for service: AWSService) -> AWSEndpoint {
        guard let url = endpointURLs[service.name] ?? endpointURL else { return AWSEndpoint(of: service, in: region) }
        return AWSEndpoint(of: service, in: region, replacedBy: url)
    }

    /// Whether a service is called elsewhere than at AWS's own endpoint.
    package func isEndpointReplaced(for service: AWSService) -> Bool {
        endpointURLs[service.name] != nil || endpointURL != nil
    }

    private static func checked(_ url: String) throws(AWSConfigurationError) -> String {
        guard let parts = HTTPURL(url), !parts.hasUserInformation, parts.query == nil else {
            throw AWSConfigurationError(
                "'\(url)' is no endpoint. Write http:// or https://, a host, and if need be a port and a path.")
        }
        var text = parts.text
        while text.hasSuffix("/") { text.removeLast() }
        return text
    }
}
