import AWSClient
import Budgets
import Engine
import Enforcement
import Foundation
import JSONModel
import TestKit
import Testing
import WallTime

@testable import Ingestion

@Suite struct SetAsideTests {
    private static let keys = ["logs/a", "logs/b", "logs/c"]

    /// A bucket that refuses some objects, each with its code.
    private static func bucket(
        _ keys: [String], refusing refused: [String: String] = [:]
    ) -> @Sendable (Bench.Call) throws -> HTTPResponse {
        let all = BucketSourceTests.bucket(keys)
        return { call in
            let key = String(call.action.dropFirst("/logs/".count))
            guard !call.query.contains("list-type=2"), let code = refused[key] else { return try all(call) }
            return .s3Error(code, status: 403)
        }
    }

    private static func refusingAll(_ keys: [String], _ code: String) -> [String: String] {
        Dictionary(uniqueKeysWithValues: keys.map { ($0, code) })
    }

    @Test(arguments: ["InvalidObjectState", "AccessDenied", "KMS.DisabledException"], keys)
    func oneObjectThatCannotBeReadHoldsUpNoOther(_ code: String, _ key: String) async throws {
        let bench = Bench(Self.bucket(Self.keys, refusing: [key: code]))
        let source = try bench.bucket("logs/")

        try await source.poll()
        try await source.poll()

        #expect(try await bench.charged == 2)
        #expect(bench.requests("/logs/\(key)").count == 1)
        let letters = try await bench.deadLetters
        #expect(letters.map(\.kind) == [.usage])
        let cause = letters.first?.cause ?? ""
        #expect(cause.contains(code))
        #expect(cause.contains("aws s3 cp 's3://logs/\(key)' - | workflowctl ingest -"))
        let trouble = try await bench.engine.read { try $0.ingestSource("b") }?.lastError
        #expect(trouble?.contains(code) == true)
    }

    @Test func whatWasSetAsideIsTriedAgainAndChargedOnce() async throws {
        let bench = Bench(Self.bucket(Self.keys, refusing: ["logs/b": "AccessDenied"]))
        let source = try bench.bucket("logs/")
        try await source.poll()

        bench.clock.advance(by: .seconds(3600))
        try await source.poll()
        #expect(bench.requests("/logs/logs/b").count == 2)
        #expect(try await bench.charged == 2)

        bench.answer(Self.bucket(Self.keys))
        bench.clock.advance(by: .seconds(3600))
        try await source.poll()
        try await source.poll()
        #expect(bench.requests("/logs/logs/b").count == 3)
        #expect(try await bench.charged == 3)
        #expect(try await bench.engine.read { try $0.ingestSource("b") }?.counts.duplicates == 0)
        #expect(try await bench.deadLetters.count == 1)
    }

    @Test func aDenialOfEverythingIsNoObjectsTrouble() async throws {
        let bench = Bench(Self.bucket(Self.keys, refusing: Self.refusingAll(Self.keys, "AccessDenied")))
        let source = try bench.bucket("logs/")
        await #expect(throws: AWSError.self) { try await source.poll() }
        #expect(try await bench.deadLetters.isEmpty)

        // Nothing was put off.
        bench.answer(Self.bucket(Self.keys))
        try await source.poll()
        #expect(try await bench.charged == 3)
    }

    @Test func whatWasReadBeforeTellsWhetherOneIsToBlame() async throws {
        let keys = ["logs/a", "logs/b"]
        let bench = Bench(Self.bucket(["logs/a"]))
        let source = try bench.bucket("logs/")
        try await source.poll()

        bench.answer(Self.bucket(keys, refusing: Self.refusingAll(keys, "AccessDenied")))
        await #expect(throws: AWSError.self) { try await source.poll() }
        #expect(try await bench.deadLetters.isEmpty)

        bench.answer(Self.bucket(keys, refusing: ["logs/b": "AccessDenied"]))
        try await source.poll()
        #expect(try await bench.deadLetters.count == 1)
        #expect(try await bench.charged == 1)
    }

    @Test func differentErrorsAreTheObjects() async throws {
        let keys = ["logs/a", "logs/b"]
        let bench = Bench(
            Self.bucket(keys, refusing: ["logs/a": "AccessDenied", "logs/b": "KMS.DisabledException"]))
        try await bench.bucket("logs/").poll()
        #expect(try await bench.deadLetters.count == 2)
    }

    @Test func oneFolderThatMayNotBeReadHoldsUpNoOther() async throws {
        let denied = BucketSourceTests.key("eu-west-1", "2026/11/20", "a")
        let keys = [denied, BucketSourceTests.key("us-east-1", "2026/11/20", "b")]
        let bench = Bench(Self.bucket(keys, refusing: [denied: "AccessDenied"]))
        let source = try bench.bucket("AWSLogs/1")

        await #expect(throws: AWSError.self) { try await source.poll() }
        #expect(try await bench.charged == 1)
        #expect(try await bench.deadLetters.isEmpty)

        bench.answer(Self.bucket(keys))
        try await source.poll()
        #expect(try await bench.charged == 2)
    }

    @Test func credentialsAndListingsAreTheSourcesTrouble() async throws {
        let bench = Bench(Self.bucket(Self.keys, refusing: ["logs/b": "ExpiredToken"]))
        let source = try bench.bucket("logs/")
        await #expect(throws: AWSError.self) { try await source.poll() }

        bench.answer { _ in .s3Error("AccessDenied", status: 403) }
        await #expect(throws: AWSError.self) { try await source.poll() }
        #expect(try await bench.deadLetters.isEmpty)
    }
}
