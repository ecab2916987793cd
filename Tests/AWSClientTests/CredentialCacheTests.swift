import TestKit
import Testing
import WallTime

@testable import AWSClient

@Suite struct CredentialCacheTests {
    let time = VirtualTime()

    private func keys(_ number: Int, lasting lifetime: Duration? = nil) -> AWSCredentials {
        AWSCredentials(
            accessKeyID: "A\(number)", secretAccessKey: "s", expiration: lifetime.map { time.now + $0 })
    }

    @Test func keysThatLastAreFetchedOnce() async throws {
        let source = CountingSource { [self] in keys($0) }
        let provider = CredentialProvider.cached([source.source], clock: time.clock)

        for _ in 1...3 {
            #expect(try await provider.credentials().accessKeyID == "A1")
            time.advance(by: .seconds(86_400))
        }
    }

    @Test func temporaryKeysAreRenewedFiveMinutesBeforeTheirEnd() async throws {
        let source = CountingSource { [self] in keys($0, lasting: .seconds(3600)) }
        let provider = CredentialProvider.cached([source.source], clock: time.clock)
        _ = try await provider.credentials()

        time.advance(by: .seconds(3299))
        #expect(try await provider.credentials().accessKeyID == "A1")
        time.advance(by: .seconds(1))
        #expect(try await provider.credentials().accessKeyID == "A2")
    }

    @Test func oneFetchServesAllWhoWait() async throws {
        let gate = AsyncStream<Void>.makeStream()
        let source = CountingSource { [self] in keys($0) }
        let slow = CredentialSource(name: "slow") {
            for await _ in gate.stream {}
            return await source.source.load()
        }
        let provider = CredentialProvider.cached([slow], clock: time.clock)

        let found = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 1...20 { group.addTask { try await provider.credentials().accessKeyID } }
            gate.continuation.finish()
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }

        #expect(found == ["A1"])
        #expect(await source.count == 1)
    }

    @Test func callerWhoIsCancelledDoesNotStopTheFetch() async throws {
        let source = CountingSource { [self] in keys($0) }
        let provider = CredentialProvider.cached([source.source], clock: time.clock)

        let cancelled = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await provider.credentials()
        }

        #expect(try await cancelled.value.accessKeyID == "A1")
        #expect(try await provider.credentials().accessKeyID == "A1")
    }

    @Test func oldKeysServeWhileRenewalFails() async throws {
        let source = CountingSource { [self] in $0 == 1 ? keys(1, lasting: .seconds(600)) : nil }
        let end = time.now + .seconds(600)
        let told = Guarded<[(reason: String, end: Instant)]>([])
        let provider = CredentialProvider.cached([source.source], clock: time.clock) { error, end in
            told.withLock { $0.append(("\(error)", end)) }
        }
        _ = try await provider.credentials()

        time.advance(by: .seconds(400))
        #expect(try await provider.credentials().accessKeyID == "A1")
        #expect(try await provider.credentials().accessKeyID == "A1")
        #expect(await source.count == 2)
        #expect(told.withLock { $0.map(\.end) } == [end])
        #expect(told.withLock { $0.first?.reason.contains("attempt 2") } == true)

        time.advance(by: .seconds(60))
        _ = try await provider.credentials()
        #expect(await source.count == 3)
        #expect(told.withLock(\.count) == 2)

        // What the caller hears itself is not told twice.
        time.advance(by: .seconds(140))
        await #expect(throws: CredentialError.self) { try await provider.credentials() }
        #expect(told.withLock(\.count) == 2)
    }

    @Test func failedFetchIsTriedAgain() async throws {
        let source = CountingSource { [self] in $0 == 1 ? nil : keys($0) }
        let provider = CredentialProvider.cached([source.source], clock: time.clock)

        await #expect(throws: CredentialError.self) { try await provider.credentials() }

        #expect(try await provider.credentials().accessKeyID == "A2")
    }

    @Test func onlyTheKeysThatWereRefusedAreForgotten() async throws {
        let source = CountingSource { [self] in keys($0) }
        let provider = CredentialProvider.cached([source.source], clock: time.clock)
        let first = try await provider.credentials()

        await provider.invalidate(keys(99))
        #expect(try await provider.credentials() == first)
        await provider.invalidate(first)
        #expect(try await provider.credentials().accessKeyID == "A2")
    }

    @Test func secretsAreNeverShown() {
        let keys = AWSCredentials(accessKeyID: "AKID", secretAccessKey: "hidden-1", sessionToken: "hidden-2")
        var dumped = ""
        dump(keys, to: &dumped)

        for text in ["\(keys)", String(reflecting: keys), String(describing: [keys]), dumped] {
            #expect(text.contains("AKID"))
            #expect(!text.contains("hidden"))
        }
    }
}
