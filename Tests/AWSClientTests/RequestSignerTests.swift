import Foundation
import JSONModel
import TestKit
import Testing
import WallTime

@testable import AWSClient

/// The signer against botocore's, case by case. `Vectors/sigv4_vectors.json` says which version made them.
@Suite struct RequestSignerTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let name: String
        let request: HTTPRequest
        let signer: RequestSigner
        let credentials: AWSCredentials
        let time: Instant
        let signedURL: String
        let authorization: String

        var testDescription: String { name }
    }

    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Vectors")

    static let vectors: [Vector] = {
        do {
            let bytes = try Data(contentsOf: directory.appending(path: "sigv4_vectors.json"))
            let document = try JSONValue(parsing: Array(bytes))
            return try (document["cases"]?.arrayValue ?? []).map { try vector($0, document) }
        } catch {
            Issue.record("the vectors cannot be read: \(error)")
            return []
        }
    }()

    static func vector(_ json: JSONValue, _ document: JSONValue) throws -> Vector {
        func text(_ key: String, in value: JSONValue) throws -> String { try #require(value[key]?.stringValue) }
        let headers = try (json["headers"]?.arrayValue ?? []).map {
            (name: try #require($0[0]?.stringValue), value: try #require($0[1]?.stringValue))
        }
        let repeats = Int(json["bodyRepeats"]?.intValue ?? 1)
        return Vector(
            name: try text("name", in: json),
            request: HTTPRequest(
                method: try text("method", in: json), url: try text("url", in: json), headers: headers,
                body: Array(String(repeating: try text("body", in: json), count: repeats).utf8)),
            signer: RequestSigner(service: try text("service", in: json), region: try text("region", in: json)),
            credentials: AWSCredentials(
                accessKeyID: try text("accessKeyID", in: document),
                secretAccessKey: try text("secretAccessKey", in: document),
                sessionToken: json["sessionToken"]?.stringValue),
            time: try #require(Instant(iso8601: try text("time", in: document))),
            signedURL: try text("signedURL", in: json), authorization: try text("authorization", in: json))
    }

    @Test(arguments: vectors) func signsAsBotocoreDoes(_ vector: Vector) throws {
        let signed = try #require(
            vector.signer.signed(vector.request, with: vector.credentials, at: vector.time))

        let response = HTTPResponse(status: 0, headers: signed.headers)
        #expect(response.header("authorization") == vector.authorization)
        #expect(signed.url == vector.signedURL)
        #expect(response.header("x-amz-date") == "20261123T091221Z")
        #expect(response.header("x-amz-security-token") == vector.credentials.sessionToken)
    }

    @Test func thereAreEnoughVectors() {
        #expect(Self.vectors.count >= 30)
    }

    @Test(.enabled(if: Python.canImport("botocore", version: Self.botocoreVersion)))
    func theVectorsAreWhatTheGeneratorMakes() async throws {
        let script = Self.directory.appending(path: "sigv4_vectors.py").path

        let output = try await Python.output([script])

        let committed = try Data(contentsOf: Self.directory.appending(path: "sigv4_vectors.json"))
        #expect(output == committed, "run \(script) again and look at what changed")
    }

    /// Another version of botocore may differ in the header of the file alone.
    static let botocoreVersion: String? = {
        guard let text = try? String(contentsOf: directory.appending(path: "sigv4_vectors.json"), encoding: .utf8),
            let range = text.firstRange(of: "botocore ")
        else { return nil }
        return String(text[range.upperBound...].prefix { $0 != "," })
    }()

    @Test func signingAgainReplacesTheOldSignature() throws {
        let vector = try #require(Self.vectors.first { $0.credentials.sessionToken != nil })
        let once = try #require(vector.signer.signed(vector.request, with: vector.credentials, at: vector.time))

        let twice = try #require(vector.signer.signed(once, with: vector.credentials, at: vector.time))

        #expect(twice.headers.map(\.name) == once.headers.map(\.name))
        #expect(twice.headers.map(\.value) == once.headers.map(\.value))
    }

    @Test(arguments: ["", "iam.amazonaws.com", "ftp://x/", "https://", "https://host:99999/"])
    func refusesToSignWhatIsNoURL(_ url: String) {
        let signer = RequestSigner(service: "iam", region: "us-east-1")
        let keys = AWSCredentials(accessKeyID: "a", secretAccessKey: "b")

        #expect(signer.signed(HTTPRequest(url: url), with: keys, at: Instant(milliseconds: 0)) == nil)
    }

    @Test func bytesThatAreNoTextKeepTheirEscapes() {
        #expect(RequestSigner.canonicalQuery("b=%ff%FE&a=%80&c") == "a=%80&b=%FF%FE&c=")
    }
}
