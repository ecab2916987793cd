extension AWSClient {
    /// The same client for another region: with the same credentials, connections and clock.
    package func inRegion(_ region: String) throws(AWSConfigurationError) -> AWSClient {
        let configuration = try configuration.inRegion(region)
        guard let credentials = calls.credentials else {
            return AWSClient(
                anonymous: configuration, transport: calls.transport, clock: calls.clock,
                randomFraction: calls.randomFraction)
        }
        return AWSClient(
            configuration: configuration, credentials: credentials, transport: calls.transport, clock: calls.clock,
            randomFraction: calls.randomFraction)
    }
}
