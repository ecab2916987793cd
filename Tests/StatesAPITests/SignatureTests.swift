import AWSClient
import Engine
import HTTPTypes
import Testing
import WallTime

@testable import StatesAPI

/// Signatures made by Steward's own signer, which has botocore's vectors for its tests, and requests tampered with.
@Suite struct SignatureTests {
    static let now = Instant(milliseconds: 1_795_168_800_000)  // 2026-11-20T10:00:00Z
    static let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

    static func request(
        at moment: Instant = now, service: String = "states", url: String = "http://localhost:8080/",
        body: String = "{}"
    ) throws -> SignedRequest {
        let signed = try #require(
            RequestSigner(service: service, region: "eu-south-2").signed(
                HTTPRequest(
                    method: "POST", url: url,
                    headers: [
                        (name: "Content-Type", value: "application/x-amz-json-1.0"),
                        (name: "X-Amz-Target", value: "AWSStepFunctions.ListActivities"),
                        (name: "X-Amz-Spaced", value: "  a   b "),
                    ], body: Array(body.utf8)),
                with: AWSCredentials(accessKeyID: "STWDEXAMPLE", secretAccessKey: secret), at: moment))
        let target = signed.url.dropFirst("http://localhost:8080".count).split(
            separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        return SignedRequest(
            method: "POST", path: String(target[0]), query: target.count > 1 ? String(target[1]) : "",
            headers: signed.headers + [(name: "host", value: "localhost:8080")],
            bodyDigest: hexadecimal(sha256(body.utf8)))
    }

    static func verdict(_ request: SignedRequest, secret: String = secret, now: Instant = now) -> Refusal? {
        do throws(Refusal) {
            try SignatureVerifier(headers: request).verify(request, secret: Array(secret.utf8), now: now)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: ["", "?b=2&a=1&a=%20", "?x", "a/../b//c/?q=%C3%A9"])
    func rightSignaturesAreAccepted(_ rest: String) throws {
        #expect(Self.verdict(try Self.request(url: "http://localhost:8080/" + rest)) == nil)
    }

    @Test func whatWasChangedDoesNotMatch() throws {
        let good = try Self.request()
        var body = good
        body.bodyDigest = hexadecimal(sha256("[]".utf8))
        var path = good
        path.path = "/other"
        var query = good
        query.query = "a=1"
        var method = good
        method.method = "GET"
        var header = good
        header.headers = header.headers.map {
            $0.name == "X-Amz-Target" ? ($0.name, "AWSStepFunctions.StopExecution") : $0
        }
        for changed in [body, path, query, method, header] { #expect(Self.verdict(changed) == .mismatch) }
        #expect(Self.verdict(good, secret: "other") == .mismatch)
        #expect(Self.verdict(good) == nil)
    }

    @Test func aHeaderAddedOnTheWayIsRefused() throws {
        var request = try Self.request()
        request.headers.append((name: "X-Amz-Other", value: "1"))
        #expect(Self.verdict(request)?.message.contains("x-amz-other") == true)
    }

    @Test(arguments: [(-300, true), (-301, false), (300, true), (301, false)])
    func clocksMayDifferByFiveMinutes(_ seconds: Int, _ accepted: Bool) throws {
        let found = Self.verdict(try Self.request(at: Self.now + .seconds(seconds)))
        #expect((found == nil) == accepted)
        guard !accepted else { return }
        #expect(
            found?.message
                == (seconds < 0
                    ? "Signature expired: 20261120T095459Z is now earlier than 20261120T095500Z (20261120T100000Z - 5 min.)"
                    : "Signature not yet current: 20261120T100501Z is still later than 20261120T100500Z "
                        + "(20261120T100000Z + 5 min.)"))
    }

    @Test func theScopeMustFit() throws {
        #expect(Self.verdict(try Self.request(service: "sts"))?.code == "InvalidSignatureException")
    }

    @Test(arguments: [
        "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 ,,,=",
        "Bearer x", "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0",
    ])
    func whatIsIncompleteIsSaid(_ authorization: String) throws {
        var request = try Self.request()
        request.headers = request.headers.map { $0.name == "Authorization" ? ($0.name, authorization) : $0 }
        #expect(Self.verdict(request)?.code == "IncompleteSignatureException")
    }

    @Test func signaturesAreGoodForAMoment() {
        var window = ReplayWindow(limit: 4)
        let seen: [(String, Int)] = [("a", 0), ("a", 10), ("a", 11), ("b", 11), ("a", 599)]
        let admitted = seen.map { window.admits($0.0, at: Self.now + .seconds($0.1)) }
        #expect(admitted == [true, true, false, true, false])
    }

    @Test func failuresAreForgivenWithTime() {
        var limiter = FailureLimiter(limit: 100)
        let first = (0..<11).map { _ in limiter.fails(["peer"], at: Self.now) }
        #expect(first == Array(repeating: nil, count: 10) + [6])
        let later = [("other", 0), ("peer", 6), ("peer", 6)].map {
            limiter.fails([$0.0], at: Self.now + .seconds($0.1))
        }
        #expect(later == [nil, nil, 6])
    }

    @Test func memoryOfFailuresIsBounded() {
        var limiter = FailureLimiter(limit: 10)
        let waits = (0..<1000).map { limiter.fails(["peer \($0)"], at: Self.now) }
        #expect(waits.allSatisfy { $0 == nil } && limiter.count <= 10)
    }

    @Test func rolesIncludeEachOther() {
        #expect(Permissions.role(forOperation: "DescribeExecution") == .viewer)
        #expect(Permissions.role(forOperation: "SendTaskSuccess") == .operator)
        #expect(Permissions.role(forOperation: "TestState") == .admin)
        #expect(Permissions.role(forOperation: "WhateverComesNext") == .admin)
        #expect(Permissions.role(for: .get, path: "/api/v1/keys") == .admin)
        #expect(Permissions.role(for: .post, path: "/api/v1/backup") == .admin)
        #expect(Permissions.role(for: .put, path: "/api/v1/budgets/x") == .admin)
        #expect(Permissions.role(for: .post, path: "/api/v1/executions") == .operator)
        #expect(Permissions.role(for: .post, path: "//ingest/bedrock-invocation-logs") == .ingest)
        #expect(!AccessKey.Role.operator.includes(.admin) && !AccessKey.Role.operator.includes(.ingest))
    }
}
