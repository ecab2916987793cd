import WallTime

/// Signs requests, sends them, and tries again what may succeed: the part of the client that all protocols share.
struct SignedCalls: Sendable {
    /// Nil to send without a signature.
    let credentials: CredentialProvider?
    let transport: HTTPTransport
    let clock: WallClock
    let randomFraction: @Sendable () -> Double
    private let offset = ClockOffset()

    /// One try that failed, with what the next decision needs to know.
    private struct Failure: Error {
        let error: AWSError
        var retryAfter: Duration?
        var serverTime: Instant?
        var credentials: AWSCredentials?
    }

    /// What one call has spent of its second chances.
    private struct Progress {
        var attempts = 0
        var hasRefreshedCredentials = false
        var hasCorrectedClock = false
        var isResultUnknown = false
    }

    init(
        credentials: CredentialProvider?, transport: HTTPTransport, clock: WallClock,
        randomFraction: @escaping @Sendable () -> Double
    ) {
        self.credentials = credentials
        self.transport = transport
        self.clock = clock
        self.randomFraction = randomFraction
    }

    /// The answer to a request that AWS took (2xx), after as many tries as it took.
    func perform(
        _ request: HTTPRequest, _ service: AWSService, _ action: String, region: String
    ) async throws(AWSError) -> HTTPResponse {
        var progress = Progress()
        while true {
            let failure: Failure
            do throws(Failure) { return try await attempt(request, service, action, region) } catch { failure = error }
            progress.attempts += 1
            let error = failure.error.following(
                unknownResult: progress.isResultUnknown, attempts: progress.attempts)
            progress.isResultUnknown = error.isResultUnknown
            if await hasSecondChance(failure, &progress) { continue }
            let delay = RetryRules.delay(
                afterAttempt: progress.attempts, error, retryAfter: failure.retryAfter,
                randomFraction: randomFraction())
            guard let delay else { throw error }
            do { try await wait(delay) } catch {
                throw Self.cancelled(service, action).following(
                    unknownResult: progress.isResultUnknown, attempts: progress.attempts)
            }
        }
    }

    private func attempt(
        _ request: HTTPRequest, _ service: AWSService, _ action: String, _ region: String
    ) async throws(Failure) -> HTTPResponse {
        let (request, used) = try await signed(request, service, action, region)
        let response: HTTPResponse
        do { response = try await transport.send(request) } catch {
            throw Failure(error: Self.transportError(error, service, action), credentials: used)
        }
        if (200..<300).contains(response.status) { return response }
        throw Failure(
            error: ServiceAnswer(service: service, action: action, response: response).error(),
            retryAfter: response.header("retry-after").flatMap(Int64.init).map { .seconds(max(0, $0)) },
            serverTime: response.header("date").flatMap(Instant.init(httpDate:)), credentials: used)
    }

    private func signed(
        _ request: HTTPRequest, _ service: AWSService, _ action: String, _ region: String
    ) async throws(Failure) -> (HTTPRequest, AWSCredentials?) {
        guard let credentials else { return (request, nil) }
        let keys: AWSCredentials
        do { keys = try await credentials.credentials() } catch {
            let error =
                error is CancellationError
                ? Self.cancelled(service, action)
                : AWSError(
                    code: "Client.NoCredentials", message: "\(error)", status: nil, service: service.name,
                    action: action)
            throw Failure(error: error)
        }
        let signer = RequestSigner(service: service.signingName, region: region)
        guard let signed = signer.signed(request, with: keys, at: clock.now() + offset.value) else {
            throw Failure(
                error: AWSError(
                    code: "Client.InvalidRequest", message: "The URL of the endpoint or the path is malformed.",
                    status: nil, service: service.name, action: action))
        }
        return (signed, keys)
    }

    /// Whether new credentials or a corrected clock make it worth trying again at once. Each is tried once in a call.
    private func hasSecondChance(_ failure: Failure, _ progress: inout Progress) async -> Bool {
        if RetryRules.clockSkewCodes.contains(failure.error.code), !progress.hasCorrectedClock,
            let serverTime = failure.serverTime
        {
            let skew = serverTime - (clock.now() + offset.value)
            if max(skew, .zero - skew) > RetryRules.toleratedClockSkew {
                offset.value = serverTime - clock.now()
                progress.hasCorrectedClock = true
                return true
            }
        }
        if RetryRules.staleCredentialCodes.contains(failure.error.code), !progress.hasRefreshedCredentials,
            let credentials, let used = failure.credentials
        {
            progress.hasRefreshedCredentials = true
            await credentials.invalidate(used)
            // A provider that fails here fails the next try too, which then reports it.
            do { return try await credentials.credentials() != used } catch { return true }
        }
        return false
    }

    private func wait(_ delay: Duration) async throws {
        try await clock.pause(for: delay)
    }

    private static func cancelled(_ service: AWSService, _ action: String) -> AWSError {
        AWSError(
            code: "Transport.Cancelled", message: "The call was cancelled.", status: nil, service: service.name,
            action: action)
    }

    private static func transportError(_ error: any Error, _ service: AWSService, _ action: String) -> AWSError {
        let code: String
        switch error as? HTTPTransportError {
        case .couldNotConnect: code = "Transport.CouldNotConnect"
        case .timedOut: code = "Transport.TimedOut"
        case .tls: code = "Transport.TLS"
        case .other: code = "Transport.Failed"
        case nil where error is CancellationError: return cancelled(service, action)
        case nil: code = "Transport.Failed"
        }
        return AWSError(code: code, message: "\(error)", status: nil, service: service.name, action: action)
    }
}

extension AWSError {
    /// The same error, for a call of which an earlier try may have been carried out.
    func following(unknownResult: Bool, attempts: Int) -> AWSError {
        AWSError(
            code: code, message: message, status: status, service: service, action: action, requestID: requestID,
            extendedRequestID: extendedRequestID, followsUnknownResult: followsUnknownResult || unknownResult,
            attempts: attempts,
            queryCode: queryCode)
    }
}
