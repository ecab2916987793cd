import JSONModel
import Testing
import WallTime

@testable import AWSClient

/// What the client does when a call fails, on a virtual clock.
@Suite struct RetryTests {
    let time = VirtualTime()

    private func client(
        _ fake: FakeTransport, credentials: CredentialProvider? = nil, fraction: Double = 0.5
    ) throws -> AWSClient {
        AWSClient(
            configuration: try AWSConfiguration(region: "eu-west-1"),
            credentials: credentials ?? .fixed(AWSCredentials(accessKeyID: "AKID", secretAccessKey: "secret")),
            transport: fake.transport, clock: time.clock, randomFraction: { fraction })
    }

    private func failure(_ client: AWSClient) async -> AWSError? {
        await #expect(throws: AWSError.self) { try await client.call("iam", "GetUser") }
    }

    @Test func throttlingIsRetriedWithGrowingDelaysUntilTheFifthAttempt() async throws {
        let fake = FakeTransport(answers: [.error("Throttling", status: 400)])

        let error = await failure(try client(fake))

        #expect(error?.code == "Throttling")
        #expect(error?.isResultUnknown == false)
        #expect(fake.requests.count == 5)
        #expect(time.sleeps == [.milliseconds(50), .milliseconds(100), .milliseconds(200), .milliseconds(400)])
    }

    @Test func delayNeverExceedsItsCeiling() {
        let error = AWSError(code: "Throttling", message: "", status: 400, service: "iam", action: "GetUser")
        let delays = (1...4).map {
            RetryRules.delay(afterAttempt: $0, error, retryAfter: nil, randomFraction: 0.999_999)
        }
        let ceilings: [Duration] = [.milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(800)]

        #expect(zip(delays, ceilings).allSatisfy { $0 != nil && $0! < $1 && $0! > $1 * 0.99 })
        #expect(RetryRules.delay(afterAttempt: 5, error, retryAfter: nil, randomFraction: 0) == nil)
    }

    @Test func laterSuccessIsTheAnswer() async throws {
        let fake = FakeTransport(outcomes: [
            .failure(.couldNotConnect("refused")), .success(.error("ServiceFailure", status: 500)),
            .success(HTTPResponse(status: 503)), .success(.result("GetUser", "<User><UserName>ana</UserName></User>")),
        ])

        let answer = try await client(fake).call("iam", "GetUser")

        #expect(answer == ["User": ["UserName": "ana"]])
        #expect(fake.requests.count == 4)
    }

    @Test(arguments: [
        ("NoSuchEntity", 404), ("EntityAlreadyExists", 409), ("LimitExceeded", 409), ("AccessDenied", 403),
        ("MalformedPolicyDocument", 400), ("ValidationError", 400), ("UnmodifiableEntity", 400),
        ("PolicyNotAttachable", 400), ("NotSupportedService", 404),
    ])
    func refusalIsFinal(_ code: String, _ status: Int) async throws {
        let fake = FakeTransport(answers: [.error(code, status: status)])

        let error = await failure(try client(fake))

        #expect(
            error
                == AWSError(
                    code: code, message: "Because of \(code).", status: status, service: "iam", action: "GetUser",
                    requestID: "r-1"))
        #expect(error?.isRetryable == false)
        #expect(error?.isResultUnknown == false)
        #expect(fake.requests.count == 1)
    }

    @Test(arguments: [
        ("ThrottlingException", 400), ("RequestLimitExceeded", 400), ("TooManyRequestsException", 429),
        ("ConcurrentModification", 409), ("EntityTemporarilyUnmodifiable", 409), ("ServiceFailure", 500),
        ("ServiceUnavailable", 503),
    ])
    func passingTroubleIsRetried(_ code: String, _ status: Int) async throws {
        let fake = FakeTransport(answers: [.error(code, status: status), .result("GetUser")])

        _ = try await client(fake).call("iam", "GetUser")

        #expect(fake.requests.count == 2)
    }

    @Test(arguments: [
        (HTTPTransportError.couldNotConnect("x"), "Transport.CouldNotConnect", 5, false),
        (.timedOut("x"), "Transport.TimedOut", 5, true), (.other("x"), "Transport.Failed", 5, true),
        (.tls("x"), "Transport.TLS", 1, false),
    ])
    func transportErrorsAreNamed(
        _ error: HTTPTransportError, _ code: String, _ attempts: Int, _ isResultUnknown: Bool
    ) async throws {
        let fake = FakeTransport(outcomes: [.failure(error)])

        let failure = await failure(try client(fake))

        #expect(failure?.code == code)
        #expect(failure?.status == nil)
        #expect(failure?.isResultUnknown == isResultUnknown)
        #expect(fake.requests.count == attempts)
    }

    @Test func errorAfterATimeoutKeepsTheDoubt() async throws {
        let fake = FakeTransport(outcomes: [
            .failure(.timedOut("x")), .success(.error("EntityAlreadyExists", status: 409)),
        ])

        let error = await failure(try client(fake))

        #expect(error?.code == "EntityAlreadyExists")
        #expect(error?.isResultUnknown == true)
        #expect(error?.description.contains("may have carried it out") == true)
    }

    @Test func retryAfterIsWaitedFor() async throws {
        let fake = FakeTransport(answers: [
            .error("Throttling", status: 429, headers: [("Retry-After", "7")]), .result("GetUser"),
        ])

        _ = try await client(fake).call("iam", "GetUser")

        #expect(time.sleeps == [.seconds(7)])
    }

    @Test func longRetryAfterIsLeftToTheCaller() async throws {
        let fake = FakeTransport(answers: [.error("Throttling", status: 429, headers: [("Retry-After", "3600")])])

        let error = await failure(try client(fake))

        #expect(error?.isRetryable == true)
        #expect(fake.requests.count == 1)
        #expect(time.sleeps.isEmpty)
    }

    @Test(arguments: ["ExpiredToken", "InvalidClientTokenId", "UnrecognizedClientException"])
    func refusedCredentialsAreRenewedOnce(_ code: String) async throws {
        let fake = FakeTransport(answers: [.error(code, status: 403), .result("GetUser")])
        let source = CountingSource { AWSCredentials(accessKeyID: "AKID\($0)", secretAccessKey: "s") }
        let provider = CredentialProvider.cached([source.source], clock: time.clock)

        _ = try await client(fake, credentials: provider).call("iam", "GetUser")

        #expect(fake.requests.map { $0.header("authorization")?.contains("AKID1") } == [true, false])
        #expect(fake.requests[1].header("authorization")?.contains("AKID2") == true)
        #expect(time.sleeps.isEmpty)
    }

    @Test func sameCredentialsAreNotTriedAgain() async throws {
        let fake = FakeTransport(answers: [.error("ExpiredToken", status: 403)])

        let error = await failure(try client(fake))

        #expect(error?.code == "ExpiredToken")
        #expect(fake.requests.count == 1)
    }

    @Test func credentialsThatAreRefusedTwiceAreAnError() async throws {
        let fake = FakeTransport(answers: [.error("ExpiredToken", status: 403)])
        let source = CountingSource { AWSCredentials(accessKeyID: "AKID\($0)", secretAccessKey: "s") }

        let error = await failure(
            try client(fake, credentials: .cached([source.source], clock: time.clock)))

        #expect(error?.code == "ExpiredToken")
        #expect(fake.requests.count == 2)
    }

    @Test(arguments: ["RequestTimeTooSkewed", "SignatureDoesNotMatch", "RequestExpired", "InvalidSignatureException"])
    func wrongClockIsCorrectedFromTheAnswer(_ code: String) async throws {
        let date = [(name: "Date", value: "Mon, 23 Nov 2026 10:00:00 GMT")]
        let fake = FakeTransport(answers: [.error(code, status: 403, headers: date), .result("GetUser")])
        let client = try client(fake)

        _ = try await client.call("iam", "GetUser")
        time.advance(by: .seconds(60))
        _ = try await client.call("iam", "GetUser")

        #expect(
            fake.requests.map { $0.header("x-amz-date") } == [
                "20261123T091221Z", "20261123T100000Z", "20261123T100100Z",
            ])
    }

    @Test(arguments: ["Mon, 23 Nov 2026 09:16:20 GMT", "Mon, 23 Nov 2026 09:08:22 GMT", "tomorrow"])
    func rightClockIsNotBlamed(_ date: String) async throws {
        let fake = FakeTransport(answers: [.error("SignatureDoesNotMatch", status: 403, headers: [("Date", date)])])

        let error = await failure(try client(fake))

        #expect(error?.code == "SignatureDoesNotMatch")
        #expect(fake.requests.count == 1)
    }

    @Test func clockIsCorrectedOnceInACall() async throws {
        let fake = FakeTransport { _, index in
            .error("RequestExpired", status: 403, headers: [("Date", "Mon, 23 Nov 2026 1\(index):00:00 GMT")])
        }

        _ = await failure(try client(fake))

        #expect(fake.requests.count == 2)
    }

    @Test func cancellationWhileWaitingEndsTheCall() async throws {
        let fake = FakeTransport { _, _ in
            withUnsafeCurrentTask { $0?.cancel() }
            return .error("Throttling", status: 400)
        }
        let client = try client(fake)

        let error = await Task { await failure(client) }.value

        #expect(error?.code == "Transport.Cancelled")
        #expect(error?.isRetryable == false)
        #expect(fake.requests.count == 1)
    }

    @Test func missingCredentialsAreAnErrorOfTheCall() async throws {
        let fake = FakeTransport(answers: [])
        let none = CredentialProvider.cached([], clock: time.clock)

        let error = await failure(try client(fake, credentials: none))

        #expect(error?.code == "Client.NoCredentials")
        #expect(error?.isRetryable == false)
        #expect(fake.requests.isEmpty)
    }
}

/// A source that counts how often it was asked.
actor CountingSource {
    private(set) var count = 0
    private let make: @Sendable (Int) -> AWSCredentials?

    init(_ make: @escaping @Sendable (Int) -> AWSCredentials?) { self.make = make }

    private func next() -> CredentialOutcome {
        count += 1
        return make(count).map(CredentialOutcome.found) ?? .failed("attempt \(count)")
    }

    nonisolated var source: CredentialSource { CredentialSource(name: "counting") { await self.next() } }
}
