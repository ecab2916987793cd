package import WallTime

/// One place where credentials may come from.
struct CredentialSource: Sendable {
    /// As messages call it.
    let name: String
    /// What it gives, or why it gives nothing.
    let load: @Sendable () async -> CredentialOutcome
}

/// What a source answered.
enum CredentialOutcome: Sendable, Equatable {
    case found(AWSCredentials)
    /// Nothing points to this source: the next one is asked.
    case absent(String)
    /// The source is set up and does not work. The chain ends here: keys of a source further down would be those of
    /// somebody else.
    case failed(String)
}

extension CredentialProvider {
    /// The AWS SDKs' chain: the environment, a web identity token, the shared configuration files, a container's
    /// credentials, an instance's. Temporary keys are kept until five minutes before they expire.
    ///
    /// Nothing is read before the first call. A call that finds nothing throws `CredentialError`, which names every
    /// source and its reason.
    /// - Parameter onFailedRenewal: called at most once a minute while temporary keys can't be renewed and still hold.
    package static func chain(
        environment: [String: String], transport: HTTPTransport, clock: WallClock,
        randomFraction: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        onFailedRenewal: @escaping FailedRenewal = { _, _ in }
    ) -> CredentialProvider {
        let surroundings = CredentialSurroundings(
            environment: environment, transport: transport, clock: clock, randomFraction: randomFraction)
        let sources: [CredentialSource] = [
            .environment(surroundings), .webIdentity(surroundings), .profile(surroundings), .container(surroundings),
            .instanceMetadata(surroundings),
        ]
        return cached(sources, clock: clock, onFailedRenewal: onFailedRenewal)
    }

    /// The first of the sources that has credentials, kept and renewed.
    static func cached(
        _ sources: [CredentialSource], clock: WallClock, onFailedRenewal: @escaping FailedRenewal = { _, _ in }
    ) -> CredentialProvider {
        let cache = CredentialCache(clock: clock, onFailedRenewal: onFailedRenewal) {
            try await firstCredentials(of: sources)
        }
        return CredentialProvider(
            credentials: { try await cache.credentials() }, invalidate: { await cache.invalidate($0) })
    }

    private static func firstCredentials(of sources: [CredentialSource]) async throws(CredentialError) -> AWSCredentials
    {
        var attempts: [CredentialError.Attempt] = []
        for source in sources {
            switch await source.load() {
            case .found(let credentials): return credentials
            case .absent(let reason): attempts.append(.init(source: source.name, reason: reason))
            case .failed(let reason):
                attempts.append(.init(source: source.name, reason: reason))
                throw CredentialError(attempts: attempts)
            }
        }
        throw CredentialError(attempts: attempts)
    }
}

/// What every source may look at.
struct CredentialSurroundings: Sendable {
    let environment: [String: String]
    let transport: HTTPTransport
    let clock: WallClock
    let randomFraction: @Sendable () -> Double

    /// A variable that is set to something.
    subscript(_ name: String) -> String? {
        guard let value = environment[name], !value.isEmpty else { return nil }
        return value
    }
}
