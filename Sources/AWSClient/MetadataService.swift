import WallTime

/// Asks a metadata service of the platform, which is near and simple: short waits, few tries.
struct MetadataService: Sendable {
    /// Between tries.
    private static let pause: Duration = .seconds(1)

    struct Problem: Error {
        /// Nil when nothing answered at all.
        let status: Int?
        let reason: String
    }

    let surroundings: CredentialSurroundings
    /// How often a request is sent in all while nothing answers or the service is at fault.
    let attempts: Int

    /// The body of a successful answer.
    func answer(to request: HTTPRequest) async -> Result<[UInt8], Problem> {
        var problem = Problem(status: nil, reason: "no attempt was allowed")
        for attempt in 1...max(1, attempts) {
            do {
                if attempt > 1 { try await surroundings.clock.pause(for: Self.pause) }
                let response = try await surroundings.transport.send(request)
                if response.status == 200 { return .success(response.body) }
                problem = Problem(status: response.status, reason: "it answered with status \(response.status)")
                if response.status < 500 { break }
            } catch is CancellationError {
                return .failure(Problem(status: nil, reason: "the call was cancelled"))
            } catch {
                problem = Problem(status: nil, reason: "\(error)")
            }
        }
        return .failure(problem)
    }
}
