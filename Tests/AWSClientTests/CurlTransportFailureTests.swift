import Foundation
import Testing

@testable import AWSClient

@Suite struct CurlTransportFailureTests {
    let transport = HTTPTransport.curl(certificateAuthorities: nil)

    private func failure(of request: HTTPRequest) async -> HTTPTransportError? {
        await #expect(throws: HTTPTransportError.self) { try await transport.send(request) }
    }

    @Test func timeoutEndsACallThatGetsNoAnswer() async throws {
        let server = try LoopbackServer { _ in .silence }
        defer { server.stop() }

        let error = await failure(
            of: HTTPRequest(url: server.url + "/secret?token=secret", timeout: .milliseconds(150)))

        guard case .timedOut(let message) = error else {
            Issue.record("expected a timeout, got \(String(describing: error))")
            return
        }
        #expect(message.contains(server.url))
        #expect(message.contains("150 ms"))
        #expect(!message.contains("secret"))
        #expect(await server.waits { _, open in open == 0 })
    }

    @Test func cancellationEndsTheCallAndItsConnection() async throws {
        let server = try LoopbackServer { _ in .silence }
        defer { server.stop() }
        let call = Task { try await transport.send(HTTPRequest(url: server.url)) }
        #expect(await server.waits { requests, _ in requests == 1 })

        call.cancel()

        await #expect(throws: CancellationError.self) { try await call.value }
        #expect(await server.waits { _, open in open == 0 })
    }

    @Test func cancelledTaskSendsNothing() async throws {
        let server = try LoopbackServer { _ in .silence }
        defer { server.stop() }
        let call = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await transport.send(HTTPRequest(url: server.url))
        }

        await #expect(throws: CancellationError.self) { try await call.value }
        #expect(server.requests.isEmpty)
    }

    @Test func cancellingOneOfManyLeavesTheOthers() async throws {
        let server = try LoopbackServer { $0.target == "/wait" ? .silence : .ok("done") }
        defer { server.stop() }
        let waiting = Task { try await transport.send(HTTPRequest(url: server.url + "/wait")) }
        #expect(await server.waits { requests, _ in requests == 1 })

        async let other = transport.send(HTTPRequest(url: server.url + "/other"))
        waiting.cancel()

        #expect(try await other.status == 200)
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }

    @Test func refusedConnectionSaysWhereAndWhatToDo() async throws {
        let origin = "http://127.0.0.1:\(try LoopbackServer.refusingPort())"

        let error = await failure(of: HTTPRequest(url: origin + "/path?token=secret"))

        guard case .couldNotConnect(let message) = error else {
            Issue.record("expected a refused connection, got \(String(describing: error))")
            return
        }
        #expect(message.contains(origin))
        #expect(message.contains("Check"))
        #expect(!message.contains("secret"))
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "this is not HTTP\r\n\r\n"])
    func connectionThatIsCutIsAnError(_ answer: String) async throws {
        let server = try LoopbackServer { _ in .bytesAndClose(Array(answer.utf8)) }
        defer { server.stop() }

        let error = await failure(of: HTTPRequest(url: server.url))

        guard case .other(let message) = error else {
            Issue.record("expected a cut connection, got \(String(describing: error))")
            return
        }
        #expect(message.contains(server.url))
    }

    @Test func answerWithoutEndIsCutOff() async throws {
        let head = Array("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n".utf8)
        let server = try LoopbackServer { _ in .bytes(head + [UInt8](repeating: 0x20, count: 65 << 20)) }
        defer { server.stop() }

        let error = await failure(of: HTTPRequest(url: server.url))

        #expect(error?.description.contains("larger than 64 MiB") == true)
    }

    @Test(arguments: [
        HTTPRequest(url: "ftp://127.0.0.1/"), HTTPRequest(url: "file:///etc/passwd"), HTTPRequest(url: "/path"),
        HTTPRequest(url: "http://127.0.0.1/a b"), HTTPRequest(url: "http://127.0.0.1/\r\nX: y"),
        HTTPRequest(method: "GET /", url: "http://127.0.0.1/"), HTTPRequest(method: "", url: "http://127.0.0.1/"),
        HTTPRequest(url: "http://127.0.0.1/", headers: [("X: y\r\nZ", "v")]),
        HTTPRequest(url: "http://127.0.0.1/", headers: [("X", "a\r\nY: b")]),
        HTTPRequest(url: "http://127.0.0.1/", headers: [("", "v")]),
    ])
    func requestThatIsNoHTTPIsRefused(_ request: HTTPRequest) async {
        guard case .other = await failure(of: request) else {
            Issue.record("expected the request to be refused")
            return
        }
    }

    @Test func localAddressesAreRefusedOnRequest() async throws {
        let server = try LoopbackServer { _ in .ok("") }
        defer { server.stop() }

        for host in ["127.0.0.1", "localhost"] {
            let url = "http://\(host):\(server.port)/"
            guard
                case .couldNotConnect(let message) = await failure(
                    of: HTTPRequest(url: url, refusesLocalAddresses: true))
            else {
                Issue.record("expected \(host) to be refused")
                continue
            }
            #expect(message.contains("link-local"))
        }
        #expect(server.connections == 0)
    }

    @Test func keptConnectionToALocalAddressIsRefusedToo() async throws {
        let server = try LoopbackServer { _ in .ok("") }
        defer { server.stop() }
        _ = try await transport.send(HTTPRequest(url: server.url))

        let error = await failure(of: HTTPRequest(url: server.url, refusesLocalAddresses: true))

        guard case .couldNotConnect = error else {
            Issue.record("expected the address to be refused, got \(String(describing: error))")
            return
        }
        #expect(server.requests.count == 1)
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.255.0.1", true), ("0.0.0.0", true), ("169.254.169.254", true), ("::1", true),
        ("[::1]", true), ("::", true), ("fe80::1", true), ("febf::1", true), ("fe80::1%eth0", true),
        ("fd00:ec2::254", true), ("::ffff:127.0.0.1", true), ("64:ff9b::169.254.169.254", true), ("localhost", true),
        ("LOCALHOST", true), ("a.localhost", true), ("10.0.0.1", false), ("192.168.1.1", false), ("1.1.1.1", false),
        ("169.253.0.1", false), ("2606:4700::1111", false), ("fec0::1", false), ("::ffff:1.1.1.1", false),
        ("localhost.example.com", false), ("127.0.0.1.example.com", false), ("", false),
    ])
    func localAddressesAreTold(_ host: String, _ isLocal: Bool) {
        #expect(LocalAddress.isLocal(host: host) == isLocal)
    }
}
