package import WallTime

/// Is told why keys could not be renewed that hold for a while yet, and when they expire.
package typealias FailedRenewal = @Sendable (any Error, Instant) -> Void

/// Keeps credentials until shortly before they expire. However many ask, one fetch is under way at a time.
actor CredentialCache {
    /// So long before the end new keys are fetched.
    static let renewalMargin: Duration = .seconds(300)
    /// So long a failed renewal is not repeated while the old keys still hold.
    static let renewalPause: Duration = .seconds(60)

    private let clock: WallClock
    private let fetch: @Sendable () async throws -> AWSCredentials
    private let onFailedRenewal: FailedRenewal
    private var current: AWSCredentials?
    private var renewalAllowed = Instant(milliseconds: .min)
    private var fetching: Task<AWSCredentials, any Error>?

    init(
        clock: WallClock, onFailedRenewal: @escaping FailedRenewal = { _, _ in },
        fetch: @escaping @Sendable () async throws -> AWSCredentials
    ) {
        self.clock = clock
        self.onFailedRenewal = onFailedRenewal
        self.fetch = fetch
    }

    /// The credentials kept, or new ones. When a renewal fails before the old keys have expired, those go on, and
    /// whoever wants to know is told.
    func credentials() async throws -> AWSCredentials {
        if let current, !needsRenewal(current) { return current }
        do { return try await fetched() } catch {
            let now = clock.now()
            guard let current, let end = current.expiration, now < end else { throw error }
            // Of all who waited for the fetch, the first tells.
            if renewalAllowed <= now { onFailedRenewal(error, end) }
            renewalAllowed = now + Self.renewalPause
            return current
        }
    }

    /// Forgets the credentials, unless they are others by now.
    func invalidate(_ refused: AWSCredentials) {
        if current == refused { current = nil }
    }

    private func needsRenewal(_ credentials: AWSCredentials) -> Bool {
        guard let end = credentials.expiration else { return false }
        let now = clock.now()
        return now >= end || (now >= end - Self.renewalMargin && now >= renewalAllowed)
    }

    /// The task is nobody's child, so that a caller who is cancelled does not take the keys from the others.
    private func fetched() async throws -> AWSCredentials {
        if let fetching { return try await fetching.value }
        let task = Task { [fetch] in try await fetch() }
        fetching = task
        defer { fetching = nil }
        let credentials = try await task.value
        current = credentials
        return credentials
    }
}
