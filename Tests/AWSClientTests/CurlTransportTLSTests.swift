import Foundation
import Glibc
import Testing

@testable import AWSClient

/// Certificates are verified, always: against the authorities given, or the system's.
@Suite(.enabled(if: TLSServer.isAvailable)) struct CurlTransportTLSTests {
    @Test func certificateOfAnUnknownAuthorityIsRefused() async throws {
        let server = try TLSServer()
        defer { server.stop() }

        let error = await #expect(throws: HTTPTransportError.self) {
            try await HTTPTransport.curl(certificateAuthorities: nil).send(HTTPRequest(url: server.url))
        }

        guard case .tls(let message) = error else {
            Issue.record("expected the certificate to be refused, got \(String(describing: error))")
            return
        }
        #expect(message.contains(server.url))
        #expect(message.contains("AWS_CA_BUNDLE"))
    }

    /// Nothing was sent, so the call may be made again, as where nobody answers.
    @Test func aHandshakeThatIsBrokenOffIsNoMatterOfCertificates() async throws {
        let listener = try LoopbackServer.listen()
        defer { close(listener) }
        let port = try LoopbackServer.port(of: listener)
        Thread { close(accept(listener, nil, nil)) }.start()

        let error = await #expect(throws: HTTPTransportError.self) {
            try await HTTPTransport.curl(certificateAuthorities: nil)
                .send(HTTPRequest(url: "https://127.0.0.1:\(port)"))
        }

        guard case .couldNotConnect(let message) = error else {
            Issue.record("expected no connection, got \(String(describing: error))")
            return
        }
        #expect(message.contains("speaks TLS"))
    }

    @Test func certificateOfAGivenAuthorityIsAccepted() async throws {
        let server = try TLSServer()
        defer { server.stop() }

        let response = try await HTTPTransport.curl(certificateAuthorities: server.certificate)
            .send(HTTPRequest(url: server.url))

        #expect(response.status == 200)
    }

    @Test func certificateOfAnotherHostIsRefused() async throws {
        let server = try TLSServer(subject: "DNS:other.example.com")
        defer { server.stop() }

        let error = await #expect(throws: HTTPTransportError.self) {
            try await HTTPTransport.curl(certificateAuthorities: server.certificate).send(HTTPRequest(url: server.url))
        }

        guard case .tls = error else {
            Issue.record("expected the certificate to be refused, got \(String(describing: error))")
            return
        }
    }
}

/// `openssl s_server` on a free port, with a certificate made for the occasion.
struct TLSServer {
    private static let openssl = "/usr/bin/openssl"
    static let isAvailable = FileManager.default.isExecutableFile(atPath: openssl)

    let url: String
    /// The path of the certificate, which signs itself.
    let certificate: String
    private let process: Process
    private let directory: URL

    init(subject: String = "IP:127.0.0.1") throws {
        directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        certificate = directory.appending(path: "certificate.pem").path
        let key = directory.appending(path: "key.pem").path
        let making = try Self.start([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out",
            certificate, "-days", "2", "-subj", "/CN=test", "-addext", "subjectAltName=\(subject)",
        ])
        making.process.waitUntilExit()

        let server = try Self.start(["s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, "-www"])
        process = server.process
        // It says `ACCEPT 127.0.0.1:port` once it listens.
        var output = ""
        while !output.contains("\n") || !output.contains("ACCEPT") {
            let data = server.output.availableData
            guard !data.isEmpty else { throw POSIXError(.ECHILD) }
            output += String(decoding: data, as: UTF8.self)
        }
        let line = try #require(output.split(separator: "\n").first { $0.hasPrefix("ACCEPT") })
        url = "https://127.0.0.1:\(try #require(line.split(separator: ":").last))"
    }

    func stop() {
        process.terminate()
        try? FileManager.default.removeItem(at: directory)
    }

    private static func start(_ arguments: [String]) throws -> (process: Process, output: FileHandle) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: openssl)
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        return (process, pipe.fileHandleForReading)
    }
}
